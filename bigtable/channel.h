// A channel of gRPC, as the pool keeps it: one HTTP/2 connection.
#pragma once

#include "bigtable/settings.h"

#include <hbmux/metrics_sink.h>
#include <hbmux/pool/connector.h>
#include <hbmux/pool_map.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace grpc {
class Channel;
class ChannelCredentials;
class ByteBuffer;
template <class Request, class Response>
class TemplatedGenericStub;
}  // namespace grpc

namespace hbmux::bigtable {

enum class Service : std::uint8_t { data, admin };

struct ChannelKey {
  std::string endpoint;  ///< "host:port"
  Service service = Service::data;

  bool operator==(const ChannelKey&) const = default;
};

struct ChannelKeyHash {
  std::size_t operator()(const ChannelKey& key) const noexcept {
    return std::hash<std::string>()(key.endpoint) * 2 + static_cast<std::size_t>(key.service);
  }
};

/// Thread-safe.
class Channel {
 public:
  using Stub = grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer>;

  explicit Channel(std::shared_ptr<grpc::Channel> channel);
  ~Channel();

  Stub& stub() noexcept { return *stub_; }
  /// gRPC connects again by itself when the connection is lost: only what is shut down is dead.
  bool is_alive() const noexcept;
  std::size_t calls() const noexcept { return calls_.load(std::memory_order_relaxed); }
  void call_begins() noexcept { calls_.fetch_add(1, std::memory_order_relaxed); }
  void call_ended() noexcept { calls_.fetch_sub(1, std::memory_order_relaxed); }

 private:
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<Stub> stub_;
  std::atomic<std::size_t> calls_{0};
};

/// Makes channels: each with a socket of its own, which is opened by the first call.
class ChannelConnector final : public PoolConnector<ChannelKey, Channel> {
 public:
  /// An error when the credentials cannot be read.
  static Result<std::shared_ptr<ChannelConnector>> make(const Settings& settings);

  void open(const ChannelKey& key, TimePoint deadline, Opened done) override;
  bool is_alive(const Channel& channel) const noexcept override { return channel.is_alive(); }
  PoolLoad load(const Channel& channel) const noexcept override { return {channel.calls(), 0}; }
  bool survives(const Channel& channel, const Error&) const noexcept override { return channel.is_alive(); }  // calls do not share a stream
  void leaked(const ChannelKey& key, const PoolLeak& leak) override;
  void happened(const ChannelKey& key, const PoolEvent& event) noexcept override;

  void set_metrics_sink(std::shared_ptr<MetricsSink> sink);

 private:
  ChannelConnector(const Settings& settings, std::shared_ptr<grpc::ChannelCredentials> credentials);
  std::shared_ptr<MetricsSink> metrics_sink() const;

  const std::string user_agent_;
  const std::string user_;
  const int message_bytes_max_;
  const int connect_millis_;
  const std::shared_ptr<grpc::ChannelCredentials> credentials_;
  std::atomic<int> next_{0};
  mutable std::mutex sink_mutex_;
  std::shared_ptr<MetricsSink> sink_;
};

using ChannelPool = PoolMap<ChannelKey, Channel, ChannelKeyHash>;

std::string_view to_string(Service service) noexcept;  ///< "Bigtable", "BigtableTableAdmin"

}  // namespace hbmux::bigtable
