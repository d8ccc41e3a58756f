#include "gateway/table_calls.h"

#include "gateway/table_change.h"

#include <algorithm>

namespace hbmux::gateway {
namespace {

std::string consistency_token(const FullTableName& name) { return "hbase:" + name.table.to_string(); }

}  // namespace

void CreateTableCall::start() {
  auto table = new_table_of(state_.names, request_);
  if (!table) return finish(table.error());
  response_ = table_message(table->name, table->descriptor, bt::admin::Table::SCHEMA_VIEW);
  state_.schemas.forget(table->name.table);
  run(
      [this, table = std::move(*table)](auto token) mutable {
        state_.connection.admin().async_create_table(std::move(table.descriptor), std::move(table.split_keys), std::move(token));
      },
      [this](const Result<void>& made) {
        if (!made) return finish(status_of(made.error()));
        finish();
      });
}

// ---------------------------------------------------------------- ListTables

void ListTablesCall::start() {
  auto instance = state_.names.instance(request_.parent());
  if (!instance) return finish(instance.error());
  if (request_.page_size() < 0) return finish(invalid("page_size must not be negative"));
  instance_ = std::move(*instance);
  if (request_.view() != bt::admin::Table::VIEW_UNSPECIFIED) view_ = request_.view();
  run([this](auto token) { state_.connection.admin().async_list_tables(std::move(token)); },
      [this](const Result<std::vector<TableName>>& tables) {
        if (!tables) return finish(status_of(tables.error()));
        select(*tables);
      });
}

void ListTablesCall::select(const std::vector<TableName>& tables) {
  for (const TableName& table : tables) {
    if (table.namespace_name() != instance_->namespace_name || table.qualifier() <= request_.page_token()) continue;
    tables_.push_back({*instance_, table.qualifier(), table});
  }
  std::sort(tables_.begin(), tables_.end(), [](const auto& a, const auto& b) { return a.table_id < b.table_id; });
  const auto page = static_cast<std::size_t>(request_.page_size());
  if (page != 0 && tables_.size() > page) {
    tables_.resize(page);
    response_.set_next_page_token(tables_.back().table_id);
  }
  describe_next();
}

void ListTablesCall::describe_next() {
  if (view_ == bt::admin::Table::NAME_ONLY) {
    for (const FullTableName& name : tables_) *response_.add_tables() = table_message(name, {}, view_);
    return finish();
  }
  if (described_ == tables_.size()) return finish();
  run([this](auto token) { state_.connection.admin().async_describe_table(tables_[described_].table, std::move(token)); },
      [this](const Result<TableDescriptor>& table) {
        if (table) {
          *response_.add_tables() = table_message(tables_[described_], *table, view_);
        } else if (table.error().code() != Errc::table_not_found) {  // dropped meanwhile
          return finish(status_of(table.error()));
        }
        ++described_;
        describe_next();
      });
}

// ---------------------------------------------------------------- single tables

void GetTableCall::start() {
  auto name = state_.names.table(request_.name());
  if (!name) return finish(name.error());
  name_ = std::move(*name);
  run([this](auto token) { state_.connection.admin().async_describe_table(name_->table, std::move(token)); },
      [this](const Result<TableDescriptor>& table) {
        if (!table) return finish(status_of(table.error()));
        response_ = table_message(*name_, *table, request_.view());
        finish();
      });
}

void DeleteTableCall::start() {
  auto name = state_.names.table(request_.name());
  if (!name) return finish(name.error());
  name_ = std::move(*name);
  run([this](auto token) { state_.connection.admin().async_describe_table(name_->table, std::move(token)); },
      [this](const Result<TableDescriptor>& table) {
        if (!table) return finish(status_of(table.error()));
        if (is_protected(*table)) return finish({Code::failed_precondition, "table \"" + request_.name() + "\" is protected from deletion"});
        disable();
      });
}

void DeleteTableCall::disable() {
  run([this](auto token) { state_.connection.admin().async_disable_table(name_->table, std::move(token)); },
      [this](const Result<void>& disabled) {
        // A delete that was cut off may have disabled it.
        if (!disabled && disabled.error().code() != Errc::table_not_enabled) return finish(status_of(disabled.error()));
        remove();
      });
}

void DeleteTableCall::remove() {
  run([this](auto token) { state_.connection.admin().async_delete_table(name_->table, std::move(token)); },
      [this](const Result<void>& deleted) {
        state_.schemas.forget(name_->table);
        if (!deleted) return finish(status_of(deleted.error()));
        finish();
      });
}

// ---------------------------------------------------------------- changes

void UpdateTableCall::start() {
  auto name = state_.names.table(request_.table().name());
  if (!name) return finish(name.error());
  begin_change(std::move(*name), [this](const TableDescriptor& table) { change(table); });
}

void UpdateTableCall::change(const TableDescriptor& table) {
  auto wanted = updated_table(table, request_);
  if (!wanted) return end(wanted.error());
  if (*wanted == table) return answer(table);
  run([this, wanted = *wanted](auto token) mutable { state_.connection.admin().async_modify_table(std::move(wanted), std::move(token)); },
      [this, wanted = *wanted](const Result<void>& changed) {
        if (!changed) return end(status_of(changed.error()));
        answer(wanted);
      });
}

void UpdateTableCall::answer(const TableDescriptor& table) {
  const auto tell = [](std::chrono::system_clock::time_point time, google::protobuf::Timestamp& out) {
    const auto since = time.time_since_epoch();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
    out.set_seconds(seconds.count());
    out.set_nanos(static_cast<std::int32_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(since - seconds).count()));
  };
  // Under Google's names: these messages are known to clients by them.
  const auto pack = [](const google::protobuf::MessageLite& message, const char* name, google::protobuf::Any& out) {
    out.set_type_url(std::string("type.googleapis.com/google.bigtable.admin.v2.") + name);
    out.set_value(message.SerializeAsString());
  };
  bt::admin::UpdateTableMetadata metadata;
  metadata.set_name(request_.table().name());
  tell(began_, *metadata.mutable_start_time());
  tell(std::chrono::system_clock::now(), *metadata.mutable_end_time());
  response_.set_name("operations/" + request_.table().name() + "/operations/done");
  response_.set_done(true);
  pack(metadata, "UpdateTableMetadata", *response_.mutable_metadata());
  pack(table_message(*name_, table, bt::admin::Table::SCHEMA_VIEW), "Table", *response_.mutable_response());
  end(Status());
}

void ModifyColumnFamiliesCall::start() {
  auto name = state_.names.table(request_.name());
  if (!name) return finish(name.error());
  if (request_.modifications().empty()) return finish(invalid("no modifications"));
  begin_change(std::move(*name), [this](const TableDescriptor& table) { plan(table); });
}

void ModifyColumnFamiliesCall::plan(const TableDescriptor& table) {
  auto steps = changed_families(table, request_);
  if (!steps) return end(steps.error());
  steps_ = std::move(*steps);
  response_ = table_message(*name_, steps_.empty() ? table : steps_.back(), bt::admin::Table::SCHEMA_VIEW);
  next_step();
}

void ModifyColumnFamiliesCall::next_step() {
  if (done_ == steps_.size()) return end(Status());
  run([this](auto token) { state_.connection.admin().async_modify_table(steps_[done_], std::move(token)); },
      [this](const Result<void>& changed) {
        state_.schemas.forget(name_->table);
        if (!changed) return end(status_of(changed.error()));
        ++done_;
        next_step();
      });
}

// ---------------------------------------------------------------- consistency

void GenerateConsistencyTokenCall::start() {
  auto name = state_.names.table(request_.name());
  if (!name) return finish(name.error());
  response_.set_consistency_token(consistency_token(*name));
  run([this, table = name->table](auto token) { state_.connection.admin().async_table_exists(table, std::move(token)); },
      [this](const Result<bool>& exists) {
        if (!exists) return finish(status_of(exists.error()));
        if (!*exists) return finish({Code::not_found, "table \"" + request_.name() + "\" not found"});
        finish();
      });
}

void CheckConsistencyCall::start() {
  auto name = state_.names.table(request_.name());
  if (!name) return finish(name.error());
  if (request_.has_data_boost_read_local_writes()) return finish(unimplemented("data_boost_read_local_writes"));
  if (request_.consistency_token() != consistency_token(*name)) {
    return finish(invalid("token \"" + request_.consistency_token() + "\" not valid"));
  }
  response_.set_consistent(true);
  run([this, table = name->table](auto token) { state_.connection.admin().async_table_exists(table, std::move(token)); },
      [this](const Result<bool>& exists) {
        if (!exists) return finish(status_of(exists.error()));
        if (!*exists) return finish({Code::not_found, "table \"" + request_.name() + "\" not found"});
        finish();
      });
}

}  // namespace hbmux::gateway
