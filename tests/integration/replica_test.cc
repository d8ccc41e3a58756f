// Reads from replicas of regions.
#include "tests/integration/cluster.h"

#include <hbmux/region_locator.h>

namespace hbmux::integration {
namespace {

class ReplicaTest : public ClusterTest {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    if (IsSkipped()) return;
    const TableName name = new_name();
    TableDescriptor descriptor(name);
    descriptor.family("f");
    descriptor.values["REGION_REPLICATION"] = "2";
    HBMUX_ASSERT_OK(admin().create_table(descriptor, {"m"}));
    table_.emplace(connection().table(name));
    for (const char* row : {"a", "b", "n"}) HBMUX_ASSERT_OK(table_->put(Put(row).add("f", "q", "v")));
    // Replicas read the files of the primary region that they find when they are opened.
    HBMUX_ASSERT_OK(admin().flush_table(name));
    HBMUX_ASSERT_OK(admin().disable_table(name));
    HBMUX_ASSERT_OK(admin().enable_table(name));
  }
  static Get timeline(const char* row) { return Get(row).consistency(Consistency::timeline); }

  std::optional<Table> table_;
};

TEST_F(ReplicaTest, OneThatIsNamed) {
  const auto of_replica = table_->get(timeline("a").replica_id(1));
  HBMUX_ASSERT_OK(of_replica);
  EXPECT_EQ(of_replica->value("f", "q"), "v");
  EXPECT_TRUE(of_replica->stale());
  const auto of_primary = table_->get(timeline("a").replica_id(0));
  HBMUX_ASSERT_OK(of_primary);
  EXPECT_EQ(of_primary->value("f", "q"), "v");
  EXPECT_FALSE(of_primary->stale());
  EXPECT_TRUE(table_->exists(timeline("n").replica_id(1)).value());
  EXPECT_FALSE(table_->exists(timeline("none").replica_id(1)).value());
}

TEST_F(ReplicaTest, AScanOfOneThatIsNamed) {
  for (const int replica : {0, 1}) {
    std::string rows;
    for (const auto& row : table_->scan(Scan().consistency(Consistency::timeline).replica_id(replica).caching(1))) {
      HBMUX_ASSERT_OK(row);
      rows += row->row();
      EXPECT_EQ(row->stale(), replica == 1);
    }
    EXPECT_EQ(rows, "abn") << replica;
  }
}

TEST_F(ReplicaTest, WhoeverAnswersFirst) {
  connect({{"hbase.client.primaryCallTimeout.get", "0"}});  // all at once
  const Table table = connection().table(table_->name());
  HBMUX_ASSERT_OK(table.get(Get("a")));  // where the replicas are is known
  const auto calls = connection().statistics().calls;
  // The primary one may be quicker than the timer; not for ever.
  std::uint64_t gets = 0;
  do {
    const auto row = table.get(timeline("a"));
    HBMUX_ASSERT_OK(row);
    EXPECT_EQ(row->value("f", "q"), "v");
  } while (connection().statistics().calls <= calls + ++gets && gets < 20000);
  EXPECT_GT(connection().statistics().calls, calls + gets) << "others than the primary one were asked";
  std::size_t rows = 0;
  for (const auto& row : table.scan(Scan().consistency(Consistency::timeline))) {
    HBMUX_ASSERT_OK(row);
    ++rows;
  }
  EXPECT_EQ(rows, 3u);
}

TEST_F(ReplicaTest, WhatIsWrongIsSaid) {
  HBMUX_EXPECT_ERROR(table_->get(Get("a").replica_id(1)), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(table_->get(timeline("a").replica_id(7)), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(table_->get(timeline("a").replica_id(-2)), Errc::invalid_argument);
  auto strong = table_->scan(Scan().replica_id(1));
  HBMUX_EXPECT_ERROR(strong.next(), Errc::invalid_argument);
  auto missing = table_->scan(Scan().consistency(Consistency::timeline).replica_id(7));
  HBMUX_EXPECT_ERROR(missing.next(), Errc::invalid_argument);
  std::vector<Action> actions;
  actions.emplace_back(Get("a").replica_id(1));
  actions.emplace_back(timeline("a").replica_id(7));
  const BatchResult results = table_->batch(std::move(actions));
  HBMUX_EXPECT_ERROR(results[0], Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(results[1], Errc::invalid_argument);
}

TEST_F(ReplicaTest, ABatchReadsThemToo) {
  connect({{"hbase.client.primaryCallTimeout.multiget", "0"}});  // all at once
  const Table table = connection().table(table_->name());
  std::vector<Action> actions;
  actions.emplace_back(Get("a"));
  actions.emplace_back(timeline("b").replica_id(1));
  actions.emplace_back(timeline("n").replica_id(0));
  actions.emplace_back(timeline("n"));
  actions.emplace_back(Put("z").add("f", "q", "w"));
  actions.emplace_back(timeline("none"));
  std::vector<int> told(actions.size());
  const BatchResult results = table.batch(std::move(actions), [&](std::size_t index, const Result<ActionResult>&) { ++told[index]; });
  for (const auto& result : results) HBMUX_ASSERT_OK(result);
  for (const std::size_t i : {0, 1, 2, 3}) EXPECT_EQ(results[i]->value("f", "q"), "v") << i;
  EXPECT_FALSE(results[0]->stale());
  EXPECT_TRUE(results[1]->stale());
  EXPECT_FALSE(results[2]->stale());
  EXPECT_FALSE(results[5]->exists());
  EXPECT_EQ(told, std::vector<int>(told.size(), 1));

  const auto exist = table.exists({timeline("a").replica_id(1), timeline("none").replica_id(1), Get("z")});
  for (const auto& answer : exist) HBMUX_ASSERT_OK(answer);
  EXPECT_TRUE(*exist[0]);
  EXPECT_FALSE(*exist[1]);
  EXPECT_TRUE(*exist[2]);
}

TEST_F(ReplicaTest, AreLocated) {
  const auto locations = table_->region_locator().region_locations("a");
  HBMUX_ASSERT_OK(locations);
  ASSERT_EQ(locations->size(), 2u);
  EXPECT_EQ((*locations)[1].region->replica_id(), 1);
  EXPECT_NE((*locations)[0].server.address.to_string(), (*locations)[1].server.address.to_string());
}

}  // namespace
}  // namespace hbmux::integration
