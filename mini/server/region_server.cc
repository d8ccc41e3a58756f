#include "mini/server/region_server.h"

#include "core/bytes.h"
#include "core/region_name.h"

#include <mutex>

namespace hbmux::mini {
namespace {

/// For so long a server remembers where a region went (HRegionServer.TIMEOUT_REGION_MOVED).
constexpr std::int64_t kMovedMemory = 2 * 60 * 1000;

}  // namespace

RegionServer::RegionServer(int index, ServerName name, std::chrono::milliseconds scanner_lease,
                           std::function<std::int64_t()> clock)
    : index_(index), lease_(scanner_lease.count()), clock_(std::move(clock)), name_(std::move(name)) {
  scanners_.set_prefix(static_cast<std::uint32_t>(std::hash<std::string>()(name_.address.host)) ^
                       static_cast<std::uint32_t>(name_.start_code * 31 + name_.address.port));
}

ServerName RegionServer::name() const {
  const std::shared_lock lock(mutex_);
  return name_;
}

bool RegionServer::is_alive() const {
  const std::shared_lock lock(mutex_);
  return alive_;
}

void RegionServer::kill() {
  std::vector<std::shared_ptr<Region>> regions;
  {
    const std::unique_lock lock(mutex_);
    alive_ = false;
    for (auto& [name, region] : online_) regions.push_back(region);
    online_.clear();
    moved_.clear();
  }
  for (const auto& region : regions) {
    const std::unique_lock lock(region->mutex());
    region->put_logged_nonces(nonces_.logged_of(*region, region->store().flushed_sequence()));
    region->close();
  }
  scanners_.clear();
  nonces_.clear();
}

void RegionServer::start(std::int64_t start_code) {
  const std::unique_lock lock(mutex_);
  name_.start_code = start_code;
  alive_ = true;
  scanners_.set_prefix(static_cast<std::uint32_t>(start_code * 31 + name_.address.port));
}

void RegionServer::open(const std::shared_ptr<Region>& region) {
  {
    const std::unique_lock lock(region->mutex());
    region->open_on(*this);
    for (auto& operation : region->take_logged_nonces()) nonces_.add(*region, std::move(operation));
  }
  const std::unique_lock lock(mutex_);
  moved_.erase(region->encoded_name());
  online_[region->encoded_name()] = region;
}

void RegionServer::close(const std::shared_ptr<Region>& region, const RegionServer* destination) {
  std::uint64_t sequence = 0;
  {
    const std::unique_lock lock(region->mutex());
    region->close();
    sequence = region->store().sequence();
  }
  ServerName to;
  if (destination != nullptr) to = destination->name();
  const std::unique_lock lock(mutex_);
  online_.erase(region->encoded_name());
  if (destination == nullptr) return;
  moved_[std::string(region->encoded_name())] = {std::move(to), sequence, clock_() + kMovedMemory};
}

std::vector<std::shared_ptr<Region>> RegionServer::regions() const {
  const std::shared_lock lock(mutex_);
  std::vector<std::shared_ptr<Region>> regions;
  for (const auto& [name, region] : online_) regions.push_back(region);
  return regions;
}

void RegionServer::sweep(std::int64_t now) {
  scanners_.expire(now);
  std::vector<std::shared_ptr<Region>> replicas;
  {
    const std::unique_lock lock(mutex_);
    boost::unordered::erase_if(moved_, [now](const auto& entry) { return entry.second.until < now; });
    for (const auto& [name, region] : online_) {
      if (region->is_replica()) replicas.push_back(region);
    }
  }
  for (const auto& replica : replicas) (void)replica->lock_to_read(now);
}

std::size_t RegionServer::region_count() const {
  const std::shared_lock lock(mutex_);
  return online_.size();
}

Answer<std::shared_ptr<Region>> RegionServer::find(const pb::RegionSpecifier& specifier) const {
  std::string_view encoded = specifier.value();
  if (specifier.type() == pb::RegionSpecifier::REGION_NAME) encoded = core::encoded_region_name(encoded);
  {
    const std::shared_lock lock(mutex_);
    if (const auto found = online_.find(encoded); found != online_.end()) return found->second;
  }
  return not_serving(specifier, encoded);
}

std::shared_ptr<Region> RegionServer::find_region(const pb::RegionSpecifier& specifier) const {
  auto found = find(specifier);
  return found ? std::move(*found) : nullptr;
}

std::shared_ptr<Region> RegionServer::region_of_scanner(std::uint64_t id) const {
  std::shared_ptr<OpenScanner> open;
  std::uint64_t next_call = 0;
  return scanners_.find(id, open, next_call) == ScannerTable::Lookup::found ? open->region : nullptr;
}

RemoteException RegionServer::not_serving(const pb::RegionSpecifier& specifier, std::string_view encoded) const {
  const std::shared_lock lock(mutex_);
  if (const auto found = moved_.find(encoded); found != moved_.end() && clock_() < found->second.until) {
    const ServerName& to = found->second.to;
    return exceptions::region_moved(to.address.host, to.address.port, to.start_code, found->second.sequence);
  }
  return exceptions::not_serving_region(core::to_string_binary(specifier.value()) + " is not online on " +
                                        name_.to_string());
}

/// With the region's mutex held: it may have been closed since it was looked up.
Answer<void> RegionServer::check_open(Region& region) const {
  if (region.host() == this) return {};
  pb::RegionSpecifier specifier;
  specifier.set_type(pb::RegionSpecifier::REGION_NAME);
  specifier.set_value(region.name());
  return not_serving(specifier, region.encoded_name());
}

}  // namespace hbmux::mini
