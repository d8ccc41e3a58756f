// A lane and a stream for tests: time moves when the test says so, and bytes are strings.
#pragma once

#include "rpc/lane.h"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace hbmux::test {

/// The client's end of an in-memory stream; the test plays the server.
class MemoryPipe {
 public:
  std::string to_server;                    ///< What the client wrote.
  std::size_t write_room = SIZE_MAX;        ///< Bytes that the "socket" still takes.
  std::size_t writes = 0;
  bool closed_by_client = false;

  void server_sends(std::string bytes) {
    to_client_ += bytes;
    if (readable_) std::exchange(readable_, nullptr)({});
  }
  void server_closes() {
    eof_ = true;
    if (readable_) std::exchange(readable_, nullptr)({});
  }
  void make_room(std::size_t bytes) {
    write_room = bytes;
    if (writable_) std::exchange(writable_, nullptr)({});
  }
  bool client_waits_for_bytes() const { return static_cast<bool>(readable_); }
  bool client_waits_for_room() const { return static_cast<bool>(writable_); }

 private:
  friend class MemoryStream;
  friend class ManualLane;
  std::string to_client_;
  bool eof_ = false;
  core::UniqueFunction<void(boost::system::error_code)> readable_, writable_;
};

class MemoryStream final : public rpc::Stream {
 public:
  explicit MemoryStream(std::shared_ptr<MemoryPipe> pipe) : pipe_(std::move(pipe)) {}

  std::size_t write_some(std::span<const std::string_view> buffers, boost::system::error_code& ec) noexcept override {
    ++pipe_->writes;
    std::size_t written = 0;
    for (auto buffer : buffers) {
      const std::size_t size = std::min(buffer.size(), pipe_->write_room);
      pipe_->to_server += buffer.substr(0, size);
      pipe_->write_room -= size;
      written += size;
      if (size < buffer.size()) break;
    }
    ec = written == 0 ? boost::asio::error::would_block : boost::system::error_code();
    return written;
  }

  std::size_t read_some(char* at, std::size_t size, boost::system::error_code& ec) noexcept override {
    auto& bytes = pipe_->to_client_;
    if (bytes.empty()) {
      ec = pipe_->eof_ ? boost::system::error_code(boost::asio::error::eof) : boost::asio::error::would_block;
      return 0;
    }
    size = std::min(size, bytes.size());
    std::memcpy(at, bytes.data(), size);
    bytes.erase(0, size);
    ec.clear();
    return size;
  }

  void async_wait_readable(core::UniqueFunction<void(boost::system::error_code)> ready) override {
    if (!pipe_->to_client_.empty() || pipe_->eof_) return ready({});
    pipe_->readable_ = std::move(ready);
  }
  void async_wait_writable(core::UniqueFunction<void(boost::system::error_code)> ready) override {
    if (pipe_->write_room > 0) return ready({});
    pipe_->writable_ = std::move(ready);
  }
  void close() noexcept override {
    pipe_->closed_by_client = true;
    if (pipe_->readable_) std::exchange(pipe_->readable_, nullptr)(boost::asio::error::operation_aborted);
    if (pipe_->writable_) std::exchange(pipe_->writable_, nullptr)(boost::asio::error::operation_aborted);
  }

 private:
  std::shared_ptr<MemoryPipe> pipe_;
};

/// Runs nothing by itself: run() runs what was posted, advance() moves the clock and runs what is due.
class ManualLane final : public rpc::Lane {
 public:
  using ConnectDone = core::UniqueFunction<void(Result<std::unique_ptr<rpc::Stream>>)>;

  rpc::TimePoint now() const noexcept override { return now_; }
  void post(rpc::Task task) override { tasks_.push_back(std::move(task)); }
  void call_at(rpc::TimePoint at, rpc::Task task) override { timers_.emplace(at, std::move(task)); }
  bool runs_here() const noexcept override { return running_; }

  rpc::Task connect(const ServerAddress& address, const rpc::StreamOptions&, rpc::TimePoint, ConnectDone done) override {
    connect_addresses.push_back(address);
    connecting_.push_back(std::move(done));
    return {};
  }

  /// The oldest attempt to connect succeeds; the test keeps the other end.
  std::shared_ptr<MemoryPipe> accept() {
    auto pipe = std::make_shared<MemoryPipe>();
    pipes_.push_back(pipe);
    auto done = std::move(connecting_.front());
    connecting_.pop_front();
    done(std::unique_ptr<rpc::Stream>(new MemoryStream(pipe)));
    run();
    return pipe;
  }
  void refuse(Error error) {
    auto done = std::move(connecting_.front());
    connecting_.pop_front();
    done(std::move(error));
    run();
  }
  std::size_t connecting() const { return connecting_.size(); }
  std::vector<ServerAddress> connect_addresses;  ///< Of all attempts so far.

  void run() {
    running_ = true;
    while (!tasks_.empty()) {
      auto task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
    }
    running_ = false;
  }

  void advance(std::chrono::milliseconds by) {
    const auto target = now_ + by;
    run();
    while (!timers_.empty() && timers_.begin()->first <= target) {
      now_ = std::max(now_, timers_.begin()->first);
      auto task = std::move(timers_.begin()->second);
      timers_.erase(timers_.begin());
      task();
      run();
    }
    now_ = target;
  }

  /// Drops what has not run: it keeps alive those who keep the lane alive.
  void end() {
    for (auto& weak : pipes_) {
      const auto pipe = weak.lock();
      if (!pipe) continue;
      pipe->readable_ = nullptr;
      pipe->writable_ = nullptr;
    }
    while (!tasks_.empty() || !timers_.empty() || !connecting_.empty()) {
      const auto tasks = std::exchange(tasks_, {});
      const auto timers = std::exchange(timers_, {});
      const auto connecting = std::exchange(connecting_, {});
    }
  }

 private:
  rpc::TimePoint now_ = rpc::TimePoint(std::chrono::hours(1));
  bool running_ = false;
  std::deque<rpc::Task> tasks_;
  std::multimap<rpc::TimePoint, rpc::Task> timers_;
  std::deque<ConnectDone> connecting_;
  std::vector<std::weak_ptr<MemoryPipe>> pipes_;
};

/// The lane of a test, whose end is the lane's: to be declared before what uses it.
class LaneOfTest {
 public:
  LaneOfTest() = default;
  LaneOfTest(const LaneOfTest&) = delete;
  LaneOfTest& operator=(const LaneOfTest&) = delete;
  ~LaneOfTest() { lane_->end(); }
  ManualLane* operator->() const noexcept { return lane_.get(); }
  operator std::shared_ptr<rpc::Lane>() const noexcept { return lane_; }  // NOLINT: it is one

 private:
  const std::shared_ptr<ManualLane> lane_ = std::make_shared<ManualLane>();
};

}  // namespace hbmux::test
