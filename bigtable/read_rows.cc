#include "bigtable/read_rows.h"

#include "bigtable/parse.h"
#include "bigtable/resumption.h"

#include <utility>

namespace hbmux::bigtable {
namespace {

bt::ReadRowsRequest addressed(bt::ReadRowsRequest request, const BigtableTable& table) {
  request.set_table_name(table.full_name());
  request.set_app_profile_id(table.app_profile());
  return request;
}

}  // namespace

ReadRows::ReadRows(TablePtr table, bt::ReadRowsRequest request, CallPlan plan, std::shared_ptr<detail::CancelPoint> cancel)
    : Operation(table->shared_connection(), std::move(plan), std::move(cancel)),
      table_(std::move(table)),
      request_(addressed(std::move(request), *table_)),
      merger_(std::in_place, request_.reversed()) {}

Result<void> ReadRows::take(grpc::ByteBuffer message) {
  auto response = parse<bt::ReadRowsResponse>(message);
  if (!response) return response.error();
  std::vector<MergedRow> rows;
  auto merged = merger_->take(*response, rows);
  rows_ += static_cast<std::int64_t>(rows.size());
  if (!rows.empty() || !response->last_scanned_row_key().empty()) progressed();
  if (!rows.empty()) {
    if (auto taken = rows_came(std::move(rows)); !taken) return taken;
  }
  if (merged && !response->last_scanned_row_key().empty()) passed_over(response->last_scanned_row_key());
  return merged;
}

std::optional<CallStatus> ReadRows::left_over() {
  if (auto whole = merger_->finish(); !whole) finish(whole.error());
  return std::nullopt;
}

bool ReadRows::prepare_retry() {
  const bool left = reduce(request_, merger_->last_key().value_or(""), std::exchange(rows_, 0));
  merger_.emplace(request_.reversed());
  return left;
}

std::string ReadRows::describe() const { return table_->describe("reading", {}); }

}  // namespace hbmux::bigtable
