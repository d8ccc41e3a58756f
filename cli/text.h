// Text for people and for scripts: numbers, times, quoting, and columns as they are written on the command line.
#pragma once

#include <hbmux/error.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::cli {

/// "family" or "family:qualifier", each with \xNN for any byte. A family alone stands for all of its columns; "family:"
/// for the column with the empty qualifier.
struct Column {
  std::string family;
  std::optional<std::string> qualifier;
  static Result<Column> parse(std::string_view text);
};

/// 1234567 -> "1,234,567"
std::string with_commas(std::uint64_t number);
/// 950 ns -> "0.95 us", 1234 us -> "1.2 ms": three significant digits at most.
std::string duration_text(std::chrono::nanoseconds time);
/// 1536 -> "1.5 KiB"
std::string bytes_text(std::uint64_t bytes);
/// Milliseconds since 1970 -> "2026-11-02 10:11:12.345" (UTC). Out of the calendar's range: the number itself.
std::string timestamp_text(std::int64_t milliseconds);
/// A JSON string with its quotes. `text` must be UTF-8.
std::string json_quoted(std::string_view text);
/// A CSV field (RFC 4180): quoted only where it must be.
std::string csv_quoted(std::string_view text);
/// How many columns of a terminal UTF-8 text takes, if all its characters are narrow.
std::size_t display_width(std::string_view text) noexcept;
/// Pads with blanks on the right (or on the left) to `width` columns.
std::string padded(std::string_view text, std::size_t width, bool right_aligned = false);

}  // namespace hbmux::cli
