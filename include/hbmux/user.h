// Who calls.
#pragma once

#include <functional>
#include <string>

namespace hbmux {

/// A user as a value, part of the pool's key: calls of different users never share a socket.
struct User {
  std::string effective;  ///< In whose name the calls are made.
  std::string real;       ///< Who makes them, when that is another (a proxy user); else empty.

  /// $HADOOP_USER_NAME, else the login name of the process.
  static User current();
  bool operator==(const User&) const = default;
};

}  // namespace hbmux

template <>
struct std::hash<hbmux::User> {
  std::size_t operator()(const hbmux::User& u) const noexcept {
    return std::hash<std::string>()(u.effective) ^ (std::hash<std::string>()(u.real) * 31);
  }
};
