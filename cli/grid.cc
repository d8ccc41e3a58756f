#include "cli/grid.h"

#include "cli/text.h"

#include <algorithm>
#include <ostream>

namespace hbmux::cli {
namespace {
std::string title(std::string name) {
  for (char& c : name) {
    if (c == '_') c = ' ';
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return name;
}
}  // namespace

void Grid::print(std::ostream& out, Format format, Titles titles) const {
  if (format == Format::table) return print_table(out, titles);
  if (format == Format::csv) {
    for (std::size_t i = 0; i < names_.size(); ++i) out << (i ? "," : "") << names_[i];
    out << '\n';
  }
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (format == Format::csv) {
        out << (i ? "," : "") << csv_quoted(row[i].text);
      } else {
        out << (i ? ",\"" : "{\"") << names_[i] << "\":" << (row[i].is_number ? row[i].text : json_quoted(row[i].text));
      }
    }
    out << (format == Format::json ? "}\n" : "\n");
  }
}

void Grid::print_table(std::ostream& out, Titles titles) const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    std::size_t width = names_[i].size();
    for (const auto& row : rows_) width = std::max(width, display_width(row[i].text));
    widths.push_back(width);
  }
  // The last column is not padded: no line ends in blanks.
  auto line = [&](auto&& field) {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      auto [text, right] = field(i);
      bool last = i + 1 == names_.size();
      out << (last && !right ? text : padded(text, widths[i], right)) << (last ? "\n" : "  ");
    }
  };
  if (titles == Titles::shown)
    line([&](std::size_t i) { return std::pair(title(names_[i]), !rows_.empty() && rows_.front()[i].is_number); });
  for (const auto& row : rows_) line([&](std::size_t i) { return std::pair(row[i].text, row[i].is_number); });
}

}  // namespace hbmux::cli
