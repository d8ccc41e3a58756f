#include "bigtable/resumption.h"

namespace hbmux::bigtable {
namespace {

using Range = bt::RowRange;

/// Cuts what is up to `last` off a forward scan's range; false when nothing is left.
bool cut_start(Range& range, const std::string& last) {
  switch (range.end_key_case()) {
    case Range::kEndKeyClosed:
      if (range.end_key_closed() <= last) return false;
      break;
    case Range::kEndKeyOpen:
      // A row between `last` and the end: `last` and a zero byte is the first that could be.
      if (!range.end_key_open().empty() && range.end_key_open() <= last + '\0') return false;
      break;
    case Range::END_KEY_NOT_SET: break;
  }
  switch (range.start_key_case()) {
    case Range::kStartKeyClosed:
      if (range.start_key_closed() > last) return true;
      break;
    case Range::kStartKeyOpen:
      if (range.start_key_open() >= last) return true;
      break;
    case Range::START_KEY_NOT_SET: break;
  }
  range.set_start_key_open(last);
  return true;
}

/// The same for a reversed one: what is from `last` on.
bool cut_end(Range& range, const std::string& last) {
  switch (range.start_key_case()) {
    case Range::kStartKeyClosed:
      if (range.start_key_closed() >= last) return false;
      break;
    case Range::kStartKeyOpen:
      if (range.start_key_open() + '\0' >= last) return false;
      break;
    case Range::START_KEY_NOT_SET:
      if (last.empty()) return false;
      break;
  }
  switch (range.end_key_case()) {
    case Range::kEndKeyClosed:
      if (range.end_key_closed() < last) return true;
      break;
    case Range::kEndKeyOpen:
      if (!range.end_key_open().empty() && range.end_key_open() <= last) return true;
      break;
    case Range::END_KEY_NOT_SET: break;
  }
  range.set_end_key_open(last);
  return true;
}

}  // namespace

bool reduce(bt::ReadRowsRequest& request, const std::string& last_key, std::int64_t rows) {
  if (request.rows_limit() > 0) {
    if (rows >= request.rows_limit()) return false;
    request.set_rows_limit(request.rows_limit() - rows);
  }
  if (last_key.empty()) return true;
  const bool back = request.reversed();
  auto& set = *request.mutable_rows();
  if (set.row_keys().empty() && set.row_ranges().empty()) {
    Range all;
    if (!(back ? cut_end(all, last_key) : cut_start(all, last_key))) return false;
    *set.add_row_ranges() = std::move(all);
    return true;
  }
  bt::RowSet left;
  for (const auto& key : set.row_keys()) {
    if (back ? key < last_key : key > last_key) left.add_row_keys(key);
  }
  for (auto& range : *set.mutable_row_ranges()) {
    if (back ? cut_end(range, last_key) : cut_start(range, last_key)) *left.add_row_ranges() = std::move(range);
  }
  set = std::move(left);
  return !set.row_keys().empty() || !set.row_ranges().empty();
}

}  // namespace hbmux::bigtable
