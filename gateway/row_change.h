// What the mutations of one request, taken together, do to a row.
#pragma once

#include "gateway/deleted_cells.h"
#include "gateway/status.h"
#include "gateway/table_schema.h"

#include <hbmux/bt/data.pb.h>
#include <hbmux/increment.h>
#include <hbmux/row.h>
#include <hbmux/row_mutations.h>
#include <hbmux/scan.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace hbmux::gateway {

/// Bigtable applies mutations one after the other, deletes to what is there at that moment. HBase's markers hide by timestamp, and within one
/// request puts at or below it too. So the mutations are reduced to a set of deleted cells and the puts that remain, which no longer depends on
/// an order; where a marker would hide such a put, or cannot say what is deleted, the cells are deleted one by one, and have to be read
/// first.
///
/// Sums are HBase's Increments, which carry a nonce. An Increment sees the row as it was before the request; so one that the same request
/// deletes first is refused.
///
/// Holds views of the mutations.
class RowChange {
 public:
  using Mutations = google::protobuf::RepeatedPtrField<bt::Mutation>;
  using Request = std::variant<Put, Delete, Increment, RowMutations>;
  static constexpr int kMutationsMax = 100000;
  /// Adds markers over a whole family that orders its deletes. By its name in HBase, as all that is sent.
  static void delete_family(Delete& deletes, std::string_view family);

  /// `mutations` may be empty here.
  static Answer<RowChange> of(std::string_view row, const Mutations& mutations, const TableSchema& schema);

  /// Whether build() must know which cells there are.
  bool needs_row() const noexcept { return needs_row_; }
  /// What to read for it: every cell that is kept, also those behind the family's last version, which a delete of newer ones would
  /// bring back; no values.
  Scan read_request() const;
  /// What HBase is asked; nothing when nothing changes. `existing` is null unless the row was read.
  std::optional<Request> build(const Row* existing, std::int64_t now_millis) const;

  const std::string& row() const noexcept { return row_; }
  /// A column of HBase's that is written; nothing when none is.
  std::optional<std::pair<std::string_view, std::string_view>> a_written_column() const;
  /// Whether it adds to sums: doing it twice is not as good as once.
  bool adds() const noexcept { return !sums_.empty(); }

 private:
  struct NewCell {
    std::string_view family;
    std::string_view qualifier;
    std::int64_t millis;  // kLatestTimestamp: now
    std::string_view value;
  };

  explicit RowChange(std::string_view row) : row_(row) {}
  std::optional<Status> add(const bt::Mutation& mutation, const TableSchema& schema);
  /// AddToCell, MergeToCell.
  template <class Addition>
  std::optional<Status> add_sum(const Addition& addition, const Answer<std::int64_t>& amount, const TableSchema& schema);
  std::optional<Status> add_delete(const bt::Mutation::DeleteFromColumn& mutation, const TableSchema& schema);
  std::optional<Status> find_deleted_sums() const;
  void drop_repeated();
  bool plan_markers(const TableSchema& schema);
  Delete delete_one_by_one(const Row& existing) const;
  Put put_cells(const Row* existing, std::int64_t now_millis) const;
  Increment add_amounts() const;

  /// A sum that the request adds to.
  struct Sum {
    std::string_view family;
    std::string_view qualifier;
    std::int64_t millis;
  };

  std::string row_;
  std::vector<NewCell> puts_;
  std::vector<Sum> added_to_;
  std::map<std::pair<std::string, std::string>, std::uint64_t> sums_;  // of amounts, by column in HBase; they wrap as HBase's do
  DeletedCells deleted_;
  Delete markers_{row_};
  bool has_markers_ = false;
  std::map<std::string, TableSchema::Family, std::less<>> families_;  // of the table, when something is deleted
  bool needs_row_ = false;
};

}  // namespace hbmux::gateway
