// What a ClusterConnection is behind its pointer, whatever it leads to.
#pragma once

#include <hbmux/attributes.h>
#include <hbmux/configuration.h>
#include <hbmux/error.h>
#include <hbmux/metrics_sink.h>
#include <hbmux/pool_statistics.h>
#include <hbmux/table_name.h>
#include <hbmux/user.h>

#include <memory>
#include <string>

namespace hbmux::client {

class AdminBackend;
class TableBackend;

/// Thread-safe. Closed once; pending operations end with the reason.
class ConnectionBackend {
 public:
  virtual ~ConnectionBackend() = default;
  /// Of the configuration.
  virtual const std::shared_ptr<const User>& user() const noexcept = 0;
  virtual std::shared_ptr<const TableBackend> table(TableName name, std::shared_ptr<const User> user) = 0;
  virtual std::shared_ptr<const AdminBackend> admin(std::shared_ptr<const User> user) = 0;
  /// Forgets where the regions of all tables are.
  virtual void clear_region_location_cache() = 0;
  virtual bool is_closed() const = 0;
  /// At most about a second. On one of its own lanes it leaves the threads to the destructor.
  virtual void close(Error reason) = 0;
  virtual ConnectionStatistics statistics() const = 0;
  virtual void set_metrics_sink(std::shared_ptr<MetricsSink> sink) = 0;
  virtual Result<void> reconfigure_pools(const Configuration& configuration) = 0;
  virtual Result<void> expose_statistics(const std::string& path) = 0;
};

/// Opens what hbase.client.connection.impl asks for. Errc::unsupported for an implementation that is not linked. `attributes` are told to servers.
Result<std::shared_ptr<ConnectionBackend>> open_connection(const Configuration& configuration, Attributes attributes);

using ConnectionOpener = Result<std::shared_ptr<ConnectionBackend>> (*)(const Configuration& configuration, const Attributes& attributes);
/// What a library that brings the implementation on Bigtable calls before main.
void register_bigtable(ConnectionOpener open) noexcept;

}  // namespace hbmux::client
