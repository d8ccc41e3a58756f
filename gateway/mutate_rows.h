// Bulk changes of rows, each with a status of its own.
#pragma once

#include "gateway/call.h"
#include "gateway/row_change.h"

#include <hbmux/batch.h>
#include <hbmux/bt/bigtable.pb.h>
#include <hbmux/scanner.h>

#include <atomic>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace hbmux::gateway {

/// Entries are independent of each other. Those of which cells must be read first are read, several at once; then all go to HBase as one batch.
class MutateRowsCall final : public StreamCall<bt::MutateRowsRequest, bt::MutateRowsResponse> {
 public:
  using StreamCall::StreamCall;
  ~MutateRowsCall() override;
  static constexpr std::size_t kReadersMax = 16;

  void start();
  void OnCancel() override;

 private:
  /// Reads one row after the other.
  struct Reader {
    CancelScope scope;
    std::optional<Scanner> scanner;
  };

  void plan(const TableSchema& schema);
  void read_rows();
  void read_next(Reader& reader);
  void reader_ended();
  void build(std::size_t entry, const Row* existing);
  void send();
  void answer();
  void set_status(std::size_t entry, const Status& status);
  void end_tokens();

  std::optional<FullTableName> name_;
  std::optional<Table> table_;
  std::vector<std::optional<RowChange>> changes_;  // of each entry; nothing for one that is wrong
  std::vector<std::size_t> to_read_;               // entries
  std::mutex readers_mutex_;
  std::deque<Reader> readers_;
  bool cancelled_ = false;  // with the mutex
  std::atomic<std::size_t> next_read_ = 0;
  std::atomic<std::size_t> reading_ = 0;  // readers that have not ended
  std::mutex results_mutex_;              // while rows are read: of all below
  std::vector<Action> actions_;
  std::vector<std::size_t> entry_of_action_;
  std::vector<std::pair<std::size_t, std::string>> tokens_;  // of entries that are not to be applied twice, until their end is known
  bool sent_ = false;
  Response response_;
};

}  // namespace hbmux::gateway
