#include "cli/demo_ledger.h"

#include "core/bytes.h"
#include "tests/cli/rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace hbmux::cli {
namespace {

class LedgerTest : public testing::Test {
 protected:
  /// A row as a server would answer it; counts below 0 leave the counter out.
  Row row(std::string_view key, std::string_view value, std::int64_t count = -1) {
    Put put(key, 1);
    if (count >= 0) {
      std::string number;
      core::append_be<std::int64_t>(number, count);
      put.add(kDemoFamily, kDemoCounter, number);
    }
    if (!value.empty()) put.add(kDemoFamily, kDemoValue, value);
    return row_of(put);
  }
  std::string value(std::uint32_t version) const { return demo_value(key, version); }

  DemoLedger ledger{3, 10};
  std::string key = ledger.key(0);
};

TEST(DemoRows, SpreadOverTheRegions) {
  auto splits = demo_split_keys(4);
  EXPECT_EQ(splits, (std::vector<std::string>{"4000", "8000", "c000"}));
  std::vector<int> rows(4);
  for (int i = 0; i < 1000; ++i) {
    ++rows[static_cast<std::size_t>(std::upper_bound(splits.begin(), splits.end(), demo_row_key(1, i)) -
                                    splits.begin())];
  }
  for (int count : rows) EXPECT_GT(count, 150);
}

TEST(DemoRows, AreAllDifferent) {
  std::set<std::string> keys;
  for (int thread = 0; thread < 16; ++thread) {
    for (int i = 0; i < 500; ++i) keys.insert(demo_row_key(thread, i));
  }
  EXPECT_EQ(keys.size(), 16u * 500);
}

TEST(DemoValue, NamesItsRowAndVersion) {
  std::uint32_t version = 0;
  EXPECT_TRUE(demo_value_names_row(demo_value("abc", 7), "abc", &version));
  EXPECT_EQ(version, 7u);
  EXPECT_FALSE(demo_value_names_row(demo_value("abcd", 7), "abc"));
  EXPECT_FALSE(demo_value_names_row(demo_value("abd", 7), "abc"));
  EXPECT_FALSE(demo_value_names_row("abc", "abc"));
  EXPECT_FALSE(demo_value_names_row("abc#", "abc"));
  EXPECT_FALSE(demo_value_names_row(demo_value("abc", 7) + ".", "abc"));
}

TEST_F(LedgerTest, ExpectsNothingOfARowThatWasNotWritten) {
  EXPECT_EQ(ledger.judge(0, Row()), Verdict::good);
  EXPECT_EQ(ledger.judge(0, row(key, value(1))), Verdict::wrong);
}

TEST_F(LedgerTest, FindsALostWrite) {
  ledger.put_done(0, true);
  ledger.put_done(0, true);
  EXPECT_EQ(ledger.judge(0, row(key, value(2))), Verdict::good);
  EXPECT_EQ(ledger.judge(0, row(key, value(1))), Verdict::lost);
  EXPECT_EQ(ledger.judge(0, Row()), Verdict::lost);
}

TEST_F(LedgerTest, FindsWhatNobodyWrote) {
  ledger.put_done(0, true);
  EXPECT_EQ(ledger.judge(0, row(key, value(2))), Verdict::wrong);
  EXPECT_EQ(ledger.judge(0, row(key, demo_value(ledger.key(1), 1))), Verdict::wrong);
  EXPECT_EQ(ledger.judge(0, row(ledger.key(1), demo_value(ledger.key(1), 1))), Verdict::wrong);
}

// A write that got no answer may have happened or not; then the row is left alone, since it may still happen.
TEST_F(LedgerTest, AllowsBothAfterAWriteWithoutAnAnswer) {
  ledger.put_done(0, true);
  ledger.put_done(0, false);
  EXPECT_FALSE(ledger.is_settled(0));
  EXPECT_TRUE(ledger.is_settled(1));
  EXPECT_EQ(ledger.judge(0, row(key, value(1))), Verdict::good);
  EXPECT_EQ(ledger.judge(0, row(key, value(2))), Verdict::good);
  EXPECT_EQ(ledger.judge(0, row(key, value(3))), Verdict::wrong);
  EXPECT_EQ(ledger.judge(0, Row()), Verdict::lost);
}

TEST_F(LedgerTest, CountsIncrementsExactly) {
  ledger.put_done(0, true);
  ledger.increment_done(0, true);
  ledger.increment_done(0, true);
  EXPECT_EQ(ledger.judge(0, row(key, value(1), 2)), Verdict::good);
  EXPECT_EQ(ledger.judge(0, row(key, value(1), 1)), Verdict::lost);
  EXPECT_EQ(ledger.judge(0, row(key, value(1), 3)), Verdict::wrong);
  EXPECT_EQ(ledger.judge(0, row(key, value(1))), Verdict::lost);
}

}  // namespace
}  // namespace hbmux::cli
