// Prints rows of data as they arrive.
#pragma once

#include "cli/session.h"

#include <hbmux/row.h>

#include <array>
#include <iosfwd>
#include <string>
#include <vector>

namespace hbmux::cli {

/// table: a line a cell, columns as wide as the first cells need. json: an object a row and line. csv: a line a cell,
/// after one of names. Bytes that are not printable are shown as \xNN in all three, as HBase's shell does, and can be
/// given back so.
class RowPrinter {
 public:
  RowPrinter(std::ostream& out, Format format) : out_(out), format_(format) {}
  ~RowPrinter() { finish(); }
  RowPrinter(const RowPrinter&) = delete;
  RowPrinter& operator=(const RowPrinter&) = delete;

  void print(const Row& row);
  /// Prints what was held back to find widths. Called by the destructor too.
  void finish();

 private:
  using Line = std::array<std::string, 4>;  // row, column, timestamp, value
  void print_json(const Row& row);
  void print_line(const Line& line);

  static constexpr std::size_t kLinesToMeasure = 200;
  std::ostream& out_;
  Format format_;
  bool measured_ = false;
  bool csv_names_printed_ = false;
  std::vector<Line> held_;
  std::array<std::size_t, 3> widths_{};
};

}  // namespace hbmux::cli
