#include "cli/text.h"

#include "core/bytes.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace hbmux::cli {
namespace {
std::string three_digits(double number, const char* unit) {
  std::array<char, 48> out{};
  int digits = number < 10 ? 2 : number < 100 ? 1 : 0;
  std::snprintf(out.data(), out.size(), "%.*f %s", digits, number, unit);
  return out.data();
}
}  // namespace

Result<Column> Column::parse(std::string_view text) {
  std::size_t colon = text.find(':');
  Column column;
  column.family = core::from_string_binary(text.substr(0, colon));
  if (column.family.empty()) {
    return Error(Errc::invalid_argument,
                 "\"" + std::string(text) + "\" is no column: expected family or family:qualifier");
  }
  if (colon != std::string_view::npos) column.qualifier = core::from_string_binary(text.substr(colon + 1));
  return column;
}

std::string with_commas(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

std::string duration_text(std::chrono::nanoseconds time) {
  auto ns = static_cast<double>(time.count());
  if (ns < 1e6) return three_digits(ns / 1e3, "us");
  if (ns < 1e9) return three_digits(ns / 1e6, "ms");
  return three_digits(ns / 1e9, "s");
}

std::string bytes_text(std::uint64_t bytes) {
  static constexpr std::array kUnits = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  auto number = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (number >= 1024 && unit + 1 < kUnits.size()) {
    number /= 1024;
    ++unit;
  }
  return unit == 0 ? std::to_string(bytes) + " B" : three_digits(number, kUnits[unit]);
}

std::string timestamp_text(std::int64_t milliseconds) {
  constexpr std::int64_t kYear10000 = 253402300800000;
  if (milliseconds < 0 || milliseconds >= kYear10000) return std::to_string(milliseconds);
  auto seconds = static_cast<std::time_t>(milliseconds / 1000);
  std::tm calendar{};
  gmtime_r(&seconds, &calendar);
  std::array<char, 40> out{};
  std::size_t length = std::strftime(out.data(), out.size(), "%Y-%m-%d %H:%M:%S", &calendar);
  std::snprintf(out.data() + length, out.size() - length, ".%03d", static_cast<int>(milliseconds % 1000));
  return out.data();
}

std::string json_quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          std::array<char, 8> escape{};
          std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
          out += escape.data();
        } else {
          out += c;
        }
    }
  }
  return out += '"';
}

std::string csv_quoted(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out += '"';
}

std::size_t display_width(std::string_view text) noexcept {
  std::size_t width = 0;
  for (char c : text) width += (static_cast<unsigned char>(c) & 0xC0) != 0x80;  // not a continuation byte
  return width;
}

std::string padded(std::string_view text, std::size_t width, bool right_aligned) {
  std::size_t have = display_width(text);
  std::string blanks(have < width ? width - have : 0, ' ');
  return right_aligned ? blanks + std::string(text) : std::string(text) + blanks;
}

}  // namespace hbmux::cli
