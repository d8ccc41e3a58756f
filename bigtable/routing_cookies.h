// What servers give along with a failed attempt, and want back with the next one.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace hbmux::bigtable {

/// Of one operation. Pure.
class RoutingCookies {
 public:
  static constexpr std::string_view kPrefix = "x-goog-cbt-cookie-";

  /// A header or trailer of an answer. Others than cookies are not kept. A later one of the same name takes the place of the first.
  void take(std::string_view name, std::string_view value) {
    if (name.starts_with(kPrefix) && cookies_.size() < kMax) cookies_.insert_or_assign(std::string(name), std::string(value));
  }
  const std::map<std::string, std::string>& all() const noexcept { return cookies_; }

 private:
  static constexpr std::size_t kMax = 64;
  std::map<std::string, std::string> cookies_;
};

}  // namespace hbmux::bigtable
