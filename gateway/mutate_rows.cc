#include "gateway/mutate_rows.h"

#include "gateway/row_writer.h"

#include <algorithm>
#include <variant>

namespace hbmux::gateway {
namespace {

constexpr std::size_t kEntryTextMax = 500;

}  // namespace

void MutateRowsCall::start() {
  auto name = target_of(state_, request_.table_name(), request_.authorized_view_name());
  if (!name) return finish(name.error());
  if (request_.entries().empty()) return finish(invalid("No entries provided"));
  std::int64_t mutations = 0;
  for (const auto& entry : request_.entries()) mutations += entry.mutations_size();
  if (mutations > RowChange::kMutationsMax) {
    return finish(invalid("More than " + std::to_string(RowChange::kMutationsMax) + " mutations in one request"));
  }
  auto table = table_of(state_, context_, *name);
  if (!table) return finish(table.error());
  name_ = std::move(*name);
  table_ = std::move(*table);
  find_schema(
      name_->table, [this](const TableSchema& schema) { plan(schema); },
      [this](const Error& error) { finish(status_of(state_, name_->table, error)); });
}

MutateRowsCall::~MutateRowsCall() {
  for (const auto& [entry, token] : tokens_) state_.tokens.end(token, false, sent_);  // cancelled
}

void MutateRowsCall::OnCancel() {
  StreamCall::OnCancel();
  const std::lock_guard lock(readers_mutex_);
  cancelled_ = true;
  for (Reader& reader : readers_) reader.scope.cancel();
}

void MutateRowsCall::plan(const TableSchema& schema) {
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
    auto change = RowChange::of(entry.row_key(), entry.mutations(), schema);
    if (!change) {
      set_status(i, change.error());
      continue;
    }
    if (change->adds()) {
      std::string token = AppliedTokens::key_of(request_.table_name(), entry.row_key(), entry.idempotency());
      if (!token.empty()) {
        if (const auto known = state_.tokens.begin(token, std::chrono::steady_clock::now())) {
          set_status(i, *known);
          continue;
        }
        tokens_.emplace_back(i, std::move(token));
      }
    }
    changes_[i] = std::move(*change);
    if (changes_[i]->needs_row()) {
      to_read_.push_back(i);
    } else {
      build(i, nullptr);
    }
  }
  if (to_read_.empty()) return send();
  read_rows();
}

void MutateRowsCall::read_rows() {
  const std::size_t count = std::min(to_read_.size(), kReadersMax);
  reading_ = count;
  {
    const std::lock_guard lock(readers_mutex_);
    readers_.resize(count);
    if (cancelled_) {
      for (Reader& reader : readers_) reader.scope.cancel();
    }
  }
  // The last one that ends may delete this.
  for (std::size_t i = 0; i < count; ++i) read_next(readers_[i]);
}

void MutateRowsCall::read_next(Reader& reader) {
  const std::size_t at = next_read_.fetch_add(1);
  if (at >= to_read_.size()) return reader_ended();
  const std::size_t entry = to_read_[at];
  reader.scanner.emplace(table_->scan(changes_[entry]->read_request()));
  const bool begun = reader.scope.begin([&reader](auto token) { reader.scanner->async_next(std::move(token)); },
                                        [this, &reader, entry](const Scanner::NextResult& row) {
                                          {
                                            const std::lock_guard lock(results_mutex_);
                                            if (row) {
                                              const Row existing = row->value_or(Row());
                                              build(entry, &existing);
                                            } else {
                                              set_status(entry, status_of(state_, name_->table, row.error()));
                                            }
                                          }
                                          read_next(reader);
                                        });
  if (!begun) reader_ended();
}

void MutateRowsCall::reader_ended() {
  if (reading_.fetch_sub(1) == 1) send();  // which finds out whether all is cancelled
}

void MutateRowsCall::build(std::size_t entry, const Row* existing) {
  auto request = changes_[entry]->build(existing, now_millis());
  if (!request) return;  // nothing to change: it is done
  std::visit([this](auto& action) { actions_.emplace_back(std::move(action)); }, *request);
  entry_of_action_.push_back(entry);
}

void MutateRowsCall::send() {
  if (actions_.empty()) return answer();
  run(
      [this](auto token) {
        sent_ = true;
        table_->async_batch(std::move(actions_), std::move(token));
      },
      [this](const BatchResult& results) {
        for (std::size_t i = 0; i < results.size(); ++i) {
          if (results[i]) continue;
          set_status(entry_of_action_[i], status_of(state_, name_->table, results[i].error()));
        }
        answer();
      });
}

void MutateRowsCall::end_tokens() {
  for (const auto& [entry, token] : tokens_) {
    const auto code = static_cast<Code>(response_.entries(static_cast<int>(entry)).status().code());
    state_.tokens.end(token, code == Code::ok, sent_ && may_be_applied(code));
  }
  tokens_.clear();
}

void MutateRowsCall::answer() {
  end_tokens();
  count_rows(request_.entries_size());
  count_bytes(static_cast<std::int64_t>(response_.ByteSizeLong()));
  write_and_finish(response_);
}

void MutateRowsCall::set_status(std::size_t entry, const Status& status) {
  auto& told = *response_.mutable_entries(static_cast<int>(entry))->mutable_status();
  told.set_code(static_cast<std::int32_t>(status.code));
  told.set_message(status.message.substr(0, kEntryTextMax));
}

}  // namespace hbmux::gateway
