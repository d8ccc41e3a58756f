// The real lane: one thread with an io_context.
#pragma once

#include "rpc/lane.h"

#include <memory>
#include <vector>

namespace hbmux::rpc {

/// Starts `count` lanes, each with its thread.
std::vector<std::shared_ptr<Lane>> start_lanes(std::size_t count);

/// Ends them: runs what is left (timers at once), then ends the threads. Everything that keeps a lane busy must have been closed. Called on one of
/// the lanes, that one's thread is left to end by itself. Takes at most about a second: false when a thread still runs then.
bool stop_lanes(const std::vector<std::shared_ptr<Lane>>& lanes);

/// How often this process was forked since it began, seen from the child: differs from a remembered value in a child only.
std::uint64_t fork_generation() noexcept;

}  // namespace hbmux::rpc
