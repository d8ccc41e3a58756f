// HBase's AggregateService (hbase-endpoint: AggregateImplementation.java): numbers over the cells of a scan.
#pragma once

#include "mini/remote_exception.h"
#include "mini/server/region.h"

#include <hbmux/mini/endpoint.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace hbmux::mini {

/// GetMax, GetMin, GetSum, GetRowNum, GetAvg, GetStd or GetMedian.
bool is_aggregation(std::string_view method);

/// `request` is an AggregateRequest. Numbers are what LongColumnInterpreter and DoubleColumnInterpreter read; another
/// interpreter is refused. Reads with the region's mutex held shared.
Answer<EndpointReply> aggregate(Region& region, std::string_view method, const std::string& request, std::int64_t now);

}  // namespace hbmux::mini
