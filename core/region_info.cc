#include <hbmux/region_info.h>

#include "core/region_name.h"

namespace hbmux {

RegionInfo::RegionInfo(TableName table, std::string_view start_key, std::string end_key, std::uint64_t region_id,
                       int replica_id, bool split, bool offline)
    : RegionInfo(std::make_shared<const TableName>(std::move(table)), start_key, std::move(end_key), region_id,
                 replica_id, split, offline) {}

RegionInfo::RegionInfo(std::shared_ptr<const TableName> table, std::string_view start_key, std::string end_key,
                       std::uint64_t region_id, int replica_id, bool split, bool offline)
    : table_(std::move(table)),
      name_(core::make_region_name(table_->to_string(), start_key, region_id, replica_id)),
      end_key_(std::move(end_key)),
      region_id_(region_id),
      start_at_(static_cast<std::uint32_t>(table_->to_string().size() + 1)),
      start_size_(static_cast<std::uint32_t>(start_key.size())),
      replica_id_(replica_id),
      split_(split),
      offline_(offline) {
  name_.shrink_to_fit();  // thousands of them are kept
}

const std::shared_ptr<const RegionInfo>& RegionInfo::meta() {
  static const auto kMeta = std::make_shared<const RegionInfo>(TableName::meta(), "", "", 1);
  return kMeta;
}

std::string_view RegionInfo::encoded_name() const noexcept { return core::encoded_region_name(name_); }

}  // namespace hbmux
