// The rows of a scan: what a Scanner of Bigtable is behind its pointer.
#pragma once

#include "bigtable/table.h"
#include "client/scan_source.h"

#include <hbmux/bt/bigtable.pb.h>
#include <hbmux/scan.h>

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace hbmux::bigtable {

class ScanRead;
struct MergedRow;

/// One ReadRows, which is read as far ahead as hbmux.scan.prefetch.bytes lets it; what waits beyond that, waits at the server.
class ScanStream final : public client::ScanSource, public std::enable_shared_from_this<ScanStream> {
 public:
  using Done = detail::Completion<NextResult>;

  ScanStream(TablePtr table, Scan scan);

  std::optional<NextResult> try_next() override;
  std::optional<Row> next_of_batch() override;
  void next(Done done) override;
  ScanMetrics metrics() const override;
  void close() override;

 private:
  friend class ScanRead;

  // With the mutex held.
  std::optional<NextResult> take_ready();
  bool has_room() const noexcept;

  void begin();
  void stop(Error reason);
  /// By the operation, on its lane.
  Result<void> rows_came(std::vector<MergedRow> rows);
  void passed_over(const std::string& key);
  void ended(std::optional<Error> error);
  void tell();
  void count(int calls, int retries);

  const TablePtr table_;
  const Scan scan_;
  const std::size_t bytes_max_;

  mutable std::mutex mutex_;
  std::shared_ptr<ScanRead> read_;
  bool begun_ = false, ended_ = false;
  std::optional<Error> error_;
  std::deque<Row> rows_;
  std::size_t bytes_ = 0;
  std::optional<Done> waiting_;
  ScanMetrics metrics_;
};

/// All rows at once.
void start_scan_all(TablePtr table, Scan scan, detail::Completion<Result<std::vector<Row>>> done);

}  // namespace hbmux::bigtable
