// What the gateway tells those who watch it: for Prometheus and for people.
#pragma once

#include "gateway/call_journal.h"

#include <hbmux/pool_statistics.h>

#include <chrono>
#include <cstdint>
#include <string>

namespace hbmux::gateway {

struct GatewayView {
  std::string address;
  bool encrypted = false;
  bool draining = false;
  std::chrono::seconds up{0};
  CallJournal::Snapshot calls;
  ConnectionStatistics cluster;
  std::uint64_t log_lines_lost = 0;
  std::uint64_t memory_bytes = 0;  ///< Resident.
  double cpu_seconds = 0;
};

/// Prometheus' text format, version 0.0.4.
std::string metrics_page(const GatewayView& view);
/// HTML; it loads itself anew every few seconds, and nothing else.
std::string status_page(const GatewayView& view);

}  // namespace hbmux::gateway
