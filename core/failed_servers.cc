#include "core/failed_servers.h"

namespace hbmux::core {

void FailedServers::add(const ServerAddress& address, TimePoint now, const Error& why) {
  if (expiry_.count() <= 0) return;
  std::lock_guard lock(mutex_);
  drop_expired(now);
  entries_[address] = {now + expiry_, why.message()};
  any_.store(true, std::memory_order_release);
}

std::optional<Error> FailedServers::find(const ServerAddress& address, TimePoint now) {
  if (!any()) return std::nullopt;
  std::lock_guard lock(mutex_);
  drop_expired(now);
  const auto found = entries_.find(address);
  if (found == entries_.end()) return std::nullopt;
  const auto name = address.to_string();
  return Error(Errc::failed_server, name + " is on the failed-servers list: " + found->second.why).with_server(name);
}

std::vector<std::string> FailedServers::list(TimePoint now) {
  std::lock_guard lock(mutex_);
  drop_expired(now);
  std::vector<std::string> names;
  for (const auto& [address, entry] : entries_) names.push_back(address.to_string());
  return names;
}

void FailedServers::drop_expired(TimePoint now) {
  std::erase_if(entries_, [now](const auto& item) { return item.second.until <= now; });
  if (entries_.empty()) any_.store(false, std::memory_order_release);
}

}  // namespace hbmux::core
