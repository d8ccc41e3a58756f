#include "rpc/wire/frame_reader.h"

#include "core/bytes.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace hbmux::rpc::wire {

std::span<char> FrameReader::prepare() {
  if (big_.active) {
    if (big_.filled == big_.capacity) grow_big();
    return {big_.memory.get() + big_.filled, big_.capacity - big_.filled};
  }
  if (!buffer_) buffer_.reset(new char[kBufferBytes]);
  if (taken_ == filled_) {
    taken_ = filled_ = 0;
  } else if (kBufferBytes - filled_ < kBufferBytes / 2) {
    std::memmove(buffer_.get(), buffer_.get() + taken_, filled_ - taken_);
    filled_ -= taken_;
    taken_ = 0;
  }
  return {buffer_.get() + filled_, kBufferBytes - filled_};
}

void FrameReader::commit(std::size_t size) noexcept {
  if (big_.active) {
    big_.filled += size;
  } else {
    filled_ += size;
  }
}

Result<std::optional<Frame>> FrameReader::next() {
  if (big_.active) {
    if (big_.filled < big_.size) return std::optional<Frame>();
    Frame frame{{big_.memory.get(), big_.size}, big_.memory};
    big_ = Big();
    return std::optional<Frame>(std::move(frame));
  }
  const std::size_t have = filled_ - taken_;
  if (have < 4) return std::optional<Frame>();
  const char* at = buffer_.get() + taken_;
  const std::size_t size = core::load_be<std::uint32_t>(at);
  if (size > max_frame_bytes_) {
    return Error(Errc::protocol_error, "a frame of " + std::to_string(size) + " bytes was announced, more than the " +
                                           std::to_string(max_frame_bytes_) + " allowed; is this an HBase server?");
  }
  if (have - 4 >= size) {
    taken_ += 4 + size;
    return std::optional<Frame>(Frame{{at + 4, size}, nullptr});
  }
  if (size > kSmallFrame) {  // the rest goes straight to where it stays
    big_.active = true;
    big_.size = size;
    big_.capacity = std::min(size, std::max(kFirstStep, have));
    big_.memory = std::shared_ptr<char[]>(new char[big_.capacity]);
    big_.filled = have - 4;
    std::memcpy(big_.memory.get(), at + 4, big_.filled);
    taken_ = filled_ = 0;
  }
  return std::optional<Frame>();
}

void FrameReader::grow_big() {
  const std::size_t capacity = std::min(big_.size, big_.capacity * 2);
  std::shared_ptr<char[]> memory(new char[capacity]);
  std::memcpy(memory.get(), big_.memory.get(), big_.filled);
  big_.memory = std::move(memory);
  big_.capacity = capacity;
}

}  // namespace hbmux::rpc::wire
