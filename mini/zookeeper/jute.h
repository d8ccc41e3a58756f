// ZooKeeper's serialization ("jute"), in both directions. The records on disk use the same.
#pragma once

#include "core/bytes.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::mini {

/// Takes values off the front of bytes that a peer sent. What does not fit makes the reader fail for good, and yields
/// zeroes and empty strings from then on: read everything, then ask `ok`.
class JuteReader {
 public:
  explicit JuteReader(std::string_view bytes) : rest_(bytes) {}

  bool ok() const noexcept { return ok_; }
  bool at_end() const noexcept { return rest_.empty(); }

  template <class T>
  T number() {
    if (rest_.size() < sizeof(T)) return fail(), T{};
    T value{};
    if constexpr (sizeof(T) == 1) {
      value = static_cast<T>(rest_.front());
    } else {
      value = core::load_be<T>(rest_.data());
    }
    rest_.remove_prefix(sizeof(T));
    return value;
  }
  std::string_view rest() const noexcept { return rest_; }
  bool boolean() {
    if (rest_.empty()) return fail(), false;
    const bool value = rest_.front() != 0;
    rest_.remove_prefix(1);
    return value;
  }
  /// A string or a buffer; a length of -1 is null, which is taken for empty.
  std::string_view string() {
    const auto length = number<std::int32_t>();
    if (length < -1) return fail(), std::string_view();
    const auto size = static_cast<std::size_t>(std::max(length, 0));
    if (size > rest_.size()) return fail(), std::string_view();
    const std::string_view text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return text;
  }
  std::vector<std::string> strings() {
    std::vector<std::string> all;
    const auto count = number<std::int32_t>();
    for (std::int32_t i = 0; i < count && ok_; ++i) all.emplace_back(string());
    return all;
  }

 private:
  void fail() noexcept {
    ok_ = false;
    rest_ = {};
  }

  std::string_view rest_;
  bool ok_ = true;
};

inline void append_jute(std::string& out, std::string_view text) {
  core::append_be(out, static_cast<std::int32_t>(text.size()));
  out += text;
}

}  // namespace hbmux::mini
