// Increments and appends whose reply was lost: the attempt that follows carries the same nonce, so that each counts once, and is answered with
// what the first one did. In each form in which they travel.
#include "tests/loopback/mini_test.h"

#include <boost/asio/use_future.hpp>

namespace hbmux::loopback {
namespace {

class RepeatedChanges : public MiniTest {
 protected:
  void SetUp() override {
    MiniTest::SetUp();
    make_table();
    table_.emplace(connect({{"hbase.rpc.timeout", "300"}, {"hbase.client.pause", "5"}}).table("t"));
    HBMUX_ASSERT_OK(table().get(Get("r")));  // its region is known: the fault meets nothing else
  }
  Table& table() { return *table_; }
  /// The reply to the next call of this method is lost.
  void lose_reply(const std::string& method) { fault_ = cluster().inject("drop times=1 method=" + method).value(); }
  /// It was, and there was one more attempt.
  void expect_lost() {
    std::uint64_t happened = 0;
    for (const auto& count : cluster().fault_counts()) {
      if (count.id == fault_) happened = count.happened;
    }
    EXPECT_EQ(happened, 1u);
    EXPECT_EQ(connection().statistics().retries, ++retries_);
  }
  std::string value(const std::string& row, const std::string& column) {
    const auto got = table().get(Get(row).column("f", column));
    return got ? std::string(got->value("f", column).value_or("nothing")) : got.error().message();
  }
  static std::string number(char value) { return std::string(7, '\0') + value; }
  static Increment increment(const std::string& row = "r") { return Increment(row).add("f", "n", 1); }
  static Append append(const std::string& row = "r") { return Append(row).add("f", "s", "v"); }
  static Delete unrelated(const std::string& row = "r") { return Delete(row).add_column("f", "other"); }

 private:
  std::optional<Table> table_;
  int fault_ = 0;
  std::uint64_t retries_ = 0;
};

TEST_F(RepeatedChanges, Alone) {
  lose_reply("Mutate");
  auto row = table().append(append());
  HBMUX_ASSERT_OK(row);
  EXPECT_EQ(row->value("f", "s"), "v");
  expect_lost();
  lose_reply("Mutate");
  row = table().append(append().return_results(false));
  HBMUX_ASSERT_OK(row);
  EXPECT_TRUE(row->empty());
  expect_lost();
  EXPECT_EQ(value("r", "s"), "vv");

  lose_reply("Mutate");
  row = table().increment(increment());
  HBMUX_ASSERT_OK(row);
  EXPECT_EQ(row->value("f", "n"), number(1));
  expect_lost();
  lose_reply("Mutate");
  row = table().increment(increment().return_results(false));
  HBMUX_ASSERT_OK(row);
  EXPECT_TRUE(row->empty());
  expect_lost();
  EXPECT_EQ(value("r", "n"), number(2));
}

// The server that took the increment dies before it has said so: it is in the log of the region.
TEST_F(RepeatedChanges, AtTheNextServer) {
  start({.region_servers = 2});
  make_table();
  auto table = connect({{"hbase.rpc.timeout", "5000"}, {"hbase.client.pause", "5"}, {"hbase.ipc.client.failed.servers.expiry", "20"}}).table("t");
  HBMUX_ASSERT_OK(table.get(Get("r")));
  for (int round = 1; round <= 3; ++round) {
    const int server = region_of("t", "r").server;
    const int fault = cluster().inject("drop times=1 method=Mutate").value();
    auto added = table.async_increment(increment(), boost::asio::use_future);
    wait_until([&] { return cluster().fault_counts().at(static_cast<std::size_t>(fault) - 1).happened == 1; }, "the increment");
    HBMUX_ASSERT_OK(cluster().kill_region_server(server, 10ms));
    const auto row = added.get();
    HBMUX_ASSERT_OK(row);
    EXPECT_EQ(row->value("f", "n"), number(static_cast<char>(round)));
    HBMUX_ASSERT_OK(cluster().start_region_server(server));
  }
}

TEST_F(RepeatedChanges, AmongSeveralOfARow) {
  const auto run = [&](const RowMutations& changes) {
    lose_reply("Multi");
    const auto row = table().mutate_row(changes);
    expect_lost();
    return row ? text_of(*row) : row.error().message();
  };
  EXPECT_EQ(run(RowMutations("a").add(increment("a")).add(unrelated("a"))), "a f:n=" + number(1));
  EXPECT_EQ(run(RowMutations("b").add(append("b")).add(unrelated("b"))), "b f:s=v");
  EXPECT_EQ(run(RowMutations("c").add(increment("c")).add(append("c"))), "c f:n=" + number(1) + " f:s=v");
  EXPECT_EQ(value("a", "n") + value("b", "s") + value("c", "n") + value("c", "s"), number(1) + "v" + number(1) + "v");
}

// The condition no longer holds at the second attempt; the nonce tells that it did at the first.
TEST_F(RepeatedChanges, BehindACondition) {
  const auto run = [&](const char* method, const std::string& row, const char* empty, const CheckAndMutate::Consequence& consequence) {
    lose_reply(method);
    const auto result = table().check_and_mutate(CheckAndMutate(row).if_not_exists("f", empty).then(consequence));
    expect_lost();
    if (!result) return result.error().message();
    return (result->success() ? "done: " : "not done: ") + text_of(*result);
  };
  EXPECT_EQ(run("Mutate", "a", "n", increment("a")), "done: a f:n=" + number(1));
  EXPECT_EQ(run("Mutate", "b", "s", append("b")), "done: b f:s=v");
  EXPECT_EQ(run("Multi", "c", "n", RowMutations("c").add(increment("c")).add(unrelated("c"))), "done: c f:n=" + number(1));
  EXPECT_EQ(run("Multi", "d", "s", RowMutations("d").add(append("d")).add(unrelated("d"))), "done: d f:s=v");
  EXPECT_EQ(run("Multi", "e", "n", RowMutations("e").add(increment("e")).add(append("e"))), "done: e f:n=" + number(1) + " f:s=v");
  EXPECT_EQ(value("a", "n") + value("b", "s") + value("c", "n") + value("d", "s"), number(1) + "v" + number(1) + "v");
  EXPECT_EQ(value("e", "n") + value("e", "s"), number(1) + "v");
}

TEST_F(RepeatedChanges, InABatch) {
  lose_reply("Multi");
  const auto both = [](const std::string& row) { return RowMutations(row).add(increment(row)).add(append(row)); };
  const auto results = table().batch({append("1"), increment("2"), both("3"), CheckAndMutate("4").if_not_exists("f", "n").then(increment("4")),
                                      CheckAndMutate("5").if_not_exists("f", "s").then(append("5")),
                                      CheckAndMutate("6").if_not_exists("f", "n").then(both("6"))});
  expect_lost();
  const std::vector<std::string> expected{"1 f:s=v",
                                          "2 f:n=" + number(1),
                                          "3 f:n=" + number(1) + " f:s=v",
                                          "4 f:n=" + number(1),
                                          "5 f:s=v",
                                          "6 f:n=" + number(1) + " f:s=v"};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    HBMUX_ASSERT_OK(results[i]);
    EXPECT_TRUE(results[i]->success()) << i;
    EXPECT_EQ(text_of(*results[i]), expected[i]);
    EXPECT_EQ(text_of(table().get(Get(std::to_string(i + 1))).value()), expected[i]);
  }
}

// Without nonces nobody could tell: no second attempt then.
TEST_F(RepeatedChanges, WithoutNonces) {
  auto plain = connect({{"hbase.rpc.timeout", "300"}, {"hbase.client.nonces.enabled", "false"}}).table("t");
  HBMUX_ASSERT_OK(plain.get(Get("r")));
  lose_reply("Mutate");
  EXPECT_FALSE(plain.increment(increment()));
  EXPECT_EQ(connection().statistics().retries, 0u);
  EXPECT_EQ(plain.get(Get("r"))->value("f", "n"), number(1));
}

}  // namespace
}  // namespace hbmux::loopback
