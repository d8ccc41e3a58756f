// Faults as people write them.
#pragma once

#include <hbmux/mini/fault.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::mini {

/// Beside the numbers of region servers, from 0.
inline constexpr int kMasterServer = -1;
inline constexpr int kZooKeeperServer = -2;

/// Cuts at blanks, except within "quotes", where \" and \\ stand for " and \. A # begins a comment. Nothing when a
/// quote is not closed.
std::optional<std::vector<std::string>> split_words(std::string_view line);
/// "1.5s", "-20ms", "0".
bool read_duration(std::string_view text, std::chrono::microseconds& out);
std::optional<Fault::Kind> fault_kind_of(std::string_view name);
/// "rs2" is 2.
std::optional<int> server_index_of(std::string_view name);
Result<Fault> parse_fault(std::span<const std::string> words);
/// That it has what its kind needs.
Result<void> check_fault(const Fault& fault);

/// What a call meets, as opposed to what happens to the cluster.
constexpr bool is_for_calls(Fault::Kind kind) noexcept { return kind <= Fault::Kind::load; }
/// The answer is another one. ZooKeeper has none of these.
constexpr bool changes_answer(Fault::Kind kind) noexcept {
  return kind >= Fault::Kind::exception && kind <= Fault::Kind::load;
}
/// What lasts until it is healed, and begins at once; the others have happened and that is that.
constexpr bool is_lasting(Fault::Kind kind) noexcept {
  return kind == Fault::Kind::refuse || kind == Fault::Kind::clock || kind == Fault::Kind::wrong_meta ||
         kind == Fault::Kind::unresolvable_meta || kind == Fault::Kind::missing_meta ||
         kind == Fault::Kind::replica_lag;
}
constexpr bool is_mixable(Fault::Kind kind) noexcept {
  return (kind <= Fault::Kind::too_busy && kind != Fault::Kind::refuse && kind != Fault::Kind::exception) ||
         kind == Fault::Kind::expire_scanners;
}

}  // namespace hbmux::mini
