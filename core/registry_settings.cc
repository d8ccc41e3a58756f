#include "core/registry_settings.h"

#include <unistd.h>

#include <algorithm>

namespace hbmux::core {
namespace {

using std::chrono::seconds;

constexpr std::string_view kBootstrap = "hbase.client.bootstrap.servers";
constexpr std::string_view kMasters = "hbase.masters";
constexpr std::string_view kMasterPort = "hbase.master.port";
constexpr std::uint16_t kMasterPortDefault = 16000;
constexpr std::int64_t kSecondsMax = std::int64_t{100} * 365 * 24 * 3600;

/// As a server that runs on this machine calls itself.
std::string local_host() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 && name[0] ? name : "localhost";
}

std::vector<ServerAddress> addresses(PropertyReader& reader, std::string_view property, std::uint16_t default_port) {
  std::vector<ServerAddress> found;
  for (const std::string& item : reader.list(property)) {
    auto address = ServerAddress::parse(item, default_port);
    if (address) {
      found.push_back(std::move(*address));
    } else {
      reader.refuse(property, address.error().message());
    }
  }
  return found;
}

std::vector<ServerAddress> endpoints(PropertyReader& reader, RegistryKind kind) {
  std::vector<ServerAddress> found;
  if (kind == RegistryKind::rpc) found = addresses(reader, kBootstrap, 0);
  if (found.empty()) found = addresses(reader, kMasters, kMasterPortDefault);
  if (found.empty()) {
    found.push_back({local_host(), reader.integer<std::uint16_t>(kMasterPort, kMasterPortDefault, 1, 65535)});
  }
  return found;
}

std::uint16_t client_port(PropertyReader& reader) {
  const auto port = reader.integer<std::uint16_t>("hbase.zookeeper.property.clientPort", 2181, 1, 65535);
  return reader.integer<std::uint16_t>("hbase.client.zookeeper.property.clientPort", port, 1, 65535);
}

std::string quorum(PropertyReader& reader) {
  std::string_view property = "hbase.client.zookeeper.quorum";
  std::vector<std::string> items = reader.list(property);
  if (items.empty()) {
    property = "hbase.zookeeper.quorum";
    items = reader.list(property);
  }
  if (items.empty()) items = {"127.0.0.1"};
  std::string chroot;
  if (const std::size_t slash = items.back().find('/'); slash != std::string::npos) {
    chroot = items.back().substr(slash);
    items.back().resize(slash);
  }
  const std::uint16_t port = client_port(reader);
  std::string text;
  for (const std::string& item : items) {
    const auto address = ServerAddress::parse(item, port);
    if (!address) {
      reader.refuse(property, address.error().message());
      return {};
    }
    text += (text.empty() ? "" : ",") + address->to_string();
  }
  return text + chroot;
}

/// An absolute path without empty parts; "/" becomes "".
std::string znode_parent(PropertyReader& reader, const std::string& otherwise) {
  constexpr std::string_view kParent = "zookeeper.znode.parent";
  std::string path = reader.text(kParent, otherwise);
  if (path[0] != '/' || path.find("//") != std::string::npos) reader.refuse(kParent, "expected a path such as /hbase");
  if (path.ends_with('/')) path.pop_back();
  return path;
}

}  // namespace

void read_server_registry(PropertyReader& reader, RegistryKind kind, RegistrySettings& settings) {
  settings.endpoints = endpoints(reader, kind);
  const std::string prefix = kind == RegistryKind::rpc ? "hbase.client.bootstrap." : "hbase.client.master_registry.";
  auto read_seconds = [&](const std::string& name, seconds otherwise, std::int64_t min) {
    return seconds(reader.integer<std::int64_t>(prefix + name, otherwise.count(), min, kSecondsMax));
  };
  settings.hedged_fan_out = std::max(1, reader.integer(prefix + "hedged.fanout", settings.hedged_fan_out, INT32_MIN));
  settings.refresh_interval = read_seconds("refresh_interval_secs", settings.refresh_interval, -kSecondsMax);
  settings.initial_refresh_delay =
      read_seconds("initial_refresh_delay_secs", std::max(seconds(1), settings.refresh_interval / 10), 0);
  const std::string least = prefix + "min_secs_between_refreshes";
  settings.min_between_refreshes = read_seconds("min_secs_between_refreshes", settings.min_between_refreshes, 0);
  if (settings.refresh_interval > seconds(0) && settings.min_between_refreshes >= settings.refresh_interval) {
    // HBase refuses this; only its own default of 60 seconds may give way.
    if (reader.configuration().get_raw(least)) {
      reader.refuse(least, "expected less than " + prefix + "refresh_interval_secs, which is " +
                               std::to_string(settings.refresh_interval.count()));
    }
    settings.min_between_refreshes = settings.refresh_interval - seconds(1);
  }
}

void read_zookeeper(PropertyReader& reader, ZooKeeperSettings& settings) {
  settings.quorum = quorum(reader);
  settings.znode_parent = znode_parent(reader, settings.znode_parent);
  auto node = [&](std::string_view property, std::string& name) {
    name = reader.text(property, name);
    if (name.find('/') != std::string::npos) reader.refuse(property, "expected a name without a slash");
  };
  node("zookeeper.znode.metaserver", settings.meta_znode);
  node("zookeeper.znode.master", settings.master_znode);
  node("zookeeper.znode.clusterId", settings.cluster_id_znode);
  // Zero would be replaced by the server's least; ZooKeeper's number has 32 bits.
  settings.session_timeout =
      std::min(reader.millis("zookeeper.session.timeout", settings.session_timeout, std::chrono::milliseconds(1)),
               std::chrono::milliseconds(INT32_MAX));
  settings.keep_alive = reader.millis("zookeeper.keep-alive.time", settings.keep_alive);
  settings.recovery_retries = reader.integer("zookeeper.recovery.retry", settings.recovery_retries, 0);
  settings.recovery_pause = reader.millis("zookeeper.recovery.retry.intervalmill", settings.recovery_pause);
}

}  // namespace hbmux::core
