// What the fuzz targets have in common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

/// Called with one input; anything but returning 0 is a finding.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace hbmux::fuzz {

/// Ends the program when what must hold does not, also where assertions are compiled out.
inline void require(bool holds) {
  if (!holds) std::abort();
}

/// Takes an input apart.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  bool empty() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto b = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return b;
  }
  bool flag() { return byte() & 1; }
  std::string_view bytes(std::size_t size) {
    const auto part = rest_.substr(0, size);
    rest_.remove_prefix(part.size());
    return part;
  }
  /// A length byte, and so many bytes.
  std::string_view text() { return bytes(byte()); }
  /// Two length bytes, and so many bytes.
  std::string_view part() {
    const std::size_t high = byte();
    return bytes(high << 8 | byte());
  }
  std::string_view rest() { return bytes(rest_.size()); }

 private:
  std::string_view rest_;
};

}  // namespace hbmux::fuzz
