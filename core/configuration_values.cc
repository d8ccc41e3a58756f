#include "core/configuration_values.h"

#include <hbmux/configuration.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace hbmux::core {
namespace {

constexpr int kSubstitutionsMax = 20;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// The place of the leftmost `${name}` whose name has no blank, '$' or '}': begin and end of the name, or npos.
struct VariablePlace {
  std::size_t begin = std::string::npos;
  std::size_t end = std::string::npos;
};

VariablePlace find_variable(std::string_view text) {
  for (std::size_t at = text.find("${"); at != std::string_view::npos; at = text.find("${", at + 1)) {
    const std::size_t end = text.find_first_of("} $", at + 2);
    if (end != std::string_view::npos && text[end] == '}' && end > at + 2) return {at + 2, end};
  }
  return {};
}

/// `NAME`, `NAME:-default` (also when empty) or `NAME-default` (only when not set).
std::optional<std::string> from_environment(std::string_view text, const VariableLookup& environment) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ':' && i + 1 < text.size() && text[i + 1] == '-') {
      auto value = environment(text.substr(0, i));
      return value && !value->empty() ? value : std::string(text.substr(i + 2));
    }
    if (text[i] == '-') {
      auto value = environment(text.substr(0, i));
      return value ? value : std::string(text.substr(i + 1));
    }
  }
  return environment(text);
}

struct Unit {
  std::string_view suffix;
  std::int64_t per_milli;  // units in a millisecond, when it is finer than that
  std::int64_t millis;     // milliseconds in the unit, otherwise
};

// In the order in which suffixes are tried: "ms" before "s".
constexpr std::array<Unit, 7> kUnits = {{{"ns", 1'000'000, 0},
                                         {"us", 1'000, 0},
                                         {"ms", 1, 1},
                                         {"s", 1, 1'000},
                                         {"m", 1, 60'000},
                                         {"h", 1, 3'600'000},
                                         {"d", 1, 86'400'000}}};

struct Successor {
  std::string_view deprecated, current;
};

// HBaseConfiguration.java, ConnectionConfiguration.java, and of Hadoop's list what an HBase client's files may hold.
constexpr std::array<Successor, 14> kSuccessors = {{
    {"hbase.client.pause.cqtbe", "hbase.client.pause.server.overloaded"},
    {"hbase.regionserver.hostname", "hbase.unsafe.regionserver.hostname"},
    {"hbase.regionserver.hostname.disable.master.reversedns",
     "hbase.unsafe.regionserver.hostname.disable.master.reversedns"},
    {"hbase.offheapcache.minblocksize", "hbase.blockcache.minblocksize"},
    {"hbase.ipc.server.reservoir.enabled", "hbase.server.allocator.pool.enabled"},
    {"hbase.ipc.server.reservoir.initial.max", "hbase.server.allocator.max.buffer.count"},
    {"hbase.ipc.server.reservoir.initial.buffer.size", "hbase.server.allocator.buffer.size"},
    {"hbase.normalizer.min.region.count", "hbase.normalizer.merge.min.region.count"},
    {"hlog.bulk.output", "wal.bulk.output"},
    {"hlog.input.tables", "wal.input.tables"},
    {"hlog.input.tablesmap", "wal.input.tablesmap"},
    {"fs.default.name", "fs.defaultFS"},
    {"hadoop.native.lib", "io.native.lib.available"},
    {"user.name", "mapreduce.job.user.name"},
}};

bool is_secret(std::string_view name) {
  const std::string lowered = to_lower(name);
  return lowered.find("password") != std::string::npos || lowered.find("secret") != std::string::npos;
}

}  // namespace

std::string_view trim(std::string_view text) noexcept {
  auto blank = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string to_lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

std::optional<std::int64_t> parse_integer(std::string_view text) noexcept {
  const bool negative = !text.empty() && text.front() == '-';
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  int base = 10;
  if (text.size() > 2 && text[0] == '0' && lower(text[1]) == 'x') {
    base = 16;
    text.remove_prefix(2);
  }
  std::uint64_t magnitude = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), magnitude, base);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  if (magnitude > kMax + (negative ? 1 : 0)) return std::nullopt;
  return static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
}

std::optional<double> parse_double(std::string_view text) noexcept {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const std::string lowered = to_lower(trim(text));
  std::string_view digits = lowered;
  Unit unit = kUnits[2];  // milliseconds
  for (const Unit& candidate : kUnits) {
    if (!digits.ends_with(candidate.suffix)) continue;
    unit = candidate;
    digits.remove_suffix(candidate.suffix.size());
    break;
  }
  if (digits.starts_with("0x") || digits.starts_with("-0x")) return std::nullopt;
  const auto number = parse_integer(digits);
  if (!number) return std::nullopt;
  if (unit.millis == 0) {
    const std::int64_t rest = *number % unit.per_milli;
    return std::chrono::milliseconds(*number / unit.per_milli + (rest > 0 ? 1 : rest < 0 ? -1 : 0));
  }
  std::int64_t millis = 0;
  if (__builtin_mul_overflow(*number, unit.millis, &millis)) return std::nullopt;
  return std::chrono::milliseconds(millis);
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(",\n"), text.size());
    if (const auto item = trim(text.substr(0, end)); !item.empty()) items.emplace_back(item);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return items;
}

Result<std::string> expand_variables(std::string text, const VariableLookup& property,
                                     const VariableLookup& environment) {
  for (int step = 0; step < kSubstitutionsMax; ++step) {
    const VariablePlace place = find_variable(text);
    if (place.begin == std::string::npos) return text;
    const std::string name = text.substr(place.begin, place.end - place.begin);
    std::optional<std::string> value;
    if (name.starts_with("env.") && name.size() > 4) {
      value = from_environment(std::string_view(name).substr(4), environment);
    }
    if (!value) value = property(name);
    if (!value) return text;
    if (value->find("${" + name + "}") != std::string::npos) {
      return Error(Errc::invalid_configuration, "the variable ${" + name + "} contains itself");
    }
    text.replace(place.begin - 2, place.end - place.begin + 3, *value);
  }
  if (find_variable(text).begin == std::string::npos) return text;
  return Error(Errc::invalid_configuration, "more than " + std::to_string(kSubstitutionsMax) +
                                                " variables to expand; do they refer to each other in a circle?");
}

Error property_error(const Configuration& configuration, std::string_view name, std::string_view problem, Errc code) {
  const auto expanded = configuration.get(name);
  const auto raw = configuration.get_raw(name);
  std::string message(current_property_name(trim(name)));
  if (raw) {
    const std::string& value = expanded && *expanded ? **expanded : *raw;
    message += is_secret(message) ? " = (hidden)" : " = \"" + value + "\"";
    message += " (" + configuration.source(name) + ")";
  }
  return Error(code, message + ": " + std::string(problem));
}

std::string_view current_property_name(std::string_view name) noexcept {
  for (const Successor& entry : kSuccessors) {
    if (entry.deprecated == name) return entry.current;
  }
  return name;
}

}  // namespace hbmux::core
