// Random bits for what has to differ and need not be secret: nonces, the spread of pauses, whom to ask first.
#pragma once

#include <cstdint>

namespace hbmux::rpc {

/// Any thread; each has a state of its own.
std::uint64_t random_bits() noexcept;

/// From here on what this thread draws follows from `seed`: for tests that replay a run.
void seed_random_bits(std::uint64_t seed) noexcept;

}  // namespace hbmux::rpc
