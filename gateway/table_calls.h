// The calls of table admin.
#pragma once

#include "gateway/call.h"
#include "gateway/table_messages.h"

#include <hbmux/bt/admin/table_admin.pb.h>
#include <hbmux/bt/longrunning/operations.pb.h>

#include <google/protobuf/empty.pb.h>

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
  void remove();
  std::optional<FullTableName> name_;
};

class UpdateTableCall final : public UnaryCall<bt::admin::UpdateTableRequest, bt::longrunning::Operation> {
 public:
  using UnaryCall::UnaryCall;
  void start() { finish(unimplemented("UpdateTable: hbmux's Admin does not alter tables")); }
};

class ModifyColumnFamiliesCall final : public UnaryCall<bt::admin::ModifyColumnFamiliesRequest, bt::admin::Table> {
 public:
  using UnaryCall::UnaryCall;
  void start() { finish(unimplemented("ModifyColumnFamilies: hbmux's Admin does not add, alter or drop column families")); }
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
