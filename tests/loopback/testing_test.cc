// hbmux/mini/testing.h: what it says when something is wrong, and how long a cluster takes.
#include <hbmux/mini/fake_table.h>
#include <hbmux/mini/testing.h>

#include <algorithm>
#include <chrono>
#include <iostream>

namespace hbmux::mini {
namespace {

using namespace std::chrono_literals;

TEST(TestingResults, SayWhatIsWrong) {
  const Result<int> good = 1, bad = Error(Errc::timed_out, "too slow");
  EXPECT_TRUE(ok(good));
  EXPECT_FALSE(ok(bad));
  EXPECT_NE(std::string(ok(bad).message()).find("too slow"), std::string::npos);
  EXPECT_TRUE(fails_with(bad, Errc::timed_out));
  EXPECT_FALSE(fails_with(bad, Errc::closed));
  EXPECT_STREQ(fails_with(bad, Errc::closed).message(), "expected closed, got timed_out: too slow");
  EXPECT_STREQ(fails_with(good, Errc::closed).message(), "expected closed, but it succeeded");
  BatchResult batch;
  batch.emplace_back(Row());
  EXPECT_TRUE(ok(batch));
  batch.emplace_back(Error(Errc::timed_out, "too slow"));
  EXPECT_STREQ(ok(batch).message(), "action 1: timed_out: too slow");
}

// The best of several: on a busy machine any one may take longer.
TEST(TestingTime, AClusterStartsInAMoment) {
  auto best = std::chrono::steady_clock::duration::max();
  for (int i = 0; i < 20; ++i) {
    const auto began = std::chrono::steady_clock::now();
    auto cluster = Cluster::start({.region_servers = 3}).value();
    cluster.create_table("t", {"f"}, {"m"}).value();
    auto connection = ClusterConnection::open(cluster.client_configuration()).value();
    connection.table("t").put(Put("r").add("f", "q", "v")).value();
    best = std::min(best, std::chrono::steady_clock::now() - began);
  }
  std::cout << "start, table, connection and a put: "
            << std::chrono::duration_cast<std::chrono::microseconds>(best).count() << " us\n";
  EXPECT_LT(best, 50ms);
}

class Fixture : public ClusterTest {
 protected:
  Options cluster_options() const override { return {.region_servers = 2}; }
};

TEST_F(Fixture, LoadsLooksAndFails) {
  auto table = create_table("t", {"f", "g"}, {"m"});
  load(table, {{"a", {{"f:x", "1"}, {"g:y", "2"}}}, {"z", {{"f:", "empty"}}}});
  EXPECT_EQ(rows(table).size(), 2u);
  EXPECT_EQ(rows(table, Scan().prefix("z")).size(), 1u);
  EXPECT_EQ(value(table, "a", "g", "y"), "2");
  EXPECT_EQ(value(table, "a", "g", "none"), std::nullopt);
  EXPECT_EQ(value(table, "none", "g", "y"), std::nullopt);
  EXPECT_THROW(load(table, {{"a", {{"f", "1"}}}}), Exception);
  EXPECT_THROW(load(table, {{"a", {{"none:x", "1"}}}}), Exception);
  EXPECT_THROW(inject("no such fault"), Exception);
  EXPECT_EQ(cluster().region_servers().size(), 2u);
}

TEST_F(Fixture, CountsFaults) {
  auto table = create_table("t", {"f"});
  const int fault = inject("too-busy method=Get times=2");
  EXPECT_EQ(happened(fault), 0u);
  EXPECT_EQ(value(table, "a", "f", "x"), std::nullopt);
  EXPECT_EQ(happened(fault), 2u);
  const int forever = inject("exception method=Get class=org.apache.hadoop.hbase.DoNotRetryIOException");
  EXPECT_TRUE(fails_with(table.get(Get("a")), Errc::do_not_retry));
  heal(forever);
  EXPECT_TRUE(ok(table.get(Get("a"))));
  EXPECT_EQ(happened(forever), 1u);
  EXPECT_EQ(happened(12345), 0u);
}

// Nothing is left of the tests before.
TEST_F(Fixture, BeginsAnew) { EXPECT_TRUE(fails_with(table("t").get(Get("a")), Errc::table_not_found)); }

TEST(FakeTable, IsATable) {
  FakeTable accounts({"f"}, {"m"});
  ASSERT_TRUE(ok(accounts->put(Put("ada").add("f", "city", "London"))));
  EXPECT_EQ(accounts->get(Get("ada")).value().value("f", "city"), "London");
  accounts.cluster().inject("too-busy method=Get times=1").value();
  EXPECT_TRUE(ok(accounts->get(Get("ada")))) << "asked again";
  FakeTable others({"f"});
  EXPECT_FALSE(others->exists(Get("ada")).value()) << "each has a cluster of its own";
}

}  // namespace
}  // namespace hbmux::mini
