// A region server killed with kill -9 under load, on a real HBase with several region servers.
#include "tests/integration/cluster.h"

#include <atomic>
#include <chrono>
#include <thread>

namespace hbmux::integration {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

class ServerLoss : public ClusterTest {};

/// What one thread wrote and the server acknowledged: rows "t<thread>-0" up to, but not including, `acknowledged`.
struct Writer {
  int acknowledged = 0;
  int failed = 0;
  milliseconds longest{0};
  std::string first_error;
};

std::string row_of(int thread, int number) {
  // Spread over the regions, which are split by the first letter.
  return std::string(1, static_cast<char>('a' + (number * 7 + thread) % 26)) + "-" + std::to_string(thread) + "-" +
         std::to_string(number);
}

TEST_F(ServerLoss, NoAcknowledgedWriteIsLostAndEveryCallEndsByItsDeadline) {
  if (!cluster().can_lose_servers()) GTEST_SKIP() << "needs several region servers that may be killed";
  constexpr int kThreads = 16;
  constexpr auto kDeadline = seconds(60);
  connect({{"hbase.client.operation.timeout", std::to_string(milliseconds(kDeadline).count())},
           {"hbase.client.retries.number", "60"}});
  const TableName name = make_table({"e", "j", "o", "t"});

  std::atomic<bool> stop{false};
  std::vector<Writer> writers(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      Table table = connection().table(name);
      Writer& writer = writers[static_cast<std::size_t>(t)];
      while (!stop) {
        const std::string row = row_of(t, writer.acknowledged);
        const auto began = steady_clock::now();
        const auto put = table.put(Put(row).add("f", "q", "value of " + row));
        const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - began);
        writer.longest = std::max(writer.longest, took);
        if (!put) {
          ++writer.failed;
          if (writer.first_error.empty()) writer.first_error = put.error().to_string();
          continue;  // the same row again: it may have been written or not
        }
        ++writer.acknowledged;
      }
    });
  }
  std::this_thread::sleep_for(seconds(2));  // load, and then trouble in the middle of it
  cluster().tool("kill-rs 1");
  std::this_thread::sleep_for(seconds(15));
  cluster().tool("start-rs 1");
  std::this_thread::sleep_for(seconds(2));
  stop = true;
  for (auto& thread : threads) thread.join();

  int acknowledged = 0;
  milliseconds longest{0};
  for (const Writer& writer : writers) {
    acknowledged += writer.acknowledged;
    longest = std::max(longest, writer.longest);
    EXPECT_EQ(writer.failed, 0) << writer.first_error;
  }
  EXPECT_LE(longest, kDeadline + seconds(1)) << "a call outlived its deadline";
  EXPECT_GT(acknowledged, 1000);

  int lost = 0, wrong = 0;
  Table table = connection().table(name);
  for (int t = 0; t < kThreads; ++t) {
    std::vector<Action> gets;
    const int count = writers[static_cast<std::size_t>(t)].acknowledged;
    for (int i = 0; i < count; ++i) {
      gets.emplace_back(Get(row_of(t, i)));
      if (gets.size() < 1000 && i + 1 < count) continue;
      const int first = i + 1 - static_cast<int>(gets.size());
      const BatchResult results = table.batch(std::exchange(gets, {}));
      for (std::size_t k = 0; k < results.size(); ++k) {
        HBMUX_ASSERT_OK(results[k]);
        const auto value = results[k]->value("f", "q");
        if (!value) {
          ++lost;
        } else if (*value != "value of " + row_of(t, first + static_cast<int>(k))) {
          ++wrong;
        }
      }
    }
  }
  EXPECT_EQ(lost, 0);
  EXPECT_EQ(wrong, 0);
  std::printf("%d writes acknowledged, %d lost, %d wrong, the longest call took %lld ms\n", acknowledged, lost, wrong,
              static_cast<long long>(longest.count()));
}

}  // namespace
}  // namespace hbmux::integration
