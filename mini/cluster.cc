#include "mini/cluster_impl.h"

#include "core/bytes.h"

#include <algorithm>
#include <random>

namespace hbmux::mini {

std::int64_t wall_clock() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

namespace {

Error error_of(const RemoteException& exception) {
  const std::string name = exception.class_name.substr(exception.class_name.rfind('.') + 1);
  const Errc code = name == "TableExistsException"         ? Errc::table_exists
                    : name == "TableNotFoundException"     ? Errc::table_not_found
                    : name == "NamespaceNotFoundException" ? Errc::namespace_not_found
                                                           : Errc::invalid_argument;
  return Error(code, exception.class_name + ": " + exception.message)
      .with_exception(exception.class_name, exception.message);
}

Result<void> result_of(const Answer<void>& answer) {
  if (!answer) return error_of(answer.error());
  return {};
}

/// What HBase's shell gives a family of which nothing but the name is said.
void put_default_attributes(pb::ColumnFamilySchema& family) {
  static constexpr std::pair<const char*, const char*> kDefaults[] = {
      {"BLOOMFILTER", "ROW"},          {"IN_MEMORY", "false"},          {"VERSIONS", "1"},
      {"KEEP_DELETED_CELLS", "FALSE"}, {"DATA_BLOCK_ENCODING", "NONE"}, {"COMPRESSION", "NONE"},
      {"TTL", "2147483647"},           {"MIN_VERSIONS", "0"},           {"BLOCKCACHE", "true"},
      {"BLOCKSIZE", "65536"},          {"REPLICATION_SCOPE", "0"}};
  for (const auto& [name, value] : kDefaults) {
    auto& attribute = *family.add_attributes();
    attribute.set_first(name);
    attribute.set_second(value);
  }
}

std::string make_cluster_id(std::uint64_t seed) {
  std::mt19937_64 random(seed ^ static_cast<std::uint64_t>(wall_clock()));
  static constexpr char kHex[] = "0123456789abcdef";
  std::string id;
  for (int i = 0; i < 36; ++i) id += i == 8 || i == 13 || i == 18 || i == 23 ? '-' : kHex[random() % 16];
  return id;
}

}  // namespace

Cluster::Impl::Impl(const Options& chosen)
    : options(chosen),
      faults(chosen.seed, std::chrono::steady_clock::now),
      network(chosen.threads),
      clock_jumps(static_cast<std::size_t>(chosen.region_servers) + 1) {
  network.seed = chosen.seed;
  faults.set_actor([this](const Fault& fault) { return act(fault); });
}

std::int64_t Cluster::Impl::new_start_code() {
  last_start_code = std::max(last_start_code + 1, wall_clock());
  return last_start_code;
}

Listener::MakeDialogue Cluster::Impl::rpc(RegionServer* server) {
  return [this, server] { return std::make_unique<Session>(Endpoint{master.get(), server, &faults}); };
}

std::function<std::int64_t()> Cluster::Impl::clock_of(int server) {
  const auto& jump = server >= 0 ? clock_jumps[static_cast<std::size_t>(server)] : clock_jumps.back();
  return [&jump] { return wall_clock() + jump.load(std::memory_order_relaxed); };
}

Listener::Server Cluster::Impl::place_of(int server) {
  std::function<bool()> commit;
  if (journal != nullptr) commit = [this] { return journal->commit(); };
  return {server, clock_of(server), &faults, std::move(commit)};
}

Result<void> Cluster::Impl::start() {
  if (auto opened = open_journal(); !opened) return opened;
  auto port = [&](int offset) {
    return options.base_port == 0 ? std::uint16_t{0} : static_cast<std::uint16_t>(options.base_port + offset);
  };
  master_listener = std::make_shared<Listener>(network, options.host, port(0), place_of(kMasterServer));
  if (auto bound = master_listener->bind(); !bound) return bound;
  zookeeper_listener =
      std::make_shared<Listener>(network, options.host, options.zookeeper_port, place_of(kZooKeeperServer));
  if (auto bound = zookeeper_listener->bind(); !bound) return bound;
  for (int i = 0; i < options.region_servers; ++i) {
    auto listener = std::make_shared<Listener>(network, options.host, port(1 + i), place_of(i));
    if (auto bound = listener->bind(); !bound) return bound;
    servers.push_back(std::make_shared<RegionServer>(i, ServerName{{options.host, listener->port()}, new_start_code()},
                                                     options.scanner_lease, clock_of(i)));
    servers.back()->set_endpoints(&endpoints);
    servers.back()->tell_load(options.load_statistics);
    servers.back()->set_stop_handler([this, i] {
      // After its answer has gone out.
      network.after(std::chrono::milliseconds(20), [this, i] { (void)kill(i, std::chrono::milliseconds(0), false); });
    });
    listeners.push_back(std::move(listener));
  }
  MasterEnvironment environment{
      clock_of(kMasterServer),
      [this](std::chrono::milliseconds delay, std::function<void()> work) { network.after(delay, std::move(work)); }};
  master = std::make_unique<Master>(ServerName{{options.host, master_listener->port()}, new_start_code()},
                                    image.cluster_id.empty() ? make_cluster_id(options.seed) : image.cluster_id,
                                    servers, options.procedure_time, std::move(environment));
  master->set_replica_lag(options.replica_lag);
  if (options.meta_replicas > 1) master->replicate_meta(options.meta_replicas);
  if (journal != nullptr) {
    master->keep_in(*journal, image);
    image = {};
    if (auto written = kept({}); !written) return written;
  }
  for (std::size_t i = 0; i < servers.size(); ++i) {
    if (auto listens = listeners[i]->listen(rpc(servers[i].get())); !listens) return listens;
  }
  if (auto listens = master_listener->listen(rpc(nullptr)); !listens) return listens;
  znodes = std::make_unique<ZnodeTree>(*master, options.znode_parent);
  zookeeper_sessions = std::make_unique<ZooKeeperSessions>(options.seed);
  auto zookeeper = [this] { return std::make_unique<ZooKeeperDialogue>(*znodes, *zookeeper_sessions, &faults); };
  if (auto listens = zookeeper_listener->listen(zookeeper); !listens) return listens;
  sweep();
  return {};
}

void Cluster::Impl::sweep() {
  const auto interval =
      std::clamp(options.scanner_lease / 4, std::chrono::milliseconds(10), std::chrono::milliseconds(1000));
  network.after(interval, [this] {
    for (const auto& server : servers) server->sweep(clock_of(server->index())());
    snapshot_when_due();
    sweep();
  });
}

void Cluster::Impl::stop() {
  director.stop();  // before the lock, for which it may be waiting
  const std::lock_guard lock(mutex);
  if (stopped) return;
  stopped = true;
  for (const auto& listener : listeners) listener->close();
  if (master_listener) master_listener->close();
  if (zookeeper_listener) zookeeper_listener->close();
  network.stop();
}

Cluster::Cluster(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Cluster::Cluster(Cluster&&) noexcept = default;
Cluster& Cluster::operator=(Cluster&&) noexcept = default;
Cluster::~Cluster() {
  if (impl_) impl_->stop();
}

Result<Cluster> Cluster::start(Options options) {
  if (options.region_servers < 1)
    return Error(Errc::invalid_argument, "an embedded cluster needs at least one region server");
  if (options.threads < 0) return Error(Errc::invalid_argument, "threads must not be negative");
  if (options.base_port != 0 && options.base_port + options.region_servers > 65535) {
    return Error(Errc::invalid_argument, "the ports from base_port on do not suffice for so many region servers");
  }
  const std::string& parent = options.znode_parent;
  if (parent.size() < 2 || parent.front() != '/' || parent.back() == '/' || parent.find("//") != std::string::npos) {
    return Error(Errc::invalid_argument, "\"" + parent + "\" is no path of a znode");
  }
  auto impl = std::make_shared<Impl>(options);
  if (auto started = impl->start(); !started) return started.error();
  return Cluster(std::move(impl));
}

Configuration Cluster::client_configuration() const {
  Configuration configuration;
  std::string nodes = impl_->master->name().address.to_string();
  for (const auto& server : impl_->servers) nodes += "," + server->name().address.to_string();
  configuration.set("hbase.client.registry.impl", "org.apache.hadoop.hbase.client.RpcConnectionRegistry",
                    "the embedded cluster");
  configuration.set("hbase.client.bootstrap.servers", nodes, "the embedded cluster");
  return configuration;
}

Configuration Cluster::zookeeper_configuration() const {
  constexpr const char* kOrigin = "the embedded cluster";
  Configuration configuration;
  configuration.set("hbase.client.registry.impl", "org.apache.hadoop.hbase.client.ZKConnectionRegistry", kOrigin);
  configuration.set("hbase.zookeeper.quorum", impl_->options.host, kOrigin);
  configuration.set("hbase.zookeeper.property.clientPort", std::to_string(impl_->zookeeper_listener->port()), kOrigin);
  configuration.set("zookeeper.znode.parent", impl_->options.znode_parent, kOrigin);
  return configuration;
}

std::string Cluster::zookeeper_address() const {
  return ServerAddress{impl_->options.host, impl_->zookeeper_listener->port()}.to_string();
}
std::string Cluster::zookeeper_uri() const { return "hbase+zk://" + zookeeper_address() + impl_->options.znode_parent; }
std::string Cluster::connection_uri() const { return "hbase+rpc://" + impl_->master->name().address.to_string(); }
ServerName Cluster::master() const { return impl_->master->name(); }

std::vector<ServerName> Cluster::region_servers() const {
  std::vector<ServerName> names;
  for (const auto& server : impl_->servers) names.push_back(server->name());
  return names;
}

bool Cluster::is_alive(int server) const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->is_alive(server);
}

std::vector<RegionStatus> Cluster::regions(std::string_view table) const {
  std::vector<RegionStatus> statuses;
  for (const auto& [region, server] : impl_->master->regions(table, true)) {
    statuses.push_back({region->name(), std::string(region->encoded_name()), region->table(), region->start_key(),
                        region->end_key(), server, region->replica()});
  }
  return statuses;
}

Result<void> Cluster::create_table(std::string_view table, std::vector<std::string> families,
                                   std::vector<std::string> split_keys, int region_replication) {
  pb::TableSchema schema;
  *schema.mutable_table_name() = table_name_message(table);
  if (region_replication != 1) {
    auto& attribute = *schema.add_attributes();
    attribute.set_first("REGION_REPLICATION");
    attribute.set_second(std::to_string(region_replication));
  }
  for (std::string& name : families) {
    auto& family = *schema.add_column_families();
    family.set_name(std::move(name));
    put_default_attributes(family);
  }
  return impl_->kept(result_of(impl_->master->create_table(std::move(schema), std::move(split_keys))));
}

Result<void> Cluster::move_region(std::string_view encoded_name, int server) {
  if (!is_alive(server))
    return Error(Errc::invalid_argument, "region server " + std::to_string(server) + " is not running");
  return result_of(impl_->master->move_region(encoded_name, server));
}

Result<void> Cluster::split_region(std::string_view encoded_name, std::string_view row) {
  return impl_->kept(result_of(impl_->master->split_region(encoded_name, row)));
}

Result<void> Cluster::kill_region_server(int server, std::chrono::milliseconds reassign_after) {
  return impl_->kill(server, reassign_after, false);
}

Result<void> Cluster::start_region_server(int server) { return impl_->revive(server); }

/// With the mutex held.
bool Cluster::Impl::is_alive(int server) const {
  return has_server(server) && !frozen.contains(server) && servers[static_cast<std::size_t>(server)]->is_alive();
}

Result<void> Cluster::Impl::kill(int server, std::chrono::milliseconds reassign_after, bool keeps_memory) {
  const std::lock_guard lock(mutex);
  if (!is_alive(server)) {
    return Error(Errc::invalid_argument, "region server " + std::to_string(server) + " is not running");
  }
  refusing.erase(server);
  // First the sockets: nothing is acknowledged or refused by a server that is dead.
  listeners[static_cast<std::size_t>(server)]->kill();
  if (keeps_memory) {
    frozen.insert(server);
  } else {
    master->server_died(server, reassign_after);
  }
  return {};
}

Result<void> Cluster::Impl::revive(int server) {
  const std::lock_guard lock(mutex);
  if (!has_server(server)) return Error(Errc::invalid_argument, "there is no region server " + std::to_string(server));
  if (is_alive(server)) return Error(Errc::invalid_argument, "region server " + std::to_string(server) + " is running");
  const auto index = static_cast<std::size_t>(server);
  if (frozen.erase(server) == 0) master->server_started(server, new_start_code());
  return listeners[index]->listen(rpc(servers[index].get()));
}

void Cluster::balance() { impl_->master->balance(); }

void Cluster::serve_endpoint(std::string service, EndpointHandler handler) {
  impl_->endpoints.serve(std::move(service), std::move(handler));
}

Cluster::Stats Cluster::stats() const {
  Stats stats;
  stats.calls = impl_->network.calls.load();
  stats.connections_open = impl_->network.connections_open.load();
  stats.connections_accepted = impl_->network.connections_accepted.load();
  for (const auto& server : impl_->servers) stats.scanners_open += server->scanner_count();
  return stats;
}

void Cluster::stop() { impl_->stop(); }

}  // namespace hbmux::mini
