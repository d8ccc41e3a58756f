#include "client/statistics_text.h"

#include <string_view>

namespace hbmux::client {
namespace {

std::string escape(std::string_view value) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > ' ' && byte <= '~' && c != '=' && c != '%') {
      text += c;
    } else {
      text += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return text;
}

void add_counter(std::string& text, std::string_view name, std::uint64_t value) {
  text += std::string(name) + "=" + std::to_string(value) + "\n";
}

void add_field(std::string& text, std::string_view name, std::string_view value) {
  text += " " + std::string(name) + "=" + escape(value);
}

void add_pool(std::string& text, const PoolEntryStatistics& pool) {
  text += "pool";
  add_field(text, "address", pool.address);
  add_field(text, "user", pool.user);
  add_field(text, "service", pool.service);
  add_field(text, "type", pool.type);
  add_field(text, "size", std::to_string(pool.size_max));
  add_field(text, "open", std::to_string(pool.open));
  add_field(text, "in_use", std::to_string(pool.in_use));
  add_field(text, "waiting", std::to_string(pool.waiting));
  add_field(text, "calls", std::to_string(pool.calls_in_flight));
  add_field(text, "created", std::to_string(pool.created));
  add_field(text, "closed", std::to_string(pool.closed));
  add_field(text, "idle", std::to_string(pool.idle));
  add_field(text, "borrowed", std::to_string(pool.borrowed));
  add_field(text, "given_up", std::to_string(pool.given_up));
  for (std::size_t i = 0; i < kCloseReasons; ++i) {
    if (pool.closed_by[i] == 0) continue;
    add_field(text, "closed_" + std::string(to_string(static_cast<CloseReason>(i))), std::to_string(pool.closed_by[i]));
  }
  // Durations below 2^i microseconds, and in no lower bucket.
  for (std::size_t i = 0; i < pool.waits.counts.size(); ++i) {
    if (pool.waits.counts[i] != 0) add_field(text, "waits_" + std::to_string(i), std::to_string(pool.waits.counts[i]));
  }
  text += "\n";
}

}  // namespace

std::string format_statistics(const ConnectionStatistics& statistics) {
  std::string text = "hbmux 1\n";
  add_counter(text, "calls", statistics.calls);
  add_counter(text, "calls_failed", statistics.calls_failed);
  add_counter(text, "calls_in_flight", statistics.calls_in_flight);
  add_counter(text, "retries", statistics.retries);
  add_counter(text, "timed_out", statistics.timed_out);
  add_counter(text, "late_replies", statistics.late_replies);
  add_counter(text, "sockets_opened", statistics.sockets_opened);
  add_counter(text, "sockets_open", statistics.sockets_open());
  add_counter(text, "bytes_sent", statistics.bytes_sent);
  add_counter(text, "bytes_received", statistics.bytes_received);
  add_counter(text, "writes", statistics.writes);
  add_counter(text, "region_lookups", statistics.region_lookups);
  for (const auto& pool : statistics.pools) add_pool(text, pool);
  for (const auto& server : statistics.failed_servers) text += "failed_server address=" + escape(server) + "\n";
  return text;
}

}  // namespace hbmux::client
