#include "rpc/random.h"

#include <random>

namespace hbmux::rpc {
namespace {

/// SplitMix64.
std::uint64_t& state() noexcept {
  thread_local std::uint64_t bits = [] {
    std::random_device device;
    return std::uint64_t{device()} << 32 ^ device();
  }();
  return bits;
}

}  // namespace

std::uint64_t random_bits() noexcept {
  std::uint64_t z = state() += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

void seed_random_bits(std::uint64_t seed) noexcept { state() = seed; }

}  // namespace hbmux::rpc
