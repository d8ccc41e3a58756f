// Reads rows of hbase:meta, some at a time.
#pragma once

#include "core/unique_function.h"
#include "rpc/lane.h"

#include <hbmux/error.h>
#include <hbmux/row.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::client {

class ConnectionState;

/// Which rows are wanted.
struct MetaQuery {
  std::string start_row;
  std::string stop_row;
  std::string_view family;  ///< A literal.
  std::uint32_t limit = 1;  ///< Rows, of this answer.
  bool reversed = false;
  bool include_start_row = true;
  bool include_stop_row = false;
};

struct MetaPage {
  std::vector<Row> rows;
  /// More rows may follow: ask again, from behind the last one.
  bool more = false;
};

/// One call, which leaves no scanner behind at the server; the caller decides about retries. `handler` runs on a lane, never within
/// this call. What is wrong with hbase:meta's own location is forgotten. Errors of HBase that only ask for another scanner are told as
/// Errc::unavailable, which may be tried again.
void read_meta(const std::shared_ptr<ConnectionState>& connection, MetaQuery query, rpc::TimePoint deadline,
               core::UniqueFunction<void(Result<MetaPage>)> handler);

}  // namespace hbmux::client
