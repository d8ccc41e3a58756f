#include <hbmux/cluster_connection.h>

#include "client/connection_backend.h"
#include "core/connection_uri.h"

#include <map>
#include <mutex>

namespace hbmux {
namespace {

TableName parse_name(std::string_view name) {
  auto parsed = TableName::parse(name);
  if (!parsed) throw Exception(parsed.error());
  return std::move(*parsed);
}

Error closed() { return Error(Errc::closed, "the connection was closed"); }

/// The connections that ClusterConnection::shared gave out.
class SharedConnections {
 public:
  static SharedConnections& instance() {
    static auto& connections = *new SharedConnections;
    return connections;
  }

  // The lock is held while one is opened (that sends nothing), so that two threads do not open two.
  Result<std::shared_ptr<ClusterConnection>> get(const Configuration& configuration) {
    std::lock_guard lock(mutex_);
    std::erase_if(connections_, [](const auto& item) { return item.second.expired(); });
    auto& slot = connections_[configuration.properties()];
    if (auto connection = slot.lock(); connection && !connection->is_closed()) return connection;
    auto opened = ClusterConnection::open(configuration);
    if (!opened) return opened.error();
    auto connection = std::make_shared<ClusterConnection>(std::move(*opened));
    slot = connection;
    return connection;
  }

 private:
  std::mutex mutex_;
  std::map<std::map<std::string, std::string>, std::weak_ptr<ClusterConnection>> connections_;
};

}  // namespace

ConnectionAs::ConnectionAs(std::shared_ptr<client::ConnectionBackend> backend, User user)
    : backend_(std::move(backend)), user_(std::make_shared<const User>(std::move(user))) {}

const User& ConnectionAs::user() const noexcept { return *user_; }

Table ConnectionAs::table(TableName name) const { return Table(backend_->table(std::move(name), user_)); }
Table ConnectionAs::table(std::string_view name) const { return table(parse_name(name)); }
Admin ConnectionAs::admin() const { return Admin(backend_->admin(user_)); }

ClusterConnection::ClusterConnection(std::shared_ptr<client::ConnectionBackend> backend) : backend_(std::move(backend)) {}
ClusterConnection::ClusterConnection(ClusterConnection&&) noexcept = default;

ClusterConnection& ClusterConnection::operator=(ClusterConnection&& other) noexcept {
  if (this != &other) {
    if (backend_) close();
    backend_ = std::move(other.backend_);
  }
  return *this;
}

ClusterConnection::~ClusterConnection() {
  if (backend_) close();
}

Result<ClusterConnection> ClusterConnection::open(const Configuration& configuration) { return open(configuration, Attributes()); }

Result<ClusterConnection> ClusterConnection::open(const Configuration& configuration, Attributes connection_attributes) {
  auto backend = client::open_connection(configuration, std::move(connection_attributes));
  if (!backend) return backend.error();
  return ClusterConnection(std::move(*backend));
}

Result<ClusterConnection> ClusterConnection::open(std::string_view uri, const Configuration& configuration) {
  auto overlay = core::parse_connection_uri(uri);
  if (!overlay) return overlay.error();
  Configuration merged = configuration;
  merged.merge(*overlay);
  return open(merged);
}

Result<std::shared_ptr<ClusterConnection>> ClusterConnection::shared(const Configuration& configuration) {
  return SharedConnections::instance().get(configuration);
}

Table ClusterConnection::table(TableName name) const { return Table(backend_->table(std::move(name), backend_->user())); }
Table ClusterConnection::table(std::string_view name) const { return table(parse_name(name)); }
Admin ClusterConnection::admin() const { return Admin(backend_->admin(backend_->user())); }

ConnectionAs ClusterConnection::as(User user) const { return ConnectionAs(backend_, std::move(user)); }

// Who calls in another's name remains known: HBase checks that the real user may do so.
ConnectionAs ClusterConnection::as(std::string_view effective_user) const {
  const User& own = *backend_->user();
  User user{std::string(effective_user), own.real.empty() ? own.effective : own.real};
  if (user.effective == user.real) user.real.clear();
  return as(std::move(user));
}

void ClusterConnection::clear_region_location_cache() const { backend_->clear_region_location_cache(); }

bool ClusterConnection::is_closed() const noexcept { return backend_->is_closed(); }
void ClusterConnection::close() { backend_->close(closed()); }
void ClusterConnection::abort(Error reason) { backend_->close(std::move(reason)); }

ConnectionStatistics ClusterConnection::statistics() const { return backend_->statistics(); }
void ClusterConnection::set_metrics_sink(std::shared_ptr<MetricsSink> sink) { backend_->set_metrics_sink(std::move(sink)); }
Result<void> ClusterConnection::reconfigure_pools(const Configuration& configuration) {
  return backend_->reconfigure_pools(configuration);
}
Result<void> ClusterConnection::expose_statistics(const std::string& path) { return backend_->expose_statistics(path); }

}  // namespace hbmux
