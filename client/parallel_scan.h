// Reads many regions at once.
#pragma once

#include "client/scan_operation.h"
#include "client/table_context.h"

#include <hbmux/parallel_scan.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace hbmux::client {

/// A part for each region, with a ScanOperation while it is being read. A part has one answer's rows here at most; the next one waits in its
/// ScanOperation until the consumer has taken these, so that a slow consumer holds up all of them. Everything is guarded by the mutex but the
/// scans themselves, which are asked without it.
class ParallelScan : public std::enable_shared_from_this<ParallelScan> {
 public:
  using NextResult = ParallelScanner::NextResult;
  using Done = detail::Completion<NextResult>;

  ParallelScan(std::shared_ptr<const TableContext> table, Scan scan, const ParallelScanOptions& options);

  std::optional<NextResult> try_next();
  /// `done` is never called within.
  void next(Done done);
  ScanMetrics metrics() const;
  void close();

 private:
  struct Part {
    Scan scan;
    std::shared_ptr<ScanOperation> operation;  // null before it begins and after its end
    std::deque<Row> rows;
    bool ended = false;
  };
  using Parts = std::vector<std::size_t>;

  // With the mutex held.
  std::optional<NextResult> take_ready(Parts& ask);
  Row take_row(std::size_t part, Parts& ask);
  void begin_more(Parts& ask);
  bool limit_reached() const noexcept { return scan_.limit() > 0 && complete_rows_ >= scan_.limit(); }
  void end_with(std::optional<Error> error, std::vector<std::shared_ptr<ScanOperation>>& over);

  void begin();
  void cut(const std::vector<RegionLocation>& regions);
  void ask(const Parts& parts);
  void answered(std::size_t part, NextResult row);
  void serve(Parts ask);
  void stop(std::optional<Error> error, bool tell);
  std::string describe() const;
  ConnectionState& connection() const noexcept { return *table_->connection; }

  const std::shared_ptr<const TableContext> table_;
  const Scan scan_;
  const ParallelScanOptions options_;

  mutable std::mutex mutex_;
  enum class Phase : std::uint8_t { fresh, locating, reading, over } phase_ = Phase::fresh;
  std::vector<Part> parts_;
  std::size_t first_ = 0;      // ordered: whose rows come now
  std::size_t begun_ = 0;      // parts before this one have begun
  std::size_t reading_ = 0;    // parts that have begun and not ended
  std::deque<std::size_t> with_rows_;  // not ordered
  std::int64_t complete_rows_ = 0;
  ScanMetrics metrics_;        // of parts that have ended
  std::optional<Error> error_;
  std::optional<Done> waiting_;
};

}  // namespace hbmux::client
