// The client's threads and sockets, on virtual time.
#pragma once

#include "tests/sim/link.h"
#include "tests/sim/scheduler.h"

#include "rpc/lane.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>

namespace hbmux::sim {

/// The client's end of a link.
class SimulatedStream final : public rpc::Stream {
 public:
  SimulatedStream(std::shared_ptr<Link> link, std::shared_ptr<rpc::Lane> lane, Random random, const FaultPlan& plan);
  ~SimulatedStream() override;

  std::size_t write_some(std::span<const std::string_view> buffers, boost::system::error_code& ec) noexcept override;
  std::size_t read_some(char* at, std::size_t size, boost::system::error_code& ec) noexcept override;
  void async_wait_readable(core::UniqueFunction<void(boost::system::error_code)> ready) override;
  void async_wait_writable(core::UniqueFunction<void(boost::system::error_code)> ready) override;
  void close() noexcept override;

 private:
  using Ready = core::UniqueFunction<void(boost::system::error_code)>;
  void tell(Ready& waiting, boost::system::error_code ec);
  bool readable() const noexcept;

  const std::shared_ptr<Link> link_;
  const std::shared_ptr<rpc::Lane> lane_;
  Random random_;
  const FaultPlan& plan_;
  bool closed_ = false;
  Ready when_readable_, when_writable_;
};

/// Takes its turns from the scheduler, in order, sometimes late.
class SimulatedLane final : public rpc::Lane, public std::enable_shared_from_this<SimulatedLane> {
 public:
  using ConnectDone = core::UniqueFunction<void(Result<std::unique_ptr<rpc::Stream>>)>;
  using Connect = std::function<Task(std::shared_ptr<SimulatedLane>, const ServerAddress&, TimePoint, ConnectDone)>;

  SimulatedLane(Scheduler& scheduler, Random random, const FaultPlan& plan, Connect connect)
      : scheduler_(scheduler), random_(random), plan_(plan), connect_(std::move(connect)) {}

  TimePoint now() const noexcept override { return scheduler_.now(); }
  void post(Task task) override;
  void call_at(TimePoint at, Task task) override;
  Task connect(const ServerAddress& address, const rpc::StreamOptions& options, TimePoint deadline,
               ConnectDone done) override;
  bool runs_here() const noexcept override { return running_; }

  /// Timers are no longer waited for. To be followed by running the scheduler until idle().
  void stop();
  bool idle() const noexcept { return pending_ == 0; }

 private:
  void run(Task task);
  std::chrono::microseconds lag() noexcept;

  Scheduler& scheduler_;
  Random random_;
  const FaultPlan& plan_;
  const Connect connect_;
  TimePoint last_turn_{};
  std::uint64_t pending_ = 0;
  std::uint64_t next_timer_ = 0;
  std::map<std::pair<TimePoint, std::uint64_t>, Task> timers_;
  bool running_ = false;
  bool stopping_ = false;
};

}  // namespace hbmux::sim
