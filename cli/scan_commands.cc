// scan, count: many rows.
#include "cli/progress.h"
#include "cli/row_printer.h"
#include "cli/session.h"
#include "cli/text.h"
#include "core/bytes.h"

#include <hbmux/filters.h>
#include <hbmux/scan.h>
#include <hbmux/table.h>

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

namespace hbmux::cli {
namespace {

struct ScanArguments {
  std::string table;
  std::vector<std::string> columns;
  std::string start, stop, prefix, filter;
  std::int64_t limit = 0;
  std::vector<std::int64_t> time_range;
  int versions = 1;
  int caching = 0;
  bool reversed = false;
  bool stop_inclusive = false;
};

Scan make_scan(const ScanArguments& arguments) {
  Scan scan;
  for (const std::string& text : arguments.columns) {
    Column column = Column::parse(text).value();
    column.qualifier ? scan.column(column.family, *column.qualifier) : scan.family(column.family);
  }
  if (!arguments.prefix.empty()) scan.prefix(core::from_string_binary(arguments.prefix));
  if (!arguments.start.empty()) scan.start_row(core::from_string_binary(arguments.start));
  if (!arguments.stop.empty()) scan.stop_row(core::from_string_binary(arguments.stop), arguments.stop_inclusive);
  if (!arguments.time_range.empty()) scan.time_range(arguments.time_range[0], arguments.time_range[1]);
  if (!arguments.filter.empty()) scan.filter(Filter::parse(arguments.filter).value());
  scan.limit(arguments.limit).caching(arguments.caching).versions(arguments.versions).reversed(arguments.reversed);
  return scan;
}

/// Nothing but one key of each row travels, as far as the user's own filter allows.
Scan make_count(const ScanArguments& arguments) {
  if (arguments.filter.empty()) return make_scan(arguments).filter(FilterList({FirstKeyOnlyFilter(), KeyOnlyFilter()}));
  return make_scan(arguments).filter(FilterList({Filter::parse(arguments.filter).value(), KeyOnlyFilter()}));
}

/// Runs the scan; `each` sees every row.
template <class Each>
void for_each_row(Session& session, const std::string& table, Scan scan, Progress& progress, Each each) {
  Scanner scanner = session.table(table).scan(std::move(scan));
  while (std::optional<Row> row = scanner.next().value()) {
    each(*row);
    progress.count(row->row());
  }
  progress.finish();
}

ExitCode scan(Session& session, const ScanArguments& arguments) {
  // Where rows and progress would share a screen, the rows themselves are progress enough.
  Progress progress("rows", session.options.progress);
  if (stdout_is_terminal() && !session.options.progress) progress.disable();
  RowPrinter printer(std::cout, session.options.format);
  for_each_row(session, arguments.table, make_scan(arguments), progress, [&](const Row& row) { printer.print(row); });
  printer.finish();
  std::cout.flush();
  if (stderr_is_terminal() || session.options.progress) std::cerr << progress.summary() << '\n';
  return ExitCode::ok;
}

ExitCode count(Session& session, const ScanArguments& arguments) {
  Progress progress("rows", session.options.progress);
  for_each_row(session, arguments.table, make_count(arguments), progress, [](const Row&) {});
  switch (session.options.format) {
    case Format::table: std::cout << progress.counted() << '\n'; break;
    case Format::json: std::cout << "{\"rows\":" << progress.counted() << "}\n"; break;
    case Format::csv: std::cout << "rows\n" << progress.counted() << '\n'; break;
  }
  std::cout.flush();
  if (stderr_is_terminal() || session.options.progress) std::cerr << progress.summary() << '\n';
  return ExitCode::ok;
}

CLI::App* add_scan_command(CLI::App& app, const std::string& name, const std::string& help, ScanArguments& arguments) {
  auto* command = app.add_subcommand(name, help);
  command->add_option("table", arguments.table, "Table: name or namespace:name")->required()->type_name("");
  command->add_option("columns", arguments.columns, "family or family:qualifier (default: all)")->type_name("");
  auto* prefix = command->add_option("--prefix", arguments.prefix, "Only rows that begin with it")->type_name("BYTES");
  command->add_option("--start", arguments.start, "First row")->type_name("ROW")->excludes(prefix);
  command->add_option("--stop", arguments.stop, "Row to stop before")->type_name("ROW")->excludes(prefix);
  command->add_flag("--stop-inclusive", arguments.stop_inclusive, "The --stop row is the last one");
  command->add_flag("--reversed", arguments.reversed, "From the end; --start is then the greatest row");
  command->add_option("--limit", arguments.limit, "At most so many rows")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber.description(""));
  command
      ->add_option("--time-range", arguments.time_range,
                   "Only cells with timestamps from MIN to before MAX (milliseconds)")
      ->type_name("MIN MAX")
      ->expected(2);
  command
      ->add_option("--filter", arguments.filter,
                   "What to leave out, as in HBase's shell: \"PrefixFilter('a') AND ValueFilter(=, 'substring:x')\"")
      ->type_name("TEXT");
  command->add_option("--caching", arguments.caching, "Rows a call to the server may bring")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber.description(""));
  return command;
}

}  // namespace

void add_scan_commands(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<ScanArguments>();
  auto* scan_command = add_scan_command(app, "scan", "Print rows in order", *arguments);
  scan_command->add_option("--versions", arguments->versions, "How many versions of each column")
      ->type_name("N")
      ->check(CLI::PositiveNumber.description(""))
      ->capture_default_str();
  scan_command->callback(
      [&session, arguments] { session.run = [&session, arguments] { return scan(session, *arguments); }; });

  auto* count_command = add_scan_command(app, "count", "Count rows (only one key of each travels)", *arguments);
  count_command->callback(
      [&session, arguments] { session.run = [&session, arguments] { return count(session, *arguments); }; });
}

}  // namespace hbmux::cli
