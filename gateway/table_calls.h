// The calls of table admin.
#pragma once

#include "gateway/call.h"
#include "gateway/row_locks.h"
#include "gateway/table_messages.h"

#include <hbmux/bt/admin/table_admin.pb.h>
#include <hbmux/bt/longrunning/operations.pb.h>

#include <google/protobuf/empty.pb.h>

#include <chrono>
#include <vector>

namespace hbmux::gateway {

class CreateTableCall final : public UnaryCall<bt::admin::CreateTableRequest, bt::admin::Table> {
 public:
  using UnaryCall::UnaryCall;
  void start();
};

/// In order of names; a page's token is the last table of the page before.
class ListTablesCall final : public UnaryCall<bt::admin::ListTablesRequest, bt::admin::ListTablesResponse> {
 public:
  using UnaryCall::UnaryCall;
  void start();

 private:
  void select(const std::vector<TableName>& tables);
  void describe_next();

  std::optional<InstanceName> instance_;
  bt::admin::Table::View view_ = bt::admin::Table::NAME_ONLY;
  std::vector<FullTableName> tables_;
  std::size_t described_ = 0;
};

class GetTableCall final : public UnaryCall<bt::admin::GetTableRequest, bt::admin::Table> {
 public:
  using UnaryCall::UnaryCall;
  void start();

 private:
  std::optional<FullTableName> name_;
};

/// HBase wants a table disabled first.
class DeleteTableCall final : public UnaryCall<bt::admin::DeleteTableRequest, google::protobuf::Empty> {
 public:
  using UnaryCall::UnaryCall;
  void start();

 private:
  void disable();
  void remove();
  std::optional<FullTableName> name_;
};

/// Done when it is answered. Waits for its turn as ModifyColumnFamilies does.
class UpdateTableCall final : public UnaryCall<bt::admin::UpdateTableRequest, bt::longrunning::Operation> {
 public:
  using UnaryCall::UnaryCall;
  void start();

 private:
  void change(const TableDescriptor& table);
  void answer(const TableDescriptor& table);
  void end(const Status& status);
  std::optional<FullTableName> name_;
  RowLocks::Lock lock_;
  std::chrono::system_clock::time_point began_ = std::chrono::system_clock::now();
};

/// The master changes a descriptor as a whole, so that calls for one table wait for each other.
class ModifyColumnFamiliesCall final : public UnaryCall<bt::admin::ModifyColumnFamiliesRequest, bt::admin::Table> {
 public:
  using UnaryCall::UnaryCall;
  void start();

 private:
  void plan(const TableDescriptor& table);
  void next_step();
  void end(const Status& status);
  std::optional<FullTableName> name_;
  RowLocks::Lock lock_;
  std::vector<TableDescriptor> steps_;
  std::size_t done_ = 0;
};

class GenerateConsistencyTokenCall final
    : public UnaryCall<bt::admin::GenerateConsistencyTokenRequest, bt::admin::GenerateConsistencyTokenResponse> {
 public:
  using UnaryCall::UnaryCall;
  void start();
};

/// There is one cluster: what was written is there.
class CheckConsistencyCall final : public UnaryCall<bt::admin::CheckConsistencyRequest, bt::admin::CheckConsistencyResponse> {
 public:
  using UnaryCall::UnaryCall;
  void start();
};

}  // namespace hbmux::gateway
