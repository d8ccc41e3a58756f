// ReadRows with resumption.
#pragma once

#include "bigtable/chunk_merger.h"
#include "bigtable/operation.h"
#include "bigtable/table.h"

#include <hbmux/bt/bigtable.pb.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hbmux::bigtable {

/// Rows come once each, whatever happens to the attempts.
class ReadRows : public Operation {
 public:
  /// `request` without a table.
  ReadRows(TablePtr table, bt::ReadRowsRequest request, CallPlan plan, std::shared_ptr<detail::CancelPoint> cancel);

 protected:
  /// Rows that are complete, in order. An error ends the operation.
  virtual Result<void> rows_came(std::vector<MergedRow> rows) = 0;
  /// The server has passed over rows up to here and found nothing.
  virtual void passed_over(const std::string&) {}

  const TablePtr& table() const noexcept { return table_; }
  std::string describe() const override;

 private:
  std::string request() override { return request_.SerializeAsString(); }
  Result<void> take(grpc::ByteBuffer message) override;
  std::optional<CallStatus> left_over() override;
  bool prepare_retry() override;

  const TablePtr table_;
  bt::ReadRowsRequest request_;  // what is left
  std::optional<ChunkMerger> merger_;
  std::int64_t rows_ = 0;  // of this attempt
};

}  // namespace hbmux::bigtable
