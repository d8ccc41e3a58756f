#include "gateway/instance_calls.h"

namespace hbmux::gateway {

void SampleRowKeysCall::start() {
  auto name = target_of(state_, request_.table_name(), request_.authorized_view_name(), request_.materialized_view_name());
  if (!name) return finish(name.error());
  auto table = table_of(state_, context_, *name);
  if (!table) return finish(table.error());
  name_ = std::move(*name);
  run([&table](auto token) { table->region_locator().async_all_region_locations(std::move(token)); },
      [this](const Result<std::vector<RegionLocation>>& regions) {
        if (!regions) return finish(status_of(state_, name_->table, regions.error()));
        for (const RegionLocation& region : *regions) ends_.emplace_back(region.region->end_key());
        write_next();
      });
}

void SampleRowKeysCall::write_next() {
  if (next_ == ends_.size()) return finish();
  message_.set_row_key(ends_[next_]);
  message_.set_offset_bytes(static_cast<std::int64_t>(++next_) * kRegionBytes);
  count_rows(1);
  count_bytes(static_cast<std::int64_t>(message_.ByteSizeLong()));
  write(message_);
}

void SampleRowKeysCall::OnWriteDone(bool ok) {
  if (!ok) return finish({Code::cancelled, "the client is gone"});
  write_next();
}

void PingAndWarmCall::start() {
  auto instance = state_.names.instance(request_.name());
  if (!instance) return finish(instance.error());
  run([this](auto token) { state_.connection.admin().async_list_tables(std::move(token)); },
      [this](const Result<std::vector<TableName>>& tables) {
        if (!tables) return finish(status_of(tables.error()));
        finish();
      });
}

}  // namespace hbmux::gateway
