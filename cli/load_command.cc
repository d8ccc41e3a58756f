// load: rows of a file into a table, through a BufferedMutator.
#include "cli/progress.h"
#include "cli/row_source.h"
#include "cli/session.h"

#include <hbmux/buffered_mutator.h>
#include <hbmux/table.h>

#include <CLI/CLI.hpp>

#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>

namespace hbmux::cli {
namespace {

constexpr int kRejectsTold = 10;

struct LoadArguments {
  std::string table, file, reject;
  std::vector<std::string> columns;
  std::optional<RowFormat> format;
};

/// Rows that could not be written: told on standard error (the first of them), and kept in a file. Any thread.
class Rejects {
 public:
  Rejects(const std::string& path, std::string header) : path_(path), header_(std::move(header)) {}

  void add(std::uint64_t line, const std::string& text, const Error& error) {
    std::lock_guard lock(mutex_);
    if (++count_ <= kRejectsTold) std::cerr << "line " << line << ": " << error.message() << '\n';
    if (count_ == kRejectsTold + 1) std::cerr << "further rejected rows are not told" << (path_.empty() ? "" : " here") << '\n';
    if (path_.empty()) return;
    if (!file_.is_open()) {
      file_.open(path_, std::ios::binary | std::ios::trunc);
      file_ << header_;
    }
    file_ << text;
  }
  /// After the last add().
  std::uint64_t finish() {
    std::lock_guard lock(mutex_);
    file_.close();
    if (count_ > 0 && !path_.empty() && file_.fail()) throw Exception(Error(Errc::invalid_argument, "cannot write " + path_));
    return count_;
  }

 private:
  const std::string path_;
  const std::string header_;
  std::mutex mutex_;
  std::ofstream file_;
  std::uint64_t count_ = 0;
};

RowFormat format_of(const LoadArguments& arguments) {
  if (arguments.format) return *arguments.format;
  if (const auto format = row_format_of(arguments.file)) return *format;
  throw Exception(Error(Errc::invalid_argument, "\"" + arguments.file + "\": say --from csv, tsv or jsonl, since its name does not"));
}

ExitCode load(Session& session, const LoadArguments& arguments) {
  std::ifstream file;
  if (arguments.file != "-") {
    file.open(arguments.file, std::ios::binary);
    if (!file) throw Exception(Error(Errc::invalid_argument, "cannot read " + arguments.file));
  }
  std::istream& in = arguments.file == "-" ? std::cin : file;
  auto source = RowSource::open(in, format_of(arguments), arguments.columns).value();
  Rejects rejects(arguments.reject, source->header());
  Progress progress("rows", session.options.progress);
  BufferedMutator mutator = session.table(arguments.table).buffered_mutator();
  while (auto row = source->next()) {
    progress.count(row->put ? row->put->row() : std::string());
    if (!row->put) {
      rejects.add(row->line, row->text, row->put.error());
      continue;
    }
    auto told = [&rejects, line = row->line, text = row->text](const Result<void>& written) {
      if (!written) rejects.add(line, text, written.error());
    };
    if (auto admitted = mutator.mutate(std::move(*row->put), told); !admitted) rejects.add(row->line, row->text, admitted.error());
  }
  mutator.close().value();
  progress.finish();
  const std::uint64_t rejected = rejects.finish();
  std::cout << progress.counted() - rejected << " rows written, " << rejected << " rejected\n";
  if (stderr_is_terminal() || session.options.progress) std::cerr << progress.summary() << '\n';
  return rejected == 0 ? ExitCode::ok : ExitCode::no;
}

}  // namespace

void add_load_command(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<LoadArguments>();
  auto* command = app.add_subcommand("load", "Write the rows of a csv, tsv or jsonl file; exit status 1 when some were rejected");
  command->add_option("table", arguments->table, "Table: name or namespace:name")->required()->type_name("");
  command->add_option("file", arguments->file, "What `scan` writes, or a header row,family:qualifier,... and a line a row; - for standard input")
      ->required()
      ->type_name("");
  const std::map<std::string, RowFormat> formats = {{"csv", RowFormat::csv}, {"tsv", RowFormat::tsv}, {"jsonl", RowFormat::jsonl}};
  command->add_option("--from", arguments->format, "csv, tsv or jsonl (default: by the file's name)")
      ->transform(CLI::CheckedTransformer(formats).description(""))
      ->type_name("FORMAT");
  command->add_option("--columns", arguments->columns, "row,family:qualifier,... of a file without a header")->delimiter(',')->type_name("");
  command->add_option("--reject", arguments->reject, "Write the rows that were rejected to this file")->type_name("FILE");
  command->callback([&session, arguments] { session.run = [&session, arguments] { return load(session, *arguments); }; });
}

}  // namespace hbmux::cli
