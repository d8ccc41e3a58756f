// create, drop, list, describe, status: tables and the cluster.
#include "cli/grid.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/text.h"
#include "core/bytes.h"

#include <hbmux/admin.h>

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>
#include <regex>

namespace hbmux::cli {
namespace {

struct TableArguments {
  std::string table;
  std::vector<std::string> families;
  std::vector<std::string> splits;
  std::string pattern;
  bool yes = false;
  bool if_exists = false;
  bool regions = false;
};

/// "info" or "info,VERSIONS=3,TTL=86400"
ColumnFamilyDescriptor parse_family(std::string_view text) {
  auto next = [&text] {
    std::size_t comma = std::min(text.find(','), text.size());
    std::string_view part = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    return part;
  };
  ColumnFamilyDescriptor family(core::from_string_binary(next()));
  while (!text.empty()) {
    std::string_view pair = next();
    std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      throw Exception(Error(Errc::invalid_argument,
                            "\"" + std::string(pair) + "\" in a family: expected NAME=VALUE, as in info,VERSIONS=3"));
    }
    family.values[std::string(pair.substr(0, equals))] = pair.substr(equals + 1);
  }
  return family;
}

ExitCode create(Session& session, const TableArguments& arguments) {
  TableDescriptor table(TableName::parse(arguments.table).value());
  for (const std::string& family : arguments.families) table.family(parse_family(family));
  std::vector<std::string> splits;
  for (const std::string& key : arguments.splits) splits.push_back(core::from_string_binary(key));
  session.admin().create_table(std::move(table), std::move(splits)).value();
  return ExitCode::ok;
}

bool confirmed(const TableArguments& arguments) {
  if (arguments.yes) return true;
  if (!stderr_is_terminal()) {
    throw Exception(
        Error(Errc::invalid_argument, "drop deletes all data of the table: say --yes where nobody can be asked"));
  }
  std::cerr << "Delete table " << arguments.table << " with all its data? Type its name to go on: ";
  std::string answer;
  std::getline(std::cin, answer);
  return answer == arguments.table;
}

ExitCode drop(Session& session, const TableArguments& arguments) {
  TableName table = TableName::parse(arguments.table).value();
  Admin admin = session.admin();
  if (arguments.if_exists && !admin.table_exists(table).value()) return ExitCode::ok;
  if (!confirmed(arguments)) return ExitCode::no;
  auto disabled = admin.disable_table(table);
  if (!disabled && disabled.error().code() != Errc::table_not_enabled) disabled.value();
  admin.delete_table(table).value();
  return ExitCode::ok;
}

ExitCode list(Session& session, const TableArguments& arguments) {
  std::regex pattern;
  try {
    pattern.assign(arguments.pattern.empty() ? ".*" : arguments.pattern);
  } catch (const std::regex_error& problem) {
    throw Exception(
        Error(Errc::invalid_argument, "\"" + arguments.pattern + "\" is no regular expression: " + problem.what()));
  }
  Grid grid({"table"});
  for (const TableName& name : session.admin().list_tables().value()) {
    if (std::regex_search(name.to_string(), pattern)) grid.add({name.to_string()});
  }
  // Bare names: what a loop in a shell wants, and pleasant enough for a reader.
  grid.print(std::cout, session.options.format, Grid::Titles::hidden);
  return ExitCode::ok;
}

std::string join(const std::map<std::string, std::string>& values) {
  std::string out;
  for (const auto& [name, value] : values) {
    out += (out.empty() ? "" : ", ") + core::to_string_binary(name) + '=' + core::to_string_binary(value);
  }
  return out;
}

std::string_view state_text(TableState state) noexcept {
  switch (state) {
    case TableState::enabled: return "enabled";
    case TableState::disabled: return "disabled";
    case TableState::disabling: return "disabling";
    case TableState::enabling: return "enabling";
  }
  return "unknown";
}

ExitCode describe(Session& session, const TableArguments& arguments) {
  TableName name = TableName::parse(arguments.table).value();
  Admin admin = session.admin();
  TableDescriptor table = admin.describe_table(name).value();
  TableState state = admin.table_state(name).value();
  Format format = session.options.format;
  if (format == Format::table) {
    std::cout << "Table " << name.to_string() << ", " << state_text(state);
    if (!table.values.empty()) std::cout << ": " << join(table.values);
    std::cout << "\n\n";
  }
  if (arguments.regions) {
    Grid grid({"region", "start_key", "end_key", "server"});
    for (const RegionLocation& location : admin.regions(name).value()) {
      const RegionInfo& region = *location.region;
      grid.add({std::string(region.encoded_name()), core::to_string_binary(region.start_key()),
                core::to_string_binary(region.end_key()),
                location.is_known() ? location.server.address.to_string() : "-"});
    }
    grid.print(std::cout, format);
    return ExitCode::ok;
  }
  Grid grid({"family", "attributes", "configuration"});
  for (const ColumnFamilyDescriptor& family : table.families) {
    grid.add({core::to_string_binary(family.name), join(family.values), join(family.configuration)});
  }
  grid.print(std::cout, format);
  return ExitCode::ok;
}

ExitCode status(Session& session) {
  ClusterStatus status = session.admin().cluster_status().value();
  if (session.options.format == Format::table) {
    std::cout << "HBase " << status.hbase_version << ", cluster " << status.cluster_id << '\n'
              << "master " << status.master.address.to_string() << ", " << status.backup_masters.size()
              << " in reserve; " << status.live_servers.size() << " region servers live, " << status.dead_servers.size()
              << " dead; " << status.regions_in_transition << " regions in transition";
    if (status.balancer_on) std::cout << "; balancer " << (*status.balancer_on ? "on" : "off");
    std::cout << "\n\n";
  }
  Grid grid({"server", "state", "regions", "requests_per_second", "heap_used_mb", "heap_max_mb"});
  for (const RegionServerStatus& server : status.live_servers) {
    grid.add({server.name.to_string(), "live", std::uint64_t{server.regions}, server.requests_per_second,
              server.used_heap_mb, server.max_heap_mb});
  }
  for (const ServerName& server : status.dead_servers) {
    grid.add({server.to_string(), "dead", std::uint64_t{0}, std::uint64_t{0}, std::uint64_t{0}, std::uint64_t{0}});
  }
  grid.print(std::cout, session.options.format);
  return ExitCode::ok;
}

}  // namespace

void add_admin_commands(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<TableArguments>();
  auto command = [&](const std::string& name, const std::string& help,
                     ExitCode (*run)(Session&, const TableArguments&)) {
    auto* added = app.add_subcommand(name, help);
    added->callback(
        [&session, arguments, run] { session.run = [&session, arguments, run] { return run(session, *arguments); }; });
    return added;
  };
  auto needs_table = [&](CLI::App* added) {
    added->add_option("table", arguments->table, "Table: name or namespace:name")->required()->type_name("");
  };

  auto* create_command = command("create", "Make a table", create);
  needs_table(create_command);
  create_command
      ->add_option("families", arguments->families, "Families: info, or with attributes info,VERSIONS=3,TTL=86400")
      ->required()
      ->type_name("");
  create_command->add_option("--split", arguments->splits, "A key at which a region begins; may be given several times")
      ->type_name("KEY")
      ->allow_extra_args(false);

  auto* drop_command = command("drop", "Disable and delete a table with all its data", drop);
  needs_table(drop_command);
  drop_command->add_flag("--yes", arguments->yes, "Do not ask");
  drop_command->add_flag("--if-exists", arguments->if_exists, "Succeed when there is no such table");

  auto* list_command = command("list", "Names of the tables", list);
  list_command->add_option("pattern", arguments->pattern, "Only names in which this regular expression is found")
      ->type_name("");

  auto* describe_command = command("describe", "Families and attributes of a table, or its regions", describe);
  needs_table(describe_command);
  describe_command->add_flag("--regions", arguments->regions, "Its regions and where they are");

  auto* status_command = app.add_subcommand("status", "The master and the region servers");
  status_command->callback([&session] { session.run = [&session] { return status(session); }; });
}

}  // namespace hbmux::cli
