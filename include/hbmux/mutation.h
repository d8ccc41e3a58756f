// What Put, Delete, Append and Increment have in common.
#pragma once

#include <hbmux/attributes.h>
#include <hbmux/cell.h>
#include <hbmux/detail/copy_ptr.h>
#include <hbmux/query.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hbmux {

/// How far a write must have gone before the server answers (HBase's Durability).
enum class Durability : std::uint8_t { use_default = 0, skip_wal = 1, async_wal = 2, sync_wal = 3, fsync_wal = 4 };

/// Something beside a cell's value, of a type that the servers know (HBase's Tag). Tags travel with KeyValueCodecWithTags only
/// (hbase.client.rpc.codec), or without a codec.
struct Tag {
  std::uint8_t type = 0;
  std::string value;
};

/// What few mutations say.
struct MutationOptions {
  Attributes attributes;
  int priority = kPriorityUnset;
};

/// The row and the cells of a change. The cells are kept as they will travel, so that sending them is one copy.
/// A value type: distinct objects may be used from distinct threads. What is wrong with it (an empty row, a family name that is
/// too long) is told when it is executed, as Errc::invalid_argument.
class Mutation {
 public:
  const std::string& row() const noexcept { return row_; }
  std::uint32_t cell_count() const noexcept { return cell_count_; }
  bool empty() const noexcept { return cell_count_ == 0; }
  /// The cells in KeyValueCodec's form, one after another.
  const std::string& cell_block() const noexcept { return cells_; }
  /// The default for cells added without one of their own; kLatestTimestamp lets the server's clock decide.
  std::int64_t timestamp() const noexcept { return timestamp_; }
  Durability durability() const noexcept { return durability_; }
  /// The first thing that is wrong with it; empty when nothing is.
  const std::string& problem() const noexcept { return problem_; }
  /// What is set by the less common setters of MutationSetters.
  const MutationOptions& options() const noexcept { return *options_; }
  bool has_options() const noexcept { return static_cast<bool>(options_); }
  /// Whether a cell has tags, which not every codec carries.
  bool has_tags() const noexcept { return has_tags_; }
  /// Bytes of the largest cell; hbase.client.keyvalue.maxsize is held against it.
  std::size_t largest_cell() const noexcept { return largest_cell_; }

 protected:
  Mutation(std::string_view row, std::int64_t timestamp);
  void add_cell(std::string_view family, std::string_view qualifier, std::int64_t timestamp, CellType type,
                std::string_view value, const std::vector<Tag>& tags = {});
  void remove_cells(std::string_view family);
  void set_problem(std::string problem);
  void set_attribute(std::string_view name, std::string_view value);
  void set_ttl(std::chrono::milliseconds ttl);
  MutationOptions& change_options() { return options_.change(); }
  void set_durability(Durability durability) noexcept { durability_ = durability; }

 private:
  std::string row_;
  std::string cells_;
  std::string problem_;
  std::int64_t timestamp_;
  std::size_t largest_cell_ = 0;
  std::uint32_t cell_count_ = 0;
  Durability durability_ = Durability::use_default;
  bool has_tags_ = false;
  detail::CopyPtr<MutationOptions> options_;
};

/// The setters that Put, Delete, Append and Increment share. Each gives the mutation itself back, so that they can be chained.
template <class M>
class MutationSetters : public Mutation {
 public:
  M& durability(Durability durability) & { return set_durability(durability), self(); }
  /// The cells vanish so long after their timestamp, if the family's own TTL does not end sooner. Not for a Delete.
  M& ttl(std::chrono::milliseconds ttl) & { return set_ttl(ttl), self(); }
  /// Of the call at the server (HConstants: 0 normal, 100 admin, 200 high); by default the table decides. In a batch the highest one counts.
  M& priority(int priority) & { return change_options().priority = priority, self(); }
  /// An empty value takes the attribute away.
  M& attribute(std::string_view name, std::string_view value) & { return set_attribute(name, value), self(); }
  /// A name for this mutation in the server's logs of slow calls (Java: setId).
  M& id(std::string_view id) & { return set_attribute("_operation.attributes.id", id), self(); }
  /// Who may see the cells: labels joined by & | ! and parentheses (Java: setCellVisibility).
  M& cell_visibility(std::string_view expression) & {
    return set_attribute("VISIBILITY", detail::cell_visibility_attribute(expression)), self();
  }
  /// Rights on the cells (Java: setACL).
  M& acl(const std::vector<UserPermissions>& acl) & { return set_attribute("acl", detail::acl_attribute(acl)), self(); }

  M&& durability(Durability d) && { return std::move(durability(d)); }
  M&& ttl(std::chrono::milliseconds t) && { return std::move(ttl(t)); }
  M&& priority(int p) && { return std::move(priority(p)); }
  M&& attribute(std::string_view name, std::string_view value) && { return std::move(attribute(name, value)); }
  M&& id(std::string_view i) && { return std::move(id(i)); }
  M&& cell_visibility(std::string_view expression) && { return std::move(cell_visibility(expression)); }
  M&& acl(const std::vector<UserPermissions>& a) && { return std::move(acl(a)); }
  using Mutation::durability;

 protected:
  using Mutation::Mutation;

 private:
  M& self() noexcept { return static_cast<M&>(*this); }
};

}  // namespace hbmux
