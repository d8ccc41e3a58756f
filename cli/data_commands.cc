// get, put, delete: one row.
#include "cli/row_printer.h"
#include "cli/session.h"
#include "cli/text.h"
#include "core/bytes.h"

#include <hbmux/table.h>

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

namespace hbmux::cli {
namespace {

struct RowArguments {
  std::string table;
  std::string row;
  std::vector<std::string> columns;
  std::int64_t timestamp = kLatestTimestamp;
  std::string filter;
  int versions = 1;
};

CLI::App* add_row_command(CLI::App& app, const std::string& name, const std::string& help, RowArguments& arguments) {
  auto* command = app.add_subcommand(name, help);
  command->add_option("table", arguments.table, "Table: name or namespace:name")->required()->type_name("");
  command->add_option("row", arguments.row, "Row key")->required()->type_name("");
  return command;
}

ExitCode get(Session& session, const RowArguments& arguments) {
  Get get(core::from_string_binary(arguments.row));
  for (const std::string& text : arguments.columns) {
    Column column = Column::parse(text).value();
    column.qualifier ? get.column(column.family, *column.qualifier) : get.family(column.family);
  }
  get.versions(arguments.versions);
  if (!arguments.filter.empty()) get.filter(Filter::parse(arguments.filter).value());
  if (arguments.timestamp != kLatestTimestamp) get.timestamp(arguments.timestamp);
  Row row = session.table(arguments.table).get(std::move(get)).value();
  if (!row.exists()) return ExitCode::no;
  RowPrinter(std::cout, session.options.format).print(row);
  return ExitCode::ok;
}

ExitCode put(Session& session, const RowArguments& arguments) {
  Put put(core::from_string_binary(arguments.row), arguments.timestamp);
  for (std::string_view assignment : arguments.columns) {
    std::size_t equals = assignment.find('=');
    Column column = Column::parse(assignment.substr(0, equals)).value();
    if (equals == std::string_view::npos || !column.qualifier) {
      throw Exception(
          Error(Errc::invalid_argument,
                "\"" + std::string(assignment) + "\": expected family:qualifier=value (\\x3D for a '=' in a name)"));
    }
    put.add(column.family, *column.qualifier, core::from_string_binary(assignment.substr(equals + 1)));
  }
  session.table(arguments.table).put(std::move(put)).value();
  return ExitCode::ok;
}

ExitCode remove(Session& session, const RowArguments& arguments) {
  Delete del(core::from_string_binary(arguments.row), arguments.timestamp);
  for (const std::string& text : arguments.columns) {
    Column column = Column::parse(text).value();
    column.qualifier ? del.add_columns(column.family, *column.qualifier) : del.add_family(column.family);
  }
  session.table(arguments.table).remove(std::move(del)).value();
  return ExitCode::ok;
}

}  // namespace

void add_data_commands(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<RowArguments>();

  auto* get_command = add_row_command(app, "get", "Read a row; exit status 1 when there is none", *arguments);
  get_command->add_option("columns", arguments->columns, "family or family:qualifier (default: all)")->type_name("");
  get_command->add_option("--versions", arguments->versions, "How many versions of each column")
      ->type_name("N")
      ->check(CLI::PositiveNumber.description(""))
      ->capture_default_str();
  get_command->add_option("--timestamp", arguments->timestamp, "Only cells with this timestamp (milliseconds)")
      ->type_name("T");
  get_command->add_option("--filter", arguments->filter, "What to leave out, as in HBase's shell")->type_name("TEXT");
  get_command->callback(
      [&session, arguments] { session.run = [&session, arguments] { return get(session, *arguments); }; });

  auto* put_command = add_row_command(app, "put", "Write cells of a row", *arguments);
  put_command->add_option("assignments", arguments->columns, "family:qualifier=value ...")->required()->type_name("");
  put_command
      ->add_option("--timestamp", arguments->timestamp, "Timestamp in milliseconds (default: the server's clock)")
      ->type_name("T");
  put_command->callback(
      [&session, arguments] { session.run = [&session, arguments] { return put(session, *arguments); }; });

  auto* delete_command =
      add_row_command(app, "delete", "Delete a row, families or columns of it, all versions", *arguments);
  delete_command->add_option("columns", arguments->columns, "family or family:qualifier (default: the whole row)")
      ->type_name("");
  delete_command->add_option("--timestamp", arguments->timestamp, "Keep cells newer than this (milliseconds)")
      ->type_name("T");
  delete_command->callback(
      [&session, arguments] { session.run = [&session, arguments] { return remove(session, *arguments); }; });
}

}  // namespace hbmux::cli
