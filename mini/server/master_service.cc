// MasterService: the master's calls, decoded.
#include "core/bytes.h"
#include "core/region_name.h"
#include "mini/server/master.h"

#include <hbmux/pb/Master.pb.h>

#include <boost/regex.hpp>

namespace hbmux::mini {

using Lock = std::lock_guard<std::recursive_mutex>;

namespace {

RemoteException table_not_found(const pb::TableName& table) {
  return exceptions::table_not_found(table_name_of(table));
}

}  // namespace

Reply Master::master_service(Call& call) {
  bool known = true;
  Reply reply = table_call(call, known);
  if (!known) reply = schema_call(call, known);
  if (!known) reply = region_call(call, known);
  if (!known) reply = namespace_call(call, known);
  if (!known) reply = status_call(call, known);
  if (!known) reply = chore_call(call, known);
  if (!known) reply = absent_call(call, known);
  if (known) return reply;
  return exceptions::unsupported("MasterService." + std::string(call.method) +
                                 " is not supported by the embedded cluster");
}

Reply Master::table_call(Call& call, bool& known) {
  known = true;
  // Each of these is a procedure in HBase; here it is done when the call returns, and finished for its client a little
  // later if that is configured.
  auto procedure = [this](auto& response, Answer<void> done) {
    if (done) {
      const Lock lock(mutex_);
      response.set_proc_id(begin_procedure());
    }
    return done;
  };
  if (call.method == "CreateTable") {
    return serve<pb::CreateTableRequest, pb::CreateTableResponse>(call, [&](auto& request, auto& response) {
      return procedure(
          response, create_table(request.table_schema(), {request.split_keys().begin(), request.split_keys().end()}));
    });
  }
  if (call.method == "DeleteTable") {
    return serve<pb::DeleteTableRequest, pb::DeleteTableResponse>(call, [&](auto& request, auto& response) {
      return procedure(response, delete_table(table_name_of(request.table_name())));
    });
  }
  if (call.method == "truncateTable") {
    return serve<pb::TruncateTableRequest, pb::TruncateTableResponse>(call, [&](auto& request, auto& response) {
      return procedure(response, truncate_table(table_name_of(request.tablename()), request.preservesplits()));
    });
  }
  if (call.method == "EnableTable") {
    return serve<pb::EnableTableRequest, pb::EnableTableResponse>(
        call, [&](auto& request, auto& response) -> Answer<void> {
          // That a table cannot be enabled is found out by the procedure, and told with its result.
          const Answer<void> done = enable_table(table_name_of(request.table_name()));
          const Lock lock(mutex_);
          response.set_proc_id(done ? begin_procedure() : begin_procedure(done.error()));
          return {};
        });
  }
  if (call.method == "DisableTable") {
    return serve<pb::DisableTableRequest, pb::DisableTableResponse>(call, [&](auto& request, auto& response) {
      return procedure(response, disable_table(table_name_of(request.table_name())));
    });
  }
  if (call.method == "ModifyTable") {
    return serve<pb::ModifyTableRequest, pb::ModifyTableResponse>(
        call, [&](auto& request, auto& response) { return procedure(response, modify_table(request.table_schema())); });
  }
  if (call.method == "FlushTable") {
    return serve<pb::FlushTableRequest, pb::FlushTableResponse>(call, [&](auto& request, auto& response) {
      return procedure(response, flush_table(table_name_of(request.table_name())));
    });
  }
  if (call.method == "ExecProcedure") {  // how clients before 2.6 flush a table
    return serve<pb::ExecProcedureRequest, pb::ExecProcedureResponse>(
        call, [&](auto& request, auto& response) -> Answer<void> {
          if (request.procedure().signature() != "flush-table-proc") {
            return exceptions::io("The procedure is not registered: " + request.procedure().signature());
          }
          response.set_expected_timeout(60'000);
          return flush_table(request.procedure().instance());
        });
  }
  if (call.method == "IsProcedureDone") {
    return serve<pb::IsProcedureDoneRequest, pb::IsProcedureDoneResponse>(call,
                                                                          [](auto&, auto& response) -> Answer<void> {
                                                                            response.set_done(true);
                                                                            return {};
                                                                          });
  }
  if (call.method == "getProcedureResult") {
    return serve<pb::GetProcedureResultRequest, pb::GetProcedureResultResponse>(
        call, [&](auto& request, auto& response) -> Answer<void> {
          const Lock lock(mutex_);
          const auto found = procedures_.find(request.proc_id());
          if (found == procedures_.end()) {
            response.set_state(pb::GetProcedureResultResponse::NOT_FOUND);
            return {};
          }
          const bool running = call.now < found->second.finishes;
          response.set_state(running ? pb::GetProcedureResultResponse::RUNNING
                                     : pb::GetProcedureResultResponse::FINISHED);
          response.set_submitted_time(static_cast<std::uint64_t>(found->second.submitted));
          response.set_last_update(
              static_cast<std::uint64_t>(running ? found->second.submitted : found->second.finishes));
          if (!running && found->second.failure) {
            auto& exception = *response.mutable_exception();
            exception.set_source("pid=" + std::to_string(request.proc_id()));
            exception.mutable_generic_exception()->set_class_name(found->second.failure->class_name);
            exception.mutable_generic_exception()->set_message(found->second.failure->message);
          }
          return {};
        });
  }
  known = false;
  return exceptions::unsupported({});
}

Reply Master::schema_call(Call& call, bool& known) {
  known = true;
  auto change = [this](const pb::TableName& name, auto& response, auto&& edit) -> Answer<void> {
    const Lock lock(mutex_);
    Table* table = find_table(table_name_of(name));
    if (table == nullptr) return table_not_found(name);
    pb::TableSchema schema = table->schema;
    if (Answer<void> edited = edit(schema); !edited) return edited;
    if (Answer<void> done = modify_table(std::move(schema)); !done) return done;
    response.set_proc_id(begin_procedure());
    return {};
  };
  auto position = [](const pb::TableSchema& schema, std::string_view family) {
    int i = 0;
    while (i < schema.column_families_size() && schema.column_families(i).name() != family) ++i;
    return i;
  };
  auto missing = [](std::string_view family, std::string_view verb) {
    return exceptions::of("org.apache.hadoop.hbase.InvalidFamilyOperationException",
                          "Family '" + std::string(family) + "' does not exist, so it cannot be " + std::string(verb),
                          true);
  };
  if (call.method == "AddColumn") {
    return serve<pb::AddColumnRequest, pb::AddColumnResponse>(call, [&](auto& request, auto& response) {
      return change(request.table_name(), response, [&](pb::TableSchema& schema) -> Answer<void> {
        if (position(schema, request.column_families().name()) < schema.column_families_size()) {
          return exceptions::of("org.apache.hadoop.hbase.InvalidFamilyOperationException",
                                "Column family '" + request.column_families().name() + "' in table '" +
                                    table_name_of(request.table_name()) + "' already exists so cannot be added",
                                true);
        }
        *schema.add_column_families() = request.column_families();
        return {};
      });
    });
  }
  if (call.method == "DeleteColumn") {
    return serve<pb::DeleteColumnRequest, pb::DeleteColumnResponse>(call, [&](auto& request, auto& response) {
      return change(request.table_name(), response, [&](pb::TableSchema& schema) -> Answer<void> {
        const int at = position(schema, request.column_name());
        if (at == schema.column_families_size()) return missing(request.column_name(), "deleted");
        if (schema.column_families_size() == 1) {
          return exceptions::of(
              "org.apache.hadoop.hbase.InvalidFamilyOperationException",
              "Family '" + request.column_name() + "' is the only column family in the table, so it cannot be deleted",
              true);
        }
        schema.mutable_column_families()->DeleteSubrange(at, 1);
        return {};
      });
    });
  }
  if (call.method == "ModifyColumn") {
    return serve<pb::ModifyColumnRequest, pb::ModifyColumnResponse>(call, [&](auto& request, auto& response) {
      return change(request.table_name(), response, [&](pb::TableSchema& schema) -> Answer<void> {
        const int at = position(schema, request.column_families().name());
        if (at == schema.column_families_size()) return missing(request.column_families().name(), "modified");
        *schema.mutable_column_families(at) = request.column_families();
        return {};
      });
    });
  }
  if (call.method == "GetTableDescriptors") {
    return serve<pb::GetTableDescriptorsRequest, pb::GetTableDescriptorsResponse>(
        call, [&](auto& request, auto& response) -> Answer<void> {
          const Lock lock(mutex_);
          if (request.table_names_size() > 0) {
            for (const auto& name : request.table_names()) {
              if (const Table* table = find_table(table_name_of(name))) *response.add_table_schema() = table->schema;
            }
            return {};
          }
          auto names =
              matching_tables(request.regex(), request.has_regex(), request.include_sys_tables(), request.namespace_());
          if (!names) return names.error();
          for (const std::string& name : *names) *response.add_table_schema() = find_table(name)->schema;
          return {};
        });
  }
  if (call.method == "GetTableNames") {
    return serve<pb::GetTableNamesRequest, pb::GetTableNamesResponse>(
        call, [&](auto& request, auto& response) -> Answer<void> {
          const Lock lock(mutex_);
          auto names =
              matching_tables(request.regex(), request.has_regex(), request.include_sys_tables(), request.namespace_());
          if (!names) return names.error();
          for (const std::string& name : *names) *response.add_table_names() = table_name_message(name);
          return {};
        });
  }
  if (call.method == "ListTableNamesByState" || call.method == "ListTableDescriptorsByState") {
    const bool names_only = call.method == "ListTableNamesByState";
    static thread_local pb::ListTableNamesByStateRequest request;
    static thread_local pb::ListTableNamesByStateResponse names;
    static thread_local pb::ListTableDescriptorsByStateResponse schemas;
    if (!call.parse(request)) return malformed_request();
    names.Clear();
    schemas.Clear();
    const Lock lock(mutex_);
    for (const auto& [name, table] : tables_) {
      if ((table.state == TableState::enabled) != request.is_enabled()) continue;
      *names.add_table_names() = table_name_message(name);
      *schemas.add_table_schema() = table.schema;
    }
    if (names_only) return &names;
    return &schemas;
  }
  if (call.method == "GetSchemaAlterStatus") {
    return serve<pb::GetSchemaAlterStatusRequest, pb::GetSchemaAlterStatusResponse>(
        call, [&](auto& request, auto& response) -> Answer<void> {
          const Lock lock(mutex_);
          const Table* table = find_table(table_name_of(request.table_name()));
          if (table == nullptr) return table_not_found(request.table_name());
          response.set_yet_to_update_regions(0);
          response.set_total_regions(static_cast<std::uint32_t>(table->regions.size()));
          return {};
        });
  }
  if (call.method == "GetTableState") {
    return serve<pb::GetTableStateRequest, pb::GetTableStateResponse>(
        call, [&](auto& request, auto& response) -> Answer<void> {
          const Lock lock(mutex_);
          const Table* table = find_table(table_name_of(request.table_name()));
          if (table == nullptr) return table_not_found(request.table_name());
          response.mutable_table_state()->set_state(static_cast<pb::TableState::State>(table->state));
          return {};
        });
  }
  known = false;
  return exceptions::unsupported({});
}

Answer<std::vector<std::string>> Master::matching_tables(std::string_view regex, bool has_regex, bool system_tables,
                                                         std::string_view name_space) const {
  std::vector<std::string> names;
  try {
    const boost::regex pattern(has_regex ? std::string(regex) : std::string(".*"));
    for (const auto& [name, table] : tables_) {
      const std::string_view own = table.schema.table_name().namespace_();
      if (own == "hbase" && !system_tables) continue;
      if (!name_space.empty() && own != name_space) continue;
      if (has_regex && !boost::regex_match(name, pattern)) continue;
      names.push_back(name);
    }
  } catch (const std::runtime_error& e) {
    return exceptions::do_not_retry("Bad regular expression: " + std::string(e.what()));
  }
  return names;
}

std::string Master::encoded_name(const pb::RegionSpecifier& specifier) {
  if (specifier.type() == pb::RegionSpecifier::ENCODED_REGION_NAME) return specifier.value();
  return std::string(core::encoded_region_name(specifier.value()));
}

}  // namespace hbmux::mini
