// Length-delimited parts of a frame: `varint length | bytes`.
#pragma once

#include <hbmux/error.h>

#include <google/protobuf/message_lite.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace hbmux::rpc::wire {

inline std::size_t varint_size(std::uint64_t value) noexcept {
  std::size_t size = 1;
  while (value >= 0x80) {
    value >>= 7;
    ++size;
  }
  return size;
}

inline char* write_varint(char* at, std::uint64_t value) noexcept {
  while (value >= 0x80) {
    *at++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *at++ = static_cast<char>(value);
  return at;
}

inline void append_varint(std::string& out, std::uint64_t value) {
  char bytes[10];
  out.append(bytes, static_cast<std::size_t>(write_varint(bytes, value) - bytes));
}

/// Reads a varint from the front of `rest` and removes it; false when the bytes are no varint of at most 64 bits.
inline bool read_varint(std::string_view& rest, std::uint64_t& value) noexcept {
  if (!rest.empty() && static_cast<std::uint8_t>(rest[0]) < 0x80) {  // nearly all of them
    value = static_cast<std::uint8_t>(rest[0]);
    rest.remove_prefix(1);
    return true;
  }
  value = 0;
  for (std::size_t i = 0; i < rest.size() && i < 10; ++i) {
    const auto b = static_cast<std::uint8_t>(rest[i]);
    if (i == 9 && b > 1) return false;
    value |= std::uint64_t{b & 0x7fu} << (7 * i);
    if (b < 0x80) {
      rest.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

/// Takes `varint length | bytes` off the front of `rest`; false when it is not all there.
inline bool read_delimited(std::string_view& rest, std::string_view& part) noexcept {
  std::uint64_t size = 0;
  if (!read_varint(rest, size) || size > rest.size()) return false;
  part = rest.substr(0, size);
  rest.remove_prefix(size);
  return true;
}

/// Appends a message with its length in front.
inline void append_delimited(std::string& out, const google::protobuf::MessageLite& message) {
  const std::size_t size = message.ByteSizeLong();
  append_varint(out, size);
  const std::size_t start = out.size();
  out.resize(start + size);
  message.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(out.data() + start));
}

}  // namespace hbmux::rpc::wire
