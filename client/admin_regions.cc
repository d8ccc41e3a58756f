// What is done to regions: flush, split, move.
#include "client/admin_actions.h"
#include "client/admin_procedure.h"
#include "client/admin_schema.h"
#include "core/bytes.h"
#include "core/region_name.h"

#include <hbmux/pb/Master.pb.h>

#include <algorithm>
#include <utility>

namespace hbmux::client {
namespace {

using core::MetaRow;
using core::TableStateCode;

constexpr std::string_view kFlushSignature = "flush-table-proc";  // MasterFlushTableProcedureManager.java

// --- Flush.

/// What a master before 2.6 says to FlushTable, and a newer one whose hbase.flush.procedure.enabled is false.
bool is_unsupported(const Error& error) {
  const std::string& text = error.exception_message();
  return error.do_not_retry() && (text.find("UnsupportedOperationException") != std::string::npos ||
                                  text.find("FlushTableProcedureV2 is DISABLED") != std::string::npos);
}

pb::ProcedureDescription flush_description(const TableName& table) {
  pb::ProcedureDescription description;
  description.set_signature(std::string(kFlushSignature));
  description.set_instance(table.to_string());
  return description;
}

/// How it was done before HBase 2.6: a procedure of the older kind, that is known by the table's name.
AdminTask<Result<void>> flush_by_name(AdminOperation& operation, TableName table, std::string what) {
  auto enabled = co_await check_enabled(operation, table);  // the procedure itself would not tell it well
  if (!enabled) co_return Error(enabled.error()).with_context(what);
  pb::ExecProcedureRequest request;
  *request.mutable_procedure() = flush_description(table);
  auto begun = co_await operation.ask_master<pb::ExecProcedureResponse>("ExecProcedure", std::move(request));
  if (!begun) co_return Error(begun.error()).with_context(what);
  const auto give_up = std::min(
      operation.deadline(),
      operation.now() + std::chrono::milliseconds(std::clamp<std::int64_t>(begun->expected_timeout(), 0, 86'400'000)));
  for (int attempt = 1;; ++attempt) {
    pb::IsProcedureDoneRequest question;
    *question.mutable_procedure() = flush_description(table);
    auto answer = co_await operation.ask_master<pb::IsProcedureDoneResponse>("IsProcedureDone", std::move(question));
    if (!answer) co_return Error(answer.error()).with_context(what);
    if (answer->done()) co_return Result<void>();
    const auto rest = polling_pause(operation, attempt);
    if (operation.now() + rest >= give_up) co_return Error(Errc::timed_out, what + ": the master is still at it");
    auto waited = co_await operation.pause(rest);
    if (!waited) co_return waited.error();
  }
}

// --- Finding a region by its name.

bool is_encoded_name(std::string_view name) {
  return name.size() == 32 && name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Error no_such_region(std::string_view name) {
  return Error(Errc::invalid_argument, "region '" + core::to_string_binary(name) + "' is not in hbase:meta");
}

/// By its full name, which is the row's key.
AdminTask<Result<MetaRow>> find_by_full_name(AdminOperation& operation, std::string name) {
  core::RegionNameParts parts;
  if (!core::parse_region_name(name, parts) || parts.table == core::kMetaTable) {
    co_return Error(Errc::invalid_argument,
                    "'" + core::to_string_binary(name) + "' is not the name of a user's region");
  }
  if (parts.replica != 0) {
    co_return Error(Errc::invalid_argument,
                    "region '" + core::to_string_binary(name) + "' is a read replica: name the primary");
  }
  MetaQuery query;
  query.start_row = query.stop_row = name;
  query.include_stop_row = true;
  query.family = core::kMetaFamily;
  auto page = co_await operation.read_meta_rows(std::move(query));
  if (!page) co_return page.error();
  std::shared_ptr<const TableName> table;
  for (const Row& row : page->rows) {
    auto meta = core::parse_meta_row(row, table);
    if (!meta) co_return meta.error();
    if (meta->region) co_return std::move(meta);
  }
  co_return no_such_region(name);
}

/// By its encoded name: nothing but reading all of hbase:meta helps, as in Java.
AdminTask<Result<MetaRow>> find_by_encoded_name(AdminOperation& operation, std::string name) {
  MetaQuery query;
  query.family = core::kMetaFamily;
  query.limit = static_cast<std::uint32_t>(std::max(100, operation.connection().settings().meta_scanner_caching));
  std::shared_ptr<const TableName> table;
  for (;;) {
    auto page = co_await operation.read_meta_rows(query);
    if (!page) co_return page.error();
    for (const Row& row : page->rows) {
      auto meta = core::parse_meta_row(row, table);
      // A row that cannot be read is somebody else's concern, unless it is the one.
      if (meta && meta->region && meta->region->encoded_name() == name) co_return std::move(meta);
    }
    if (!page->more) co_return no_such_region(name);
    query.start_row = page->rows.back().row();
    query.include_start_row = false;
  }
}

AdminTask<Result<MetaRow>> find_region(AdminOperation& operation, std::string name) {
  if (is_encoded_name(name)) co_return co_await find_by_encoded_name(operation, std::move(name));
  co_return co_await find_by_full_name(operation, std::move(name));
}

void fill_region(pb::RegionInfo& message, const RegionInfo& region) {
  fill(*message.mutable_table_name(), region.table());
  message.set_region_id(region.region_id());
  message.set_start_key(std::string(region.start_key()));
  message.set_end_key(std::string(region.end_key()));
  message.set_offline(region.is_offline());
  message.set_split(region.is_split());
  message.set_replica_id(region.replica_id());
}

/// The parent has given its place to its daughters, and may be cleaned away already.
AdminTask<Result<bool>> confirm_split(AdminOperation& operation, std::string region) {
  auto found = co_await find_by_full_name(operation, region);
  if (found) co_return found->state == MetaRow::State::split_parent;
  if (found.error().code() == Errc::invalid_argument) co_return true;
  co_return found.error();
}

}  // namespace

AdminTask<Result<void>> flush_table(AdminOperation& operation, TableName table) {
  std::string what = "flushing table '" + table.to_string() + "'";
  pb::FlushTableRequest request;
  fill(*request.mutable_table_name(), table);
  request.set_nonce_group(operation.connection().nonce_group());
  request.set_nonce(operation.connection().next_nonce());
  auto submitted =
      co_await operation.ask_master<pb::FlushTableResponse>("FlushTable", std::move(request), priority_of(table));
  if (!submitted) {
    if (is_unsupported(submitted.error()))
      co_return co_await flush_by_name(operation, std::move(table), std::move(what));
    co_return Error(submitted.error()).with_context(what);
  }
  // A procedure that the master has forgotten has ended: a flush leaves nothing by which it could be told.
  Confirm confirm = [](AdminOperation&) -> AdminTask<Result<bool>> { co_return true; };
  co_return co_await wait_for_procedure(operation, submitted->proc_id(), std::move(what), std::move(confirm));
}

AdminTask<Result<void>> split_region(AdminOperation& operation, std::string name, std::string row) {
  std::string what = "splitting region '" + core::to_string_binary(name) + "'";
  auto found = co_await find_region(operation, std::move(name));
  if (!found) co_return Error(found.error()).with_context(what);
  const RegionInfo& region = *found->region;
  if (found->state == MetaRow::State::no_server || found->state == MetaRow::State::offline) {
    co_return Error(Errc::not_serving_region, what + ": it is not on any server now").with_region(region.name());
  }
  if (!row.empty() && row == region.start_key()) {
    co_return Error(Errc::invalid_argument, what + ": the row to split at is the region's first row");
  }
  if (!row.empty() && !region.contains(row)) {
    co_return Error(Errc::invalid_argument,
                    what + ": the row to split at, '" + core::to_string_binary(row) + "', is not in it");
  }
  pb::SplitTableRegionRequest request;
  fill_region(*request.mutable_region_info(), region);
  if (!row.empty())
    request.set_split_row(std::move(row));  // without one the master asks the region server for the middle
  request.set_nonce_group(operation.connection().nonce_group());
  request.set_nonce(operation.connection().next_nonce());
  auto submitted = co_await operation.ask_master<pb::SplitTableRegionResponse>("SplitRegion", std::move(request),
                                                                               priority_of(region.table()));
  if (!submitted) co_return Error(submitted.error()).with_context(what);
  Confirm confirm = [parent = region.name()](AdminOperation& o) { return confirm_split(o, parent); };
  co_return co_await wait_for_procedure(operation, submitted->proc_id(), std::move(what), std::move(confirm));
}

AdminTask<Result<void>> move_region(AdminOperation& operation, std::string name,
                                    std::optional<ServerName> destination) {
  const std::string what = "moving region '" + core::to_string_binary(name) + "'";
  const std::string_view encoded = is_encoded_name(name) ? std::string_view(name) : core::encoded_region_name(name);
  if (encoded.empty()) co_return Error(Errc::invalid_argument, what + ": that is not the name of a region");
  pb::MoveRegionRequest request;
  request.mutable_region()->set_type(pb::RegionSpecifier::ENCODED_REGION_NAME);
  request.mutable_region()->set_value(std::string(encoded));
  if (destination) {
    auto& server = *request.mutable_dest_server_name();
    server.set_host_name(destination->address.host);
    server.set_port(destination->address.port);
    if (destination->start_code >= 0) server.set_start_code(static_cast<std::uint64_t>(destination->start_code));
  }
  // The master answers when the region has moved.
  auto moved = co_await operation.ask_master<pb::MoveRegionResponse>("MoveRegion", std::move(request));
  if (!moved) co_return Error(moved.error()).with_context(what);
  co_return Result<void>();
}

}  // namespace hbmux::client
