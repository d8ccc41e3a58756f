#include "bigtable/changes.h"

#include "bigtable/rows.h"
#include "core/bytes.h"
#include "core/cell_block.h"

#include <string>
#include <string_view>
#include <utility>

namespace hbmux::bigtable {
namespace {

Error not_in_bigtable(std::string what) { return Error(Errc::unsupported, std::move(what) + ": Bigtable has nothing of the kind"); }

/// What any change may say that Bigtable does not know. Durability is not: all that is acknowledged is durable there.
Result<void> check_common(const Mutation& change) {
  if (change.has_tags()) return not_in_bigtable("tags of cells");
  if (!change.has_options()) return {};
  for (const auto& [name, value] : change.options().attributes) {
    if (name == "_operation.attributes.id") continue;  // for logs
    if (name == "VISIBILITY") return not_in_bigtable("cell visibility");
    if (name == "acl") return not_in_bigtable("rights on cells");
    if (name == "_ttl") return not_in_bigtable("a time to live of single cells");
    return not_in_bigtable("the attribute '" + name + "'");
  }
  return {};
}

Result<std::int64_t> micros_of(std::int64_t millis) {
  if (millis < 0 || millis > kMaxMillis) {
    return Error(Errc::unsupported, "the timestamp " + std::to_string(millis) + ": Bigtable has those from 0 to " +
                                        std::to_string(kMaxMillis));
  }
  return millis * kMicrosPerMilli;
}

template <class Take>
Result<void> for_each_cell(const Mutation& change, Take take) {
  for (core::CellBlockReader reader(change.cell_block()); !reader.at_end();) {
    auto cell = reader.next();
    if (!cell) return cell.error();
    if (Result<void> taken = take(*cell); !taken) return taken;
  }
  return {};
}

Result<void> append_delete_cell(const Cell& cell, MutationList& out) {
  const bool latest = cell.timestamp() == kLatestTimestamp;
  if (cell.type() == CellType::delete_family) {
    if (!latest) return not_in_bigtable("deleting a family up to a timestamp");
    out.Add()->mutable_delete_from_family()->set_family_name(std::string(cell.family()));
    return {};
  }
  if (cell.type() == CellType::delete_family_version) return not_in_bigtable("deleting a family's cells of one timestamp");
  if (cell.type() == CellType::delete_version && latest) {
    return Error(Errc::unsupported, "deleting the newest version of a column without its timestamp: Bigtable cannot; say the "
                                    "timestamp, or delete all versions");
  }
  bt::Mutation::DeleteFromColumn remove;
  remove.set_family_name(std::string(cell.family()));
  remove.set_column_qualifier(std::string(cell.qualifier()));
  if (!latest) {
    auto micros = micros_of(cell.timestamp());
    if (!micros) return micros.error();
    if (cell.type() == CellType::delete_version) remove.mutable_time_range()->set_start_timestamp_micros(*micros);
    remove.mutable_time_range()->set_end_timestamp_micros(*micros > INT64_MAX - kMicrosPerMilli ? 0 : *micros + kMicrosPerMilli);
  }
  *out.Add()->mutable_delete_from_column() = std::move(remove);
  return {};
}

}  // namespace

Result<void> append(const Put& put, CellClock now, MutationList& out) {
  if (auto common = check_common(put); !common) return common;
  return for_each_cell(put, [&](const Cell& cell) -> Result<void> {
    auto& set = *out.Add()->mutable_set_cell();
    set.set_family_name(std::string(cell.family()));
    set.set_column_qualifier(std::string(cell.qualifier()));
    set.set_value(std::string(cell.value()));
    if (cell.timestamp() == kLatestTimestamp) {
      set.set_timestamp_micros(now ? *now * kMicrosPerMilli : -1);
      return {};
    }
    auto micros = micros_of(cell.timestamp());
    if (!micros) return micros.error();
    set.set_timestamp_micros(*micros);
    return {};
  });
}

Result<void> append(const Delete& del, MutationList& out) {
  if (auto common = check_common(del); !common) return common;
  if (del.empty()) {
    if (del.timestamp() != kLatestTimestamp) return not_in_bigtable("deleting a row up to a timestamp");
    out.Add()->mutable_delete_from_row();
    return {};
  }
  return for_each_cell(del, [&](const Cell& cell) { return append_delete_cell(cell, out); });
}

Result<void> append(const Append& append, RuleList& out) {
  if (auto common = check_common(append); !common) return common;
  if (!append.time_range().is_all()) return not_in_bigtable("an Append with a time range");
  return for_each_cell(append, [&](const Cell& cell) -> Result<void> {
    auto& rule = *out.Add();
    rule.set_family_name(std::string(cell.family()));
    rule.set_column_qualifier(std::string(cell.qualifier()));
    rule.set_append_value(std::string(cell.value()));
    return {};
  });
}

Result<void> append(const Increment& increment, RuleList& out) {
  if (auto common = check_common(increment); !common) return common;
  if (!increment.time_range().is_all()) return not_in_bigtable("an Increment with a time range");
  return for_each_cell(increment, [&](const Cell& cell) -> Result<void> {
    if (cell.value().size() != sizeof(std::int64_t)) return Error(Errc::invalid_argument, "an increment is not of eight bytes");
    auto& rule = *out.Add();
    rule.set_family_name(std::string(cell.family()));
    rule.set_column_qualifier(std::string(cell.qualifier()));
    rule.set_increment_amount(core::load_be<std::int64_t>(cell.value().data()));
    return {};
  });
}

Result<RowChanges> changes_of(const RowMutations& changes, CellClock now) {
  RowChanges out;
  for (const RowMutations::Change& change : changes.changes()) {
    auto appended = std::visit(
        [&](const auto& one) -> Result<void> {
          using Kind = std::decay_t<decltype(one)>;
          if constexpr (std::is_same_v<Kind, Put>) return append(one, now, out.mutations);
          if constexpr (std::is_same_v<Kind, Delete>) return append(one, out.mutations);
          if constexpr (std::is_same_v<Kind, Append> || std::is_same_v<Kind, Increment>) return append(one, out.rules);
        },
        change);
    if (!appended) return appended.error();
  }
  if (!out.mutations.empty() && !out.rules.empty()) {
    return not_in_bigtable("RowMutations that put or delete, and also append or increment");
  }
  return out;
}

}  // namespace hbmux::bigtable
