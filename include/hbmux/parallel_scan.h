// A scan of many regions at once.
#pragma once

#include <hbmux/detail/completion.h>
#include <hbmux/error.h>
#include <hbmux/row.h>
#include <hbmux/scan_metrics.h>

#include <memory>
#include <optional>

namespace hbmux {

namespace client {
class ScanSource;
}

struct ParallelScanOptions {
  /// Regions that are read at the same time, each by a scanner of its own. Each may hold hbmux.scan.prefetch.bytes, and one answer more.
  int regions_at_once = 8;
  /// Rows in the order of the table, as Scanner gives them; the scanners ahead read until they have what they may hold. Else rows come as the regions
  /// give them: in order within a region, and those of several regions mixed (also the parts of a row, where batch or partial results cut it).
  bool ordered = false;
};

/// Made by Table::parallel_scan; nothing is sent before the first row is asked for. The table's regions, as they are then, are read side by
/// side; regions that move, split or merge later are followed without a lost or doubled row. Scan::limit counts the rows of all of them. As
/// a Scanner it belongs to one consumer at a time, outlives its Table, and needs the ClusterConnection. A consumer who does not ask holds
/// it up: nothing more is read than may be held, and leases are renewed.
class ParallelScanner {
 public:
  using NextResult = Result<std::optional<Row>>;

  explicit ParallelScanner(std::shared_ptr<client::ScanSource> source);
  ParallelScanner(ParallelScanner&&) noexcept;
  ParallelScanner& operator=(ParallelScanner&&) noexcept;
  ~ParallelScanner();

  /// The next row; nothing at the end. After an error, which may be any region's, the scan is over. Blocking: not on the connection's own
  /// threads (Errc::blocking_call_on_lane).
  NextResult next();
  /// As next(). The handler receives a NextResult. Cancelling ends the scan.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_next(Token&& token = Token()) {
    return detail::initiate<NextResult>(
        [source = source_](detail::Completion<NextResult> done) { start_next(source, std::move(done)); }, std::forward<Token>(token));
  }
  /// The sum over all regions until now; all zero unless Scan::scan_metrics was set. Any thread.
  ScanMetrics metrics() const;
  /// Ends the scan early. Does not wait.
  void close();

 private:
  static void start_next(const std::shared_ptr<client::ScanSource>& source, detail::Completion<NextResult> done);

  std::shared_ptr<client::ScanSource> source_;
};

}  // namespace hbmux
