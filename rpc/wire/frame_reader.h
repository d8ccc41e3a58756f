// Splits a stream of bytes into frames: `int32 length | bytes`.
#pragma once

#include <hbmux/error.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace hbmux::rpc::wire {

/// One frame without its length. `owner` is set for large frames, which have memory of their own: whoever keeps it keeps the bytes. A small
/// frame's bytes are valid until the next prepare().
struct Frame {
  std::string_view bytes;
  std::shared_ptr<const void> owner;
};

/// Told what arrived, asked for frames. Small frames are taken out of one buffer that is used again and again; a large one is read straight
/// into memory of its own. That memory grows with the bytes that really came, not with what a length field claims.
class FrameReader {
 public:
  explicit FrameReader(std::size_t max_frame_bytes) : max_frame_bytes_(max_frame_bytes) {}

  /// Where the next bytes go; never empty. Invalidates the frames given so far, but for owned ones.
  std::span<char> prepare();
  /// `size` bytes were written there.
  void commit(std::size_t size) noexcept;
  /// The next complete frame; nothing when more bytes are needed; Errc::protocol_error for an impossible length.
  Result<std::optional<Frame>> next();
  /// Bytes of a frame that has not come whole.
  std::size_t incomplete() const noexcept { return big_.active ? big_.filled : filled_ - taken_; }

 private:
  static constexpr std::size_t kBufferBytes = 64 * 1024;
  static constexpr std::size_t kSmallFrame = 32 * 1024;
  static constexpr std::size_t kFirstStep = 4u << 20;
  struct Big {
    bool active = false;
    std::size_t size = 0;    // of the frame
    std::size_t filled = 0;
    std::size_t capacity = 0;
    std::shared_ptr<char[]> memory;
  };
  void grow_big();

  const std::size_t max_frame_bytes_;
  std::unique_ptr<char[]> buffer_;
  std::size_t taken_ = 0;   // before it: frames given out
  std::size_t filled_ = 0;  // before it: bytes that arrived
  Big big_;
};

}  // namespace hbmux::rpc::wire
