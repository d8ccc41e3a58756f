#include "bigtable/key_range.h"

namespace hbmux::bigtable {
namespace {

std::optional<KeyRange> shared_by(const KeyRange& a, const KeyRange& b) {
  KeyRange out = a;
  if (b.low > out.low) {
    out.low = b.low;
    out.low_included = b.low_included;
  } else if (b.low == out.low) {
    out.low_included = out.low_included && b.low_included;
  }
  if (!b.high.empty() && (out.high.empty() || b.high < out.high)) {
    out.high = b.high;
    out.high_included = b.high_included;
  } else if (b.high == out.high) {
    out.high_included = out.high_included && b.high_included;
  }
  if (out.high.empty() || out.low < out.high) return out;
  if (out.low == out.high && out.low_included && out.high_included) return out;
  return std::nullopt;
}

}  // namespace

KeyRanges intersect(const KeyRanges& a, const KeyRanges& b) {
  if (!a) return b;
  if (!b) return a;
  std::vector<KeyRange> out;
  for (const KeyRange& one : *a) {
    for (const KeyRange& other : *b) {
      if (auto both = shared_by(one, other)) out.push_back(std::move(*both));
    }
  }
  return out;
}

bt::RowRange message_of(const KeyRange& range) {
  bt::RowRange message;
  if (!range.low.empty()) {
    range.low_included ? message.set_start_key_closed(range.low) : message.set_start_key_open(range.low);
  }
  if (!range.high.empty()) {
    range.high_included ? message.set_end_key_closed(range.high) : message.set_end_key_open(range.high);
  }
  return message;
}

}  // namespace hbmux::bigtable
