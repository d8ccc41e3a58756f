// One socket that carries many calls.
#pragma once

#include "rpc/call_table.h"
#include "rpc/connection_key.h"
#include "rpc/lane.h"
#include "rpc/rpc_client.h"
#include "rpc/wire/compressor.h"
#include "rpc/wire/frame_reader.h"
#include "rpc/wire/response_frame.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace hbmux::rpc {

/// What a connection needs to know; a part of core::ClientSettings, and the seams for tests.
struct ConnectionOptions {
  std::string_view codec_class;       ///< Announced; empty: cells travel in messages.
  std::string_view compressor_class;
  const Attributes* attributes = nullptr;  ///< Told to the server once (HBASE-28209); null for none.
  wire::Compression compression = wire::Compression::none;
  StreamOptions stream;
  std::chrono::milliseconds connect_timeout{10000};
  std::chrono::milliseconds idle_close{120000};  ///< Without calls and writes for so long it closes; 0: never.
  /// With calls in flight and not a byte read for so long, new calls go to a new connection (the host may be gone); those in flight stay,
  /// each with its own deadline. 0: never.
  std::chrono::milliseconds read_timeout{20000};
  /// When the socket takes no byte for so long, the connection is broken. 0: never.
  std::chrono::milliseconds write_timeout{60000};
  std::size_t max_frame_bytes = 0;
  std::size_t calls_max = 0;
  std::size_t bytes_max = 0;                     ///< Of requests in flight.
  std::size_t tombstones_max = 0;
  CallIdPolicy call_ids = CallIdPolicy::rising;
  /// On the lane: the server has said nothing since then, although it was asked.
  std::function<void(TimePoint since)> on_silent;
  std::function<void(const Error&)> on_connect_failed;  ///< On the lane; feeds the failed-servers list.
};

/// Owned by the pool and by those who are calling; lives on one lane.
///
/// Threads (docs/adr/0001-threading.md): any thread submits and cancels. A caller whose calls have been alone for a while writes in place;
/// otherwise calls collect, and the lane, posted once, sends all of them with one write. The lane alone reads, opens and closes. Completions run
/// on the lane, after the bytes that brought them were parsed and without a lock held; what they submit goes out in two writes, one at half time.
/// Life: connecting -> open -> (draining) -> closed. A draining connection takes no new calls and closes after the last one; a closed one
/// never comes back: the pool makes another.
class Connection final : public Cancellable, public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<Lane> lane, ConnectionKey key, ConnectionOptions options,
             std::shared_ptr<RpcCounters> counters);
  ~Connection() override;

  /// Begins to connect. Once.
  void start();

  /// Takes a call; its handler runs on the lane, once. `token` may be null. Any thread. The strings of `request` are only moved from when they
  /// have to be kept.
  void submit(CallRequest&& request, ReplyHandler&& handler, CallToken* token);
  void cancel(std::uint32_t id) override;
  /// Takes no new calls, and closes after the last one. Any thread.
  void drain();

  /// Another connection to this server finds that it has been silent since `silent_since`: unless this one knows better, it takes no new calls.
  /// A host that vanished takes all its connections with it. Any thread.
  void suspect(TimePoint silent_since);

  /// New calls may go here.
  bool usable() const noexcept { return usable_.load(std::memory_order_acquire); }
  std::size_t calls_in_flight() const noexcept { return in_flight_.load(std::memory_order_relaxed); }
  /// Of the requests of those calls.
  std::size_t bytes_in_flight() const noexcept { return bytes_in_flight_.load(std::memory_order_relaxed); }

  /// Ends all calls with `reason` and closes. Any thread.
  void fail(Error reason);

  const ConnectionKey& key() const noexcept { return key_; }

 private:
  friend class FlushScope;
  static constexpr int kAloneAfter = 16;
  /// A call that waited in vain for so long, while not a byte came, tells that the server may be gone. Shorter waits tell only together.
  static constexpr std::chrono::seconds kSilence{1};
  enum class State : std::uint8_t { idle, connecting, open, closed };

  /// A call that waits for its reply.
  struct Waiting {
    ReplyHandler handler;
    std::string_view method;
    std::size_t bytes = 0;
    TimePoint started;
  };
  /// A call that waits for the connection to open. When it ends before, nothing of it is ever sent.
  struct Unsent {
    std::uint32_t id;
    CallRequest request;
  };
  /// A call whose reply has come.
  struct Answered {
    ReplyHandler handler;
    wire::ResponseFrame response;
    std::shared_ptr<const void> owner;
  };

  void on_connected(Result<std::unique_ptr<Stream>> stream);
  void wait_readable();
  void on_readable();
  /// Takes the frames that arrived whole, and their calls; an error means that the stream is broken.
  Result<void> take_frames(std::vector<Answered>& answered);
  Result<CallReply> make_reply(const Answered& answered) const;
  Error server_error(std::string_view exception) const;
  void run(std::vector<Answered>& answered);

  // With mutex_ held.
  void encode(std::uint32_t id, CallRequest& request, TimePoint now);
  bool begin_write() noexcept;
  bool caller_is_alone() noexcept;
  void watch_deadline(TimePoint deadline);
  void forget(const Waiting& call) noexcept;

  /// Writes until nothing is left or the socket is full; begin_write() was true. Any thread.
  void write();
  void drop_written(std::size_t written);
  void end_write(std::unique_lock<std::mutex>& lock);
  void continue_on_lane();
  void wait_writable();
  void flush();
  void close_stream();
  void close_if_drained();
  void on_deadline(TimePoint armed_at);
  void watch_idle(TimePoint at);
  void watch_silence(TimePoint at);
  void watch_blocked_write();
  void post_error(ReplyHandler&& handler, Error error);
  Error timed_out(const Waiting& call, TimePoint now) const;

  const std::shared_ptr<Lane> lane_;
  const ConnectionKey key_;
  const std::string address_;
  const ConnectionOptions options_;
  const std::shared_ptr<RpcCounters> counters_;  // what is left to be done on a lane may outlive the RpcClient

  std::atomic<bool> usable_{true};
  std::atomic<std::size_t> in_flight_{0};        // written with mutex_ held, as the next
  std::atomic<std::size_t> bytes_in_flight_{0};

  std::mutex mutex_;
  State state_ = State::idle;
  bool draining_ = false;
  Error close_reason_;
  CallTable<Waiting> calls_;
  std::vector<Unsent> unsent_;
  std::vector<std::string> out_;  // encoded, to be written; small frames share a string
  std::string spare_;             // a string of out_ that was written, kept for its memory
  bool writing_ = false;          // somebody is in write(), or waits until the socket takes more
  bool writer_active_ = false;    // somebody is in write(): the stream must not be closed now
  bool close_wanted_ = false;
  bool visit_posted_ = false;     // the lane will come and write
  std::size_t collected_ = 0;     // calls encoded since the last write began
  std::size_t batch_ = 0;         // calls in flight when the last replies came, those answered included
  int alone_ = kAloneAfter;       // calls in a row that found no other in flight
  TimePoint armed_at_ = TimePoint::max();
  TimePoint last_used_;
  TimePoint last_read_;
  TimePoint silent_until_{};      // when the last calls ended because no answer came
  bool silence_watched_ = false;
  std::uint64_t writes_blocked_ = 0;  // counts the waits for room, to tell them apart
  bool write_blocked_ = false;
  Task give_up_connecting_;

  // Of whoever set writer_active_.
  std::vector<std::string> being_written_;
  std::size_t written_of_first_ = 0;

  // Of the lane.
  std::unique_ptr<Stream> stream_;
  wire::FrameReader reader_;
  std::vector<Answered> answered_;  // kept for its memory
};

/// While one is alive on a lane, submissions from that thread only collect; its end writes them, one write for each connection.
class FlushScope {
 public:
  FlushScope();
  ~FlushScope();
  FlushScope(const FlushScope&) = delete;
  FlushScope& operator=(const FlushScope&) = delete;
  /// True when a scope of this thread took over the duty to flush.
  static bool defer(Connection& connection);

 private:
  FlushScope* outer_;
  std::vector<std::shared_ptr<Connection>> connections_;
};

}  // namespace hbmux::rpc
