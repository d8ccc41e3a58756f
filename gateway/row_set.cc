#include "gateway/row_set.h"

#include <algorithm>

namespace hbmux::gateway {
namespace {

/// An end before another one; the empty end is the last.
bool ends_before(const std::string& a, const std::string& b) { return !a.empty() && (b.empty() || a < b); }

std::string after_key(const std::string& key) { return key + '\0'; }

Answer<KeyRange> key_range_of(const bt::RowRange& range) {
  const std::string& first = range.has_start_key_open() ? range.start_key_open() : range.start_key_closed();
  const std::string& last = range.has_end_key_closed() ? range.end_key_closed() : range.end_key_open();
  if (!first.empty() && !last.empty() && first > last) return invalid("Error in row_ranges: the start key lies behind the end key");
  KeyRange out;
  out.start = range.has_start_key_open() && !first.empty() ? after_key(first) : first;
  out.end = range.has_end_key_closed() && !last.empty() ? after_key(last) : last;
  return out;
}

}  // namespace

Answer<std::vector<KeyRange>> key_ranges_of(const bt::RowSet& rows) {
  std::vector<KeyRange> ranges;
  if (rows.row_keys_size() == 0 && rows.row_ranges_size() == 0) {
    ranges.emplace_back();
    return ranges;
  }
  ranges.reserve(static_cast<std::size_t>(rows.row_keys_size()) + static_cast<std::size_t>(rows.row_ranges_size()));
  for (const std::string& key : rows.row_keys()) {
    if (!key.empty()) ranges.push_back({key, after_key(key)});  // no row has an empty key
  }
  for (const bt::RowRange& range : rows.row_ranges()) {
    auto read = key_range_of(range);
    if (!read) return read.error();
    if (read->end.empty() || read->start < read->end) ranges.push_back(std::move(*read));
  }
  std::sort(ranges.begin(), ranges.end(), [](const KeyRange& a, const KeyRange& b) { return a.start < b.start; });
  std::vector<KeyRange> merged;
  for (KeyRange& range : ranges) {
    // Keys that follow each other stay apart: single keys are read otherwise than ranges.
    if (merged.empty() || (!merged.back().end.empty() && range.start >= merged.back().end)) {
      merged.push_back(std::move(range));
    } else if (ends_before(merged.back().end, range.end)) {
      merged.back().end = std::move(range.end);
    }
  }
  return merged;
}

std::string end_of_prefix(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xff') end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

}  // namespace hbmux::gateway
