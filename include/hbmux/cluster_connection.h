// The one heavyweight object of a program that uses HBase.
#pragma once

#include <hbmux/admin.h>
#include <hbmux/attributes.h>
#include <hbmux/configuration.h>
#include <hbmux/error.h>
#include <hbmux/log.h>
#include <hbmux/metrics_sink.h>
#include <hbmux/pool_statistics.h>
#include <hbmux/table.h>
#include <hbmux/user.h>

#include <memory>
#include <string_view>

namespace hbmux {

namespace client {
class ConnectionBackend;
}

/// Makes Tables and Admins that call in the name of one user over the connection it came from. A value; costs two pointers.
class ConnectionAs {
 public:
  const User& user() const noexcept;
  Table table(TableName name) const;
  /// Throws hbmux::Exception (Errc::invalid_argument) when `name` is no legal table name.
  Table table(std::string_view name) const;
  Admin admin() const;

 private:
  friend class ClusterConnection;
  ConnectionAs(std::shared_ptr<client::ConnectionBackend> backend, User user);
  std::shared_ptr<client::ConnectionBackend> backend_;
  std::shared_ptr<const User> user_;
};

/// One per process: it owns the threads, the sockets (a PoolMap keyed by address, user and service), the region map and the list of
/// failed servers. All members may be called from any thread. Opening a second one for the same cluster in one process works and logs a warning.
///
/// It opens lazily: open() checks the configuration, not the cluster; the first call connects. close() (and the destructor) ends every
/// pending call with Errc::closed and returns within a second, whatever the network does. After fork() the child gets Errc::forked.
class ClusterConnection {
 public:
  /// Errc::invalid_configuration and Errc::unsupported name the property and its value.
  static Result<ClusterConnection> open(const Configuration& configuration);
  /// The same, with attributes that each socket tells its server once: what Java's createConnection(conf, pool, user, attributes) gives to
  /// RpcCall.getConnectionAttributes() for the server's coprocessors. Servers before HBase 2.6 pass over them.
  static Result<ClusterConnection> open(const Configuration& configuration, Attributes connection_attributes);
  /// `hbase+zk://host:2181/hbase?key=value` or `hbase+rpc://host:16020`, laid over `configuration`.
  static Result<ClusterConnection> open(std::string_view uri, const Configuration& configuration = {});
  /// The connection that this process shares for this configuration; opened by the first who asks, and closed when the last
  /// pointer to it is gone.
  static Result<std::shared_ptr<ClusterConnection>> shared(const Configuration& configuration);

  ClusterConnection(ClusterConnection&&) noexcept;
  ClusterConnection& operator=(ClusterConnection&&) noexcept;
  ~ClusterConnection();

  /// A handle for the user of this process. Costs a pointer; nothing is sent.
  Table table(TableName name) const;
  /// Throws hbmux::Exception (Errc::invalid_argument) when `name` is no legal table name.
  Table table(std::string_view name) const;
  Admin admin() const;
  /// The same connection, used in the name of another user.
  ConnectionAs as(User user) const;
  ConnectionAs as(std::string_view effective_user) const;

  /// Forgets where the regions of all tables are.
  void clear_region_location_cache() const;

  bool is_closed() const noexcept;
  /// Ends all pending calls with Errc::closed, closes the sockets, ends the threads. Idempotent. Not from a handler on a lane:
  /// there it only begins, and the destructor finishes it elsewhere.
  void close();
  /// As close(), with `reason` as the error that pending and later calls get.
  void abort(Error reason);

  /// What the pools hold now, per (address, user, service), and what was counted since the start.
  ConnectionStatistics statistics() const;
  /// From now on `sink` is told what happens in the pools; null: nobody is, which costs nothing.
  void set_metrics_sink(std::shared_ptr<MetricsSink> sink);
  /// Takes the properties of the pools from `configuration` (docs/configuration.md names them), for what is open too: pools shrink and grow. All others stay as
  /// they are. Errc::invalid_configuration as open(), and Errc::invalid_argument when the type of the pools differs, which cannot change.
  Result<void> reconfigure_pools(const Configuration& configuration);
  /// Serves the statistics as text on a Unix socket at `path` (for `hbmux pool`), until the connection closes. The file must not exist.
  Result<void> expose_statistics(const std::string& path);

 private:
  explicit ClusterConnection(std::shared_ptr<client::ConnectionBackend> backend);
  std::shared_ptr<client::ConnectionBackend> backend_;
};

}  // namespace hbmux
