// The master's side of what is kept on disk.
#include "core/region_name.h"
#include "mini/disk/journal.h"
#include "mini/server/master.h"

#include <algorithm>

namespace hbmux::mini {

using Lock = std::lock_guard<std::recursive_mutex>;

void Master::keep(std::string_view record) {
  if (journal_ != nullptr) journal_->record(record);
}

void Master::keep_in(Journal& journal, const DataImage& image) {
  const Lock lock(mutex_);
  for (const auto& [name, descriptor] : image.namespaces) namespaces_[name] = descriptor;
  switches_ = {image.balancer_on, image.split_on, image.merge_on};
  for (const auto& [name, kept] : image.tables) {
    Table& table = tables_[name];
    table.schema = kept.schema;
    table.families = kept.families;
    set_state(name, table, kept.state);
    for (const auto& [start, region] : kept.regions) {
      last_region_id_ = std::max(last_region_id_, region->id());
      add_region(table, region);
      if (kept.state == TableState::enabled) {
        open_anywhere(region);
        open_replicas(table, *region);
      } else {
        catalog_.put_state(*region, "CLOSED", environment_.now());
      }
    }
  }
  changed();
  journal_ = &journal;
  for (const auto& server : servers_) server->set_journal(&journal);
  if (image.cluster_id.empty()) keep(data_record::cluster(cluster_id_));
}

Result<void> Master::write_snapshot() {
  // Regions do not come, go or change their bounds meanwhile; their cells do.
  const Lock lock(mutex_);
  if (auto begun = journal_->begin_snapshot(); !begun) return begun;
  journal_->snapshot(data_record::cluster(cluster_id_));
  journal_->snapshot(data_record::switches(switches_.balancer, switches_.split, switches_.merge));
  for (const auto& [name, descriptor] : namespaces_) journal_->snapshot(data_record::name_space(descriptor));
  for (const auto& [name, table] : tables_) {
    if (name == core::kMetaTable) continue;
    std::vector<std::shared_ptr<Region>> regions;
    for (const auto& [start, region] : table.regions) regions.push_back(region);
    journal_->snapshot(data_record::table(table.schema, table.state));
    journal_->snapshot(data_record::regions(name, regions));
    for (const auto& region : regions) {
      const std::shared_lock region_lock(region->mutex());
      data_record::contents(*region, [this](const std::string& part) { journal_->snapshot(part); });
    }
  }
  return journal_->end_snapshot();
}

}  // namespace hbmux::mini
