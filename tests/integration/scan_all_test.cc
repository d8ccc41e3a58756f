// A scan whose rows are wanted at once.
#include "tests/integration/cluster.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/use_future.hpp>

#include <future>

namespace hbmux::integration {
namespace {

class ScanAll : public ClusterTest {
 protected:
  static constexpr int kRows = 300;

  void SetUp() override {
    ClusterTest::SetUp();
    if (IsSkipped()) return;
    table_.emplace(connection().table(make_table({"1050", "1100", "1250"})));
    std::vector<Action> puts;
    for (int i = 0; i < kRows; ++i) puts.emplace_back(Put(std::to_string(1000 + i)).add("f", "q", std::to_string(i)));
    for (const auto& put : table_->batch(std::move(puts))) HBMUX_ASSERT_OK(put);
  }

  std::optional<Table> table_;
};

TEST_F(ScanAll, BringsTheRowsOfAllRegions) {
  for (const Scan& scan : {Scan(), Scan().caching(7), Scan().reversed(true)}) {
    const auto rows = table_->scan_all(scan);
    HBMUX_ASSERT_OK(rows);
    ASSERT_EQ(rows->size(), static_cast<std::size_t>(kRows));
    for (int i = 0; i < kRows; ++i) {
      const int number = scan.reversed() ? kRows - 1 - i : i;
      const Row& row = rows->at(static_cast<std::size_t>(i));
      EXPECT_EQ(row.row(), std::to_string(1000 + number));
      EXPECT_EQ(row.value("f", "q"), std::to_string(number));
    }
  }
  EXPECT_EQ(table_->async_scan_all(Scan().limit(60), boost::asio::use_future).get()->size(), 60u);
  EXPECT_EQ(table_->scan_all(Scan().start_row("2"))->size(), 0u);
}

TEST_F(ScanAll, TellsWhatIsWrong) {
  HBMUX_EXPECT_ERROR(table_->scan_all(Scan().family("none")), Errc::no_such_column_family);
  HBMUX_EXPECT_ERROR(table_->scan_all(Scan().caching(1).limit(-1)), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(connection().table("nosuchtable").scan_all(Scan()), Errc::table_not_found);
}

TEST_F(ScanAll, MayBeCancelledAtAnyTime) {
  for (int i = 0; i < 20; ++i) {
    boost::asio::cancellation_signal signal;
    std::promise<Result<std::vector<Row>>> ended;
    auto future = ended.get_future();
    table_->async_scan_all(Scan().caching(1), boost::asio::bind_cancellation_slot(signal.slot(), [&](auto rows) { ended.set_value(std::move(rows)); }));
    std::this_thread::sleep_for(std::chrono::microseconds(i * 300));
    signal.emit(boost::asio::cancellation_type::total);
    const auto rows = future.get();
    if (rows) {
      EXPECT_EQ(rows->size(), static_cast<std::size_t>(kRows));
    } else {
      EXPECT_EQ(rows.error().code(), Errc::cancelled) << rows.error();
    }
  }
}

}  // namespace
}  // namespace hbmux::integration
