// Numbers that the servers work out, over rows in several regions. What is expected was seen with HBase's own AggregationClient
// (tests/peers/java/AggregationCases.java has the same table), but for the median: Java's blocking client begins to look for it a region too
// early, its AsyncAggregationClient does not.
#include "tests/integration/cluster.h"

#include <hbmux/aggregation_client.h>
#include <hbmux/bytes.h>
#include <hbmux/filters.h>

#include <boost/asio/use_future.hpp>

#include <cmath>

namespace hbmux::integration {
namespace {

class AggregationTest : public ClusterTest {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    if (IsSkipped()) return;
    const TableName name = new_name();
    TableDescriptor descriptor(name);
    descriptor.family("f").family("g");
    descriptor.values["coprocessor$1"] = "|org.apache.hadoop.hbase.coprocessor.AggregateImplementation|536870911|";
    HBMUX_ASSERT_OK(admin().create_table(descriptor, {"r3", "r7"}));
    table_.emplace(connection().table(name));
    for (std::int64_t i = 0; i < 10; ++i) {
      Put put("r" + std::to_string(i));
      put.add("f", "q", bytes::of<std::int64_t>(i * i - 5)).add("f", "w", bytes::of(std::int64_t{1}));
      put.add("g", "d", bytes::of(static_cast<double>(i) * 0.5));
      HBMUX_ASSERT_OK(table_->put(std::move(put)));
    }
    HBMUX_ASSERT_OK(table_->put(Put("r5").add("f", "text", "not eight bytes")));
  }
  AggregationClient<std::int64_t> longs() const { return AggregationClient<std::int64_t>(*table_); }
  AggregationClient<double> doubles() const { return AggregationClient<double>(*table_); }

  std::optional<Table> table_;
};

Scan of_q() { return Scan().column("f", "q"); }

TEST_F(AggregationTest, OfIntegers) {
  EXPECT_EQ(longs().max(of_q()).value(), 76);
  EXPECT_EQ(longs().min(of_q()).value(), -5);
  EXPECT_EQ(longs().sum(of_q()).value(), 235);
  EXPECT_EQ(longs().row_count(of_q()).value(), 10u);
  EXPECT_DOUBLE_EQ(longs().avg(of_q()).value(), 23.5);
  EXPECT_NEAR(longs().std(of_q()).value(), 26.85, 0.005);
  EXPECT_EQ(longs().median(of_q()).value(), 44) << "half of 235 is exceeded by the ninth";
}

// HBase's endpoint counts rows by any column of the family, and for a mean how often it looked for a row.
TEST_F(AggregationTest, RowsWithoutTheColumn) {
  HBMUX_ASSERT_OK(table_->put(Put("s").add("f", "w", bytes::of(std::int64_t{1}))));
  EXPECT_EQ(longs().row_count(of_q()).value(), 11u);
  EXPECT_EQ(longs().sum(of_q()).value(), 235);
  EXPECT_DOUBLE_EQ(longs().avg(of_q()).value(), 235 / 11.0);
}

TEST_F(AggregationTest, OfDoubles) {
  const Scan scan = Scan().column("g", "d");
  EXPECT_EQ(doubles().max(scan).value(), 4.5);
  EXPECT_EQ(doubles().min(scan).value(), 0.0);
  EXPECT_EQ(doubles().sum(scan).value(), 22.5);
  EXPECT_DOUBLE_EQ(doubles().avg(scan).value(), 2.25);
}

// Each value and each square is rounded to two digits, as HBase's interpreter does.
TEST_F(AggregationTest, OfDecimals) {
  for (int i = 0; i < 10; ++i) {
    HBMUX_ASSERT_OK(table_->put(Put("r" + std::to_string(i)).add("g", "big", (Decimal(i * 10'005, 4) - Decimal(2)).to_bytes())));
  }
  const AggregationClient<Decimal> decimals(*table_);
  const Scan scan = Scan().column("g", "big");
  // -2.00 -1.00 0.00 1.00 2.00 3.00 4.00 5.00 6.00 7.00: 1.0005 is 1.00, 3.0015 is 3.00, 9.0045 is 9.00
  EXPECT_EQ(decimals.max(scan).value()->to_string(), "7.00");
  EXPECT_EQ(decimals.min(scan).value()->to_string(), "-2.00");
  EXPECT_EQ(decimals.sum(scan).value()->to_string(), "25.00");
  EXPECT_EQ(decimals.row_count(scan).value(), 10u);
  EXPECT_DOUBLE_EQ(decimals.avg(scan).value(), 2.5);
  EXPECT_NEAR(decimals.std(scan).value(), 2.8722813, 1e-6);
  EXPECT_EQ(decimals.median(scan).value()->to_string(), "5.00");
  EXPECT_EQ(decimals.max(Scan().column("g", "none")).value(), std::nullopt);
}

TEST_F(AggregationTest, OfAPart) {
  EXPECT_EQ(longs().sum(of_q().start_row("r2").stop_row("r8")).value(), 109);
  EXPECT_EQ(longs().sum(of_q().start_row("r2").stop_row("r7", true)).value(), 109);
  EXPECT_EQ(longs().sum(of_q().start_row("r7").stop_row("r7", true)).value(), 44);
  EXPECT_EQ(longs().row_count(Scan().family("f").filter(PrefixFilter("r4"))).value(), 1u);
  EXPECT_EQ(longs().median(of_q().start_row("r4")).value(), 44) << "11 20 31 44 59 76: half of 241 is exceeded by the fifth";
}

TEST_F(AggregationTest, OfNothing) {
  const Scan nothing = Scan().column("f", "none");
  EXPECT_EQ(longs().max(nothing).value(), std::nullopt);
  EXPECT_EQ(longs().sum(nothing).value(), std::nullopt);
  EXPECT_TRUE(std::isnan(longs().avg(nothing).value()));
  EXPECT_TRUE(std::isnan(longs().std(nothing).value()));
  EXPECT_EQ(longs().max(Scan().column("f", "text")).value(), std::nullopt) << "no value of eight bytes";
}

// HBase's endpoint falls over it; nobody can tell that from another trouble, so that it is tried again.
TEST_F(AggregationTest, TheMedianOfNothing) {
  const AggregationClient<std::int64_t> once(table_->with(TableOptions().max_attempts(1)));
  const auto median = once.median(Scan().column("f", "none"));
  ASSERT_FALSE(median);
  EXPECT_NE(median.error().to_string().find("IOException: Cannot invoke \"java.lang.Long.longValue()\""), std::string::npos) << median.error();
}

TEST_F(AggregationTest, Asynchronously) {
  auto sum = longs().async_sum(of_q(), boost::asio::use_future);
  auto median = longs().async_median(of_q(), boost::asio::use_future);
  auto rows = longs().async_row_count(of_q(), boost::asio::use_future);
  EXPECT_EQ(sum.get().value(), 235);
  EXPECT_EQ(median.get().value(), 44);
  EXPECT_EQ(rows.get().value(), 10u);
}

TEST_F(AggregationTest, WhatIsWrongIsSaid) {
  HBMUX_EXPECT_ERROR(longs().max(Scan()), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(longs().max(Scan().family("f").family("g")), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(longs().sum(of_q().start_row("r5").stop_row("r2")), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(longs().sum(of_q().start_row("r5").stop_row("r5")), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(longs().sum(of_q().reversed(true)), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(longs().median(Scan().family("f")), Errc::invalid_argument);
  const auto unknown = longs().sum(Scan().column("none", "q"));
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().to_string().find("GetSum in table"), std::string::npos) << unknown.error();
}

}  // namespace
}  // namespace hbmux::integration
