// Reads many properties and remembers the first one that is wrong.
#pragma once

#include "core/configuration_values.h"

#include <hbmux/configuration.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::core {

/// Lets a long list of properties be read line by line: after the first wrong one every read gives its default, and
/// error() tells what was wrong.
class PropertyReader {
 public:
  using Millis = std::chrono::milliseconds;
  /// Adding it to a time, in nanoseconds, does not overflow.
  static constexpr Millis kDurationMax = std::chrono::hours(24 * 365 * 100);

  explicit PropertyReader(const Configuration& configuration) : configuration_(configuration) {}

  const std::optional<Error>& error() const noexcept { return error_; }
  const Configuration& configuration() const noexcept { return configuration_; }

  std::string text(std::string_view name, std::string otherwise) {
    return take(configuration_.get_string(name, otherwise), otherwise);
  }
  /// A name or class name: trimmed; nothing only when the property is not set at all.
  std::optional<std::string> word(std::string_view name) {
    auto value = take(configuration_.get(name), std::optional<std::string>());
    if (value) *value = std::string(trim(*value));
    return value;
  }
  template <class T>
  T integer(std::string_view name, T otherwise, std::int64_t min, std::int64_t max = std::numeric_limits<int>::max()) {
    return static_cast<T>(take(configuration_.get_int(name, static_cast<std::int64_t>(otherwise), min, max),
                               static_cast<std::int64_t>(otherwise)));
  }
  double real(std::string_view name, double otherwise, double min, double max) {
    return take(configuration_.get_double(name, otherwise, min, max), otherwise);
  }
  bool flag(std::string_view name, bool otherwise) { return take(configuration_.get_bool(name, otherwise), otherwise); }
  Millis millis(std::string_view name, Millis otherwise, Millis min = Millis(0)) {
    return std::min(take(configuration_.get_millis(name, otherwise, min), otherwise), kDurationMax);
  }
  std::vector<std::string> list(std::string_view name) { return take(configuration_.get_list(name), {}); }

  /// The property has a value that cannot be used.
  void refuse(std::string_view name, std::string_view problem, Errc code = Errc::invalid_configuration) {
    if (!error_) error_ = property_error(configuration_, name, problem, code);
  }

 private:
  template <class T>
  T take(Result<T> result, std::type_identity_t<T> otherwise) {
    if (result && !error_) return std::move(*result);
    if (!error_) error_ = result.error();
    return otherwise;
  }

  const Configuration& configuration_;
  std::optional<Error> error_;
};

}  // namespace hbmux::core
