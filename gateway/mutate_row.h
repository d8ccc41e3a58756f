// The calls that change one row.
#pragma once

#include "gateway/row_call.h"
#include "gateway/row_filter.h"

#include <hbmux/bt/bigtable.pb.h>

namespace hbmux::gateway {

class MutateRowCall final : public RowCall<bt::MutateRowRequest, bt::MutateRowResponse> {
 public:
  using RowCall::RowCall;
  ~MutateRowCall() override;
  void start();

 private:
  void plan(const TableSchema& schema);
  void send(const Row* existing);
  void end(const Status& status);

  std::optional<RowChange> change_;
  std::string token_;  // of a change that is not to be made twice, until its end is known; empty: none
  bool sent_ = false;
};

/// The predicate is evaluated here over a row that was read, and the branch is applied with a RowGuard; when that finds something else, all
/// begins anew. Calls for one row wait for each other.
class CheckAndMutateRowCall final : public RowCall<bt::CheckAndMutateRowRequest, bt::CheckAndMutateRowResponse> {
 public:
  using RowCall::RowCall;
  void start();

 private:
  void plan(const TableSchema& schema);
  void attempt();
  void decide(const Row& row);
  void apply(const Row* existing);
  void end(const Status& status);

  RowLocks::Lock lock_;
  std::optional<RowFilter> predicate_;
  std::optional<RowChange> if_true_, if_false_;
  Row row_;
  RowCells passed_;
  int attempts_ = 0;
};

class ReadModifyWriteRowCall final : public RowCall<bt::ReadModifyWriteRowRequest, bt::ReadModifyWriteRowResponse> {
 public:
  using RowCall::RowCall;
  void start();

 private:
  void plan(const TableSchema& schema);
  void answer(const Result<Row>& row);
};

}  // namespace hbmux::gateway
