// Rows of Bigtable's kind, as text.
#pragma once

#include "gateway/row_cell.h"

#include <hbmux/bt/data.pb.h>

#include <string>
#include <vector>

namespace hbmux::gateway {

/// "f:q@5=value", and "[label]" behind it, with a blank between cells.
inline std::string text_of(const RowCells& cells) {
  std::string out;
  for (const RowCell& cell : cells) {
    if (!out.empty()) out += ' ';
    out.append(cell.family).append(":").append(cell.qualifier).append("@").append(std::to_string(cell.timestamp_micros));
    out.append("=").append(cell.value);
    if (!cell.label.empty()) out.append("[").append(cell.label).append("]");
  }
  return out;
}

/// `make(filter)` fills a filter.
template <class Make>
bt::RowFilter filter(Make make) {
  bt::RowFilter out;
  make(out);
  return out;
}
inline bt::RowFilter chain(std::vector<bt::RowFilter> parts) {
  bt::RowFilter out;
  out.mutable_chain();
  for (auto& part : parts) *out.mutable_chain()->add_filters() = std::move(part);
  return out;
}
inline bt::RowFilter interleave(std::vector<bt::RowFilter> parts) {
  bt::RowFilter out;
  out.mutable_interleave();
  for (auto& part : parts) *out.mutable_interleave()->add_filters() = std::move(part);
  return out;
}
inline bt::RowFilter family(const std::string& pattern) {
  return filter([&](auto& f) { f.set_family_name_regex_filter(pattern); });
}
inline bt::RowFilter qualifier(const std::string& pattern) {
  return filter([&](auto& f) { f.set_column_qualifier_regex_filter(pattern); });
}
inline bt::RowFilter value(const std::string& pattern) {
  return filter([&](auto& f) { f.set_value_regex_filter(pattern); });
}
inline bt::RowFilter label(const std::string& text) {
  return filter([&](auto& f) { f.set_apply_label_transformer(text); });
}
inline bt::RowFilter sink() {
  return filter([](auto& f) { f.set_sink(true); });
}
inline bt::RowFilter pass_all() {
  return filter([](auto& f) { f.set_pass_all_filter(true); });
}
inline bt::RowFilter block_all() {
  return filter([](auto& f) { f.set_block_all_filter(true); });
}
inline bt::RowFilter column_limit(int count) {
  return filter([=](auto& f) { f.set_cells_per_column_limit_filter(count); });
}
inline bt::RowFilter row_limit(int count) {
  return filter([=](auto& f) { f.set_cells_per_row_limit_filter(count); });
}
inline bt::RowFilter row_offset(int count) {
  return filter([=](auto& f) { f.set_cells_per_row_offset_filter(count); });
}

}  // namespace hbmux::gateway
