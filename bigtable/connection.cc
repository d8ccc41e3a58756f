#include "bigtable/connection.h"

#include "bigtable/admin.h"
#include "bigtable/operation.h"
#include "bigtable/table.h"
#include "client/statistics_socket.h"
#include "client/statistics_text.h"
#include "core/log.h"
#include "rpc/asio_lane.h"
#include "rpc/lane_runtime.h"
#include "rpc/random.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

namespace hbmux::bigtable {
namespace {

std::size_t lanes_of(const core::ClientSettings& settings) {
  if (settings.lanes != 0) return settings.lanes;
  return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 4);
}

}  // namespace

PoolOptions pool_options_of(const core::ClientSettings& settings) {
  PoolOptions options;
  options.type = settings.pool_type;
  options.size = settings.pool_size;
  options.size_min = settings.pool_size_min;
  options.total_max = settings.pool_total_max;
  options.waiting_max = settings.borrow_waiting_max;
  options.choice = settings.pool_choice;
  options.lifetime_max = settings.pool_lifetime_max;
  options.idle_timeout = settings.idle_close;
  options.reaper_period = settings.pool_reaper_period;
  options.leak_after = settings.pool_leak_time;
  return options;
}

BigtableConnection::BigtableConnection(Settings settings, std::shared_ptr<ChannelConnector> connector)
    : settings_(std::move(settings)),
      user_(std::make_shared<const User>(settings_.client.user)),
      connector_(std::move(connector)),
      data_key_{settings_.data_endpoint, Service::data},
      admin_key_{settings_.admin_endpoint, Service::admin},
      fork_generation_(rpc::fork_generation()),
      lanes_(rpc::start_lanes(lanes_of(settings_.client))),
      pool_(std::make_unique<ChannelPool>(pool_options_of(settings_.client), connector_,
                                         std::make_shared<rpc::LaneRuntime>(lanes_.front()))) {}

Result<std::shared_ptr<client::ConnectionBackend>> BigtableConnection::open(const Configuration& configuration,
                                                                                  const Attributes& attributes) {
  if (!attributes.empty()) return Error(Errc::unsupported, "attributes of a connection: Bigtable has nothing of the kind");
  auto settings = Settings::from(configuration);
  if (!settings) return settings.error();
  auto connector = ChannelConnector::make(*settings);
  if (!connector) return connector.error();
  return std::shared_ptr<client::ConnectionBackend>(new BigtableConnection(std::move(*settings), std::move(*connector)));
}

BigtableConnection::~BigtableConnection() {
  if (is_forked()) {
    (void)pool_.release();  // its threads and sockets are the parent's
    auto& leaked = *new std::vector<std::shared_ptr<rpc::Lane>>(std::move(lanes_));
    (void)leaked;
    return;
  }
  close(Error(Errc::closed, "the connection was closed"));
  if (!stopped_) {
    // The last operation ended on one of the lanes, whose code is still on the stack.
    std::thread([lanes = lanes_] { rpc::stop_lanes(lanes); }).detach();
  }
}

std::shared_ptr<const client::TableBackend> BigtableConnection::table(TableName name, std::shared_ptr<const User> user) {
  return BigtableTable::make(shared_from_this(), std::move(name), *user == *user_);
}

std::shared_ptr<const client::AdminBackend> BigtableConnection::admin(std::shared_ptr<const User> user) {
  return std::make_shared<BigtableAdmin>(shared_from_this(), *user == *user_);
}

Result<std::string> BigtableConnection::full_name(const TableName& table) const {
  if (table.namespace_name() != "default") {
    return Error(Errc::unsupported, "table '" + table.to_string() + "': Bigtable has no namespaces");
  }
  return settings_.instance_name() + "/tables/" + table.qualifier();
}

bool BigtableConnection::is_forked() const noexcept { return rpc::fork_generation() != fork_generation_; }

std::optional<Error> BigtableConnection::closed_error() const {
  if (is_forked()) {
    return Error(Errc::forked, "the process was forked after this connection was opened: open a new one in the child");
  }
  if (!closed_.load(std::memory_order_acquire)) return std::nullopt;
  std::lock_guard lock(mutex_);
  return reason_;
}

bool BigtableConnection::runs_on_own_lane() const noexcept {
  return std::ranges::any_of(lanes_, [](const auto& lane) { return lane->runs_here(); });
}

const std::shared_ptr<rpc::Lane>& BigtableConnection::lane() noexcept {
  for (const auto& lane : lanes_) {
    if (lane->runs_here()) return lane;
  }
  return lanes_[next_lane_.fetch_add(1, std::memory_order_relaxed) % lanes_.size()];
}

void BigtableConnection::post_to(std::shared_ptr<rpc::Lane> lane, rpc::Task task) const {
  if (is_forked()) {
    std::thread(std::move(task)).detach();
  } else {
    lane->post(std::move(task));
  }
}

double BigtableConnection::random() const noexcept { return static_cast<double>(rpc::random_bits() >> 11) * 0x1p-53; }

void BigtableConnection::remember(const Operation* operation, std::weak_ptr<Operation> weak) {
  if (is_forked()) return;  // the lock may be the parent's
  std::lock_guard lock(mutex_);
  operations_.emplace(operation, std::move(weak));
}

void BigtableConnection::forget(const Operation* operation) noexcept {
  if (is_forked()) return;
  std::lock_guard lock(mutex_);
  operations_.erase(operation);
}

void BigtableConnection::close(Error reason) {
  if (is_forked()) return;
  std::vector<std::weak_ptr<Operation>> operations;
  std::unique_ptr<client::StatisticsSocket> socket;
  bool first = false;
  {
    std::lock_guard lock(mutex_);
    first = !closed_.load(std::memory_order_relaxed);
    if (first) {
      reason_ = reason;
      closed_.store(true, std::memory_order_release);
      for (const auto& [operation, weak] : operations_) operations.push_back(weak);
      socket = std::move(statistics_socket_);
    }
  }
  if (first) {
    socket.reset();
    for (const auto& weak : operations) {
      if (auto operation = weak.lock()) operation->abort(reason);
    }
    pool_->close(reason);
  }
  if (runs_on_own_lane()) return;
  std::lock_guard lock(stop_mutex_);
  if (stopped_) return;
  let_calls_end();
  stopped_ = true;
  if (!rpc::stop_lanes(lanes_)) {
    core::log(LogLevel::warning, [] {
      return std::string("a handler did not return while its connection was closed; the connection's memory is not freed");
    });
  }
}

// They were cancelled, and tell their lanes so: half a second is much.
void BigtableConnection::let_calls_end() const {
  for (int turn = 0; turn < 100; ++turn) {
    {
      std::lock_guard lock(mutex_);
      if (operations_.empty() && live_calls_.load(std::memory_order_acquire) == 0) return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

ConnectionStatistics BigtableConnection::statistics() const {
  ConnectionStatistics out;
  if (is_forked()) return out;
  const PoolOptions options = pool_->options();
  for (auto& entry : pool_->statistics()) {
    PoolEntryStatistics item;
    item.address = entry.key.endpoint;
    item.user = user_->effective;
    item.service = to_string(entry.key.service);
    item.type = to_string(options.type);
    item.size_max = options.size;
    const bool lends = options.type == PoolType::reusable;
    item.in_use = lends ? entry.counts.in_use : 0;
    item.waiting = entry.counts.waiting;
    item.created = entry.counts.created;
    item.closed = entry.counts.closed();
    for (const auto& channel : entry.resources) {
      const std::size_t calls = channel->calls();
      item.calls_in_flight += calls;
      ++item.open;
      if (!lends && calls != 0) ++item.in_use;
    }
    item.idle = item.open - std::min(item.open, item.in_use);
    item.closed_by = entry.counts.closed_by;
    item.borrowed = lends ? entry.counts.borrowed : 0;
    item.given_up = entry.counts.given_up;
    item.waits = entry.counts.waits;
    out.calls_in_flight += item.calls_in_flight;
    out.sockets_opened += item.created;
    out.pools.push_back(std::move(item));
  }
  out.calls = calls_.load(std::memory_order_relaxed);
  out.calls_failed = calls_failed_.load(std::memory_order_relaxed);
  out.timed_out = timed_out_.load(std::memory_order_relaxed);
  out.retries = retries_.load(std::memory_order_relaxed);
  return out;
}

Result<void> BigtableConnection::reconfigure_pools(const Configuration& configuration) {
  if (auto closed = closed_error()) return *closed;
  auto settings = Settings::from(configuration);
  if (!settings) return settings.error();
  return pool_->set_options(pool_options_of(settings->client));
}

Result<void> BigtableConnection::expose_statistics(const std::string& path) {
  if (auto closed = closed_error()) return *closed;
  auto text = [weak = weak_from_this()] {
    auto self = weak.lock();
    return self ? client::format_statistics(self->statistics()) : std::string();
  };
  auto socket = client::StatisticsSocket::open(path, std::move(text));
  if (!socket) return socket.error();
  std::lock_guard lock(mutex_);
  if (closed_.load(std::memory_order_relaxed)) return reason_;
  if (statistics_socket_) return Error(Errc::invalid_argument, "the statistics are exposed already");
  statistics_socket_ = std::move(*socket);
  return {};
}

}  // namespace hbmux::bigtable
