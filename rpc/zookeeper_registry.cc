#include "rpc/zookeeper_registry.h"

#include "core/log.h"
#include "core/zookeeper_data.h"
#include "rpc/asio_lane.h"
#include "rpc/random.h"
#include "rpc/zookeeper_client.h"

#include <hbmux/region_info.h>
#include <hbmux/table_name.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace hbmux::rpc {
namespace {

/// Names a znode in messages.
struct Place {
  std::string path, parent, quorum;

  Error missing(std::string_view otherwise) const {
    return Error(Errc::unavailable, "there is no znode " + path + " in ZooKeeper (" + quorum +
                                        "): " + std::string(otherwise) + ", or zookeeper.znode.parent (" + parent +
                                        ") does not name the cluster");
  }
  Error with_place(const Error& error) const {
    return Error(error).with_context("znode " + path + " in ZooKeeper (" + quorum + ")");
  }
};

Place place(const core::ZooKeeperSettings& settings, const std::string& znode) {
  const std::string parent = settings.znode_parent.empty() ? "/" : settings.znode_parent;
  return {znode.empty() ? parent : settings.znode_parent + "/" + znode, parent, settings.quorum};
}

/// Gets one znode and parses it; `otherwise` is what else its absence may mean.
template <class T>
void get(ZooKeeperClient& client, Place at, TimePoint deadline, Result<T> (*parse)(std::string_view),
         std::string_view otherwise, Registry::Handler<T> handler) {
  std::string path = at.path;
  client.get(std::move(path), deadline,
             [at = std::move(at), parse, otherwise,
              handler = std::move(handler)](Result<std::optional<std::string>> data) mutable {
               if (!data) return handler(data.error());
               if (!*data || (*data)->empty()) return handler(at.missing(otherwise));
               auto parsed = parse(**data);
               if (!parsed) return handler(at.with_place(parsed.error()));
               handler(std::move(parsed));
             });
}

constexpr std::string_view kNoMeta = "hbase:meta is not on any server yet";

/// Reads the place of hbase:meta and of its replicas. All its handlers run on one lane. The numbers of replicas may
/// have gaps; a replica that cannot be read is left out, the primary must be there.
class MetaQuestion : public std::enable_shared_from_this<MetaQuestion> {
 public:
  MetaQuestion(std::shared_ptr<ZooKeeperClient> client, const core::ZooKeeperSettings& settings, TimePoint deadline,
               Registry::Handler<core::LocationsPtr> handler)
      : client_(std::move(client)), settings_(settings), deadline_(deadline), handler_(std::move(handler)) {
    locations_->region = RegionInfo::meta();
  }

  void start() {
    client_->children(place(settings_, "").path, deadline_,
                      [self = shared_from_this()](auto names) { self->on_names(std::move(names)); });
  }

 private:
  void on_names(Result<std::optional<std::vector<std::string>>> names) {
    if (!names) return end(names.error());
    if (!*names) return end(place(settings_, "").missing("the cluster was never started"));
    std::vector<std::pair<int, std::string>> replicas;
    bool has_primary = false;
    for (std::string& name : **names) {
      const auto replica = core::meta_replica_of(name, settings_.meta_znode);
      if (!replica) continue;
      has_primary |= *replica == 0;
      replicas.emplace_back(*replica, std::move(name));
    }
    if (!has_primary) return end(place(settings_, settings_.meta_znode).missing(kNoMeta));
    waiting_ = replicas.size();
    for (const auto& [replica, name] : replicas) {
      get<core::MetaServer>(*client_, place(settings_, name), deadline_, &core::parse_meta_server, kNoMeta,
                            [self = shared_from_this(), replica = replica](Result<core::MetaServer> server) {
                              self->on_server(replica, std::move(server));
                            });
    }
  }

  void on_server(int replica, Result<core::MetaServer> server) {
    --waiting_;
    if (!handler_) return;  // the primary's failure has ended it
    if (replica == 0) {
      if (!server) return end(server.error());
      // Also while the region is opening: the server itself says so, and nobody knows a better one.
      locations_->primary = {RegionInfo::meta(), std::move(server->server), -1};
    } else if (server && server->is_open) {
      auto region = std::make_shared<const RegionInfo>(TableName::meta(), "", "", 1, replica);
      locations_->secondaries.push_back({std::move(region), std::move(server->server), -1});
    } else if (!server) {
      core::log(LogLevel::info, [&] { return "left out a replica of hbase:meta: " + server.error().to_string(); });
    }
    if (waiting_ > 0) return;
    auto& secondaries = locations_->secondaries;
    std::sort(secondaries.begin(), secondaries.end(), [](const RegionLocation& a, const RegionLocation& b) {
      return a.region->replica_id() < b.region->replica_id();
    });
    end(core::LocationsPtr(std::move(locations_)));
  }

  void end(Result<core::LocationsPtr> result) { std::exchange(handler_, nullptr)(std::move(result)); }

  const std::shared_ptr<ZooKeeperClient> client_;
  const core::ZooKeeperSettings settings_;
  const TimePoint deadline_;
  Registry::Handler<core::LocationsPtr> handler_;
  std::shared_ptr<core::RegionLocations> locations_ = std::make_shared<core::RegionLocations>();
  std::size_t waiting_ = 0;
};

}  // namespace

ZooKeeperRegistry::ZooKeeperRegistry(const core::ZooKeeperSettings& settings,
                                     const std::vector<std::shared_ptr<Lane>>& lanes)
    : client_(std::make_shared<ZooKeeperClient>(settings, lanes.front(), static_cast<std::uint32_t>(random_bits()))),
      settings_(settings),
      fork_generation_(rpc::fork_generation()) {}

ZooKeeperRegistry::~ZooKeeperRegistry() {
  if (fork_generation_ != rpc::fork_generation()) {
    // A child has none of the lanes' threads, and their locks as they were: leave everything as it is.
    static auto& left_behind = *new std::vector<std::shared_ptr<ZooKeeperClient>>;
    left_behind.push_back(std::move(client_));
    return;
  }
  client_->close(Error(Errc::closed, "the connection was closed"));
}

void ZooKeeperRegistry::async_meta_locations(TimePoint deadline, Handler<core::LocationsPtr> handler) {
  std::make_shared<MetaQuestion>(client_, settings_, deadline, std::move(handler))->start();
}

void ZooKeeperRegistry::async_active_master(TimePoint deadline, Handler<ServerName> handler) {
  get<ServerName>(*client_, place(settings_, settings_.master_znode), deadline, &core::parse_active_master,
                  "no master is active", std::move(handler));
}

void ZooKeeperRegistry::async_cluster_id(TimePoint deadline, Handler<std::string> handler) {
  get<std::string>(*client_, place(settings_, settings_.cluster_id_znode), deadline, &core::parse_cluster_id,
                   "the cluster was never started", std::move(handler));
}

void ZooKeeperRegistry::close(const Error& reason) {
  if (fork_generation_ == rpc::fork_generation()) client_->close(reason);
}

}  // namespace hbmux::rpc
