#include "cli/row_printer.h"

#include "cli/text.h"
#include "core/bytes.h"

#include <algorithm>
#include <ostream>

namespace hbmux::cli {
namespace {
std::string column_text(const Cell& cell) {
  return core::to_string_binary(cell.family()) + ':' + core::to_string_binary(cell.qualifier());
}
}  // namespace

void RowPrinter::print(const Row& row) {
  if (format_ == Format::json) return print_json(row);
  for (const Cell& cell : row) {
    bool for_people = format_ == Format::table;
    Line line = {core::to_string_binary(cell.row()), column_text(cell),
                 for_people ? timestamp_text(cell.timestamp()) : std::to_string(cell.timestamp()),
                 core::to_string_binary(cell.value())};
    if (for_people && !measured_) {
      held_.push_back(std::move(line));
      if (held_.size() >= kLinesToMeasure) finish();
    } else {
      print_line(line);
    }
  }
}

void RowPrinter::finish() {
  if (measured_ || held_.empty()) return;
  measured_ = true;
  held_.insert(held_.begin(), Line{"ROW", "COLUMN", "TIMESTAMP (UTC)", "VALUE"});
  for (const Line& line : held_) {
    for (std::size_t i = 0; i < widths_.size(); ++i) widths_[i] = std::max(widths_[i], line[i].size());
  }
  for (const Line& line : held_) print_line(line);
  held_.clear();
}

void RowPrinter::print_line(const Line& line) {
  if (format_ == Format::csv) {
    if (!csv_names_printed_) out_ << "row,column,timestamp,value\n";
    csv_names_printed_ = true;
    out_ << csv_quoted(line[0]) << ',' << csv_quoted(line[1]) << ',' << line[2] << ',' << csv_quoted(line[3]) << '\n';
    return;
  }
  for (std::size_t i = 0; i < widths_.size(); ++i) out_ << padded(line[i], widths_[i]) << "  ";
  out_ << line[3] << '\n';
}

void RowPrinter::print_json(const Row& row) {
  out_ << "{\"row\":" << json_quoted(core::to_string_binary(row.row())) << ",\"cells\":[";
  for (std::size_t i = 0; i < row.size(); ++i) {
    const Cell& cell = row[i];
    out_ << (i ? "," : "") << "{\"family\":" << json_quoted(core::to_string_binary(cell.family()))
         << ",\"qualifier\":" << json_quoted(core::to_string_binary(cell.qualifier()))
         << ",\"timestamp\":" << cell.timestamp() << ",\"value\":" << json_quoted(core::to_string_binary(cell.value()))
         << '}';
  }
  out_ << "]}\n";
}

}  // namespace hbmux::cli
