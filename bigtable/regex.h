// Patterns as Bigtable's filters take them: RE2's syntax, over bytes, and all of the bytes have to match.
#pragma once

#include <string>
#include <string_view>

namespace hbmux::bigtable {

/// Exactly these bytes.
std::string exactly(std::string_view bytes);
/// Whatever begins with them.
inline std::string beginning_with(std::string_view bytes) { return exactly(bytes) + "\\C*"; }

}  // namespace hbmux::bigtable
