// The bare client: the least that a program can do to get its replies. One thread, one blocking socket, gathered writes, n calls in
// flight; requests are copies of one encoded frame, replies are split into frames and only their call ids are read. It is what
// hbmux is compared with.
#pragma once

#include "bench/measure.h"
#include "bench/target.h"

#include <cstdint>
#include <string>

namespace hbmux::bench {

struct BareOptions {
  std::string op = "get";  ///< or "put"
  int in_flight = 1;
  std::uint32_t rows = 10000;
  double seconds = 5;
};

/// Writes each row once, in order, so that gets find them.
void load_rows(const Target& target, std::uint32_t rows);
/// One reply of each kind of call is looked at as a whole; throws when it is not what the measured calls should get.
void check_rows(const Target& target, std::uint32_t rows);
/// Replies whose length differs from the first one's are counted as wrong: an error is no reply.
Measurement run_bare(const Target& target, const BareOptions& options);

}  // namespace hbmux::bench
