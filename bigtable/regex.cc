#include "bigtable/regex.h"

namespace hbmux::bigtable {

std::string exactly(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() + 8);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '_' ||
                       byte >= 0x80;
    if (byte == 0) {
      out += "\\x00";  // a zero behind a backslash is not taken
    } else {
      if (!plain) out += '\\';
      out += c;
    }
  }
  return out;
}

}  // namespace hbmux::bigtable
