// Every fault, as a socket or the client sees it, and as it is counted.
#include "tests/loopback/mini_test.h"
#include "tests/loopback/raw_client.h"

namespace hbmux::loopback {
namespace {

using End = RawClient::End;

class Faults : public MiniTest {
 protected:
  void SetUp() override {
    MiniTest::SetUp();
    start({.region_servers = 3, .seed = 5});
  }

  int inject(std::string_view text) { return cluster().inject(text).value(); }
  std::uint64_t count(int id) {
    for (const auto& each : cluster().fault_counts()) {
      if (each.id == id) return each.happened;
    }
    return 0;
  }
  const ServerAddress& address(int server) {
    servers_ = cluster().region_servers();
    return servers_.at(static_cast<std::size_t>(server)).address;
  }
  /// Sends `calls` gets at once on a connection of their own.
  std::string talk(int calls, End& end, std::chrono::milliseconds patience = 2s) {
    const auto region = region_of("t", "r");
    RawClient client(address(region.server));
    std::string bytes = RawClient::hello();
    for (int i = 1; i <= calls; ++i) bytes += RawClient::get(static_cast<std::uint32_t>(i), region.name, "r");
    EXPECT_TRUE(client.send(bytes));
    return client.receive(patience, end);
  }
  std::vector<std::uint32_t> ids(std::string_view bytes) { return RawClient::ids_of(bytes, rest_); }

  std::vector<ServerName> servers_;
  bool rest_ = false;
};

const std::vector<std::uint32_t> kOneToFive{1, 2, 3, 4, 5};

TEST_F(Faults, Refuse) {
  auto table = make_table();
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "q", "v")));
  const int server = region_of("t", "r").server;
  const int fault = inject("refuse server=rs" + std::to_string(server));
  EXPECT_EQ(RawClient(address(server)).connect_error(), ECONNREFUSED);
  HBMUX_EXPECT_OK(table.get(Get("r")));  // on the connection that is open
  EXPECT_EQ(count(fault), 1u);
  cluster().heal(fault);
  EXPECT_EQ(RawClient(address(server)).connect_error(), 0);

  const int all = inject("refuse for=50ms");
  EXPECT_EQ(count(all), 5u) << "three region servers, the master and ZooKeeper";
  EXPECT_EQ(RawClient(cluster().master().address).connect_error(), ECONNREFUSED);
  wait_until([&] { return RawClient(cluster().master().address).connect_error() == 0; }, "the end of refusing");
}

TEST_F(Faults, ResetIsSeenAndTheCallIsNotApplied) {
  auto table = make_table();
  End end{};
  const int fault = inject("reset method=Get after=2 times=1");
  EXPECT_EQ(ids(talk(5, end)), (std::vector<std::uint32_t>{1, 2}));
  EXPECT_EQ(end, End::reset);
  EXPECT_EQ(count(fault), 1u);
  inject("reset method=Mutate times=1");
  connect({{"hbase.client.retries.number", "0"}});
  EXPECT_FALSE(connection().table("t").put(Put("gone").add("f", "q", "v")));
  EXPECT_FALSE(connection().table("t").get(Get("gone")).value().exists());
  inject("reset method=Mutate times=1 applied=true");
  EXPECT_FALSE(connection().table("t").put(Put("there").add("f", "q", "v")));
  EXPECT_TRUE(connection().table("t").get(Get("there")).value().exists());
}

TEST_F(Faults, CutInMidFrame) {
  make_table();
  End end{};
  const int fault = inject("cut method=Get after=3");
  EXPECT_EQ(ids(talk(5, end)), (std::vector<std::uint32_t>{1, 2, 3}));
  EXPECT_TRUE(rest_) << "half a frame";
  EXPECT_EQ(end, End::eof);
  EXPECT_EQ(count(fault), 1u);
}

TEST_F(Faults, HalfClose) {
  make_table();
  End end{};
  const int fault = inject("half-close method=Get after=1 times=1");
  const auto region = region_of("t", "r");
  RawClient client(address(region.server));
  ASSERT_TRUE(
      client.send(RawClient::hello() + RawClient::get(1, region.name, "r") + RawClient::get(2, region.name, "r")));
  EXPECT_EQ(ids(client.receive(2s, end)), (std::vector<std::uint32_t>{1, 2}));
  EXPECT_EQ(end, End::eof);
  EXPECT_FALSE(rest_);
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(client.send(RawClient::get(3, region.name, "r"))) << "it still reads";
  EXPECT_EQ(count(fault), 1u);
}

TEST_F(Faults, StallAcceptsAndSaysNothing) {
  make_table();
  End end{};
  const int fault = inject("stall server=rs" + std::to_string(region_of("t", "r").server));
  EXPECT_EQ(talk(2, end, 200ms), "");
  EXPECT_EQ(end, End::none);
  EXPECT_EQ(count(fault), 1u);
  cluster().heal(fault);
  EXPECT_EQ(ids(talk(2, end)).size(), 2u);
  wait_until([&] { return cluster().stats().connections_open == 0; }, "stalled connections whose client went");

  const int later = inject("stall method=Get after=1 times=1");
  EXPECT_EQ(ids(talk(3, end, 500ms)), (std::vector<std::uint32_t>{1}));
  EXPECT_EQ(end, End::none);
  EXPECT_EQ(count(later), 1u);
}

TEST_F(Faults, DelayReorderAndDrop) {
  make_table();
  End end{};
  const int delay = inject("delay method=Get min=50ms max=60ms");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(ids(talk(5, end)), kOneToFive) << "a delay keeps the order";
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 50ms);
  EXPECT_EQ(count(delay), 5u);
  cluster().heal(delay);

  const int reorder = inject("reorder window=4");
  auto got = ids(talk(40, end));
  EXPECT_EQ(got.size(), 40u);
  EXPECT_FALSE(std::is_sorted(got.begin(), got.end()));
  EXPECT_EQ(count(reorder), 40u);
  cluster().heal(reorder);

  const int drop = inject("drop method=Get after=1 times=2");
  EXPECT_EQ(ids(talk(5, end)), (std::vector<std::uint32_t>{1, 4, 5}));
  EXPECT_EQ(count(drop), 2u);
}

TEST_F(Faults, ADroppedReplyWasApplied) {
  auto table = make_table();
  connect({{"hbase.rpc.timeout", "300"}, {"hbase.client.retries.number", "0"}});
  const int fault = inject("drop method=Mutate times=1");
  EXPECT_FALSE(connection().table("t").put(Put("r").add("f", "q", "v")));
  EXPECT_EQ(count(fault), 1u);
  EXPECT_TRUE(connection().table("t").get(Get("r")).value().exists());
}

TEST_F(Faults, ExceptionsReachTheClientByTheirClass) {
  auto table = make_table();
  const int fault = inject(
      "exception table=t method=Get class=org.apache.hadoop.hbase.security.AccessDeniedException "
      "message=\"not you\" do-not-retry=true times=2");
  for (int i = 0; i < 2; ++i) {
    auto row = table.get(Get("r"));
    ASSERT_FALSE(row);
    EXPECT_EQ(row.error().exception_class(), "org.apache.hadoop.hbase.security.AccessDeniedException");
  }
  HBMUX_EXPECT_OK(table.get(Get("r")));
  EXPECT_EQ(count(fault), 2u);
}

// Without nonces, what is sent again is added again.
TEST_F(Faults, OneRegionOfAMultiFailsAndOnlyItIsSentAgain) {
  start({.region_servers = 1});
  make_table("t", {"g", "n", "t"});
  connect({{"hbase.client.nonces.enabled", "false"}});
  auto table = connection().table("t");
  const std::vector<std::string> rows{"a", "h", "o", "u"};
  auto add_one_each = [&] {
    std::vector<Action> actions;
    for (const std::string& row : rows) actions.emplace_back(Increment(row).add("f", "q", 1));
    for (const auto& result : table.batch(std::move(actions))) HBMUX_EXPECT_OK(result);
  };
  auto counters = [&] {
    std::string text;
    for (const std::string& row : rows) {
      text += std::to_string(static_cast<int>(table.get(Get(row)).value().value("f", "q").value().back()));
    }
    return text;
  };
  const int fault = inject(
      "region-exception table=t row=o class=org.apache.hadoop.hbase.RegionTooBusyException message=busy times=2");
  add_one_each();
  EXPECT_EQ(count(fault), 2u);
  EXPECT_EQ(counters(), "1111");
  // An answer that is not true: the region has done it.
  const int lies = inject(
      "region-exception table=t row=h class=org.apache.hadoop.hbase.RegionTooBusyException message=lie applied=true "
      "times=1");
  add_one_each();
  EXPECT_EQ(count(lies), 1u);
  EXPECT_EQ(counters(), "2322");
}

TEST_F(Faults, OneRegionsExceptionReachesTheCallerByItsClass) {
  start({.region_servers = 1});
  auto table = make_table("t", {"m"});
  const int fault = inject(
      "region-exception table=t row=x class=org.apache.hadoop.hbase.security.AccessDeniedException message=no");
  const auto results = table.batch({Action(Get("a")), Action(Put("x").add("f", "q", "v")), Action(Get("b"))});
  HBMUX_EXPECT_OK(results[0]);
  HBMUX_EXPECT_OK(results[2]);
  ASSERT_FALSE(results[1]);
  EXPECT_EQ(results[1].error().exception_class(), "org.apache.hadoop.hbase.security.AccessDeniedException");
  EXPECT_EQ(count(fault), 1u);
  cluster().heal(fault);
  EXPECT_FALSE(table.get(Get("x")).value().exists()) << "the region's part was not done";
}

namespace {

/// Sends a put by Multi and gives back what is said of the region's load.
pb::MultiRegionLoadStats load_of(const ServerAddress& address, const mini::RegionStatus& region,
                                 const std::string& value) {
  pb::MultiRequest request;
  auto& part = *request.add_regionaction();
  part.mutable_region()->set_type(pb::RegionSpecifier::REGION_NAME);
  part.mutable_region()->set_value(region.name);
  auto& put = *part.add_action()->mutable_mutation();
  put.set_row("r");
  put.set_mutate_type(pb::MutationProto::PUT);
  auto& column = *put.add_column_value();
  column.set_family("f");
  column.add_qualifier_value()->set_qualifier("q");
  column.mutable_qualifier_value(0)->set_value(value);
  RawClient client(address);
  EXPECT_TRUE(client.send(RawClient::hello() + RawClient::call(1, "Multi", request)));
  RawClient::End end{};
  const std::string bytes = client.receive(5s, end);
  std::string_view frame = std::string_view(bytes).substr(std::min<std::size_t>(bytes.size(), 4));
  std::string_view header, body;
  pb::MultiResponse response;
  EXPECT_TRUE(rpc::wire::read_delimited(frame, header) && rpc::wire::read_delimited(frame, body));
  EXPECT_TRUE(response.ParseFromArray(body.data(), static_cast<int>(body.size())));
  return response.regionstatistics();
}

}  // namespace

TEST_F(Faults, LoadIsToldWhenAskedFor) {
  make_table();
  auto region = region_of("t", "r");
  EXPECT_EQ(load_of(address(region.server), region, "v").stat_size(), 0) << "HBase's default";
  const int fault = inject("load table=t heap=97 memory=30 compactions=5 times=1");
  const auto told = load_of(address(region.server), region, "v");
  ASSERT_EQ(told.stat_size(), 1);
  EXPECT_EQ(told.region(0).value(), region.name);
  EXPECT_EQ(told.stat(0).heapoccupancy(), 97);
  EXPECT_EQ(told.stat(0).memstoreload(), 30);
  EXPECT_EQ(told.stat(0).compactionpressure(), 5);
  EXPECT_EQ(count(fault), 1u);

  start({.region_servers = 1, .load_statistics = true});
  make_table();
  region = region_of("t", "r");
  EXPECT_EQ(load_of(address(0), region, "v").stat(0).memstoreload(), 0);
  const auto loaded = load_of(address(0), region, std::string(std::size_t{2} << 20, 'v'));
  EXPECT_EQ(loaded.stat(0).memstoreload(), 1) << "2 MiB of the 128 that a flush waits for";
}

TEST_F(Faults, TheClientWaitsOutBusyServers) {
  auto table = make_table();
  for (const char* text : {"queue-full method=Mutate times=2", "throttle wait=30ms method=Mutate times=2",
                           "too-busy table=t method=Mutate times=2"}) {
    const int fault = inject(text);
    HBMUX_EXPECT_OK(table.put(Put("r").add("f", "q", "v")));
    EXPECT_EQ(count(fault), 2u) << text;
  }
}

TEST_F(Faults, RegionsMoveSplitAndMergeUnderAScan) {
  auto table = make_table("t", {"r0030", "r0060"});
  std::vector<std::string> expected;
  for (int i = 0; i < 90; ++i) {
    HBMUX_ASSERT_OK(table.put(Put(key(i)).add("f", "q", "v")));
    expected.push_back(key(i));
  }
  for (const char* text :
       {"move table=t row=r0010 method=Scan.next after=2", "split table=t row=r0045 method=Scan.next after=5",
        "merge table=t row=r0010 method=Scan.next after=3", "expire-scanners method=Scan.next after=3"}) {
    const int fault = inject(text);
    EXPECT_EQ(keys_of(table.scan(Scan().caching(4))), expected) << text;
    EXPECT_GE(count(fault), 1u) << text;
  }
  EXPECT_EQ(cluster().regions("t").size(), 3u) << "one more and one less";
}

TEST_F(Faults, KillWithAndWithoutMemory) {
  auto table = make_table();
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "q", "v")));
  const int server = region_of("t", "r").server;
  const std::string name = "rs" + std::to_string(server);
  const ServerName before = cluster().region_servers().at(static_cast<std::size_t>(server));

  const int frozen = inject("kill memory=keep server=" + name);
  EXPECT_EQ(count(frozen), 1u);
  EXPECT_FALSE(cluster().is_alive(server));
  EXPECT_EQ(RawClient(before.address).connect_error(), ECONNREFUSED);
  EXPECT_EQ(region_of("t", "r").server, server) << "nobody knows";
  inject("start server=" + name);
  EXPECT_EQ(cluster().region_servers().at(static_cast<std::size_t>(server)), before) << "the same process";
  HBMUX_EXPECT_OK(table.get(Get("r")));

  const int killed = inject("restart wait=20ms reassign=0s server=" + name);
  EXPECT_EQ(count(killed), 1u);
  wait_until([&] { return cluster().is_alive(server); }, "the server's return");
  EXPECT_NE(cluster().region_servers().at(static_cast<std::size_t>(server)), before) << "another process";
  EXPECT_TRUE(table.get(Get("r")).value().exists());
  HBMUX_EXPECT_ERROR(cluster().inject("start server=" + name), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(cluster().inject("kill server=rs7"), Errc::invalid_argument);

  // Under load: the call that met it is answered by another server.
  const int under_load = inject("kill method=Get reassign=0s server=rs" + std::to_string(region_of("t", "r").server));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(table.get(Get("r")).value().exists());
  EXPECT_EQ(count(under_load), 1u);
}

TEST_F(Faults, ClocksJump) {
  auto table = make_table();
  const int server = region_of("t", "r").server;
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "now", "v")));
  const int fault = inject("clock by=-1h server=rs" + std::to_string(server));
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "then", "v")));
  const auto row = table.get(Get("r")).value();
  ASSERT_EQ(row.size(), 2u);
  EXPECT_NEAR(static_cast<double>(row[0].timestamp() - row[1].timestamp()), 3'600'000, 60'000);
  EXPECT_EQ(count(fault), 1u);
  cluster().heal(fault);
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "then", "v")));
  EXPECT_GE(table.get(Get("r")).value()[1].timestamp(), row[0].timestamp());
}

TEST_F(Faults, SlowMeta) {
  make_table();
  const int fault = inject("slow-meta min=80ms");
  connect();
  const auto begin = std::chrono::steady_clock::now();
  HBMUX_EXPECT_OK(connection().table("t").get(Get("r")));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 80ms);
  EXPECT_GE(count(fault), 1u);
}

TEST_F(Faults, WrongEntriesInMetaAreFoundOutAndOutlived) {
  make_table("t", {"m"});
  for (const char* name : {"wrong-meta", "unresolvable-meta", "missing-meta"}) {
    const int fault = inject(std::string(name) + " table=t" + (name[0] == 'm' ? "" : " for=200ms"));
    EXPECT_EQ(count(fault), 2u);
    connect({{"hbase.client.retries.number", "0"}});
    const auto row = connection().table("t").get(Get("r"));
    ASSERT_FALSE(row) << name;
    connect();
    if (std::string_view(name) == "missing-meta") {
      EXPECT_EQ(row.error().code(), Errc::table_not_found);  // which is not a thing to wait for
      cluster().heal(fault);
    }
    HBMUX_EXPECT_OK(connection().table("t").get(Get("r")));
  }
}

TEST_F(Faults, ExpiredScanners) {
  auto table = make_table();
  for (int i = 0; i < 20; ++i) HBMUX_ASSERT_OK(table.put(Put(key(i)).add("f", "q", "v")));
  auto scanner = table.scan(Scan().caching(2));
  ASSERT_TRUE(scanner.next());
  const int fault = inject("expire-scanners");
  EXPECT_EQ(count(fault), 1u);
  int rows = 1;
  for (const auto& row : scanner) rows += row.has_value();
  EXPECT_EQ(rows, 20) << "the client opens another";
}

TEST_F(Faults, ZooKeeperToo) {
  make_table();
  const int fault = inject("delay server=zookeeper min=60ms");
  const auto begin = std::chrono::steady_clock::now();
  auto connection = ClusterConnection::open(cluster().zookeeper_uri()).value();
  HBMUX_EXPECT_OK(connection.table("t").get(Get("r")));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 60ms);
  EXPECT_GE(count(fault), 1u);
}

TEST_F(Faults, ASeededMixtureIsOutlived) {
  auto table = make_table("t", {"r0050"});
  connect({{"hbase.rpc.timeout", "500"}, {"hbase.client.retries.number", "50"}});
  table = connection().table("t");
  const int mix = inject("mix rate=0.1 seed=3");
  for (int i = 0; i < 300; ++i) HBMUX_ASSERT_OK(table.put(Put(key(i % 100)).add("f", "q", std::to_string(i))));
  EXPECT_EQ(keys_of(table.scan(Scan().caching(5))).size(), 100u);
  EXPECT_GT(count(mix), 20u);
  int parts = 0;
  for (const auto& each : cluster().fault_counts()) parts += each.id != mix && each.happened > 0;
  EXPECT_GE(parts, 6);
  cluster().heal_all();
  for (int i = 200; i < 300; ++i) {
    EXPECT_EQ(table.get(Get(key(i % 100))).value().value("f", "q"), std::to_string(i));
  }
}

TEST_F(Faults, AScriptRunsByItsTimes) {
  auto table = make_table();
  HBMUX_EXPECT_ERROR(cluster().run_fault_script("0s drop\n1s nonsense"), Errc::invalid_argument);
  EXPECT_TRUE(cluster().fault_counts().empty());
  HBMUX_ASSERT_OK(
      cluster().run_fault_script("0s throttle wait=1ms method=Get\n"
                                 "20ms kill server=rs2 reassign=0s\n"
                                 "+20ms start server=rs2\n"
                                 "+20ms heal throttle\n"));
  wait_until([&] { return cluster().fault_counts().size() == 3 && !cluster().fault_counts()[0].active; },
             "the script's end");
  const auto counts = cluster().fault_counts();
  EXPECT_EQ(counts[1].happened, 1u);
  EXPECT_EQ(counts[2].happened, 1u);
  EXPECT_TRUE(cluster().is_alive(2));
  HBMUX_EXPECT_OK(table.get(Get("r")));
}

}  // namespace
}  // namespace hbmux::loopback
