// Bulk changes of rows, each with a status of its own.
#pragma once

#include "gateway/call.h"
#include "gateway/row_change.h"

#include <hbmux/batch.h>
#include <hbmux/bt/bigtable.pb.h>
#include <hbmux/scanner.h>

#include <vector>

namespace hbmux::gateway {

/// Entries are independent of each other. Those of which cells must be read first are read one after the other, then all go to HBase as one
/// batch.
class MutateRowsCall final : public grpc::ServerWriteReactor<bt::MutateRowsResponse> {
 public:
  using Request = bt::MutateRowsRequest;
  using Response = bt::MutateRowsResponse;
  MutateRowsCall(GatewayState& state, grpc::CallbackServerContext* context, const Request* request)
      : state_(state), context_(*context), request_(*request) {}

  void start();
  void OnCancel() override { scope_.cancel(); }
  void OnDone() override { delete this; }

 private:
  void plan(const SchemaCache::Schema& schema);
  void read_next();
  void build(std::size_t entry, const Row* existing);
  void send();
  void set_status(std::size_t entry, const Status& status);
  void fail(const Status& status) { Finish(grpc_status(status)); }

  GatewayState& state_;
  grpc::CallbackServerContext& context_;
  const Request& request_;
  CancelScope scope_;
  std::optional<FullTableName> name_;
  std::optional<Table> table_;
  std::vector<std::optional<RowChange>> changes_;  // of each entry; nothing for one that is wrong
  std::size_t reading_ = 0;
  std::optional<Scanner> scanner_;
  std::vector<Action> actions_;
  std::vector<std::size_t> entry_of_action_;
  Response response_;
};

}  // namespace hbmux::gateway
