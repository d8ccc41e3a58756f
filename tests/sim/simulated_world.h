// A client and a cluster in memory: one thread, virtual time, everything random from one seed.
#pragma once

#include "tests/sim/fault_plan.h"
#include "tests/sim/scheduler.h"
#include "tests/sim/server_connection.h"
#include "tests/sim/simulated_lane.h"

#include "client/connection_state.h"
#include "mini/server/master.h"

#include <hbmux/configuration.h>
#include <hbmux/table.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::sim {

/// What a workload chooses of the world.
struct WorldOptions {
  std::uint64_t seed = 1;
  FaultPlan plan;
  int region_servers = 3;
  int lanes = 1;
  std::chrono::milliseconds scanner_lease{60000};
  Configuration client;  ///< Laid over what the world says.
};

class SimulatedWorld {
 public:
  explicit SimulatedWorld(WorldOptions options);
  ~SimulatedWorld();
  SimulatedWorld(const SimulatedWorld&) = delete;
  SimulatedWorld& operator=(const SimulatedWorld&) = delete;

  Scheduler& scheduler() noexcept { return scheduler_; }
  const FaultPlan& plan() const noexcept { return options_.plan; }
  client::ConnectionState& client() noexcept { return *client_; }
  Table table(std::string_view name);
  mini::Master& master() noexcept { return *master_; }
  const CallCounts& counts() const noexcept { return counts_; }

  void create_table(std::string_view name, const std::vector<std::string>& families,
                    std::vector<std::string> split_keys);

  /// From now on the network is as the plan has it, and things go wrong, until calm().
  void begin_trouble();
  /// All servers run, and soon all regions are open; the network is quick, and nothing goes wrong any more.
  void calm();
  /// What befalls the connections of one server, on request.
  enum class Trouble : std::uint8_t {
    stall,       ///< Nothing passes for `heals_after`; then it goes on.
    reset,       ///< Both ends are told.
    half_close,  ///< The server says that it will send no more, and reads on.
    vanish,      ///< What is sent is lost and nobody is told, ever. New ones are not answered for `heals_after`.
    restart,     ///< As vanish, but afterwards the server knows nothing of them and says so when something comes.
  };
  static constexpr std::size_t kTroubles = 5;
  void befall(int server, Trouble trouble, std::chrono::milliseconds heals_after);
  std::size_t region_servers() const noexcept { return servers_.size(); }
  /// Runs until `done`, or nothing is left to run, or the limit of time or events has passed; whether it was `done`.
  bool run_until(const std::function<bool()>& done, std::chrono::seconds limit);
  void run_for(std::chrono::nanoseconds time);
  /// Ends the client. It is not to be used afterwards.
  void close_client();
  void close_client(const Error& reason);

  /// What is left on the servers.
  std::size_t scanners() const;
  std::size_t connections() const;

  /// The first thing that was found wrong; empty when nothing was.
  const std::string& failure() const noexcept { return failure_; }
  void fail(std::string what);
  void require(bool holds, std::string_view what) {
    if (!holds) fail(std::string(what));
  }

 private:
  struct Host {
    ServerAddress address;
    mini::RegionServer* region_server = nullptr;
    bool listens = true;
    bool stalled = false;
    std::vector<std::shared_ptr<ServerConnection>> connections{};
  };

  Task connect(std::shared_ptr<SimulatedLane> lane, const ServerAddress& address, TimePoint deadline,
               SimulatedLane::ConnectDone done);
  void accept(Host& host, const std::shared_ptr<SimulatedLane>& lane, SimulatedLane::ConnectDone done);
  Host* find_host(const ServerAddress& address);
  Host& host_of(int server) { return hosts_[static_cast<std::size_t>(server) + 1]; }
  void be_quick();
  void sweep();
  void cause_trouble();
  void kill(int server);
  void start(int server);
  void move_region();
  void split_region();
  void merge_regions();
  void reset_links(Host& host);
  void stall(Host& host);
  void go_on(Host& host);
  std::vector<mini::Master::RegionView> user_regions();

  WorldOptions options_;
  const FaultPlan troubled_plan_;
  Scheduler scheduler_;
  Random random_;   ///< Of the network.
  Random trouble_;  ///< Of what befalls the cluster.
  bool calm_ = true;
  bool over_ = false;
  CallCounts counts_;
  std::vector<std::shared_ptr<mini::RegionServer>> servers_;
  std::unique_ptr<mini::Master> master_;
  std::vector<Host> hosts_;  ///< The master's first.
  std::vector<std::string> tables_;
  std::int64_t last_start_code_ = 0;
  std::vector<std::shared_ptr<SimulatedLane>> lanes_;
  std::shared_ptr<client::ConnectionState> client_;
  std::string failure_;
};

}  // namespace hbmux::sim
