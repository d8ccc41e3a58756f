// Writes cells of one row.
#pragma once

#include <hbmux/mutation.h>

namespace hbmux {

/// `Put("u42").add("info", "name", "Ada")`. All cells of a Put become visible at once.
class Put : public MutationSetters<Put> {
 public:
  /// `timestamp` in milliseconds is the default for its cells.
  explicit Put(std::string_view row, std::int64_t timestamp = kLatestTimestamp) : MutationSetters(row, timestamp) {}

  Put& add(std::string_view family, std::string_view qualifier, std::string_view value) & {
    add_cell(family, qualifier, timestamp(), CellType::put, value);
    return *this;
  }
  /// Adds a cell with a timestamp of its own.
  Put& add(std::string_view family, std::string_view qualifier, std::int64_t timestamp, std::string_view value) & {
    add_cell(family, qualifier, timestamp, CellType::put, value);
    return *this;
  }
  /// Adds a cell with tags, which travel only where the codec carries them: else Errc::invalid_argument.
  Put& add(std::string_view family, std::string_view qualifier, std::int64_t timestamp, std::string_view value,
           const std::vector<Tag>& tags) & {
    add_cell(family, qualifier, timestamp, CellType::put, value, tags);
    return *this;
  }
  Put&& add(std::string_view f, std::string_view q, std::string_view v) && { return std::move(add(f, q, v)); }
  Put&& add(std::string_view f, std::string_view q, std::int64_t timestamp, std::string_view v) && {
    return std::move(add(f, q, timestamp, v));
  }
  Put&& add(std::string_view f, std::string_view q, std::int64_t timestamp, std::string_view v, const std::vector<Tag>& tags) && {
    return std::move(add(f, q, timestamp, v, tags));
  }
};

}  // namespace hbmux
