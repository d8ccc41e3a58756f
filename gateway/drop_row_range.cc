#include "gateway/drop_row_range.h"

#include "gateway/row_change.h"

#include <hbmux/filters.h>

#include <algorithm>

namespace hbmux::gateway {
namespace {

constexpr std::size_t kDeletesAtOnce = 500;

}  // namespace

void DropRowRangeCall::start() {
  auto name = state_.names.table(request_.name());
  if (!name) return finish(name.error());
  auto table = table_of(state_, context_, *name);
  if (!table) return finish(table.error());
  name_ = std::move(*name);
  table_ = std::move(*table);
  if (request_.has_delete_all_data_from_table()) {
    if (!request_.delete_all_data_from_table()) return finish(invalid("delete_all_data_from_table must be true if set"));
    run([this](auto token) { state_.connection.admin().async_disable_table(name_->table, std::move(token)); },
        [this](const Result<void>& disabled) {
          if (!disabled && disabled.error().code() != Errc::table_not_enabled) return fail(disabled.error());
          truncate();
        });
    return;
  }
  if (request_.row_key_prefix().empty()) return finish(invalid("missing row key prefix"));
  find_schema(name_->table, [this](const TableSchema& schema) { begin_scan(schema); }, [this](const Error& error) { fail(error); });
}

void DropRowRangeCall::truncate() {
  run([this](auto token) { state_.connection.admin().async_truncate_table(name_->table, true, std::move(token)); },
      [this](const Result<void>& truncated) {
        if (!truncated) return fail(truncated.error());
        finish();
      });
}

void DropRowRangeCall::begin_scan(const TableSchema& schema) {
  orders_deletes_ = true;
  for (const auto& [name, family] : schema.families) {
    families_.push_back(stored_name(name, family));
    orders_deletes_ = orders_deletes_ && family.orders_deletes;
  }
  Scan scan;
  scan.prefix(request_.row_key_prefix()).cache_blocks(false);
  if (orders_deletes_) {
    scan.filter(FilterList({FirstKeyOnlyFilter(), KeyOnlyFilter()}));
  } else {
    scan.raw(true).all_versions().filter(KeyOnlyFilter());  // each cell is deleted by itself, as RowChange does
  }
  scanner_.emplace(table_->scan(std::move(scan)));
  read_on();
}

void DropRowRangeCall::read_on() {
  run([this](auto token) { scanner_->async_next(std::move(token)); },
      [this](const Scanner::NextResult& row) {
        if (!row) return fail(row.error());
        if (!*row) return send_deletes(true);
        add_deletes(**row);
        if (deletes_.size() >= kDeletesAtOnce) return send_deletes(false);
        read_on();
      });
}

void DropRowRangeCall::add_deletes(const Row& row) {
  if (row.empty()) return;
  Delete deletes(row.row());
  if (orders_deletes_) {
    for (const std::string& family : families_) RowChange::delete_family(deletes, family);
  } else {
    for (const Cell& cell : row.cells()) {
      if (cell.type() == CellType::put) deletes.add_column(cell.family(), cell.qualifier(), cell.timestamp());
    }
  }
  if (!deletes.empty()) deletes_.emplace_back(std::move(deletes));
}

void DropRowRangeCall::send_deletes(bool last) {
  if (deletes_.empty()) return finish();
  count_rows(static_cast<std::int64_t>(deletes_.size()));
  run([this](auto token) { table_->async_batch(std::exchange(deletes_, {}), std::move(token)); },
      [this, last](const BatchResult& results) {
        const auto failed = std::find_if(results.begin(), results.end(), [](const auto& result) { return !result; });
        if (failed != results.end()) return fail(failed->error());
        if (last) return finish();
        read_on();
      });
}

}  // namespace hbmux::gateway
