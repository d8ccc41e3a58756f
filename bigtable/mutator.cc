#include "bigtable/mutator.h"

#include "bigtable/changes.h"
#include "bigtable/row_calls.h"
#include "client/action_traits.h"
#include "client/user_callback.h"

#include <algorithm>
#include <variant>

namespace hbmux::bigtable {
namespace {

constexpr std::size_t kWaitingMax = 65536;

Error closed_sink() { return Error(Errc::closed, "the BufferedMutator was closed"); }

}  // namespace

BigtableMutator::BigtableMutator(TablePtr table, const BufferedMutatorParams& params)
    : table_(std::move(table)),
      buffer_bytes_(params.write_buffer_size().value_or(table_->connection().settings().client.write_buffer_size)),
      buffer_count_(params.max_mutations().value_or(table_->connection().settings().client.write_buffer_max_mutations)),
      bytes_max_(std::max(params.bytes_max().value_or(table_->connection().settings().client.write_buffer_bytes_max), 2 * buffer_bytes_)),
      cell_max_(params.max_key_value_size().value_or(table_->connection().settings().client.key_value_max_size)),
      flush_after_(params.write_buffer_periodic_flush().value_or(table_->connection().settings().client.write_buffer_periodic_flush)),
      listener_(params.listener()) {}

Result<BigtableMutator::Item> BigtableMutator::prepare(const RowChange& mutation) const {
  if (table_->problem()) return *table_->problem();
  if (auto closed = table_->connection().closed_error()) return *closed;
  core::ClientSettings settings = table_->connection().settings().client;
  settings.key_value_max_size = cell_max_;
  if (auto problem = client::problem_of(mutation, settings); !problem.empty()) return Error(Errc::invalid_argument, std::move(problem));
  Item item{mutation, {}, {}, true, 0, client::size_of(mutation)};
  Result<void> appended;
  if (const auto* put = std::get_if<Put>(&mutation)) {
    appended = append(*put, table_->cell_clock(), *item.entry.mutable_mutations());
  } else if (const auto* del = std::get_if<Delete>(&mutation)) {
    appended = append(*del, *item.entry.mutable_mutations());
  } else {
    RuleList rules;
    item.is_entry = false;
    if (const auto* one = std::get_if<Append>(&mutation)) appended = append(*one, rules);
    if (const auto* one = std::get_if<Increment>(&mutation)) appended = append(*one, rules);
  }
  if (!appended) return appended.error();
  item.entry.set_row_key(client::row_of(mutation));
  return item;
}

void BigtableMutator::take_in(Item item) {
  bytes_ += item.bytes;
  buffered_bytes_ += item.bytes;
  buffer_.push_back(std::move(item));
  watch_age();
}

std::optional<Result<void>> BigtableMutator::try_mutate(RowChange& mutation, WrittenHandler& written) {
  auto item = prepare(mutation);
  if (!item) return Result<void>(item.error());
  {
    std::lock_guard lock(mutex_);
    if (closed_) return Result<void>(closed_sink());
    if (!waiting_.empty() || !has_room(item->bytes)) return std::nullopt;
    item->written = std::move(written);
    item->number = ++number_;
    outstanding_.insert(item->number);
    take_in(std::move(*item));
  }
  pump();
  return Result<void>();
}

void BigtableMutator::mutate(RowChange mutation, WrittenHandler written, Admitted admitted) {
  if (auto at_once = try_mutate(mutation, written)) return end_soon(table_->connection(), std::move(admitted), std::move(*at_once));
  wait(std::move(mutation), std::move(written), std::move(admitted));
}

void BigtableMutator::wait(RowChange mutation, WrittenHandler written, Admitted admitted) {
  auto item = prepare(mutation);
  std::optional<Error> error;
  if (!item) {
    error = item.error();
  } else {
    std::lock_guard lock(mutex_);
    if (closed_) {
      error = closed_sink();
    } else if (waiting_.size() >= kWaitingMax) {
      error = Error(Errc::overloaded, std::to_string(waiting_.size()) + " mutations wait for room in the buffer already");
    } else {
      item->written = std::move(written);
      item->number = ++number_;
      outstanding_.insert(item->number);
      waiting_.push_back({std::move(*item), std::move(admitted)});
    }
  }
  if (error) return end_soon(table_->connection(), std::move(admitted), std::move(*error));
  table_->post([self = shared_from_this()] { self->pump(); });
}

void BigtableMutator::flush(Admitted done) {
  {
    std::lock_guard lock(mutex_);
    flushes_.push_back({number_, std::move(done)});
  }
  table_->post([self = shared_from_this()] { self->pump(); });
}

void BigtableMutator::close(Admitted done) {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  flush(std::move(done));
}

void BigtableMutator::abandon() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  pump();
}

std::size_t BigtableMutator::bytes_held() const {
  std::lock_guard lock(mutex_);
  return bytes_;
}

std::size_t BigtableMutator::mutations_held() const {
  std::lock_guard lock(mutex_);
  return outstanding_.size() - waiting_.size();
}

void BigtableMutator::watch_age() {
  if (flush_after_.count() <= 0 || std::exchange(age_watched_, true)) return;
  const auto& lane = table_->connection().lane();
  lane->call_at(lane->now() + flush_after_, [weak = weak_from_this()] {
    auto self = weak.lock();
    if (!self) return;
    {
      std::lock_guard lock(self->mutex_);
      self->age_watched_ = false;
      self->aged_ = !self->buffer_.empty();
    }
    self->pump();
  });
}

/// What may be sent now.
std::optional<BigtableMutator::Request> BigtableMutator::next_request() {
  const Settings& settings = table_->connection().settings();
  if (buffer_.empty() || calls_ >= settings.bulk_calls_max) return std::nullopt;
  const bool full = buffered_bytes_ >= buffer_bytes_ || (buffer_count_ != 0 && buffer_.size() >= buffer_count_);
  if (!full && !wants_all()) return std::nullopt;
  Request request;
  std::size_t bytes = 0;
  while (!buffer_.empty() && request.size() < settings.bulk_rows_max) {
    Item& item = buffer_.front();
    // One that is no entry goes alone.
    if (!request.empty() && (!item.is_entry || bytes + item.bytes > settings.bulk_bytes_max)) break;
    bytes += item.bytes;
    buffered_bytes_ -= item.bytes;
    request.push_back(std::move(item));
    buffer_.pop_front();
    if (!request.back().is_entry) break;
  }
  if (buffer_.empty()) aged_ = false;
  ++calls_;
  return request;
}

BigtableMutator::Ends BigtableMutator::collect() {
  Ends ends;
  while (!waiting_.empty() && has_room(waiting_.front().item.bytes)) {
    ends.admitted.push_back(std::move(waiting_.front().admitted));
    take_in(std::move(waiting_.front().item));
    waiting_.pop_front();
  }
  std::erase_if(flushes_, [&](Flush& flush) {
    if (!outstanding_.empty() && *outstanding_.begin() <= flush.up_to) return false;
    Result<void> result;
    if (untold_) {
      Error error = *std::exchange(untold_, std::nullopt);
      const auto count = std::exchange(untold_count_, 0);
      if (count != 1) error = Error(error).with_context(std::to_string(count) + " mutations failed, the first of them");
      result = std::move(error);
    }
    ends.flushed.emplace_back(std::move(flush.done), std::move(result));
    return true;
  });
  return ends;
}

void BigtableMutator::pump() {
  for (;;) {
    std::vector<Request> requests;
    Ends ends;
    {
      std::lock_guard lock(mutex_);
      ends = collect();
      while (auto request = next_request()) requests.push_back(std::move(*request));
    }
    const bool again = !ends.admitted.empty();  // they are in the buffer now
    finish(std::move(ends));
    for (Request& request : requests) send(std::move(request));
    if (!again) return;
  }
}

void BigtableMutator::finish(Ends ends) {
  for (Admitted& admitted : ends.admitted) end_soon(table_->connection(), std::move(admitted), Result<void>());
  for (auto& [done, result] : ends.flushed) end_soon(table_->connection(), std::move(done), std::move(result));
}

void BigtableMutator::send(Request request) {
  if (!request.front().is_entry) return send_single(std::move(request.front()));
  auto items = std::make_shared<Request>(std::move(request));
  std::vector<bt::MutateRowsRequest::Entry> entries;
  entries.reserve(items->size());
  for (Item& item : *items) entries.push_back(std::move(item.entry));
  std::make_shared<MutateRows>(
      table_, std::move(entries), nullptr,
      [self = shared_from_this(), items](std::size_t entry, const Result<void>& result) { self->settled((*items)[entry], result); },
      [self = shared_from_this()] { self->request_ended(); })
      ->start();
}

void BigtableMutator::send_single(Item item) {
  auto kept = std::make_shared<Item>(std::move(item));
  detail::Completion<Result<Row>> done;
  done.finish = [self = shared_from_this(), kept](const Result<Row>& result) {
    self->settled(*kept, result ? Result<void>() : Result<void>(result.error()));
    self->request_ended();
  };
  if (auto* one = std::get_if<Append>(&kept->change)) return start_append(table_, *one, std::move(done));
  start_increment(table_, std::get<Increment>(kept->change), std::move(done));
}

void BigtableMutator::settled(const Item& item, const Result<void>& result) {
  if (item.written) {
    client::call_user("the handler of a mutation", [&] { item.written(result); });
  } else if (!result && listener_) {
    client::call_user("the listener of a BufferedMutator", [&] { listener_(item.change, result.error()); });
  }
  std::lock_guard lock(mutex_);
  bytes_ -= item.bytes;
  outstanding_.erase(item.number);
  if (result || item.written || listener_) return;
  ++untold_count_;
  if (!untold_) untold_ = result.error();
}

void BigtableMutator::request_ended() {
  {
    std::lock_guard lock(mutex_);
    --calls_;
  }
  pump();
}

}  // namespace hbmux::bigtable
