// Compactions: each region's server is asked for it.
#include "client/admin_actions.h"
#include "client/admin_schema.h"
#include "core/bytes.h"

#include <hbmux/pb/Admin.pb.h>
#include <hbmux/pb/HBase.pb.h>

#include <set>
#include <utility>

namespace hbmux::client {
namespace {

AdminTask<Result<void>> compact_region(AdminOperation& operation, RegionLocation location, std::string family, bool major) {
  if (!location.is_known()) {
    co_return Error(Errc::not_serving_region, "it is not on any server now").with_region(location.region->name());
  }
  pb::CompactRegionRequest request;
  request.mutable_region()->set_type(pb::RegionSpecifier::REGION_NAME);
  request.mutable_region()->set_value(location.region->name());
  request.set_major(major);
  if (!family.empty()) request.set_family(std::move(family));
  auto asked = co_await operation.ask_server<pb::CompactRegionResponse>(location.server.address, rpc::Service::admin, "CompactRegion",
                                                                        std::move(request));
  if (!asked) co_return Error(asked.error()).with_region(location.region->name());
  co_return Result<void>();
}

/// HBase leaves it to its servers, which pass over a family that they do not have.
AdminTask<Result<void>> check_target(AdminOperation& operation, TableName table, std::string family) {
  auto enabled = co_await check_enabled(operation, table);
  if (!enabled || family.empty()) co_return enabled;
  auto found = co_await describe_table(operation, table);
  if (!found) co_return found.error();
  if (!has_family(*found, ColumnFamilyDescriptor(family))) {
    co_return Error(Errc::no_such_column_family,
                    "table '" + table.to_string() + "' has no family '" + core::to_string_binary(family) + "'");
  }
  co_return Result<void>();
}

}  // namespace

AdminTask<Result<void>> compact_table(AdminOperation& operation, TableName table, std::string family, bool major) {
  const std::string what = (major ? "major compaction of table '" : "compaction of table '") + table.to_string() + "'";
  auto checked = co_await check_target(operation, table, family);
  if (!checked) co_return Error(checked.error()).with_context(what);
  auto retry = operation.new_retry();
  std::set<std::string> asked;  // by their names
  for (;;) {
    auto regions = co_await operation.regions(table);
    if (!regions) co_return Error(regions.error()).with_context(what);
    std::optional<Error> failed;
    for (const auto& location : *regions) {
      if (asked.contains(location.region->name())) continue;
      auto done = co_await compact_region(operation, location, family, major);
      if (done) {
        asked.insert(location.region->name());
      } else if (!failed) {
        failed = done.error();
      }
    }
    if (!failed) co_return Result<void>();
    auto again = co_await operation.before_retry(retry, std::move(*failed));
    if (!again) co_return Error(again.error()).with_context(what);
  }
}

}  // namespace hbmux::client
