#include "gateway/mutate_rows.h"

#include "gateway/row_writer.h"

#include <variant>

namespace hbmux::gateway {
namespace {

constexpr std::size_t kEntryTextMax = 500;

}  // namespace

void MutateRowsCall::start() {
  auto name = target_of(state_, request_.table_name(), request_.authorized_view_name());
  if (!name) return fail(name.error());
  if (request_.entries().empty()) return fail(invalid("No entries provided"));
  std::int64_t mutations = 0;
  for (const auto& entry : request_.entries()) mutations += entry.mutations_size();
  if (mutations > RowChange::kMutationsMax) {
    return fail(invalid("More than " + std::to_string(RowChange::kMutationsMax) + " mutations in one request"));
  }
  auto table = table_of(state_, context_, *name);
  if (!table) return fail(table.error());
  name_ = std::move(*name);
  table_ = std::move(*table);
  state_.schemas.get(name_->table, [this](Result<SchemaCache::Schema> schema) {
    if (!schema) return fail(status_of(state_, name_->table, schema.error()));
    plan(*schema);
  });
}

void MutateRowsCall::plan(const SchemaCache::Schema& schema) {
  const auto count = static_cast<std::size_t>(request_.entries_size());
  changes_.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& entry = request_.entries(static_cast<int>(i));
    auto& told = *response_.add_entries();
    told.set_index(static_cast<std::int64_t>(i));
    told.mutable_status()->set_code(0);
    if (entry.mutations().empty()) {
      set_status(i, invalid("No mutations provided"));
      continue;
    }
    auto change = RowChange::of(entry.row_key(), entry.mutations(), *schema);
    if (!change) {
      set_status(i, change.error());
      continue;
    }
    changes_[i] = std::move(*change);
    if (!changes_[i]->needs_row()) build(i, nullptr);
  }
  read_next();
}

/// Goes on with the next entry whose row must be known.
void MutateRowsCall::read_next() {
  while (reading_ < changes_.size() && !(changes_[reading_] && changes_[reading_]->needs_row())) ++reading_;
  if (reading_ == changes_.size()) return send();
  scanner_.emplace(table_->scan(changes_[reading_]->read_request()));
  const bool begun = scope_.begin([this](auto token) { scanner_->async_next(std::move(token)); },
                                  [this](Scanner::NextResult row) {
                                    if (row) {
                                      const Row existing = row->value_or(Row());
                                      build(reading_, &existing);
                                    } else {
                                      set_status(reading_, status_of(state_, name_->table, row.error()));
                                    }
                                    ++reading_;
                                    read_next();
                                  });
  if (!begun) fail({Code::cancelled, "cancelled"});
}

void MutateRowsCall::build(std::size_t entry, const Row* existing) {
  auto request = changes_[entry]->build(existing, now_millis());
  if (!request) return;  // nothing to change: it is done
  std::visit([this](auto& action) { actions_.emplace_back(std::move(action)); }, *request);
  entry_of_action_.push_back(entry);
}

void MutateRowsCall::send() {
  if (actions_.empty()) return StartWriteAndFinish(&response_, grpc::WriteOptions(), grpc::Status::OK);
  const bool begun = scope_.begin([this](auto token) { table_->async_batch(std::move(actions_), std::move(token)); },
                                  [this](const BatchResult& results) {
                                    for (std::size_t i = 0; i < results.size(); ++i) {
                                      if (results[i]) continue;
                                      set_status(entry_of_action_[i], status_of(state_, name_->table, results[i].error()));
                                    }
                                    StartWriteAndFinish(&response_, grpc::WriteOptions(), grpc::Status::OK);
                                  });
  if (!begun) fail({Code::cancelled, "cancelled"});
}

void MutateRowsCall::set_status(std::size_t entry, const Status& status) {
  auto& told = *response_.mutable_entries(static_cast<int>(entry))->mutable_status();
  told.set_code(static_cast<std::int32_t>(status.code));
  told.set_message(status.message.substr(0, kEntryTextMax));
}

}  // namespace hbmux::gateway
