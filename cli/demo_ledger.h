// What one thread of the demonstration wrote, and so what must be in the table.
#pragma once

#include <hbmux/row.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::cli {

/// The demonstration's table: a family with a value and a counter in each row.
inline constexpr std::string_view kDemoFamily = "d";
inline constexpr std::string_view kDemoValue = "value";
inline constexpr std::string_view kDemoCounter = "count";

/// The keys at which the table's regions begin: `regions` - 1 of them.
std::vector<std::string> demo_split_keys(int regions);
/// "9b3e-3-000042": the first part spreads rows over the regions.
std::string demo_row_key(int thread, int index);
/// Names its row and its version, so that a value in the wrong place is noticed wherever it is seen.
std::string demo_value(std::string_view row, std::uint32_t version);
/// False when `value` is not one that was written to `row`.
bool demo_value_names_row(std::string_view value, std::string_view row, std::uint32_t* version = nullptr);

enum class Verdict {
  good,
  lost,   ///< An acknowledged write is not there.
  wrong,  ///< Something is there that was not written there.
};

/// Rows 0 to size-1 of one thread. Used by that thread only.
class DemoLedger {
 public:
  DemoLedger(int thread, int rows) : thread_(thread), entries_(static_cast<std::size_t>(rows)) {}

  int size() const noexcept { return static_cast<int>(entries_.size()); }
  std::string key(int index) const { return demo_row_key(thread_, index); }

  /// Whether the row was written and acknowledged.
  bool is_written(int index) const noexcept { return entry(index).acknowledged > 0; }
  /// Whether more may be written to it. Not after a write without an answer: it may still be on its way, and come after
  /// a later one.
  bool is_settled(int index) const noexcept { return !entry(index).put_unknown && !entry(index).count_unknown; }

  std::uint32_t next_version(int index) const noexcept { return entry(index).acknowledged + 1; }
  void put_done(int index, bool acknowledged) noexcept;
  void increment_done(int index, bool acknowledged) noexcept;

  /// Holds a row as it was read against what was written.
  Verdict judge(int index, const Row& row) const;

 private:
  struct Entry {
    std::uint32_t acknowledged = 0;  // the version last acknowledged
    std::uint32_t counted = 0;       // increments acknowledged, each by one
    bool put_unknown = false;        // the next version was sent and got no answer
    bool count_unknown = false;
  };
  const Entry& entry(int index) const noexcept { return entries_[static_cast<std::size_t>(index)]; }
  Entry& entry(int index) noexcept { return entries_[static_cast<std::size_t>(index)]; }

  int thread_;
  std::vector<Entry> entries_;
};

}  // namespace hbmux::cli
