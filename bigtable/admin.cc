#include "bigtable/admin.h"

#include "bigtable/family_rules.h"
#include "bigtable/headers.h"
#include "bigtable/locator.h"
#include "bigtable/table.h"
#include "bigtable/unary_operation.h"
#include "client/admin_schema.h"

#include "proto/hbmux/bt/paths.h"

#include <google/protobuf/empty.pb.h>

#include <algorithm>
#include <utility>

namespace hbmux::bigtable {
namespace {

namespace path = bt::path;
using Empty = google::protobuf::Empty;

std::string about(const char* verb, const TableName& table) { return std::string(verb) + " table '" + table.to_string() + "'"; }

/// Told as HBase tells it.
template <class T>
Error told(const Result<T>& answer) {
  return answer.error();
}

}  // namespace

CallPlan BigtableAdmin::plan(const char* call, std::string_view field, const std::string& name, bool repeats) const {
  const Settings& settings = connection_->settings();
  CallPlan plan;
  plan.path = call;
  plan.routing = routing_of(field, name);
  plan.service = Service::admin;
  plan.repeats = repeats;
  plan.policy = {settings.client.pause, settings.client.pause_overloaded, settings.client.retries, settings.client.operation_timeout,
                 // Making a table takes the service longer than a call for data may take.
                 std::max(settings.client.rpc_timeout, std::chrono::milliseconds(60'000))};
  if (settings.client.rpc_timeout.count() == 0) plan.policy.rpc_timeout = std::chrono::milliseconds(0);
  return plan;
}

template <class T>
std::string BigtableAdmin::name_or_end(const TableName& table, Done<T>& done) const {
  if (!own_user_) {
    end_soon(*connection_, std::move(done),
             Error(Errc::unsupported, "ClusterConnection::as: Bigtable knows its callers by their credentials, not by a name"));
    return {};
  }
  const auto& prefix = connection_->settings().client.table_prefix;
  auto name = connection_->full_name(prefix.empty() ? table : prefix.apply(table));
  if (name) return std::move(*name);
  end_soon(*connection_, std::move(done), name.error());
  return {};
}

void BigtableAdmin::start_create_table(TableDescriptor table, std::vector<std::string> split_keys, Done<void> done) const {
  const std::string name = name_or_end(table.name, done);
  if (name.empty()) return;
  if (auto checked = client::check(table); !checked) return end_soon(*connection_, std::move(done), checked.error());
  if (auto sorted = client::sort_split_keys(split_keys); !sorted) return end_soon(*connection_, std::move(done), sorted.error());
  const std::string& parent = connection_->settings().instance_name();
  bt::admin::CreateTableRequest request;
  request.set_parent(parent);
  request.set_table_id(name.substr(name.rfind('/') + 1));
  for (const auto& [attribute, value] : table.values) {
    if (attribute == "IS_META" && value == "false") continue;
    return end_soon(*connection_, std::move(done),
                    Error(Errc::unsupported, about("creating", table.name) + ": the attribute " + attribute +
                                                 ": Bigtable has nothing of the kind"));
  }
  for (const ColumnFamilyDescriptor& family : table.families) {
    auto message = family_message(family);
    if (!message) return end_soon(*connection_, std::move(done), Error(message.error()).with_context(about("creating", table.name)));
    (*request.mutable_table()->mutable_column_families())[family.name] = std::move(*message);
  }
  for (std::string& key : split_keys) request.add_initial_splits()->set_key(std::move(key));
  // A repeated attempt may find the table that the first one made.
  start_unary<bt::admin::Table>(connection_, plan(path::kCreateTable, "parent", parent, false), request, about("creating", table.name),
                                std::move(done.cancel), [finish = std::move(done.finish)](Result<bt::admin::Table> answer) mutable {
                                  finish(answer ? Result<void>() : told(answer));
                                });
}

void BigtableAdmin::start_delete_table(TableName table, Done<void> done) const {
  const std::string name = name_or_end(table, done);
  if (name.empty()) return;
  bt::admin::DeleteTableRequest request;
  request.set_name(name);
  start_unary<Empty>(connection_, plan(path::kDeleteTable, "name", name, false), request, about("deleting", table), std::move(done.cancel),
                     [finish = std::move(done.finish)](Result<Empty> answer) mutable { finish(answer ? Result<void>() : told(answer)); });
}

void BigtableAdmin::start_truncate_table(TableName table, bool, Done<void> done) const {
  const std::string name = name_or_end(table, done);
  if (name.empty()) return;
  bt::admin::DropRowRangeRequest request;
  request.set_name(name);
  request.set_delete_all_data_from_table(true);
  start_unary<Empty>(connection_, plan(path::kDropRowRange, "name", name, false), request, about("truncating", table),
                     std::move(done.cancel),
                     [finish = std::move(done.finish)](Result<Empty> answer) mutable { finish(answer ? Result<void>() : told(answer)); });
}

void BigtableAdmin::modify_families(const TableName& table, bt::admin::ModifyColumnFamiliesRequest request, Done<void> done) const {
  const std::string name = name_or_end(table, done);
  if (name.empty()) return;
  request.set_name(name);
  start_unary<bt::admin::Table>(connection_, plan(path::kModifyColumnFamilies, "name", name, false), request,
                                about("changing families of", table), std::move(done.cancel),
                                [finish = std::move(done.finish)](Result<bt::admin::Table> answer) mutable {
                                  finish(answer ? Result<void>() : told(answer));
                                });
}

void BigtableAdmin::start_add_column_family(TableName table, ColumnFamilyDescriptor family, Done<void> done) const {
  auto message = family_message(family);
  if (!message) return end_soon(*connection_, std::move(done), message.error());
  bt::admin::ModifyColumnFamiliesRequest request;
  auto& modification = *request.add_modifications();
  modification.set_id(family.name);
  *modification.mutable_create() = std::move(*message);
  modify_families(table, std::move(request), std::move(done));
}

void BigtableAdmin::start_modify_column_family(TableName table, ColumnFamilyDescriptor family, Done<void> done) const {
  auto message = family_message(family);
  if (!message) return end_soon(*connection_, std::move(done), message.error());
  bt::admin::ModifyColumnFamiliesRequest request;
  auto& modification = *request.add_modifications();
  modification.set_id(family.name);
  *modification.mutable_update() = std::move(*message);
  modify_families(table, std::move(request), std::move(done));
}

void BigtableAdmin::start_delete_column_family(TableName table, std::string family, Done<void> done) const {
  bt::admin::ModifyColumnFamiliesRequest request;
  auto& modification = *request.add_modifications();
  modification.set_id(std::move(family));
  modification.set_drop(true);
  modify_families(table, std::move(request), std::move(done));
}

void BigtableAdmin::start_modify_table(TableDescriptor table, Done<void> done) const {
  auto wanted = std::make_shared<bt::admin::Table>();
  if (auto checked = client::check(table); !checked) return end_soon(*connection_, std::move(done), checked.error());
  for (const ColumnFamilyDescriptor& family : table.families) {
    auto message = family_message(family);
    if (!message) return end_soon(*connection_, std::move(done), message.error());
    (*wanted->mutable_column_families())[family.name] = std::move(*message);
  }
  if (!table.values.empty()) {
    return end_soon(*connection_, std::move(done),
                    Error(Errc::unsupported, about("changing", table.name) + ": the attribute " + table.values.begin()->first +
                                                 ": Bigtable has nothing of the kind"));
  }
  Done<TableDescriptor> described;
  described.cancel = done.cancel;
  described.finish = [self = shared_from_this(), wanted, done = std::move(done)](Result<TableDescriptor> now) mutable {
    if (!now) return done.finish(now.error());
    bt::admin::ModifyColumnFamiliesRequest request;
    std::vector<std::string> known;
    for (const ColumnFamilyDescriptor& family : now->families) {
      auto& modification = *request.add_modifications();
      modification.set_id(family.name);
      known.push_back(family.name);
      const auto found = wanted->column_families().find(family.name);
      if (found == wanted->column_families().end()) {
        modification.set_drop(true);
      } else {
        *modification.mutable_update() = found->second;
      }
    }
    for (const auto& [name, family] : wanted->column_families()) {
      if (std::ranges::find(known, name) != known.end()) continue;
      auto& modification = *request.add_modifications();
      modification.set_id(name);
      *modification.mutable_create() = family;
    }
    self->modify_families(now->name, std::move(request), std::move(done));
  };
  start_describe_table(table.name, std::move(described));
}

void BigtableAdmin::start_table_exists(TableName table, Done<bool> done) const {
  Done<TableDescriptor> described;
  described.cancel = std::move(done.cancel);
  described.finish = [finish = std::move(done.finish)](Result<TableDescriptor> answer) mutable {
    if (answer) return finish(true);
    finish(answer.error().code() == Errc::table_not_found ? Result<bool>(false) : answer.error());
  };
  start_describe_table(std::move(table), std::move(described));
}

void BigtableAdmin::start_table_state(TableName table, Done<TableState> done) const {
  Done<TableDescriptor> described;
  described.cancel = std::move(done.cancel);
  described.finish = [finish = std::move(done.finish)](Result<TableDescriptor> answer) mutable {
    finish(answer ? Result<TableState>(TableState::enabled) : answer.error());
  };
  start_describe_table(std::move(table), std::move(described));
}

void BigtableAdmin::start_describe_table(TableName table, Done<TableDescriptor> done) const {
  const std::string name = name_or_end(table, done);
  if (name.empty()) return;
  bt::admin::GetTableRequest request;
  request.set_name(name);
  request.set_view(bt::admin::Table::SCHEMA_VIEW);
  start_unary<bt::admin::Table>(connection_, plan(path::kGetTable, "name", name, true), request, about("describing", table),
                                std::move(done.cancel),
                                [table, finish = std::move(done.finish)](Result<bt::admin::Table> answer) mutable {
                                  if (!answer) return finish(answer.error());
                                  TableDescriptor descriptor(std::move(table));
                                  for (const auto& [family, message] : answer->column_families()) {
                                    descriptor.family(family_from(family, message));
                                  }
                                  std::ranges::sort(descriptor.families, {}, &ColumnFamilyDescriptor::name);
                                  finish(std::move(descriptor));
                                });
}

void BigtableAdmin::start_list_tables(Done<std::vector<TableName>> done) const {
  if (!own_user_ && name_or_end(TableName(), done).empty()) return;
  list_page({}, std::make_shared<std::vector<TableName>>(), std::make_shared<Done<std::vector<TableName>>>(std::move(done)));
}

void BigtableAdmin::list_page(std::string page_token, std::shared_ptr<std::vector<TableName>> names,
                              std::shared_ptr<Done<std::vector<TableName>>> done) const {
  const std::string& parent = connection_->settings().instance_name();
  bt::admin::ListTablesRequest request;
  request.set_parent(parent);
  request.set_view(bt::admin::Table::NAME_ONLY);
  request.set_page_token(std::move(page_token));
  start_unary<bt::admin::ListTablesResponse>(
      connection_, plan(path::kListTables, "parent", parent, true), request, "listing tables", done->cancel,
      [self = shared_from_this(), names, done](Result<bt::admin::ListTablesResponse> answer) {
        if (!answer) return done->finish(answer.error());
        const auto& prefix = self->connection_->settings().client.table_prefix;
        for (const auto& table : answer->tables()) {
          auto name = TableName::parse(table.name().substr(table.name().rfind('/') + 1));
          if (!name) continue;  // Bigtable's names are HBase's too, but for some that nobody could ask for here
          if (auto known_as = prefix.strip(std::move(*name))) names->push_back(std::move(*known_as));
        }
        if (!answer->next_page_token().empty()) return self->list_page(answer->next_page_token(), names, done);
        std::ranges::sort(*names);
        done->finish(std::move(*names));
      });
}

void BigtableAdmin::start_regions(TableName table, Done<std::vector<RegionLocation>> done) const {
  BigtableTable::make(connection_, std::move(table), own_user_)->locator()->start_all(std::move(done));
}

}  // namespace hbmux::bigtable
