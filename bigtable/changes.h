// HBase's changes as Bigtable's mutations and rules.
#pragma once

#include <hbmux/append.h>
#include <hbmux/bt/data.pb.h>
#include <hbmux/delete.h>
#include <hbmux/error.h>
#include <hbmux/increment.h>
#include <hbmux/put.h>
#include <hbmux/row_mutations.h>

#include <google/protobuf/repeated_field.h>

#include <cstdint>
#include <optional>

namespace hbmux::bigtable {

using MutationList = google::protobuf::RepeatedPtrField<bt::Mutation>;
using RuleList = google::protobuf::RepeatedPtrField<bt::ReadModifyWriteRule>;

/// The time of cells that say none: in milliseconds, by this client's clock; nothing: the server's decides, so that an attempt must not be
/// repeated by who wants each cell once.
using CellClock = std::optional<std::int64_t>;

// Each appends to `out`. What Bigtable cannot express is Errc::unsupported, and names it.
Result<void> append(const Put& put, CellClock now, MutationList& out);
Result<void> append(const Delete& del, MutationList& out);
Result<void> append(const Append& append, RuleList& out);
Result<void> append(const Increment& increment, RuleList& out);

/// All changes of a row: as mutations, or, when all of them increment and append, as rules.
struct RowChanges {
  MutationList mutations;
  RuleList rules;
};
Result<RowChanges> changes_of(const RowMutations& changes, CellClock now);

}  // namespace hbmux::bigtable
