// Regions that move and servers that die under load.
#include "tests/loopback/mini_test.h"

#include <boost/asio/use_future.hpp>

#include <atomic>
#include <mutex>
#include <random>
#include <thread>

namespace hbmux::loopback {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

class Recovery : public MiniTest {};

TEST_F(Recovery, ARegionThatMoves) {
  auto table = make_table("t", {"m"});
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "q", "v")));
  for (int i = 0; i < 9; ++i) {
    move("t", "r", i % 3);
    EXPECT_TRUE(table.get(Get("r")).value().exists());
  }
  // Told where it went, the client does not ask hbase:meta.
  const auto lookups = connection().statistics().region_lookups;
  move("t", "r", (region_of("t", "r").server + 1) % 3);
  EXPECT_TRUE(table.get(Get("r")).value().exists());
  EXPECT_EQ(connection().statistics().region_lookups, lookups);
}

TEST_F(Recovery, ARegionThatSplits) {
  auto table = make_table();
  for (int i = 0; i < 20; ++i) HBMUX_ASSERT_OK(table.put(Put(key(i)).add("f", "q", key(i))));
  cluster().split_region(region_of("t", key(0)).encoded_name, key(10)).value();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(table.get(Get(key(i))).value().value("f", "q"), key(i));
  HBMUX_ASSERT_OK(table.put(Put(key(15)).add("f", "q", "new")));
  EXPECT_EQ(table.get(Get(key(15))).value().value("f", "q"), "new");
}

TEST_F(Recovery, HbaseMetaMoves) {
  auto table = make_table("t", {"m"});
  HBMUX_ASSERT_OK(table.get(Get("a")));
  const auto meta = region_of("hbase:meta", "");
  cluster().move_region(meta.encoded_name, (meta.server + 1) % 3).value();
  connection().table("t");
  for (int i = 0; i < 3; ++i) {
    move("t", "a", i);
    move("t", "z", (i + 1) % 3);
  }
  cluster().kill_region_server(region_of("t", "z").server, 20ms).value();
  EXPECT_FALSE(table.get(Get("z")).value().exists());
  EXPECT_FALSE(table.get(Get("a")).value().exists());
}

TEST_F(Recovery, AServerThatDiesAndReturns) {
  auto table = make_table("t", {"m"});
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "q", "v")));
  const int server = region_of("t", "r").server;
  cluster().kill_region_server(server, 50ms).value();
  EXPECT_EQ(table.get(Get("r")).value().value("f", "q"), "v");
  cluster().start_region_server(server).value();
  move("t", "r", server);
  EXPECT_EQ(table.get(Get("r")).value().value("f", "q"), "v");
}

TEST_F(Recovery, NobodyIsLeft) {
  make_table();
  auto table = connect({{"hbase.client.operation.timeout", "1000"}, {"hbase.rpc.timeout", "300"}}).table("t");
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "q", "v")));
  for (int server = 0; server < 3; ++server) cluster().kill_region_server(server, 1h).value();
  const auto begin = Clock::now();
  const auto got = table.get(Get("r"));
  EXPECT_LT(Clock::now() - begin, 3s);
  ASSERT_FALSE(got);
  EXPECT_FALSE(got.error().server().empty()) << got.error();
  EXPECT_GT(got.error().attempts(), 1) << got.error();
  EXPECT_NE(got.error().message().find("127.0.0.1"), std::string::npos) << got.error();
}

// hbase.client.retries.number bounds the attempts.
TEST_F(Recovery, RetriesAreCounted) {
  make_table();
  auto table = connect({{"hbase.client.retries.number", "2"}, {"hbase.client.pause", "1"}}).table("t");
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "q", "v")));
  for (int server = 0; server < 3; ++server) cluster().kill_region_server(server, 1h).value();
  const auto got = table.get(Get("r"));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().attempts(), 3) << got.error();
}

// Blocking threads and calls in flight, while servers die, return, and regions move and split. No acknowledged write is lost, no value is
// another row's, and every call ends in time.
TEST_F(Recovery, UnderLoad) {
  start({.region_servers = 3, .threads = 2});
  make_table("t", {key(100), key(200), key(300), key(400), key(500)});
  constexpr auto kLimit = 15s;
  connect({{"hbase.client.operation.timeout", "15000"}, {"hbase.rpc.timeout", "2000"}});
  constexpr int kThreads = 6;
  constexpr int kRows = 100;  // of each thread
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0}, late{0}, writes{0};
  std::vector<std::vector<int>> acknowledged(kThreads, std::vector<int>(kRows, 0));
  std::vector<std::vector<int>> counted(kThreads, std::vector<int>(kRows, 0));
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      auto table = connection().table("t");
      std::mt19937 random(static_cast<unsigned>(t));
      for (int version = 1; !stop; ++version) {
        const int i = static_cast<int>(random() % kRows);
        const std::string row = key(t * kRows + i);
        const auto begin = Clock::now();
        const auto put = table.put(Put(row).add("f", "q", row + "/" + std::to_string(version)));
        if (Clock::now() - begin > kLimit + 2s) ++late;
        if (!put) {
          ADD_FAILURE() << put.error();
          continue;
        }
        acknowledged[static_cast<std::size_t>(t)][static_cast<std::size_t>(i)] = version;
        const auto got = table.get(Get(row).family("f"));
        if (!got || got->value("f", "q") != row + "/" + std::to_string(version)) ++wrong;
        if (version % 4 == 0) {
          const auto added = table.increment(Increment(row).add("g", "n", 1));
          if (added) ++counted[static_cast<std::size_t>(t)][static_cast<std::size_t>(i)];
        }
        ++writes;
      }
    });
  }
  for (int round = 0; round < 6; ++round) {
    const int server = round % 3;
    cluster().kill_region_server(server, 50ms).value();
    std::this_thread::sleep_for(200ms);
    cluster().start_region_server(server).value();
    cluster().balance();
    const std::string at = key(round * 100 + 37);
    if (const auto region = region_of("t", at); region.server >= 0 && region.start_key != at) {
      (void)cluster().split_region(region.encoded_name, at);
    }
    std::this_thread::sleep_for(150ms);
  }
  stop = true;
  threads.clear();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(late, 0);
  EXPECT_GT(writes, 50);
  auto table = connection().table("t");
  int lost = 0;
  for (int t = 0; t < kThreads; ++t) {
    for (int i = 0; i < kRows; ++i) {
      const int version = acknowledged[static_cast<std::size_t>(t)][static_cast<std::size_t>(i)];
      if (version == 0) continue;
      const std::string row = key(t * kRows + i);
      const auto got = table.get(Get(row)).value();
      if (got.value("f", "q") != row + "/" + std::to_string(version)) ++lost;
      const int count = counted[static_cast<std::size_t>(t)][static_cast<std::size_t>(i)];
      // A server forgets the nonces of a region that leaves it, so that one of its increments may count twice; none may be missing.
      if (count > 0 && static_cast<unsigned char>(got.value("g", "n")->back()) < count) ++lost;
    }
  }
  EXPECT_EQ(lost, 0);
  EXPECT_GT(connection().statistics().retries, 0u);
}

// The same with many calls in flight from one thread, over one socket a server.
TEST_F(Recovery, InFlightUnderLoad) {
  make_table("t", {key(300), key(600)});
  connect({{"hbase.rpc.timeout", "2000"}});
  auto table = connection().table("t");
  std::vector<std::future<Result<void>>> puts;
  for (int i = 0; i < 900; ++i) {
    puts.push_back(table.async_put(Put(key(i)).add("f", "q", key(i)), asio::use_future));
    if (i == 450) cluster().kill_region_server(1, 50ms).value();
  }
  for (auto& put : puts) HBMUX_EXPECT_OK(put.get());
  std::vector<std::future<Result<Row>>> gets;
  for (int i = 0; i < 900; ++i) gets.push_back(table.async_get(Get(key(i)), asio::use_future));
  for (int i = 0; i < 900; ++i) EXPECT_EQ(gets[static_cast<std::size_t>(i)].get().value().value("f", "q"), key(i));
}

// ---------------------------------------------------------------- looking regions up

TEST_F(Recovery, OneLookupForAll) {
  make_table();
  auto table = connect().table("t");
  cluster().set_reply_faults({.delay_min = 20ms, .delay_max = 30ms});
  std::vector<std::future<Result<Row>>> gets;
  for (int i = 0; i < 200; ++i) gets.push_back(table.async_get(Get(key(i)), asio::use_future));
  for (auto& get : gets) HBMUX_EXPECT_OK(get.get());
  EXPECT_EQ(connection().statistics().region_lookups, 1u);
}

// What one lookup brings along is not asked for again.
TEST_F(Recovery, LookupsBringNeighbours) {
  std::vector<std::string> splits;
  for (int i = 1; i < 40; ++i) splits.push_back(key(i * 10));
  make_table("t", splits);
  auto table = connect({{"hbase.client.locate.prefetch.limit", "10"}}).table("t");
  for (int i = 399; i >= 0; i -= 7) HBMUX_ASSERT_OK(table.get(Get(key(i))));
  EXPECT_LE(connection().statistics().region_lookups, 5u);
  EXPECT_EQ(connection().admin().regions(table.name()).value().size(), 40u);
}

TEST_F(Recovery, AllRegionsAreKnownAfterwards) {
  std::vector<std::string> splits;
  for (int i = 1; i < 300; ++i) splits.push_back(key(i));
  auto table = make_table("t", splits);
  connect();
  table = connection().table("t");
  EXPECT_EQ(connection().admin().regions(table.name()).value().size(), 300u);
  for (int i = 0; i < 300; i += 13) HBMUX_ASSERT_OK(table.get(Get(key(i))));
  EXPECT_EQ(connection().statistics().region_lookups, 0u);
}

}  // namespace
}  // namespace hbmux::loopback
