// The load of the benchmarks with hbmux: the same rows, values and calls as the bare client's, each reply looked at.
#pragma once

#include "bench/measure.h"

#include <hbmux/table.h>

#include <cstdint>
#include <string>

namespace hbmux::bench {

struct TableLoadOptions {
  std::string op = "get";  ///< or "put"
  int n = 1;               ///< Threads, or calls in flight.
  std::uint32_t rows = 10000;
  double seconds = 5;
};

/// Whether a get's reply is the row `number` with its one cell, whose value names it.
bool is_row(const Result<Row>& reply, std::uint32_t number) noexcept;

/// Writes each row once, so that gets find them. Throws hbmux::Exception.
void load_rows(const Table& table, std::uint32_t rows);
/// n threads with a call each.
Measurement run_blocking(const Table& table, const TableLoadOptions& options);
/// n calls in flight; the handler of each starts the next one on the connection's lane.
Measurement run_async(const Table& table, const TableLoadOptions& options);

}  // namespace hbmux::bench
