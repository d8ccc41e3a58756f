// Making, ending and switching tables: each is a procedure of the master.
#include "client/admin_actions.h"
#include "client/admin_procedure.h"
#include "client/admin_schema.h"

#include <hbmux/pb/Master.pb.h>

#include <algorithm>
#include <utility>

namespace hbmux::client {
namespace {

using core::TableStateCode;

/// The procedure's end is not always the moment when hbase:meta shows all regions on servers.
AdminTask<Result<void>> wait_until_online(AdminOperation& operation, TableName table, std::size_t regions_min,
                                          std::string what) {
  for (int attempt = 1;; ++attempt) {
    auto regions = co_await operation.regions(table);
    if (!regions && regions.error().code() != Errc::table_not_found) co_return regions.error();
    std::size_t online = 0, all = 0;
    if (regions) {
      all = regions->size();
      online = static_cast<std::size_t>(
          std::count_if(regions->begin(), regions->end(), [](const auto& r) { return r.is_known(); }));
    }
    if (online == all && all >= regions_min) co_return Result<void>();
    const auto rest = polling_pause(operation, attempt);
    if (operation.now() + rest >= operation.deadline()) {
      co_return Error(Errc::timed_out, what + ": it is done, but only " + std::to_string(online) + " of " +
                                           std::to_string(std::max(all, regions_min)) +
                                           " regions are on a server, and time is up");
    }
    auto waited = co_await operation.pause(rest);
    if (!waited) co_return waited.error();
  }
}

}  // namespace

AdminTask<Result<void>> create_table(AdminOperation& operation, TableDescriptor table,
                                     std::vector<std::string> split_keys) {
  if (auto legal = check(table); !legal) co_return legal.error();
  if (auto sorted = sort_split_keys(split_keys); !sorted) co_return sorted.error();
  const std::size_t regions = split_keys.size() + 1;
  const std::string what = "creating table '" + table.name.to_string() + "'";
  pb::CreateTableRequest request;
  fill(*request.mutable_table_schema(), table);
  for (auto& key : split_keys) request.add_split_keys(std::move(key));
  auto confirm = table_is(table.name, TableStateCode::enabled);
  auto created = co_await run_procedure<pb::CreateTableResponse>(operation, "CreateTable", std::move(request), priority_of(table.name), what,
                                                                 std::move(confirm));
  if (!created) co_return created.error();
  co_return co_await wait_until_online(operation, table.name, regions, what);
}

AdminTask<Result<void>> delete_table(AdminOperation& operation, TableName table) {
  pb::DeleteTableRequest request;
  fill(*request.mutable_table_name(), table);
  const std::string what = "deleting table '" + table.to_string() + "'";
  auto confirm = table_is(table, std::nullopt);
  co_return co_await run_procedure<pb::DeleteTableResponse>(operation, "DeleteTable", std::move(request), priority_of(table), what,
                                                            std::move(confirm));
}

AdminTask<Result<void>> truncate_table(AdminOperation& operation, TableName table, bool preserve_splits) {
  pb::TruncateTableRequest request;
  fill(*request.mutable_tablename(), table);
  request.set_preservesplits(preserve_splits);
  const std::string what = "truncating table '" + table.to_string() + "'";
  auto confirm = table_is(table, TableStateCode::enabled);
  auto truncated = co_await run_procedure<pb::TruncateTableResponse>(operation, "truncateTable", std::move(request), priority_of(table), what,
                                                                     std::move(confirm));
  if (!truncated) co_return truncated.error();
  co_return co_await wait_until_online(operation, table, 1, what);
}

AdminTask<Result<void>> enable_table(AdminOperation& operation, TableName table) {
  pb::EnableTableRequest request;
  fill(*request.mutable_table_name(), table);
  const std::string what = "enabling table '" + table.to_string() + "'";
  auto confirm = table_is(table, TableStateCode::enabled);
  auto enabled = co_await run_procedure<pb::EnableTableResponse>(operation, "EnableTable", std::move(request), priority_of(table), what,
                                                                 std::move(confirm));
  if (!enabled) co_return enabled.error();
  co_return co_await wait_until_online(operation, table, 1, what);
}

AdminTask<Result<void>> disable_table(AdminOperation& operation, TableName table) {
  pb::DisableTableRequest request;
  fill(*request.mutable_table_name(), table);
  const std::string what = "disabling table '" + table.to_string() + "'";
  auto confirm = table_is(table, TableStateCode::disabled);
  co_return co_await run_procedure<pb::DisableTableResponse>(operation, "DisableTable", std::move(request), priority_of(table), what,
                                                             std::move(confirm));
}

}  // namespace hbmux::client
