// Scans whose server fails: what is asked again, from where, and what ends them; and lookups of regions that take too long.
#include "tests/loopback/mini_test.h"

namespace hbmux::loopback {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kReset = "org.apache.hadoop.hbase.exceptions.ScannerResetException";
constexpr const char* kDoNotRetry = "org.apache.hadoop.hbase.DoNotRetryIOException";

class ScanErrors : public MiniTest {
 protected:
  static constexpr int kRows = 100;

  Table fill() {
    auto table = make_table();
    std::vector<Action> puts;
    for (int i = 0; i < kRows; ++i) puts.emplace_back(Put(key(i)).add("f", "q", key(i)));
    for (const auto& result : table.batch(std::move(puts))) result.value();
    return table;
  }
  /// Calls of this kind are answered with this exception; as HBase's own, what is in a ScannerResetException's class must not be tried again.
  int fail(const std::string& method, const std::string& exception, const std::string& when) {
    const auto fault = cluster().inject("exception class=" + exception + " message=Injected do-not-retry=true table=t method=" + method + " " + when);
    EXPECT_TRUE(fault) << fault.error();
    return fault ? *fault : 0;
  }
  std::uint64_t happened(int fault) {
    for (const auto& count : cluster().fault_counts()) {
      if (count.id == fault) return count.happened;
    }
    return 0;
  }
  /// Rows in order until the end or the error, whose class is returned.
  static std::string read(Scanner scanner, int& rows) {
    for (rows = 0;;) {
      const auto row = scanner.next();
      if (!row) return row.error().exception_class().empty() ? row.error().to_string() : row.error().exception_class();
      if (!*row) return "";
      EXPECT_EQ((*row)->row(), key(rows));
      EXPECT_EQ((*row)->value("f", "q"), key(rows));
      ++rows;
    }
  }
};

TEST_F(ScanErrors, AScannerThatIsResetIsOpenedAgain) {
  const auto table = fill();
  int rows = 0;
  for (const char* when : {"times=1", "after=1 times=1", "after=20 times=3"}) {
    const int fault = fail("Scan.next", kReset, when);
    EXPECT_EQ(read(table.scan(Scan().caching(1)), rows), "");
    EXPECT_EQ(rows, kRows);
    EXPECT_GE(happened(fault), 1u);
  }
  const int opening = fail("Scan.open", kReset, "times=1");
  EXPECT_EQ(read(table.scan(Scan().caching(1)), rows), "");
  EXPECT_EQ(rows, kRows);
  EXPECT_EQ(happened(opening), 1u);
}

TEST_F(ScanErrors, WhatMustNotBeTriedAgainIsNot) {
  const auto table = fill();
  int rows = 0;
  const int fault = fail("Scan.next", kDoNotRetry, "");
  EXPECT_EQ(read(table.scan(Scan().caching(10)), rows), kDoNotRetry);
  EXPECT_EQ(rows, 10) << "those that had come before it";
  EXPECT_EQ(happened(fault), 1u);
  const int opening = fail("Scan.open", kDoNotRetry, "");
  EXPECT_EQ(read(table.scan(Scan()), rows), kDoNotRetry);
  EXPECT_EQ(rows, 0);
  EXPECT_EQ(happened(opening), 1u);
}

TEST_F(ScanErrors, AttemptsEnd) {
  fill();
  const auto table = connect({{"hbase.client.pause", "1"}}).table("t").with(TableOptions().max_attempts(3));
  int rows = 0;
  const int fault = fail("Scan.open", kReset, "");
  EXPECT_EQ(read(table.scan(Scan()), rows), kReset);
  EXPECT_EQ(rows, 0);
  EXPECT_EQ(happened(fault), 3u);
}

// The consumer is far behind; closing then leaves no scanner on the server, and nothing more comes.
TEST_F(ScanErrors, ClosedWhileRowsWait) {
  const auto table = fill();
  auto scanner = table.scan(Scan().max_result_size(1));
  HBMUX_ASSERT_OK(scanner.next());
  scanner.close();
  const auto after = scanner.next();
  EXPECT_TRUE(!after || !*after);
  wait_until([&] { return cluster().stats().scanners_open == 0; }, "the scanner's end on the server");
}

// ---------------------------------------------------------------- lookups

TEST_F(ScanErrors, ALookupEndsAtItsDeadline) {
  fill();
  const auto table = connect().table("t").with(TableOptions().operation_timeout(500ms));
  const int slow = cluster().inject("slow-meta min=2s max=2s").value();
  const auto began = Clock::now();
  const auto location = table.region_locator().region_location("r");
  const auto took = Clock::now() - began;
  HBMUX_EXPECT_ERROR(location, Errc::timed_out);
  EXPECT_GE(took, 490ms);
  EXPECT_LT(took, 1900ms);
  cluster().heal(slow);
  const auto found = connection().table("t").region_locator().region_location("r");  // perhaps behind the slow answer
  HBMUX_ASSERT_OK(found);
  EXPECT_TRUE(found->is_known());
}

TEST_F(ScanErrors, ALookupOfATableThatIsNotThereTellsSo) {
  fill();
  HBMUX_EXPECT_ERROR(connection().table("NotExist").region_locator().region_location(""), Errc::table_not_found);
  for (const char* name : {"A", "Z"}) HBMUX_EXPECT_ERROR(connection().table(name).scan(Scan().reversed(true)).next(), Errc::table_not_found);
  for (const char* name : {"A:A", "Z:Z"}) HBMUX_EXPECT_ERROR(connection().table(name).scan(Scan()).next(), Errc::table_not_found);
}

}  // namespace
}  // namespace hbmux::loopback
