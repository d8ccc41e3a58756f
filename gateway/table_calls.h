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

/// The master changes a descriptor as a whole, so that calls for one table wait for each other.
template <class Request, class Response>
class TableChangeCall : public UnaryCall<Request, Response> {
 public:
  using UnaryCall<Request, Response>::UnaryCall;

 protected:
  /// When it is its turn, gives what the table is now to `change`; until end().
  template <class Change>
  void begin_change(FullTableName name, Change change) {
    name_ = std::move(name);
    const std::size_t stripe = RowLocks::stripe_of(name_->table.to_string(), {});
    this->state_.table_locks.acquire(stripe, [this, stripe, change] {
      lock_ = RowLocks::Lock(&this->state_.table_locks, stripe);
      this->run([this](auto token) { this->state_.connection.admin().async_describe_table(name_->table, std::move(token)); },
                [this, change](const Result<TableDescriptor>& table) {
                  if (!table) return end(status_of(table.error()));
                  change(*table);
                });
    });
  }
  void end(const Status& status) {
    const RowLocks::Lock lock = std::move(lock_);  // as CheckAndMutateRowCall::end()
    if (status.ok()) return this->finish();
    this->finish(status);
  }

  std::optional<FullTableName> name_;

 private:
  RowLocks::Lock lock_;
};

/// Done when it is answered.
class UpdateTableCall final : public TableChangeCall<bt::admin::UpdateTableRequest, bt::longrunning::Operation> {
 public:
  using TableChangeCall::TableChangeCall;
  void start();

 private:
  void change(const TableDescriptor& table);
  void answer(const TableDescriptor& table);
  std::chrono::system_clock::time_point began_ = std::chrono::system_clock::now();
};

class ModifyColumnFamiliesCall final : public TableChangeCall<bt::admin::ModifyColumnFamiliesRequest, bt::admin::Table> {
 public:
  using TableChangeCall::TableChangeCall;
  void start();

 private:
  void plan(const TableDescriptor& table);
  void next_step();
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
