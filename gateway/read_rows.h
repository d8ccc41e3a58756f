// ReadRows: rows, filtered and cut into chunks, as fast as the client takes them.
#pragma once

#include "gateway/call.h"
#include "gateway/row_chunker.h"
#include "gateway/row_filter.h"
#include "gateway/row_source.h"

#include <hbmux/bt/bigtable.pb.h>

#include <chrono>
#include <memory>

namespace hbmux::gateway {

/// Reads and writes in turn: while a message is being written no row is asked for, so that a client that does not read stops the scan. What is
/// kept of a call is one message, one row, and what its RowSource has at hand.
class ReadRowsCall final : public StreamCall<bt::ReadRowsRequest, bt::ReadRowsResponse> {
 public:
  using StreamCall::StreamCall;
  static constexpr bool kHoldsRows = true;
  void start();
  void OnWriteDone(bool ok) override;

 private:
  using Clock = std::chrono::steady_clock;

  Status prepare();
  void go_on();
  Status take(Result<Row> row);
  bool is_time_to_write() const;
  void write_message();
  void finish_read();
  void add_statistics();
  void end(const Status& status);

  std::optional<FullTableName> name_;
  std::optional<RowFilter> filter_;
  std::unique_ptr<RowSource> source_;
  RowChunker chunker_;
  Response message_;
  bool tells_progress_ = false;
  std::string scanned_;  // the last row that was left out, unless a later one is in the answer
  Clock::time_point began_ = Clock::now();
  Clock::time_point last_write_ = began_;
  std::int64_t rows_seen_ = 0, rows_returned_ = 0, cells_seen_ = 0, cells_returned_ = 0;
};

}  // namespace hbmux::gateway
