// What Get and Scan have in common: which cells of a row are wanted, and how they are read.
#pragma once

#include <hbmux/attributes.h>
#include <hbmux/detail/copy_ptr.h>
#include <hbmux/error.h>
#include <hbmux/filter.h>

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hbmux {

/// Timestamps in milliseconds, from `min` up to but not including `max`.
struct TimeRange {
  std::int64_t min = 0;
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  bool is_all() const noexcept { return min == 0 && max == std::numeric_limits<std::int64_t>::max(); }
  bool operator==(const TimeRange&) const = default;
};

/// Families mapped to qualifiers; a family without any means all of its columns.
using ColumnMap = std::map<std::string, std::set<std::string>, std::less<>>;

/// Whether only the primary replica of a region may answer, or also a secondary one, whose answer may be out of date (Row::stale()).
/// With `timeline` a get asks the primary replica, and, when it has not answered within hbase.client.primaryCallTimeout.get or has failed, all others at
/// once; the first answer counts. A scan opens its scanner at the primary replica, and where that does not answer within
/// hbase.client.replicaCallTimeout.scan at the others in turn. In a batch such a get is a call of its own (hbase.client.primaryCallTimeout.multiget).
enum class Consistency : std::uint8_t { strong = 0, timeline = 1 };

/// Whether cells of writes that are not complete may be seen.
enum class IsolationLevel : std::uint8_t { read_committed = 0, read_uncommitted = 1 };

/// What few queries say.
struct QueryOptions {
  std::optional<Filter> filter;
  Attributes attributes;
  std::map<std::string, TimeRange, std::less<>> family_time_ranges;
  std::optional<bool> load_column_families_on_demand;
  int max_results_per_column_family = -1;  ///< -1: all.
  int row_offset_per_column_family = 0;
  int priority = kPriorityUnset;
  bool query_metrics = false;
  int replica_id = -1;  ///< -1: as `consistency` says.
  Consistency consistency = Consistency::strong;
};

/// A value type. What is wrong with it is told when it is executed, as Errc::invalid_argument.
class Query {
 public:
  const ColumnMap& columns() const noexcept { return columns_; }
  const TimeRange& time_range() const noexcept { return time_range_; }
  std::uint32_t max_versions() const noexcept { return max_versions_; }
  bool cache_blocks() const noexcept { return cache_blocks_; }
  /// What is set by the less common setters of QuerySetters.
  const QueryOptions& options() const noexcept { return *options_; }
  bool has_options() const noexcept { return static_cast<bool>(options_); }
  const std::string& problem() const noexcept { return problem_; }

 protected:
  void set_family(std::string_view family);
  void set_column(std::string_view family, std::string_view qualifier);
  void set_versions(int versions);
  void set_time_range(std::int64_t min, std::int64_t max);
  void set_family_time_range(std::string_view family, std::int64_t min, std::int64_t max);
  void set_cache_blocks(bool yes) noexcept { cache_blocks_ = yes; }
  void set_filter(Filter filter);
  void set_attribute(std::string_view name, std::string_view value);
  void set_isolation_level(IsolationLevel level);
  void set_replica_id(int replica);
  void set_max_results_per_column_family(int cells);
  void set_row_offset_per_column_family(int cells);
  QueryOptions& change_options() { return options_.change(); }
  void set_problem(std::string problem);

 private:
  ColumnMap columns_;
  TimeRange time_range_;
  detail::CopyPtr<QueryOptions> options_;
  std::uint32_t max_versions_ = 1;
  bool cache_blocks_ = true;
  std::string problem_;
};

/// The setters that Get and Scan share. Each gives the query itself back, so that they can be chained.
template <class Q>
class QuerySetters : public Query {
 public:
  /// All columns of a family.
  Q& family(std::string_view family) & { return set_family(family), self(); }
  Q& column(std::string_view family, std::string_view qualifier) & { return set_column(family, qualifier), self(); }
  /// The newest so many versions of each column (default 1).
  Q& versions(int count) & { return set_versions(count), self(); }
  Q& all_versions() & { return set_versions(std::numeric_limits<int>::max()), self(); }
  /// Timestamps in [min, max), in milliseconds.
  Q& time_range(std::int64_t min, std::int64_t max) & { return set_time_range(min, max), self(); }
  /// Exactly this timestamp.
  Q& timestamp(std::int64_t at) & { return set_time_range(at, at + 1), self(); }
  /// For one family, in place of time_range() (Java: setColumnFamilyTimeRange).
  Q& family_time_range(std::string_view family, std::int64_t min, std::int64_t max) & {
    return set_family_time_range(family, min, max), self();
  }
  /// Whether the server keeps the blocks it reads in its cache (default true).
  Q& cache_blocks(bool yes) & { return set_cache_blocks(yes), self(); }
  /// What the server leaves out; see `<hbmux/filters.h>`, and Filter::parse for the text form.
  Q& filter(Filter filter) & { return set_filter(std::move(filter)), self(); }
  /// Cells of each family of a row, at most (default: all).
  Q& max_results_per_column_family(int cells) & { return set_max_results_per_column_family(cells), self(); }
  /// Cells of each family of a row that are passed over first (default 0).
  Q& row_offset_per_column_family(int cells) & { return set_row_offset_per_column_family(cells), self(); }
  /// Reads families that a filter does not need only for rows that pass it (default: as the server is configured).
  Q& load_column_families_on_demand(bool yes) & { return change_options().load_column_families_on_demand = yes, self(); }
  /// `strong` by default; see Consistency.
  Q& consistency(Consistency consistency) & { return change_options().consistency = consistency, self(); }
  /// Only this replica is asked; another than the primary one (0) only with Consistency::timeline. Errc::invalid_argument when
  /// the region has no such replica.
  Q& replica_id(int replica) & { return set_replica_id(replica), self(); }
  /// What reading each row cost the server: Row::metrics(). Servers tell it since HBase 2.6; those of a scan for the first answer of each region only.
  Q& query_metrics(bool yes) & { return change_options().query_metrics = yes, self(); }
  Q& isolation_level(IsolationLevel level) & { return set_isolation_level(level), self(); }
  /// Of the call at the server (HConstants: 0 normal, 100 admin, 200 high); by default the table decides.
  Q& priority(int priority) & { return change_options().priority = priority, self(); }
  /// An empty value takes the attribute away.
  Q& attribute(std::string_view name, std::string_view value) & { return set_attribute(name, value), self(); }
  /// A name for this query in the server's logs of slow calls (Java: setId).
  Q& id(std::string_view id) & { return set_attribute("_operation.attributes.id", id), self(); }
  /// Rights that are held against those of each cell (Java: setACL).
  Q& acl(const std::vector<UserPermissions>& acl) & { return set_attribute("acl", detail::acl_attribute(acl)), self(); }
  /// Visibility labels that the reader has (Java: setAuthorizations).
  Q& authorizations(const std::vector<std::string>& labels) & {
    return set_attribute("VISIBILITY", detail::authorizations_attribute(labels)), self();
  }

  Q&& family(std::string_view f) && { return std::move(family(f)); }
  Q&& column(std::string_view f, std::string_view q) && { return std::move(column(f, q)); }
  Q&& versions(int count) && { return std::move(versions(count)); }
  Q&& all_versions() && { return std::move(all_versions()); }
  Q&& time_range(std::int64_t min, std::int64_t max) && { return std::move(time_range(min, max)); }
  Q&& timestamp(std::int64_t at) && { return std::move(timestamp(at)); }
  Q&& family_time_range(std::string_view f, std::int64_t min, std::int64_t max) && { return std::move(family_time_range(f, min, max)); }
  Q&& cache_blocks(bool yes) && { return std::move(cache_blocks(yes)); }
  Q&& filter(Filter f) && { return std::move(filter(std::move(f))); }
  Q&& max_results_per_column_family(int cells) && { return std::move(max_results_per_column_family(cells)); }
  Q&& row_offset_per_column_family(int cells) && { return std::move(row_offset_per_column_family(cells)); }
  Q&& load_column_families_on_demand(bool yes) && { return std::move(load_column_families_on_demand(yes)); }
  Q&& consistency(Consistency c) && { return std::move(consistency(c)); }
  Q&& replica_id(int replica) && { return std::move(replica_id(replica)); }
  Q&& query_metrics(bool yes) && { return std::move(query_metrics(yes)); }
  Q&& isolation_level(IsolationLevel level) && { return std::move(isolation_level(level)); }
  Q&& priority(int p) && { return std::move(priority(p)); }
  Q&& attribute(std::string_view name, std::string_view value) && { return std::move(attribute(name, value)); }
  Q&& id(std::string_view i) && { return std::move(id(i)); }
  Q&& acl(const std::vector<UserPermissions>& a) && { return std::move(acl(a)); }
  Q&& authorizations(const std::vector<std::string>& labels) && { return std::move(authorizations(labels)); }

  using Query::cache_blocks;
  using Query::time_range;

 private:
  Q& self() noexcept { return static_cast<Q&>(*this); }
};

}  // namespace hbmux
