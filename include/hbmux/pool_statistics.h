// What a ClusterConnection's pools hold, and what happened so far.
#pragma once

#include <hbmux/pool/statistics.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace hbmux {

/// One entry of the PoolMap.
struct PoolEntryStatistics {
  std::string address;
  std::string user;
  std::string service;
  std::string type;              ///< RoundRobin, ThreadLocal or Reusable.
  std::size_t size_max = 0;      ///< 0 when the type has no bound.
  std::size_t open = 0;          ///< Sockets, also those that are connecting.
  std::size_t in_use = 0;        ///< Reusable: lent out. Else those with calls in flight.
  std::size_t idle = 0;          ///< The others of those that are open.
  std::size_t waiting = 0;       ///< Reusable: callers that wait for one.
  std::size_t calls_in_flight = 0;
  std::uint64_t created = 0;
  std::uint64_t closed = 0;
  std::array<std::uint64_t, kCloseReasons> closed_by{};  ///< The same by CloseReason.
  std::uint64_t borrowed = 0;    ///< Reusable: handed out, at once or after a wait.
  std::uint64_t given_up = 0;    ///< Calls that ended without a connection: by time-out, cancelled, or refused.
  DurationHistogram waits;       ///< How long those calls waited that had to, and got one.
};

struct ConnectionStatistics {
  std::vector<PoolEntryStatistics> pools;
  std::vector<std::string> failed_servers;
  std::uint64_t calls = 0;              ///< Calls sent, retries included.
  std::uint64_t calls_failed = 0;       ///< Calls that ended with an error, be it the server's or ours.
  std::uint64_t retries = 0;            ///< Attempts after the first one of an operation.
  std::uint64_t timed_out = 0;
  std::uint64_t late_replies = 0;       ///< Replies to calls that had ended here.
  std::uint64_t sockets_opened = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t writes = 0;             ///< System calls that wrote; calls / writes is how well writes gather.
  std::uint64_t region_lookups = 0;     ///< Scans of hbase:meta.
  std::size_t calls_in_flight = 0;

  std::size_t sockets_open() const {
    std::size_t sum = 0;
    for (const auto& p : pools) sum += p.open;
    return sum;
  }
};

}  // namespace hbmux
