// A small table of results, printed for people or for scripts.
#pragma once

#include "cli/session.h"

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace hbmux::cli {

/// Collected whole, then printed, so that columns are as wide as they must be. For rows of data see RowPrinter.
class Grid {
 public:
  struct Field {
    std::string text;
    bool is_number = false;
    Field(std::string value) : text(std::move(value)) {}  // NOLINT: fields are written as plain values
    Field(const char* value) : text(value) {}             // NOLINT
    Field(std::uint64_t value) : text(std::to_string(value)), is_number(true) {}  // NOLINT
  };

  /// `names` in the form that JSON and CSV take ("regions", "heap_used_mb"); the table shows them in capitals.
  explicit Grid(std::vector<std::string> names) : names_(std::move(names)) {}
  void add(std::vector<Field> fields) { rows_.push_back(std::move(fields)); }
  bool empty() const noexcept { return rows_.empty(); }
  enum class Titles { shown, hidden };
  /// json: an object a line. csv: with a line of names. `titles` is about the table only.
  void print(std::ostream& out, Format format, Titles titles = Titles::shown) const;

 private:
  void print_table(std::ostream& out, Titles titles) const;

  std::vector<std::string> names_;
  std::vector<std::vector<Field>> rows_;
};

}  // namespace hbmux::cli
