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

/// Which copy of hbase:meta is asked.
enum class MetaCopies : std::uint8_t {
  primary,
  primary_first,  ///< The others as well when it fails, or has not answered in hbase.client.meta.replica.scan.timeout.
  any,            ///< One at random; the primary (or the others, when it was the one) as well when that one fails or is late.
};

/// Which rows are wanted.
struct MetaQuery {
  std::string start_row;
  std::string stop_row;
  std::string_view family;  ///< A literal.
  std::uint32_t limit = 1;  ///< Rows, of this answer.
  bool reversed = false;
  bool include_start_row = true;
  bool include_stop_row = false;
  MetaCopies copies = MetaCopies::primary;
};

struct MetaPage {
  std::vector<Row> rows;
  /// More rows may follow: ask again, from behind the last one.
  bool more = false;
  /// A secondary copy said so, which may be behind.
  bool from_copy = false;
};

/// One call (of each copy that is asked: the first that answers counts), which leaves no scanner behind at the server; the caller decides about retries. `handler` runs on a lane, never within
/// this call. What is wrong with hbase:meta's own location is forgotten. Errors of HBase that only ask for another scanner are told as
/// Errc::unavailable, which may be tried again.
void read_meta(const std::shared_ptr<ConnectionState>& connection, MetaQuery query, rpc::TimePoint deadline,
               core::UniqueFunction<void(Result<MetaPage>)> handler);

}  // namespace hbmux::client
