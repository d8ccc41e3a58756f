// Changing tables and their families: each is a procedure of the master.
#include "client/admin_actions.h"
#include "client/admin_procedure.h"
#include "client/admin_schema.h"
#include "core/bytes.h"

#include <hbmux/pb/Master.pb.h>

#include <algorithm>
#include <utility>

namespace hbmux::client {
namespace {

using Judge = core::UniqueFunction<bool(const TableDescriptor&)>;

AdminTask<Result<bool>> confirm_schema(AdminOperation& operation, TableName table, Judge& judge) {
  auto found = co_await describe_table(operation, std::move(table));
  if (!found) co_return found.error();
  co_return judge(*found);
}

/// Confirms that the table's descriptor is as `judge` wants it.
Confirm schema_is(TableName table, Judge judge) {
  return [table = std::move(table), judge = std::move(judge)](AdminOperation& operation) mutable {
    return confirm_schema(operation, table, judge);
  };
}

std::string changing(std::string_view verb, const std::string& family, const TableName& table) {
  return std::string(verb) + " family '" + core::to_string_binary(family) + "' of table '" + table.to_string() + "'";
}

}  // namespace

AdminTask<Result<void>> modify_table(AdminOperation& operation, TableDescriptor table) {
  if (auto legal = check(table); !legal) co_return legal.error();
  pb::ModifyTableRequest request;
  fill(*request.mutable_table_name(), table.name);
  fill(*request.mutable_table_schema(), table);
  std::string what = "modifying table '" + table.name.to_string() + "'";
  const std::uint32_t priority = priority_of(table.name);
  TableName name = table.name;
  Judge judge = [wanted = std::move(table)](const TableDescriptor& found) {
    return found.families.size() == wanted.families.size() &&
           std::all_of(wanted.families.begin(), wanted.families.end(), [&](const auto& family) { return has_family(found, family); }) &&
           std::includes(found.values.begin(), found.values.end(), wanted.values.begin(), wanted.values.end());
  };
  auto confirm = schema_is(std::move(name), std::move(judge));
  co_return co_await run_procedure<pb::ModifyTableResponse>(operation, "ModifyTable", std::move(request), priority, std::move(what),
                                                            std::move(confirm));
}

AdminTask<Result<void>> add_column_family(AdminOperation& operation, TableName table, ColumnFamilyDescriptor family) {
  if (auto legal = check(family); !legal) co_return legal.error();
  pb::AddColumnRequest request;
  fill(*request.mutable_table_name(), table);
  fill(*request.mutable_column_families(), family);
  std::string what = changing("adding", family.name, table);
  const std::uint32_t priority = priority_of(table);
  Judge judge = [wanted = std::move(family)](const TableDescriptor& found) { return has_family(found, wanted); };
  auto confirm = schema_is(std::move(table), std::move(judge));
  co_return co_await run_procedure<pb::AddColumnResponse>(operation, "AddColumn", std::move(request), priority, std::move(what),
                                                          std::move(confirm));
}

AdminTask<Result<void>> modify_column_family(AdminOperation& operation, TableName table, ColumnFamilyDescriptor family) {
  if (auto legal = check(family); !legal) co_return legal.error();
  pb::ModifyColumnRequest request;
  fill(*request.mutable_table_name(), table);
  fill(*request.mutable_column_families(), family);
  std::string what = changing("modifying", family.name, table);
  const std::uint32_t priority = priority_of(table);
  Judge judge = [wanted = std::move(family)](const TableDescriptor& found) { return has_family(found, wanted); };
  auto confirm = schema_is(std::move(table), std::move(judge));
  co_return co_await run_procedure<pb::ModifyColumnResponse>(operation, "ModifyColumn", std::move(request), priority, std::move(what),
                                                             std::move(confirm));
}

AdminTask<Result<void>> delete_column_family(AdminOperation& operation, TableName table, std::string family) {
  pb::DeleteColumnRequest request;
  fill(*request.mutable_table_name(), table);
  request.set_column_name(family);
  std::string what = changing("deleting", family, table);
  const std::uint32_t priority = priority_of(table);
  Judge judge = [family = std::move(family)](const TableDescriptor& found) {
    return std::none_of(found.families.begin(), found.families.end(), [&](const auto& other) { return other.name == family; });
  };
  auto confirm = schema_is(std::move(table), std::move(judge));
  co_return co_await run_procedure<pb::DeleteColumnResponse>(operation, "DeleteColumn", std::move(request), priority, std::move(what),
                                                             std::move(confirm));
}

}  // namespace hbmux::client
