// A region server: ClientService and AdminService over the regions that it has open.
#pragma once

#include "mini/server/call.h"
#include "mini/server/nonce_table.h"
#include "mini/server/region.h"
#include "mini/server/scanner_table.h"

#include <hbmux/pb/Client.pb.h>
#include <hbmux/server_name.h>

#include <boost/unordered/unordered_flat_map.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::mini {

class Endpoints;

/// Pure: no sockets. Calls may come from any number of threads at once. It outlives its "process": a killed server
/// keeps the object and gets a new start code when it is started again.
class RegionServer {
 public:
  /// `clock` tells milliseconds since 1970; scans ask it how long they have been running.
  RegionServer(int index, ServerName name, std::chrono::milliseconds scanner_lease,
               std::function<std::int64_t()> clock);
  RegionServer(const RegionServer&) = delete;
  RegionServer& operator=(const RegionServer&) = delete;

  int index() const noexcept { return index_; }
  ServerName name() const;
  bool is_alive() const;
  /// Forgets regions, scanners and nonces, as a killed process does. Nonces of what is not flushed yet are in the regions' logs.
  void kill();
  void start(std::int64_t start_code);

  Reply client_service(Call& call);
  Reply admin_service(Call& call);

  /// Where changes are written down; null when nowhere. Before the first call.
  void set_journal(Journal* journal) noexcept { journal_ = journal; }

  /// Coprocessor endpoints; none without. Before the first call, and living longer than this.
  void set_endpoints(const Endpoints* endpoints) noexcept { endpoints_ = endpoints; }

  /// Whether answers to a Multi tell how loaded its regions are (hbase.client.backpressure.enabled at the server).
  /// Before the first call.
  void tell_load(bool tells) noexcept { tells_load_ = tells; }

  /// A client may stop it (Admin.stopRegionServer): it is then called, and must not stop it within. Before the first call.
  void set_stop_handler(std::function<void()> on_stop) { on_stop_ = std::move(on_stop); }

  // For the master.
  void open(const std::shared_ptr<Region>& region);
  /// `destination` is where the region goes to: clients that still come are told. Null when nowhere.
  void close(const std::shared_ptr<Region>& region, const RegionServer* destination);
  std::vector<std::shared_ptr<Region>> regions() const;
  std::size_t region_count() const;
  /// Closes scanners whose lease has passed, and forgets what need not be remembered any longer. To be called now and
  /// then.
  void sweep(std::int64_t now);
  /// Closes all scanners as if their leases had passed; returns how many.
  std::size_t expire_scanners() { return scanners_.expire(std::numeric_limits<std::int64_t>::max()); }
  /// Null when it has no such region, or no such scanner, open.
  std::shared_ptr<Region> find_region(const pb::RegionSpecifier& specifier) const;
  std::shared_ptr<Region> region_of_scanner(std::uint64_t id) const;
  std::size_t scanner_count() const { return scanners_.size(); }
  std::uint64_t requests() const noexcept { return requests_.load(std::memory_order_relaxed); }

 private:
  struct Moved {
    ServerName to;
    std::uint64_t sequence = 0;
    std::int64_t until = 0;  ///< Forgotten then.
  };
  struct NameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const noexcept { return std::hash<std::string_view>()(name); }
  };
  template <class T>
  using ByName = boost::unordered_flat_map<std::string, T, NameHash, std::equal_to<>>;

  Answer<std::shared_ptr<Region>> find(const pb::RegionSpecifier& specifier) const;
  RemoteException not_serving(const pb::RegionSpecifier& specifier, std::string_view encoded) const;
  Answer<void> check_open(Region& region) const;

  // ClientService
  Reply get(Call& call);
  Reply mutate(Call& call);
  Reply multi(Call& call);
  Reply scan(Call& call);
  Reply exec_service(Call& call);
  Answer<void> call_endpoint(Region& region, const pb::CoprocessorServiceCall& what, Call& call,
                             pb::NameBytesPair& out);
  Answer<void> read(Region& region, const pb::Get& get, Call& call, bool cells_apart, pb::Result& out);
  /// Changes one row. `processed` is false when the condition did not hold.
  Answer<void> change(Region& region, std::span<Mutation> mutations, const pb::Condition* condition,
                      std::uint64_t nonce_group, std::int64_t now, bool& processed, RowCells& results);
  void multi_region(const pb::RegionAction& action, const pb::Condition* condition, std::uint64_t nonce_group,
                    Call& call, pb::RegionActionResult& out, pb::MultiRegionLoadStats& loads);
  void put_load(Region& region, const pb::RegionSpecifier& name, const Call& call, pb::MultiRegionLoadStats& out) const;
  Answer<void> multi_atomic(Region& region, const pb::RegionAction& action, const pb::Condition* condition,
                            std::uint64_t nonce_group, Call& call, pb::RegionActionResult& out);
  void multi_plain(Region& region, const pb::RegionAction& action, std::uint64_t nonce_group, Call& call,
                   pb::RegionActionResult& out);
  Answer<void> multi_single(Region& region, const pb::Action& action, std::uint64_t nonce_group, Call& call,
                            pb::Result& out);
  Answer<std::shared_ptr<OpenScanner>> open_scanner(const pb::ScanRequest& request, Call& call,
                                                    pb::ScanResponse& response);
  Answer<std::shared_ptr<OpenScanner>> find_scanner(const pb::ScanRequest& request, bool& closed);

  // AdminService
  Reply get_region_info(Call& call);
  Reply compact_region(Call& call, bool flush);

  const int index_;
  const std::int64_t lease_;
  const std::function<std::int64_t()> clock_;
  mutable std::shared_mutex mutex_;  ///< Guards what follows, not the regions themselves.
  ServerName name_;
  bool alive_ = true;
  boost::unordered_flat_map<std::string_view, std::shared_ptr<Region>, NameHash, std::equal_to<>> online_;
  ByName<Moved> moved_;
  ScannerTable scanners_;
  NonceTable nonces_;
  Journal* journal_ = nullptr;
  const Endpoints* endpoints_ = nullptr;
  bool tells_load_ = false;
  std::function<void()> on_stop_;
  std::atomic<std::uint64_t> requests_{0};
};

}  // namespace hbmux::mini
