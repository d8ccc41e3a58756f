// How the text of a property becomes a value: numbers, durations, lists, variables.
#pragma once

#include <hbmux/error.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux {
class Configuration;
}

namespace hbmux::core {

/// Without the blanks and control characters at both ends (Java's String#trim).
std::string_view trim(std::string_view text) noexcept;
std::string to_lower(std::string_view text);

/// Decimal or, after 0x, hexadecimal, with an optional sign; nothing when it is no number or does not fit.
std::optional<std::int64_t> parse_integer(std::string_view text) noexcept;
/// A finite decimal number.
std::optional<double> parse_double(std::string_view text) noexcept;
/// A whole number with a unit (ns, us, ms, s, m, h, d; none means ms), rounded up to milliseconds.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
/// Separated by commas or line ends, trimmed, without empty items.
std::vector<std::string> split_list(std::string_view text);

/// What a variable stands for; nothing when it is not set.
using VariableLookup = std::function<std::optional<std::string>(std::string_view)>;

/// Replaces `${name}` (by `property`) and `${env.NAME}`, `${env.NAME:-default}`, `${env.NAME-default}` (by
/// `environment`), from left to right, and again in what they were replaced with. Stops at a variable that is not set
/// and leaves the rest as it is, like Hadoop. Errc::invalid_configuration for a variable that contains itself, and for
/// more than twenty steps.
Result<std::string> expand_variables(std::string text, const VariableLookup& property,
                                     const VariableLookup& environment);

/// The error for a property that has a value which cannot be used: `name = "value" (source): problem`. The values of
/// passwords are not shown.
Error property_error(const Configuration& configuration, std::string_view name, std::string_view problem,
                     Errc code = Errc::invalid_configuration);

/// The name under which a property is kept: the successor of a deprecated one, else the name itself.
std::string_view current_property_name(std::string_view name) noexcept;

}  // namespace hbmux::core
