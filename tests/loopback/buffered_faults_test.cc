// Buffered and conditional writes while regions move and split, servers die, and replies are lost.
#include "tests/loopback/mini_test.h"

#include <atomic>
#include <random>
#include <thread>

namespace hbmux::loopback {
namespace {

class BufferedFaults : public MiniTest {
 protected:
  /// Moves, splits and kills until `stop`; then everything is up again.
  void trouble(const std::atomic<bool>& stop) {
    std::mt19937 random(7);
    int splits = 0;
    while (!stop) {
      const auto regions = cluster().regions("t");
      const auto& region = regions[random() % regions.size()];
      switch (random() % 4) {
        case 0:
          if (splits++ < 6) static_cast<void>(cluster().split_region(region.encoded_name, key(static_cast<int>(random() % 20000))));
          break;
        case 1: {
          const int server = static_cast<int>(random() % 3);
          static_cast<void>(cluster().kill_region_server(server, 30ms));
          std::this_thread::sleep_for(60ms);
          static_cast<void>(cluster().start_region_server(server));
          break;
        }
        default: static_cast<void>(cluster().move_region(region.encoded_name, static_cast<int>(random() % 3)));
      }
      std::this_thread::sleep_for(20ms);
    }
    cluster().heal_all();
  }
  static std::string key(int i) {
    const std::string digits = std::to_string(i);
    return std::string(6 - digits.size(), '0') + digits;
  }
};

// Every mutation is told once, every one that was told as written is there, and with time enough all are written.
TEST_F(BufferedFaults, NothingIsLostAndNothingToldTwice) {
  start({.region_servers = 3, .threads = 2});
  make_table("t", {key(5000), key(10000), key(15000)});
  connect({{"hbase.client.operation.timeout", "60000"}, {"hbase.rpc.timeout", "1000"}, {"hbase.client.pause", "5"},
           {"hbase.client.retries.number", "100"}});
  auto table = connection().table("t");
  HBMUX_ASSERT_OK(table.get(Get(key(1))));
  for (const char* fault : {"drop method=Multi rate=0.02", "too-busy method=Multi rate=0.02", "cut method=Multi rate=0.01"}) {
    const auto injected = cluster().inject(fault);
    if (!injected) GTEST_FAIL() << injected.error();
  }
  constexpr int kRows = 20000;
  std::vector<std::atomic<int>> told(kRows), written(kRows);
  auto mutator = table.buffered_mutator(BufferedMutatorParams().write_buffer_size(16 * 1024));
  std::atomic<bool> stop{false};
  std::jthread troubles([&] { trouble(stop); });
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = t; i < kRows; i += 4) {
          EXPECT_TRUE(mutator.mutate(Put(key(i)).add("f", "q", key(i)), [&, i](const Result<void>& result) {
            ++told[static_cast<std::size_t>(i)];
            written[static_cast<std::size_t>(i)] += result ? 1 : 0;
            EXPECT_TRUE(result) << result.error();
          }));
          if (i % 512 == t) std::this_thread::sleep_for(5ms);
        }
      });
    }
  }
  HBMUX_EXPECT_OK(mutator.close());
  stop = true;
  troubles.join();
  int twice = 0, lost = 0, unwritten = 0;
  for (int i = 0; i < kRows; ++i) {
    const auto at = static_cast<std::size_t>(i);
    twice += told[at] != 1 ? 1 : 0;
    unwritten += written[at] != 1 ? 1 : 0;
  }
  std::vector<bool> there(kRows, false);
  for (const auto& row : table.scan(Scan())) {
    HBMUX_ASSERT_OK(row);
    EXPECT_EQ(row->value("f", "q"), row->row());
    there[static_cast<std::size_t>(std::stoi(std::string(row->row())))] = true;
  }
  for (int i = 0; i < kRows; ++i) lost += written[static_cast<std::size_t>(i)] == 1 && !there[static_cast<std::size_t>(i)] ? 1 : 0;
  EXPECT_EQ(lost, 0);
  EXPECT_EQ(twice, 0) << "mutations were told not once";
  EXPECT_EQ(unwritten, 0);
  EXPECT_EQ(mutator.bytes_held(), 0u);
  EXPECT_GT(connection().statistics().retries, 0u) << "nothing went wrong: the test showed nothing";
}

// One of many takes each lock, whatever happens to replies: attempts whose reply is lost are not repeated here, and their outcome is unknown.
TEST_F(BufferedFaults, AConditionHoldsForOneOnly) {
  start({.region_servers = 3, .threads = 2});
  make_table("t", {key(5000)});
  connect({{"hbase.client.operation.timeout", "20000"}, {"hbase.rpc.timeout", "300"}, {"hbase.client.pause", "5"}});
  auto table = connection().table("t");
  HBMUX_ASSERT_OK(table.get(Get(key(1))));
  const auto injected = cluster().inject("drop method=Mutate rate=0.05");
  HBMUX_ASSERT_OK(injected);
  constexpr int kLocks = 100;
  std::vector<std::atomic<int>> winners(kLocks), unknown(kLocks);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kLocks; ++i) {
          const auto lock = static_cast<std::size_t>(i);
          auto taken = table.check_and_mutate(
              CheckAndMutate(key(i * 100)).if_not_exists("f", "q").then(Put(key(i * 100)).add("f", "q", std::to_string(t))).repeat(false));
          if (taken) {
            winners[lock] += taken->success() ? 1 : 0;
          } else {
            ++unknown[lock];
          }
        }
      });
    }
  }
  cluster().heal_all();
  int several = 0, nobody = 0, unknowns = 0;
  for (std::size_t i = 0; i < kLocks; ++i) {
    several += winners[i] > 1 ? 1 : 0;
    nobody += winners[i] == 0 && unknown[i] == 0 ? 1 : 0;
    unknowns += unknown[i];
  }
  EXPECT_EQ(several, 0);
  EXPECT_EQ(nobody, 0);
  EXPECT_GT(unknowns, 0) << "no reply was lost: the test showed nothing";
}

}  // namespace
}  // namespace hbmux::loopback
