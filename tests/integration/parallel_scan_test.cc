// Many regions at once: the same rows as one after the other.
#include "tests/integration/cluster.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <cstdio>

namespace hbmux::integration {
namespace {

std::string key_of(int i) {
  char key[8];
  std::snprintf(key, sizeof key, "r%04d", i);
  return key;
}

class ParallelScanTest : public ClusterTest {
 protected:
  static constexpr int kRows = 600;

  void SetUp() override {
    ClusterTest::SetUp();
    if (IsSkipped()) return;
    table_.emplace(connection().table(make_table({"r0050", "r0100", "r0300", "r0301", "r0590", "s"})));
    std::vector<Action> puts;
    for (int i = 0; i < kRows; ++i) {
      puts.emplace_back(Put(key_of(i)).add("f", "a", "1").add("f", "b", std::string(50, 'x')).add("g", "c", key_of(i)));
    }
    for (const auto& put : table_->batch(std::move(puts))) HBMUX_ASSERT_OK(put);
  }
  template <class AnyScanner>
  static std::vector<std::string> keys_of(AnyScanner scanner) {
    std::vector<std::string> keys;
    for (;;) {
      auto row = scanner.next();
      if (!row) {
        ADD_FAILURE() << row.error();
        return keys;
      }
      if (!*row) return keys;
      std::string key((*row)->row());
      EXPECT_TRUE((*row)->cells().back().family() != "g" || (*row)->cells().back().value() == key);
      keys.push_back(std::move(key));
    }
  }
  std::vector<std::string> one_by_one(const Scan& scan) { return keys_of(table_->scan(scan)); }

  std::optional<Table> table_;
};

std::vector<Scan> scans() {
  return {Scan(),
          Scan().caching(7),
          Scan().start_row("r0099").stop_row("r0301"),
          Scan().start_row("r0100", false).stop_row("r0301", true),
          Scan().start_row("r0300").stop_row("r0300", true),
          Scan().start_row("s"),
          Scan().prefix("r03"),
          Scan().max_result_size(1)};
}

TEST_F(ParallelScanTest, InOrder) {
  for (const Scan& scan : scans()) {
    for (const bool back : {false, true}) {
      Scan wanted = scan;
      if (back) {
        wanted = Scan().reversed(true).start_row(scan.stop_row(), scan.stop_row().empty() || scan.include_stop_row());
        wanted.stop_row(scan.start_row(), !scan.start_row().empty() && scan.include_start_row());
      }
      for (const int at_once : {1, 3, 20}) {
        EXPECT_EQ(keys_of(table_->parallel_scan(wanted, {.regions_at_once = at_once, .ordered = true})), one_by_one(wanted));
      }
    }
  }
}

TEST_F(ParallelScanTest, AsTheyCome) {
  for (const Scan& scan : scans()) {
    for (const int at_once : {1, 3, 20}) {
      auto keys = keys_of(table_->parallel_scan(scan, {.regions_at_once = at_once}));
      std::sort(keys.begin(), keys.end());
      EXPECT_EQ(keys, one_by_one(scan));
    }
  }
}

TEST_F(ParallelScanTest, TheLimitIsOfAll) {
  EXPECT_EQ(keys_of(table_->parallel_scan(Scan().limit(120), {.ordered = true})), one_by_one(Scan().limit(120)));
  EXPECT_EQ(keys_of(table_->parallel_scan(Scan().limit(120))).size(), 120u);
  EXPECT_EQ(keys_of(table_->parallel_scan(Scan().limit(7).batch(1), {.ordered = true})).size(), 21u) << "three cells a row";
}

TEST_F(ParallelScanTest, StopsInTheMiddle) {
  for (const bool ordered : {false, true}) {
    auto scanner = table_->parallel_scan(Scan().caching(5), {.ordered = ordered});
    for (int i = 0; i < 20; ++i) HBMUX_ASSERT_OK(scanner.next());
    scanner.close();
    const auto after = scanner.next();
    HBMUX_ASSERT_OK(after);
    EXPECT_FALSE(*after);
  }
  table_->parallel_scan(Scan());  // never asked
}

TEST_F(ParallelScanTest, InACoroutine) {
  boost::asio::io_context io;
  auto count = boost::asio::co_spawn(
      io,
      [scanner = table_->parallel_scan(Scan().caching(10))]() mutable -> boost::asio::awaitable<int> {
        int rows = 0;
        for (;;) {
          auto row = co_await scanner.async_next();
          if (!row || !*row) co_return rows;
          ++rows;
        }
      },
      boost::asio::use_future);
  io.run();
  EXPECT_EQ(count.get(), kRows);
}

TEST_F(ParallelScanTest, CountsWhatItCost) {
  auto scanner = table_->parallel_scan(Scan().scan_metrics(true).caching(50));
  while (scanner.next().value()) {
  }
  const ScanMetrics metrics = scanner.metrics();
  EXPECT_EQ(metrics.regions_scanned, 7u);
  EXPECT_GE(metrics.rpc_calls, 12u);
}

TEST_F(ParallelScanTest, WhatIsWrongIsSaid) {
  const auto first_of = [](ParallelScanner scanner) { return scanner.next(); };
  HBMUX_EXPECT_ERROR(first_of(table_->parallel_scan(Scan(), {.regions_at_once = 0})), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(first_of(table_->parallel_scan(Scan().cursor_results(true))), Errc::invalid_argument);
  EXPECT_FALSE(first_of(table_->parallel_scan(Scan().start_row("b").stop_row("a"))).value()) << "nothing is between";
  HBMUX_EXPECT_ERROR(first_of(table_->parallel_scan(Scan().family("none"))), Errc::no_such_column_family);
  HBMUX_EXPECT_ERROR(first_of(connection().table("not_there").parallel_scan(Scan())), Errc::table_not_found);
  auto scanner = table_->parallel_scan(Scan().family("none"));
  EXPECT_FALSE(scanner.next());
  const auto after = scanner.next();
  HBMUX_ASSERT_OK(after);
  EXPECT_FALSE(*after) << "an error is told once";
}

}  // namespace
}  // namespace hbmux::integration
