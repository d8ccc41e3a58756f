// Repeatable calls in flight, many at once, while their servers stall, reset, half-close or vanish: none may fail.
#include "tests/sim/workload.h"

#include <memory>
#include <string>
#include <utility>

namespace hbmux::sim {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr int kInFlight = 64;
constexpr milliseconds kOperationTimeout{30'000};
constexpr std::int64_t kHealedWithinMs = 5000;

class LinksInTrouble {
 public:
  explicit LinksInTrouble(std::uint64_t seed) : random_(seed) {
    WorldOptions options;
    options.seed = random_.bits();
    options.region_servers = static_cast<int>(random_.between(1, 3));
    options.plan.service_max = microseconds(random_.skewed(100, 50'000));
    options.client.set("hbase.client.operation.timeout", std::to_string(kOperationTimeout.count()));
    options.client.set("hbase.client.meta.operation.timeout", std::to_string(kOperationTimeout.count()));
    // A call whose server has vanished without a word is over only when its own time is: this must leave room for another.
    options.client.set("hbase.rpc.timeout", "5000");
    options.client.set("hbase.ipc.client.socket.timeout.connect", "2000");
    options.client.set("hbase.client.ipc.pool.size", std::to_string(random_.between(1, 4)));
    static constexpr const char* kPools[] = {"RoundRobin", "ThreadLocal", "Reusable"};
    options.client.set("hbase.client.ipc.pool.type", kPools[random_.below(3)]);
    static constexpr const char* kChoices[] = {"in_turn", "fewest_calls", "fewest_bytes", "sticky"};
    options.client.set("hbmux.pool.choice", kChoices[random_.below(4)]);
    world_ = std::make_unique<SimulatedWorld>(std::move(options));
    watch_ = std::make_unique<CallWatch>(*world_);
  }
  ~LinksInTrouble() {
    watch_->stop();
    table_.reset();
    world_.reset();
  }

  RunReport run(int rounds) {
    world_->create_table("t", {"f"}, {"30", "60"});
    table_ = std::make_unique<Table>(world_->table("t"));
    world_->begin_trouble();
    for (int round = 0; round < rounds; ++round) {
      if (!one_round()) break;
    }
    world_->calm();
    world_->run_for(std::chrono::seconds(40));  // what was under way beside them arrives or is given up
    // Closing ends whatever the client itself is asking just then, on links that may have vanished too.
    world_->close_client();
    world_->run_for(std::chrono::seconds(5));
    world_->require(world_->connections() == 0, "connections are left on the servers");
    return report_of(*world_, *watch_);
  }

 private:
  // The calls go out together; the trouble comes before them, while nothing is in flight, or in the middle of them.
  bool one_round() {
    const auto trouble = static_cast<SimulatedWorld::Trouble>(random_.below(SimulatedWorld::kTroubles));
    const bool while_idle = trouble == SimulatedWorld::Trouble::vanish || random_.chance(0.3);
    if (while_idle) world_->run_for(milliseconds(random_.skewed(1, 20'000)));
    const auto befall = [this, trouble] {
      world_->befall(static_cast<int>(random_.below(world_->region_servers())), trouble,
                     milliseconds(random_.skewed(1, kHealedWithinMs)));
    };
    if (while_idle) befall();
    for (int i = 0; i < kInFlight; ++i) get();
    if (!while_idle) world_->scheduler().after(microseconds(random_.skewed(1, 30'000)), befall);
    if (world_->run_until([this] { return watch_->under_way() == 0; }, std::chrono::hours(1))) return true;
    world_->fail("calls do not end");
    return false;
  }

  void get() {
    const std::string row = std::to_string(random_.between(10, 99));
    auto handler = watch_->begin("get", kOperationTimeout, [this](const Result<Row>& got) {
      if (!got) world_->fail("a repeatable call failed: " + got.error().to_string());
    });
    table_->async_get(Get(row), std::move(handler));
  }

  Random random_;
  std::unique_ptr<SimulatedWorld> world_;
  std::unique_ptr<CallWatch> watch_;
  std::unique_ptr<Table> table_;
};

}  // namespace

RunReport run_links_in_trouble(std::uint64_t seed) { return LinksInTrouble(seed).run(kTroublesInARun); }

}  // namespace hbmux::sim
