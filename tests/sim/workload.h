// What a run does: actors that use the client, and checks of what they are told.
#pragma once

#include "tests/sim/call_watch.h"
#include "tests/sim/simulated_world.h"

#include <cstdint>
#include <map>
#include <string>

namespace hbmux::sim {

/// What a run came to.
struct RunReport {
  std::string failure;  ///< Empty: all was well.
  std::uint64_t trace_hash = 0;
  std::uint64_t events = 0;
  std::uint64_t calls = 0;
  std::int64_t virtual_ms = 0;
  std::map<std::string, std::uint64_t> outcomes;
  CallCounts counts;
};

/// Draws what the client is configured with: time-outs, pool, codec, compressor.
Configuration draw_configuration(Random& random);
std::chrono::milliseconds milliseconds_of(const Configuration& configuration, std::string_view name);

/// After the actors are done and the world is calm: ends the client, and sees that nothing is left anywhere.
void check_that_nothing_is_left(SimulatedWorld& world, std::chrono::milliseconds scanner_lease);
RunReport report_of(SimulatedWorld& world, const CallWatch& watch);

/// Puts, deletes, gets, increments, appends and batches by several actors.
RunReport run_mutations(std::uint64_t seed);
/// Gets, 64 at once, and each time a server that stalls, resets, half-closes or vanishes, so many times.
RunReport run_links_in_trouble(std::uint64_t seed);
inline constexpr int kTroublesInARun = 20;
/// Scans of all kinds while rows are rewritten and regions change.
RunReport run_scans(std::uint64_t seed);

}  // namespace hbmux::sim
