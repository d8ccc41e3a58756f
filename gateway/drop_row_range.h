// Deletes all rows of a table, or those with a prefix.
#pragma once

#include "gateway/call.h"

#include <hbmux/batch.h>
#include <hbmux/bt/admin/table_admin.pb.h>
#include <hbmux/scanner.h>

#include <google/protobuf/empty.pb.h>

#include <vector>

namespace hbmux::gateway {

/// All rows: the table is disabled and truncated, and keeps its regions; calls that come meanwhile fail. Rows with a prefix are read and
/// deleted, some at a time.
class DropRowRangeCall final : public UnaryCall<bt::admin::DropRowRangeRequest, google::protobuf::Empty> {
 public:
  using UnaryCall::UnaryCall;
  void start();

 private:
  void truncate();
  void begin_scan(const TableSchema& schema);
  void read_on();
  void add_deletes(const Row& row);
  void send_deletes(bool last);
  void fail(const Error& error) { finish(status_of(state_, name_->table, error)); }

  std::optional<FullTableName> name_;
  std::optional<Table> table_;
  bool orders_deletes_ = false;
  std::vector<std::string> families_;
  std::optional<Scanner> scanner_;
  std::vector<Action> deletes_;
};

}  // namespace hbmux::gateway
