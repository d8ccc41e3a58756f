// Replicas of regions: where they are, what they answer, and how far they are behind.
#include "mini/server/master.h"

#include "core/region_name.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace hbmux::mini {
namespace {

using namespace std::chrono_literals;

/// Three region servers without sockets; time moves when a test says so.
struct ReplicaTest : testing::Test {
  ReplicaTest() {
    for (int i = 0; i < 3; ++i) {
      servers.push_back(std::make_shared<RegionServer>(
          i, ServerName{{"host", static_cast<std::uint16_t>(16020 + i)}, 100 + i}, 60s, [this] { return now; }));
    }
    MasterEnvironment environment{[this] { return now; },
                                  [this](auto, auto work) { later.push_back(std::move(work)); }};
    master = std::make_unique<Master>(ServerName{{"host", 16000}, 99}, "id", servers, 0ms, std::move(environment));
  }

  static pb::TableSchema schema(int replication, const std::string& name = "t") {
    pb::TableSchema schema;
    schema.mutable_table_name()->set_namespace_("default");
    schema.mutable_table_name()->set_qualifier(name);
    schema.add_column_families()->set_name("f");
    auto& attribute = *schema.add_attributes();
    attribute.set_first("REGION_REPLICATION");
    attribute.set_second(std::to_string(replication));
    return schema;
  }
  void make_table(int replication, std::vector<std::string> split_keys = {}) {
    const auto made = master->create_table(schema(replication), std::move(split_keys));
    ASSERT_TRUE(made) << made.error().message;
  }
  void run_later() {
    auto works = std::move(later);
    later.clear();
    for (auto& work : works) work();
  }

  /// The copy of this number of the region that holds the row.
  Master::RegionView copy(std::string_view row, int replica) {
    for (auto& view : master->regions("t", true)) {
      if (view.region->holds(row) && view.region->replica() == replica) return view;
    }
    return {};
  }
  pb::RegionSpecifier specifier(std::string_view row, int replica) {
    pb::RegionSpecifier out;
    out.set_type(pb::RegionSpecifier::REGION_NAME);
    out.set_value(copy(row, replica).region->name());
    return out;
  }
  /// What the server of a copy answers.
  template <class Response, class Request>
  Answer<Response> ask(std::string_view row, int replica, std::string_view method, const Request& request) {
    const int server = copy(row, replica).server;
    if (server < 0) return exceptions::io("the copy is nowhere");
    const std::string bytes = request.SerializeAsString();
    std::string cells;
    Call call;
    call.method = method;
    call.param = bytes;
    call.now = now;
    call.reply_cells = &cells;
    const Reply reply = servers[static_cast<std::size_t>(server)]->client_service(call);
    if (!reply) return reply.error();
    return static_cast<const Response&>(**reply);
  }
  static void fill_put(pb::MutationProto& put, std::string row, std::string value) {
    put.set_row(std::move(row));
    put.set_mutate_type(pb::MutationProto::PUT);
    auto& column = *put.add_column_value();
    column.set_family("f");
    column.add_qualifier_value()->set_qualifier("q");
    column.mutable_qualifier_value(0)->set_value(std::move(value));
  }
  Answer<pb::MutateResponse> put(const std::string& row, const std::string& value, int replica = 0) {
    pb::MutateRequest request;
    *request.mutable_region() = specifier(row, replica);
    fill_put(*request.mutable_mutation(), row, value);
    return ask<pb::MutateResponse>(row, replica, "Mutate", request);
  }
  Answer<pb::Result> get(const std::string& row, int replica, pb::Consistency consistency = pb::TIMELINE) {
    pb::GetRequest request;
    *request.mutable_region() = specifier(row, replica);
    request.mutable_get()->set_row(row);
    request.mutable_get()->set_consistency(consistency);
    auto answer = ask<pb::GetResponse>(row, replica, "Get", request);
    if (!answer) return answer.error();
    return answer->result();
  }
  /// The value, "-" for none, or the exception's text.
  std::string value(const std::string& row, int replica) {
    auto result = get(row, replica);
    if (!result) return result.error().class_name + ": " + result.error().message;
    return result->cell().empty() ? "-" : result->cell(0).value();
  }
  /// The columns of a region in hbase:meta.
  std::map<std::string, std::string> meta(std::string_view row) {
    std::map<std::string, std::string> columns;
    const auto region = master->regions("hbase:meta").front().region;
    RowMap& rows = region->store().rows();
    const StoredRow* stored = rows.find(copy(row, 0).region->name());
    if (stored == nullptr) return columns;
    for (const StoredCell& cell : stored->cells) columns.emplace(cell.qualifier(), cell.value());
    return columns;
  }

  std::int64_t now = 1'700'000'000'000;
  std::vector<std::function<void()>> later;
  std::vector<std::shared_ptr<RegionServer>> servers;
  std::unique_ptr<Master> master;
};

TEST_F(ReplicaTest, AreOnServersOfTheirOwnAndHbaseMetaSaysWhere) {
  make_table(3, {"m"});
  for (const char* row : {"a", "x"}) {
    std::set<int> hosts;
    for (int replica = 0; replica < 3; ++replica) hosts.insert(copy(row, replica).server);
    EXPECT_EQ(hosts, (std::set<int>{0, 1, 2}));
    auto columns = meta(row);
    EXPECT_EQ(columns["server_0002"], "host:" + std::to_string(16020 + copy(row, 2).server));
    EXPECT_EQ(columns["state_0001"], "OPEN");
    for (const char* column : {"serverstartcode_0001", "seqnumDuringOpen_0001", "sn_0001"}) {
      EXPECT_TRUE(columns.contains(column)) << column;
    }
    EXPECT_FALSE(columns.contains("regioninfo_0001"));
  }
  const auto replica = copy("a", 1).region;
  core::RegionNameParts parts;
  ASSERT_TRUE(core::parse_region_name(replica->name(), parts));
  EXPECT_EQ(parts.replica, 1);
  EXPECT_EQ(replica->encoded_name(), parts.encoded);
  EXPECT_EQ(replica->meta_row(), copy("a", 0).region->name());
}

TEST_F(ReplicaTest, SeeWritesWhenTheirLagHasPassed) {
  make_table(3);
  master->add_lag_rule(1, {.table = "t", .replica = 1, .lag = 1s});
  ASSERT_TRUE(put("r", "one"));
  EXPECT_EQ(value("r", 0), "one");
  EXPECT_EQ(value("r", 1), "-");
  EXPECT_EQ(value("r", 2), "one") << "it has no lag";
  now += 999;
  ASSERT_TRUE(put("r", "two"));
  EXPECT_EQ(value("r", 1), "-");
  now += 1;
  EXPECT_EQ(value("r", 1), "one") << "one after the other, each at its time";
  EXPECT_EQ(value("r", 2), "two");
  now += 999;
  EXPECT_EQ(value("r", 1), "two");
  ASSERT_TRUE(put("r", "three"));
  EXPECT_EQ(value("r", 1), "two");
  master->remove_lag_rule(1);
  EXPECT_EQ(value("r", 1), "three") << "without a rule nothing is held back";
}

TEST_F(ReplicaTest, TheLastRuleThatFitsCounts) {
  make_table(2, {"m"});
  master->set_replica_lag(1h);
  EXPECT_EQ(master->add_lag_rule(1, {.table = "t", .lag = 0s}), 2u);
  EXPECT_EQ(master->add_lag_rule(2, {.table = "t", .row = "x", .lag = 5s}), 1u);
  EXPECT_EQ(master->add_lag_rule(3, {.table = "other", .lag = 2h}), 0u);
  ASSERT_TRUE(put("a", "v"));
  ASSERT_TRUE(put("x", "v"));
  EXPECT_EQ(value("a", 1), "v");
  EXPECT_EQ(value("x", 1), "-");
  now += 5'000;
  EXPECT_EQ(value("x", 1), "v");
  master->remove_lag_rule(1);
  ASSERT_TRUE(put("a", "w"));
  EXPECT_EQ(value("a", 1), "v") << "the default is back";
}

TEST_F(ReplicaTest, AnswerReadsAsStaleAndRefuseWrites) {
  make_table(2);
  ASSERT_TRUE(put("r", "v"));
  EXPECT_FALSE(get("r", 0)->stale());
  EXPECT_TRUE(get("r", 1)->stale());
  // HBase leaves it to clients where they read: a replica answers whoever asks.
  EXPECT_TRUE(get("r", 1, pb::STRONG)->stale());

  pb::ScanRequest open;
  *open.mutable_region() = specifier("r", 1);
  open.mutable_scan()->set_consistency(pb::TIMELINE);
  open.set_number_of_rows(10);
  auto scanned = ask<pb::ScanResponse>("r", 1, "Scan", open);
  ASSERT_TRUE(scanned);
  EXPECT_TRUE(scanned->stale());
  ASSERT_EQ(scanned->results_size(), 1);
  EXPECT_TRUE(scanned->results(0).stale());

  const auto refused = put("r", "w", 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().class_name, "org.apache.hadoop.hbase.DoNotRetryIOException");
  EXPECT_EQ(refused.error().message, "region is read only");
  EXPECT_TRUE(refused.error().do_not_retry);

  pb::MultiRequest multi;
  auto& action = *multi.add_regionaction();
  *action.mutable_region() = specifier("r", 1);
  auto& first = *action.add_action();
  first.set_index(0);
  first.mutable_get()->set_row("r");
  auto& second = *action.add_action();
  second.set_index(1);
  fill_put(*second.mutable_mutation(), "r", "w");
  auto done = ask<pb::MultiResponse>("r", 1, "Multi", multi);
  ASSERT_TRUE(done);
  ASSERT_EQ(done->regionactionresult(0).resultorexception_size(), 2);
  EXPECT_TRUE(done->regionactionresult(0).resultorexception(0).result().stale());
  EXPECT_EQ(done->regionactionresult(0).resultorexception(1).exception().name(),
            "org.apache.hadoop.hbase.DoNotRetryIOException");
  EXPECT_EQ(value("r", 0), "v");
}

// The steps of the region reach its replicas in their order: also what a flush and a compaction leave.
TEST_F(ReplicaTest, FollowFlushesAndCompactions) {
  make_table(2);
  master->add_lag_rule(1, {.table = "t", .lag = 1s});
  ASSERT_TRUE(put("r", "old"));
  ++now;
  ASSERT_TRUE(put("r", "new"));
  ASSERT_TRUE(master->flush_table("t"));
  auto cells = [&](int replica) {
    std::size_t count = 0;
    for (const StoredRow& row : copy("r", replica).region->store().rows()) {
      count += static_cast<std::size_t>(std::distance(row.cells.begin(), row.cells.end()));
    }
    return count;
  };
  EXPECT_EQ(cells(0), 1u) << "the family keeps one version";
  EXPECT_EQ(cells(1), 0u);
  now += 1'000;
  EXPECT_EQ(value("r", 1), "new");
  EXPECT_EQ(cells(1), 1u);
}

TEST_F(ReplicaTest, AnswerWhileTheirRegionIsNowhereAndComeBackElsewhere) {
  make_table(2);
  ASSERT_TRUE(put("r", "v"));
  ASSERT_EQ(value("r", 1), "v");
  const int home = copy("r", 0).server;
  const int replica_home = copy("r", 1).server;
  const int third = 3 - home - replica_home;
  master->server_died(home, 100ms);
  EXPECT_EQ(copy("r", 0).server, -1);
  EXPECT_EQ(value("r", 1), "v");
  run_later();
  EXPECT_EQ(copy("r", 0).server, third) << "the other one has the replica";
  ASSERT_TRUE(put("r", "w"));
  EXPECT_EQ(value("r", 1), "w");
  master->server_died(replica_home, 100ms);
  run_later();
  EXPECT_EQ(copy("r", 1).server, third) << "better beside the region than nowhere";
  EXPECT_EQ(value("r", 1), "w");
  EXPECT_EQ(meta("r")["server_0001"], "host:" + std::to_string(16020 + third));
}

TEST_F(ReplicaTest, MoveByTheirNames) {
  make_table(2);
  ASSERT_TRUE(put("r", "v"));
  const int third = 3 - copy("r", 0).server - copy("r", 1).server;
  const std::string before = copy("r", 1).region->name();
  const int old_home = copy("r", 1).server;
  ASSERT_TRUE(master->move_region(copy("r", 1).region->encoded_name(), third));
  EXPECT_EQ(copy("r", 1).server, third);
  EXPECT_EQ(value("r", 1), "v");
  pb::GetRequest request;
  request.mutable_region()->set_type(pb::RegionSpecifier::REGION_NAME);
  request.mutable_region()->set_value(before);
  request.mutable_get()->set_row("r");
  const std::string bytes = request.SerializeAsString();
  Call call;
  call.method = "Get";
  call.param = bytes;
  call.now = now;
  const Reply reply = servers[static_cast<std::size_t>(old_home)]->client_service(call);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().class_name, "org.apache.hadoop.hbase.exceptions.RegionMovedException");
  ASSERT_TRUE(master->move_region(copy("r", 0).region->encoded_name(), -1));
  EXPECT_NE(copy("r", 0).server, copy("r", 1).server) << "any server, but not that of the replica";
}

TEST_F(ReplicaTest, ComeAndGoWithSplitsAndMerges) {
  make_table(2);
  ASSERT_TRUE(put("a", "1"));
  ASSERT_TRUE(put("x", "2"));
  const auto replica = copy("a", 1).region;
  EXPECT_FALSE(master->split_region(replica->encoded_name(), "m"));
  ASSERT_TRUE(master->split_region(copy("a", 0).region->encoded_name(), "m"));
  EXPECT_EQ(replica->host(), nullptr);
  EXPECT_NE(copy("a", 1).region, copy("x", 1).region);
  EXPECT_EQ(value("a", 1), "1");
  EXPECT_EQ(value("x", 1), "2");
  ASSERT_TRUE(put("x", "3"));
  EXPECT_EQ(value("x", 1), "3");
  EXPECT_FALSE(master->merge_regions(
      {std::string(copy("a", 1).region->encoded_name()), std::string(copy("x", 1).region->encoded_name())}, false));
  ASSERT_TRUE(master->merge_regions(
      {std::string(copy("a", 0).region->encoded_name()), std::string(copy("x", 0).region->encoded_name())}, false));
  EXPECT_EQ(copy("a", 1).region, copy("x", 1).region);
  EXPECT_EQ(value("a", 1), "1");
  EXPECT_EQ(value("x", 1), "3");
  std::size_t open = 0;
  for (const auto& server : servers) open += server->region_count();
  EXPECT_EQ(open, 3u) << "the region, its replica, and hbase:meta";
}

TEST_F(ReplicaTest, FollowTheStateOfTheirTable) {
  make_table(2);
  ASSERT_TRUE(put("r", "v"));
  ASSERT_TRUE(master->disable_table("t"));
  EXPECT_EQ(copy("r", 1).server, -1);
  EXPECT_EQ(meta("r")["state_0001"], "CLOSED");
  ASSERT_TRUE(master->enable_table("t"));
  EXPECT_EQ(value("r", 1), "v");
  EXPECT_EQ(meta("r")["state_0001"], "OPEN");
  ASSERT_TRUE(master->disable_table("t"));
  ASSERT_TRUE(master->delete_table("t"));
  EXPECT_TRUE(master->regions("t", true).empty());
  make_table(1);
  EXPECT_EQ(master->regions("t", true).size(), 1u);
}

TEST_F(ReplicaTest, AsManyAsTheSchemaSays) {
  make_table(1);
  ASSERT_TRUE(put("r", "v"));
  ASSERT_TRUE(master->modify_table(schema(3)));
  EXPECT_EQ(value("r", 1), "v") << "a new replica begins with all there is";
  EXPECT_EQ(value("r", 2), "v");
  ASSERT_TRUE(master->modify_table(schema(2)));
  EXPECT_EQ(copy("r", 2).region, nullptr);
  EXPECT_FALSE(meta("r").contains("server_0002"));
  EXPECT_TRUE(meta("r").contains("server_0001"));
  ASSERT_TRUE(put("r", "w"));
  EXPECT_EQ(value("r", 1), "w");
  ASSERT_TRUE(master->modify_table(schema(1)));
  EXPECT_FALSE(meta("r").contains("server_0001"));
  EXPECT_EQ(value("r", 0), "w");
  for (const int replication : {0, -1, 1'000'000}) {
    const auto refused = master->modify_table(schema(replication));
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().do_not_retry);
  }
}

TEST_F(ReplicaTest, AReadOnlyTableTakesNoWritesEither) {
  make_table(1);
  ASSERT_TRUE(put("r", "v"));
  pb::TableSchema changed = schema(1);
  changed.add_attributes()->set_first("READONLY");
  changed.mutable_attributes(1)->set_second("true");
  ASSERT_TRUE(master->modify_table(changed));
  const auto refused = put("r", "w");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "region is read only");
  EXPECT_EQ(value("r", 0), "v");
  ASSERT_TRUE(master->modify_table(schema(1)));
  EXPECT_TRUE(put("r", "w"));
}

TEST_F(ReplicaTest, AScanSeesTheReplicaAsItWasWhenItBegan) {
  make_table(2);
  master->add_lag_rule(1, {.table = "t", .lag = 1s});
  ASSERT_TRUE(put("a", "1"));
  now += 1'000;
  ASSERT_TRUE(put("b", "2"));
  pb::ScanRequest open;
  *open.mutable_region() = specifier("a", 1);
  open.mutable_scan();
  open.set_number_of_rows(0);
  auto opened = ask<pb::ScanResponse>("a", 1, "Scan", open);
  ASSERT_TRUE(opened);
  now += 1'000;
  EXPECT_EQ(value("b", 1), "2");
  pb::ScanRequest next;
  next.set_scanner_id(opened->scanner_id());
  next.set_number_of_rows(10);
  auto rows = ask<pb::ScanResponse>("a", 1, "Scan", next);
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->results_size(), 1);
  EXPECT_EQ(rows->results(0).cell(0).row(), "a");
}

}  // namespace
}  // namespace hbmux::mini
