// Deletes cells of one row.
#pragma once

#include <hbmux/mutation.h>

namespace hbmux {

/// A Delete without any of the parts below deletes the whole row. The names are those of the Java client: note that
/// `add_column` deletes one version and `add_columns` all of them.
class Delete : public MutationSetters<Delete> {
 public:
  /// `timestamp`: cells newer than it stay (milliseconds; default: all go).
  explicit Delete(std::string_view row, std::int64_t timestamp = kLatestTimestamp) : MutationSetters(row, timestamp) {}

  /// What is deleted has no time to live (Java throws UnsupportedOperationException).
  Delete& ttl(std::chrono::milliseconds ttl) = delete;

  /// All columns of a family, all versions up to `timestamp`. As in Java it takes the place of all that was added for this family before.
  Delete& add_family(std::string_view family, std::int64_t timestamp) & {
    remove_cells(family);
    add_cell(family, {}, timestamp, CellType::delete_family, {});
    return *this;
  }
  Delete& add_family(std::string_view family) & { return add_family(family, timestamp()); }
  /// All columns of a family, the versions with exactly this timestamp.
  Delete& add_family_version(std::string_view family, std::int64_t timestamp) & {
    add_cell(family, {}, timestamp, CellType::delete_family_version, {});
    return *this;
  }
  /// All versions of a column up to `timestamp`.
  Delete& add_columns(std::string_view family, std::string_view qualifier, std::int64_t timestamp) & {
    add_cell(family, qualifier, timestamp, CellType::delete_column, {});
    return *this;
  }
  Delete& add_columns(std::string_view family, std::string_view qualifier) & {
    return add_columns(family, qualifier, timestamp());
  }
  /// One version of a column: that with exactly this timestamp, or, without one, the newest. (The newest one costs the
  /// server a read.)
  Delete& add_column(std::string_view family, std::string_view qualifier, std::int64_t timestamp) & {
    add_cell(family, qualifier, timestamp, CellType::delete_version, {});
    return *this;
  }
  Delete& add_column(std::string_view family, std::string_view qualifier) & {
    return add_column(family, qualifier, timestamp());
  }

  Delete&& add_family(std::string_view f, std::int64_t timestamp) && { return std::move(add_family(f, timestamp)); }
  Delete&& add_family(std::string_view f) && { return std::move(add_family(f)); }
  Delete&& add_family_version(std::string_view f, std::int64_t timestamp) && {
    return std::move(add_family_version(f, timestamp));
  }
  Delete&& add_columns(std::string_view f, std::string_view q, std::int64_t timestamp) && {
    return std::move(add_columns(f, q, timestamp));
  }
  Delete&& add_columns(std::string_view f, std::string_view q) && { return std::move(add_columns(f, q)); }
  Delete&& add_column(std::string_view f, std::string_view q, std::int64_t timestamp) && {
    return std::move(add_column(f, q, timestamp));
  }
  Delete&& add_column(std::string_view f, std::string_view q) && { return std::move(add_column(f, q)); }
};

}  // namespace hbmux
