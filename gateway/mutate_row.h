// The calls that change one row.
#pragma once

#include "gateway/call.h"
#include "gateway/row_change.h"
#include "gateway/row_filter.h"

#include <hbmux/bt/bigtable.pb.h>
#include <hbmux/scanner.h>

namespace hbmux::gateway {

class MutateRowCall final : public UnaryCall<bt::MutateRowRequest, bt::MutateRowResponse> {
 public:
  using UnaryCall::UnaryCall;
  void start();

 private:
  void plan(const SchemaCache::Schema& schema);
  void send(const Row* existing);

  std::optional<FullTableName> name_;
  std::optional<Table> table_;
  std::optional<RowChange> change_;
  std::optional<Scanner> scanner_;
};

/// The predicate is evaluated here over a row that was read, and the branch is applied with a RowGuard; when that finds something else, all
/// begins anew. Calls for one row wait for each other.
class CheckAndMutateRowCall final : public UnaryCall<bt::CheckAndMutateRowRequest, bt::CheckAndMutateRowResponse> {
 public:
  using UnaryCall::UnaryCall;
  void start();

 private:
  void plan(const SchemaCache::Schema& schema);
  void attempt();
  void decide(const Row& row);
  void apply(const Row* existing);
  void end(const Status& status);

  std::optional<FullTableName> name_;
  std::optional<Table> table_;
  RowLocks::Lock lock_;
  std::optional<RowFilter> predicate_;
  std::optional<RowChange> if_true_, if_false_;
  std::optional<Scanner> scanner_;
  Row row_;
  RowCells passed_;
  int attempts_ = 0;
};

class ReadModifyWriteRowCall final : public UnaryCall<bt::ReadModifyWriteRowRequest, bt::ReadModifyWriteRowResponse> {
 public:
  using UnaryCall::UnaryCall;
  void start();

 private:
  void plan(const SchemaCache::Schema& schema);
  void answer(const Result<Row>& row);

  std::optional<FullTableName> name_;
  std::optional<Table> table_;
};

}  // namespace hbmux::gateway
