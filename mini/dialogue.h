// What is spoken on one accepted socket.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::mini {

/// How a reply leaves: whole, not at all, or with what becomes of its connection.
enum class Fate : std::uint8_t { send, drop, cut, half_close, reset, stall };

constexpr bool ends_connection(Fate fate) noexcept { return fate > Fate::drop; }

/// One answer to a call, when it is not just sent like all others.
struct MarkedReply {
  std::size_t end = 0;  ///< Where it ends in the bytes; it begins where the one before ends.
  Fate fate = Fate::send;
  std::chrono::microseconds delay{0};
  int window = 0;  ///< It may change places with so many others.
};

/// The answers of one step, ready to be sent.
struct Replies {
  std::string bytes;
  /// All answers to calls in `bytes`, while there are faults; otherwise left alone.
  std::vector<MarkedReply> marks;
  bool wants_marks = false;
};

/// A protocol as a state machine, bytes in and bytes out: HBase's RPC (Session) or ZooKeeper's. Pure: no socket, no
/// clock. Used by one thread at a time.
class Dialogue {
 public:
  virtual ~Dialogue() = default;

  /// Takes in what it can of `bytes` and appends answers. Returns how many bytes were taken: the rest must come again,
  /// with more behind it. `now` is in milliseconds since 1970.
  virtual std::size_t receive(std::string_view bytes, std::int64_t now, Replies& replies) = 0;
  /// True when the connection must be closed once the answers so far are sent.
  virtual bool is_closing() const noexcept = 0;
  /// Requests so far.
  virtual std::uint64_t calls() const noexcept = 0;

  /// How soon `tick` wants to be called, also while the peer says nothing; nothing for never.
  virtual std::optional<std::chrono::milliseconds> tick_interval() const { return std::nullopt; }
  virtual void tick(std::int64_t now, Replies& replies) {
    (void)now;
    (void)replies;
  }
};

}  // namespace hbmux::mini
