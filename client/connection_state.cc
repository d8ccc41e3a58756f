#include "client/connection_state.h"

#include "client/admin_context.h"
#include "client/region_locator.h"
#include "client/statistics_socket.h"
#include "client/statistics_text.h"
#include "client/table_context.h"
#include "core/log.h"
#include "rpc/asio_lane.h"
#include "rpc/random.h"
#include "rpc/registry_factory.h"

#include <algorithm>
#include <map>
#include <thread>

namespace hbmux::client {
namespace {

std::size_t lane_count(const core::ClientSettings& settings) {
  if (settings.lanes != 0) return settings.lanes;
  return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 4);
}

/// Where the cluster begins: two connections with the same text lead to the same cluster.
std::string describe_cluster(const core::ClientSettings& settings) {
  if (settings.registry_kind == core::RegistryKind::zookeeper) {
    return "ZooKeeper " + settings.zookeeper.quorum + settings.zookeeper.znode_parent;
  }
  std::string text = settings.registry_kind == core::RegistryKind::rpc ? "bootstrap servers" : "masters";
  for (const auto& endpoint : settings.registry.endpoints) text += " " + endpoint.to_string();
  return text;
}

/// Open connections of this process, by cluster.
class OpenClusters {
 public:
  static OpenClusters& instance() {
    static auto& clusters = *new OpenClusters;  // a connection may outlive everything else that is static
    return clusters;
  }
  void add(const std::string& cluster) {
    std::lock_guard lock(mutex_);
    if (generation_ != rpc::fork_generation()) count_.clear();  // those are the parent's
    generation_ = rpc::fork_generation();
    const int open = ++count_[cluster];
    if (open == 1) return;
    core::log(LogLevel::warning, [&] {
      return "this process has " + std::to_string(open) + " open connections to the cluster at " + cluster +
             ": each has its own threads, sockets and region map. Open one, and share it (ClusterConnection::shared does).";
    });
  }
  void remove(const std::string& cluster) {
    std::lock_guard lock(mutex_);
    const auto at = count_.find(cluster);
    if (at != count_.end() && --at->second == 0) count_.erase(at);
  }

 private:
  std::mutex mutex_;
  std::map<std::string, int> count_;
  std::uint64_t generation_ = 0;
};

std::uint64_t random_not_zero() noexcept {
  for (;;) {
    if (const std::uint64_t bits = rpc::random_bits(); bits != 0) return bits;
  }
}

}  // namespace

ConnectionState::Machinery::Machinery(core::ClientSettings s) : settings(std::move(s)) {}
ConnectionState::Machinery::~Machinery() = default;

bool ConnectionState::Machinery::stop_lanes() { return end_lanes(lanes); }

ConnectionState::ConnectionState(core::ClientSettings settings)
    : machinery_(std::make_unique<Machinery>(std::move(settings))),
      loads_(machinery_->settings.load_backoff ? std::make_unique<RegionLoads>(*machinery_->settings.load_backoff) : nullptr),
      user_(std::make_shared<const User>(machinery_->settings.user)),
      nonce_group_(random_not_zero()),
      fork_generation_(rpc::fork_generation()) {}

Result<std::shared_ptr<ConnectionState>> ConnectionState::open(const Configuration& configuration, rpc::CallIdPolicy call_ids,
                                                               const Lanes* lanes, Attributes attributes) {
  auto settings = core::ClientSettings::from(configuration);
  if (!settings) return settings.error();
  settings->connection_attributes = std::move(attributes);
  std::shared_ptr<ConnectionState> state(new ConnectionState(std::move(*settings)));
  auto& machinery = *state->machinery_;
  machinery.lanes = lanes ? lanes->lanes : rpc::start_lanes(lane_count(machinery.settings));
  machinery.end_lanes = lanes ? lanes->end : rpc::stop_lanes;
  machinery.rpc = std::make_unique<rpc::RpcClient>(machinery.settings, machinery.lanes, call_ids);
  machinery.locator = std::make_unique<RegionLocator>(*state);
  auto registry = rpc::make_registry(machinery.settings, *machinery.rpc);
  if (!registry) {
    state->close(registry.error());
    return registry.error();
  }
  machinery.registry = std::move(*registry);
  state->cluster_ = describe_cluster(machinery.settings);
  OpenClusters::instance().add(state->cluster_);
  return state;
}

ConnectionState::~ConnectionState() {
  if (is_forked()) {
    leak(std::move(machinery_), std::move(statistics_socket_));
    return;
  }
  close(Error(Errc::closed, "the connection was closed"));
  if (stuck_) {
    leak(std::move(machinery_), nullptr);
  } else if (!stopped_) {
    // The last operation ended on one of the lanes, whose code is still on the stack.
    std::thread([machinery = std::move(machinery_)]() mutable {
      if (!machinery->stop_lanes()) leak(std::move(machinery), nullptr);
    }).detach();
  }
}

// In a child the threads are gone, and the sockets are the parent's; in a process where a handler never returns, a thread still uses all of
// it. Nothing can be freed then.
void ConnectionState::leak(std::unique_ptr<Machinery> machinery, std::unique_ptr<StatisticsSocket> socket) {
  static auto& leaked = *new std::vector<std::pair<std::unique_ptr<Machinery>, std::unique_ptr<StatisticsSocket>>>;
  static auto& mutex = *new std::mutex;
  std::lock_guard lock(mutex);
  leaked.emplace_back(std::move(machinery), std::move(socket));
}

std::shared_ptr<const TableBackend> ConnectionState::table(TableName name, std::shared_ptr<const User> user) {
  return TableContext::make(shared_from_this(), std::move(name), std::move(user));
}

std::shared_ptr<const AdminBackend> ConnectionState::admin(std::shared_ptr<const User> user) {
  return std::make_shared<const AdminContext>(shared_from_this(), std::move(user));
}

void ConnectionState::clear_region_location_cache() { machinery_->locator->clear(); }

bool ConnectionState::is_forked() const noexcept { return rpc::fork_generation() != fork_generation_; }

Error ConnectionState::why_closed() const {
  if (is_forked()) {
    return Error(Errc::forked, "the process was forked after this connection was opened: open a new one in the child");
  }
  std::lock_guard lock(mutex_);
  return reason_;
}

bool ConnectionState::runs_on_own_lane() const noexcept {
  return std::ranges::any_of(machinery_->lanes, [](const auto& lane) { return lane->runs_here(); });
}

void ConnectionState::close(Error reason) {
  if (is_forked()) return;
  std::unique_ptr<StatisticsSocket> socket;
  bool first = false;
  {
    std::lock_guard lock(mutex_);
    first = !closed_.load(std::memory_order_relaxed);
    if (first) {
      reason_ = reason;
      closed_.store(true, std::memory_order_release);
      socket = std::move(statistics_socket_);
    }
  }
  if (first) {
    socket.reset();
    if (!cluster_.empty()) OpenClusters::instance().remove(cluster_);
    if (machinery_->registry) machinery_->registry->close(reason);
    machinery_->rpc->close(reason);
    machinery_->locator->close(reason);
  }
  if (runs_on_own_lane()) return;
  std::lock_guard lock(stop_mutex_);
  if (stopped_) return;
  stopped_ = true;
  stuck_ = !machinery_->stop_lanes();
  if (stuck_) {
    core::log(LogLevel::warning, [] {
      return std::string("a handler did not return while its connection was closed; the connection's memory is not freed");
    });
  }
}

void ConnectionState::post(rpc::Task task) {
  if (is_forked()) {
    std::thread(std::move(task)).detach();
  } else {
    machinery_->rpc->lane().post(std::move(task));
  }
}

std::uint64_t ConnectionState::next_nonce() noexcept { return random_not_zero(); }

double ConnectionState::random() noexcept { return static_cast<double>(rpc::random_bits() >> 11) * 0x1p-53; }

ConnectionStatistics ConnectionState::statistics() const {
  ConnectionStatistics statistics;
  if (is_forked()) return statistics;
  machinery_->rpc->add_statistics(statistics);
  statistics.retries = retries_.load(std::memory_order_relaxed);
  statistics.region_lookups = machinery_->locator->lookups();
  return statistics;
}

Result<void> ConnectionState::reconfigure_pools(const Configuration& configuration) {
  if (auto closed = closed_error()) return *closed;
  auto settings = core::ClientSettings::from(configuration);
  if (!settings) return settings.error();
  return machinery_->rpc->reconfigure_pools(*settings);
}

Result<void> ConnectionState::expose_statistics(const std::string& path) {
  if (auto closed = closed_error()) return *closed;
  auto text = [weak = weak_from_this()] {
    auto self = weak.lock();
    return self ? format_statistics(self->statistics()) : std::string();
  };
  auto socket = StatisticsSocket::open(path, std::move(text));
  if (!socket) return socket.error();
  std::lock_guard lock(mutex_);
  if (closed_.load(std::memory_order_relaxed)) return reason_;
  if (statistics_socket_) return Error(Errc::invalid_argument, "the statistics are exposed already");
  statistics_socket_ = std::move(*socket);
  return {};
}

}  // namespace hbmux::client
