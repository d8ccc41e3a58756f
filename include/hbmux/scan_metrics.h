// What a scan costs.
#pragma once

#include <hbmux/server_name.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace hbmux {

/// Counters of a scan, or of its part in one region.
struct ScanCounters {
  std::uint64_t rpc_calls = 0;               ///< RPC_CALLS: requests for rows, also those that failed.
  std::uint64_t rpc_retries = 0;             ///< RPC_RETRIES: failures that were followed by another attempt.
  std::uint64_t regions_scanned = 0;         ///< REGIONS_SCANNED: scanners that were opened.
  std::uint64_t not_serving_region = 0;      ///< NOT_SERVING_REGION_EXCEPTION
  std::uint64_t bytes_in_results = 0;        ///< BYTES_IN_RESULTS: of cells, as they came.
  std::uint64_t millis_between_nexts = 0;    ///< MILLIS_BETWEEN_NEXTS: waited for answers, in all.
  /// What the servers counted, under their names: ROWS_SCANNED, ROWS_FILTERED, BLOCK_BYTES_SCANNED (2.6), FS_READ_TIME (3.0).
  std::map<std::string, std::int64_t> server;

  ScanCounters& operator+=(const ScanCounters& other) {
    rpc_calls += other.rpc_calls;
    rpc_retries += other.rpc_retries;
    regions_scanned += other.regions_scanned;
    not_serving_region += other.not_serving_region;
    bytes_in_results += other.bytes_in_results;
    millis_between_nexts += other.millis_between_nexts;
    for (const auto& [name, value] : other.server) server[name] += value;
    return *this;
  }
};

/// The part of a scan that one region had on one server (Java: ScanMetricsRegionInfo with its metrics).
struct RegionScanMetrics : ScanCounters {
  std::string encoded_region_name;
  ServerName server_name;
};

/// Counted since the scan began (Java: ScanMetrics). See Scan::scan_metrics.
struct ScanMetrics : ScanCounters {
  /// In the order in which the scan came to them; one that moved meanwhile stands there twice. Only with Scan::scan_metrics_by_region
  /// (Java: ScanMetrics.collectMetricsByRegion).
  std::vector<RegionScanMetrics> by_region;

  ScanMetrics& operator+=(const ScanMetrics& other) {
    ScanCounters::operator+=(other);
    by_region.insert(by_region.end(), other.by_region.begin(), other.by_region.end());
    return *this;
  }
};

}  // namespace hbmux
