// Reads many regions at once.
#pragma once

#include "client/scan_source.h"
#include "client/table_backend.h"

#include <hbmux/parallel_scan.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace hbmux::client {

/// A part for each region, with a scan while it is being read. A part has one answer's rows here at most; the next one waits in its scan
/// until the consumer has taken these, so that a slow consumer holds up all of them. Everything is guarded by the mutex but the
/// scans themselves, which are asked without it.
class ParallelScan final : public ScanSource, public std::enable_shared_from_this<ParallelScan> {
 public:
  using Done = detail::Completion<NextResult>;

  ParallelScan(std::shared_ptr<const TableBackend> table, Scan scan, const ParallelScanOptions& options);

  std::optional<NextResult> try_next() override;
  std::optional<Row> next_of_batch() override;
  void next(Done done) override;
  ScanMetrics metrics() const override;
  void close() override;

 private:
  struct Part {
    Scan scan;
    std::shared_ptr<ScanSource> operation;  // null before it begins and after its end
    std::deque<Row> rows;
    std::string last_row;  // that the consumer has of it, or has a part of; only where rows are cut
    bool ended = false;
  };
  /// What is to be done once the mutex is free: parts to ask for their next row, and scans that nobody wants any more.
  struct Work {
    std::vector<std::size_t> ask;
    std::vector<std::shared_ptr<ScanSource>> over;
  };

  // With the mutex held.
  std::optional<NextResult> take_ready(Work& work);
  std::optional<NextResult> take_in_order(Work& work);
  std::optional<NextResult> take_any(Work& work);
  std::optional<Row> take_row(std::size_t part, Work& work);
  void begin_more(Work& work);
  void end_part(Part& part, Work& work);
  bool has_limit_rows() const noexcept { return scan_.limit() > 0 && rows_ >= scan_.limit(); }
  NextResult complete() { return complete_ = true, NextResult(std::optional<Row>()); }
  void end_with(std::optional<Error> error, std::vector<std::shared_ptr<ScanSource>>& over);

  void begin();
  void cut(const std::vector<RegionLocation>& regions);
  void run(const Work& work, bool complete);
  void answered(std::size_t part, NextResult row);
  void serve(Work work);
  void stop(std::optional<Error> error, bool tell);
  std::string describe() const;

  const std::shared_ptr<const TableBackend> table_;
  const Scan scan_;
  const ParallelScanOptions options_;
  const bool cuts_rows_;  // rows may come in parts

  mutable std::mutex mutex_;
  enum class Phase : std::uint8_t { fresh, locating, reading, over } phase_ = Phase::fresh;
  std::vector<Part> parts_;
  std::size_t first_ = 0;      // ordered: whose rows come now
  std::size_t begun_ = 0;      // parts before this one have begun
  std::size_t reading_ = 0;    // parts that have begun and not ended
  std::deque<std::size_t> with_rows_;  // not ordered
  std::int64_t rows_ = 0;      // that the consumer has, the last ones maybe in part
  bool complete_ = false;      // it has all
  ScanMetrics metrics_;        // of parts that have ended
  std::optional<Error> error_;
  std::optional<Done> waiting_;
};

}  // namespace hbmux::client
