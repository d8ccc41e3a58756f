// The master: tables, namespaces, and which server has which region.
#pragma once

#include "mini/server/call.h"
#include "mini/server/catalog.h"
#include "mini/server/region_server.h"

#include <hbmux/error.h>
#include <hbmux/pb/ClusterStatus.pb.h>
#include <hbmux/pb/HBase.pb.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::pb {
class GetClusterStatusRequest;
}

namespace hbmux::mini {

class DataImage;
class Journal;

/// What the master needs of the world outside: the time, and to be called again later. Under test both can be virtual.
struct MasterEnvironment {
  std::function<std::int64_t()> now;  ///< Milliseconds since 1970.
  std::function<void(std::chrono::milliseconds, std::function<void()>)> after;
};

/// Pure: no sockets. Thread-safe; changes of regions happen one at a time.
class Master {
 public:
  using Replicas = std::vector<std::shared_ptr<Region>>;
  struct Table {
    pb::TableSchema schema;
    std::shared_ptr<const Families> families;
    TableState state = TableState::enabled;
    std::map<std::string_view, std::shared_ptr<Region>> regions;  ///< By start key.
    /// Of tables that have more than one copy of each region: the replicas 1, 2, ..., by their start key.
    std::map<std::string, Replicas, std::less<>> replicas;
  };

  Master(ServerName name, std::string cluster_id, std::vector<std::shared_ptr<RegionServer>> servers,
         std::chrono::milliseconds procedure_time, MasterEnvironment environment);

  /// From now on changes of tables are written down. With the tables that were found there, before the first call.
  void keep_in(Journal& journal, const DataImage& image);
  /// Writes down everything there is, and drops what is not needed any more.
  Result<void> write_snapshot();

  const ServerName& name() const noexcept { return name_; }
  const std::string& cluster_id() const noexcept { return cluster_id_; }
  const std::vector<std::shared_ptr<RegionServer>>& servers() const noexcept { return servers_; }
  /// The server that has hbase:meta, or had it last.
  ServerName meta_server() const;
  bool is_meta_open() const;
  /// Those that have replicas of hbase:meta open, by the replicas' numbers.
  std::map<int, ServerName> meta_replica_servers() const;
  /// Rises whenever something changes that ZooKeeper would tell.
  std::uint64_t revision() const noexcept { return revision_.load(std::memory_order_acquire); }
  std::vector<std::pair<std::string, TableState>> table_states() const;
  std::vector<std::string> namespace_names() const;
  struct Switches {
    bool balancer = true;
    bool split = true;
    bool merge = true;
  };
  Switches switches() const;

  Reply master_service(Call& call);
  /// The part of a region server's AdminService that masters have, too.
  Reply admin_service(Call& call);

  Answer<void> create_table(pb::TableSchema schema, std::vector<std::string> split_keys);
  Answer<void> delete_table(std::string_view table);
  Answer<void> truncate_table(std::string_view table, bool preserve_splits);
  Answer<void> enable_table(std::string_view table);
  Answer<void> disable_table(std::string_view table);
  Answer<void> modify_table(pb::TableSchema schema);
  Answer<void> flush_table(std::string_view table);
  Answer<void> split_region(std::string_view encoded_name, std::string_view row);
  Answer<void> merge_regions(const std::vector<std::string>& encoded_names, bool force);
  /// To any other server when `server` is negative.
  Answer<void> move_region(std::string_view encoded_name, int server);
  Answer<void> assign_region(std::string_view encoded_name, std::string_view asked);
  Answer<void> unassign_region(std::string_view encoded_name, std::string_view asked);
  int balance();
  /// The server died. Its regions open elsewhere after a while.
  void server_died(int server, std::chrono::milliseconds reassign_after);
  void server_started(int server, std::int64_t start_code);

  /// Lets hbase:meta say that regions of a table are on `said`, or with nothing there that they do not exist; only the
  /// region of `row` when it is not empty. Returns how many. The regions stay where they are.
  std::uint64_t misplace_in_meta(std::string_view table, std::string_view row, const std::optional<ServerName>& said);
  /// The same, on another server than their own, each.
  std::uint64_t exchange_in_meta(std::string_view table, std::string_view row, int server);
  /// Lets hbase:meta say where they are.
  void correct_meta(std::string_view table, std::string_view row);

  struct RegionView {
    std::shared_ptr<Region> region;
    int server = -1;
  };
  /// In order of their start keys; with replicas, each region's behind it.
  std::vector<RegionView> regions(std::string_view table, bool with_replicas = false) const;

  /// From now on there are so many copies of hbase:meta (hbase.meta.replica.count). Before the first call.
  void replicate_meta(int copies);
  /// How far replicas are behind, where no rule says otherwise.
  void set_replica_lag(std::chrono::milliseconds lag);
  /// How far some replicas are behind. Of the rules that fit a replica, the last one made counts.
  struct LagRule {
    std::string table = {};  ///< Empty for all.
    std::string row = {};    ///< Of the region that holds it; empty for all.
    int replica = 0;         ///< 0 for all.
    std::chrono::milliseconds lag{0};
  };
  /// Returns how many replicas it fits now; those that come later follow it, too.
  std::uint64_t add_lag_rule(int id, LagRule rule);
  void remove_lag_rule(int id);
  bool has_table(std::string_view table) const;

 private:
  /// Work that HBase's master does by itself, by the switches that clients have for it. There is nothing to do here.
  struct Chores {
    bool normalizer = true;
    bool catalog_janitor = true;
    bool cleaner = true;
  };
  struct Procedure {
    std::int64_t submitted = 0;
    std::int64_t finishes = 0;
    std::optional<RemoteException> failure = std::nullopt;
  };

  // All with the mutex held.
  Table* find_table(std::string_view table);
  Answer<Table*> table(std::string_view name);
  std::shared_ptr<Region> find_region(std::string_view encoded_name) const;
  static int host_index(Region& region);
  RegionServer* pick_server(const RegionServer* except = nullptr);

  // Replicas (replicas.cc).
  std::vector<const RegionServer*> hosts_of_siblings(const Region& region);
  RegionServer* place_for(const Region& region, const RegionServer* except = nullptr);
  /// Makes those that the table's schema wants, and drops those that it does not.
  void fit_replicas(Table& table, Region& primary);
  void drop_replicas(Table& table, Region& primary, std::size_t keep);
  void open_replicas(Table& table, const Region& primary);
  void close_replicas(Table& table, const Region& primary);
  std::span<const std::shared_ptr<Region>> replicas_of(const Table& table, const Region& primary) const;
  std::chrono::milliseconds lag_of(const Region& replica) const;
  void set_lags();
  /// Lets hbase:meta say where it is.
  void put_place(Region& region);

  void open(const std::shared_ptr<Region>& region, RegionServer& server);
  void open_anywhere(const std::shared_ptr<Region>& region);
  void close(const std::shared_ptr<Region>& region, const RegionServer* destination = nullptr);
  void add_region(Table& table, const std::shared_ptr<Region>& region);
  void drop_region(Table& table, const std::shared_ptr<Region>& region);
  void make_regions(Table& table, const std::vector<std::string>& split_keys);
  void set_state(std::string_view name, Table& table, TableState state);
  std::uint64_t new_region_id();
  /// `failure` is what its client learns when it asks for the result.
  std::uint64_t begin_procedure(std::optional<RemoteException> failure = std::nullopt);
  void assign_homeless();
  void keep(std::string_view record);
  std::vector<std::shared_ptr<Region>> regions_at(std::string_view table, std::string_view row);
  void changed() noexcept { revision_.fetch_add(1, std::memory_order_release); }

  // MasterService, by subject. `known` is set to false for a method of another subject.
  Reply table_call(Call& call, bool& known);
  Reply schema_call(Call& call, bool& known);
  Reply region_call(Call& call, bool& known);
  Reply namespace_call(Call& call, bool& known);
  Reply status_call(Call& call, bool& known);
  Reply chore_call(Call& call, bool& known);
  Reply absent_call(Call& call, bool& known);
  void fill_status(const pb::GetClusterStatusRequest& request, pb::ClusterStatus& status);
  static std::string encoded_name(const pb::RegionSpecifier& specifier);
  Answer<std::vector<std::string>> matching_tables(std::string_view regex, bool has_regex, bool system_tables,
                                                   std::string_view name_space) const;

  const ServerName name_;
  const std::string cluster_id_;
  const std::vector<std::shared_ptr<RegionServer>> servers_;
  const std::chrono::milliseconds procedure_time_;
  const MasterEnvironment environment_;
  mutable std::recursive_mutex mutex_;
  Catalog catalog_;
  Journal* journal_ = nullptr;
  std::map<std::string, Table, std::less<>> tables_;
  std::map<std::string, pb::NamespaceDescriptor, std::less<>> namespaces_;
  std::map<std::string_view, std::shared_ptr<Region>> regions_;          ///< By encoded name.
  std::set<std::string, std::less<>> homeless_;                          ///< Regions that should be open and are not.
  ServerName meta_server_;
  std::map<std::uint64_t, Procedure> procedures_;
  std::uint64_t last_procedure_ = 0;
  std::uint64_t last_region_id_ = 0;
  std::size_t next_server_ = 0;
  std::vector<ServerName> dead_servers_;
  Switches switches_;
  Chores chores_;
  std::chrono::milliseconds replica_lag_{0};
  std::map<int, LagRule> lag_rules_;
  std::atomic<std::uint64_t> revision_{1};
};

}  // namespace hbmux::mini
