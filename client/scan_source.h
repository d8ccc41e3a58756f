// What a Scanner or a ParallelScanner is behind its pointer.
#pragma once

#include <hbmux/detail/completion.h>
#include <hbmux/error.h>
#include <hbmux/row.h>
#include <hbmux/scan_metrics.h>

#include <optional>

namespace hbmux::client {

/// The rows of a scan, for one consumer at a time; close() and metrics() from any thread.
class ScanSource {
 public:
  using NextResult = Result<std::optional<Row>>;

  virtual ~ScanSource() = default;
  /// The next row, if it is here already (or the end, or the error that the scan ended with).
  virtual std::optional<NextResult> try_next() = 0;
  /// The next row, if it came with the last one.
  virtual std::optional<Row> next_of_batch() = 0;
  /// The next row, when it comes. `done` is never called within.
  virtual void next(detail::Completion<NextResult> done) = 0;
  virtual ScanMetrics metrics() const = 0;
  /// By the consumer: ends the scan. Any number of times.
  virtual void close() = 0;
};

}  // namespace hbmux::client
