#include "client/mutator.h"

#include "client/action_traits.h"
#include "client/finish.h"
#include "client/region_locator.h"
#include "client/request_messages.h"
#include "client/user_callback.h"
#include "core/bytes.h"

#include <algorithm>

namespace hbmux::client {
namespace {

constexpr std::size_t kWaitingMax = 65536;
core::ClientSettings settings_with(const core::ClientSettings& settings, const BufferedMutatorParams& params) {
  core::ClientSettings own = settings;
  own.write_buffer_size = params.write_buffer_size().value_or(settings.write_buffer_size);
  own.write_buffer_periodic_flush = params.write_buffer_periodic_flush().value_or(settings.write_buffer_periodic_flush);
  own.key_value_max_size = params.max_key_value_size().value_or(settings.key_value_max_size);
  own.write_buffer_max_mutations = params.max_mutations().value_or(settings.write_buffer_max_mutations);
  return own;
}

WriteBuffer::Limits limits_of(const core::ClientSettings& settings) {
  WriteBuffer::Limits limits;
  limits.request_bytes = settings.request_bytes_max;
  limits.request_rows = settings.request_rows_max;
  limits.tasks_total = settings.tasks_total_max;
  limits.tasks_per_server = settings.tasks_per_server_max;
  limits.tasks_per_region = settings.tasks_per_region_max;
  return limits;
}

std::string_view cells_of(const RowChange& mutation) {
  return std::visit([](const auto& m) -> std::string_view { return m.cell_block(); }, mutation);
}
Action action_of(RowChange mutation) {
  return std::visit([](auto&& m) { return Action(std::forward<decltype(m)>(m)); }, std::move(mutation));
}

}  // namespace

struct Mutator::Rest {
  std::vector<Retried> mutations;
  std::multiset<std::uint64_t> firsts;  // what is outstanding until it ends
  std::size_t bytes = 0;
};

Mutator::Mutator(std::shared_ptr<const TableContext> table, const BufferedMutatorParams& params)
    : table_(std::move(table)),
      settings_(settings_with(table_->connection->settings(), params)),
      bytes_max_(std::max(params.bytes_max().value_or(settings_.write_buffer_bytes_max), 2 * settings_.write_buffer_size)),
      listener_(params.listener()),
      encodes_(cell_place(settings_) == CellPlace::block),
      buffer_(limits_of(settings_)) {}

// ---------------------------------------------------------------- admission

std::optional<Error> Mutator::refuse(const RowChange& mutation) const {
  if (auto problem = problem_of(mutation, settings_); !problem.empty()) {
    return Error(Errc::invalid_argument, std::move(problem)).with_context(describe_operation("mutation", row_of(mutation), table_->name()));
  }
  return connection().closed_error();
}

Mutator::Prepared Mutator::prepare(const RowChange& mutation) const {
  Prepared prepared;
  if (!encodes_) return prepared;
  const core::LocationsPtr& known = RegionLocator::find(*table_->locations, row_of(mutation));
  if (!known) return prepared;
  thread_local std::string message;  // kept for its memory
  if (message.capacity() > kKeepBytes) message = std::string();
  message.clear();
  const bool counting = needs_nonce(mutation) && settings_.nonces;
  encode_mutation(mutation, counting ? connection().next_nonce() : 0, message);
  prepared.location = &known;
  prepared.encoded = {message, cells_of(mutation), counting, priority_of(mutation)};
  return prepared;
}

void Mutator::take_in(const Prepared& prepared, RowChange&& mutation, WrittenHandler&& written, std::uint64_t sequence) {
  if (!has_age_) note_age();
  ++count_;
  if (prepared.location != nullptr) {
    const std::size_t before = buffer_.bytes();
    if (buffer_.add(*prepared.location, prepared.encoded, std::move(written), sequence)) outstanding_.insert(sequence);
    bytes_ += buffer_.bytes() - before;
    return;
  }
  const std::size_t bytes = size_of(mutation);
  outstanding_.insert(sequence);
  cold_.push_back({std::move(mutation), std::move(written), sequence, bytes});
  cold_bytes_ += bytes;
  bytes_ += bytes;
}

bool Mutator::wants_all() const noexcept {
  if (buffer_.bytes() + cold_bytes_ > settings_.write_buffer_size || hurry_) return true;
  const std::size_t most = settings_.write_buffer_max_mutations;
  return (most != 0 && buffer_.count() + cold_.size() >= most) || !waiting_.empty() || !flushes_.empty() || closed_;
}

std::optional<Result<void>> Mutator::try_mutate(RowChange& mutation, WrittenHandler& written) {
  if (auto error = refuse(mutation)) return Result<void>(std::move(*error));
  const Prepared prepared = prepare(mutation);
  const std::string row = prepared.location == nullptr ? row_of(mutation) : std::string();
  bool due = false;
  {
    std::lock_guard lock(mutex_);
    if (closed_) return Result<void>(Error(Errc::closed, "the BufferedMutator was closed"));
    if (!waiting_.empty() || !has_room(size_of(mutation))) return std::nullopt;
    take_in(prepared, std::move(mutation), std::move(written), ++sequence_);
    due = !buffer_.is_stalled() && (buffer_.has_sealed() || wants_all());
  }
  if (!row.empty() && encodes_) warm(row);
  if (due) pump();
  return Result<void>();
}

void Mutator::mutate(RowChange mutation, WrittenHandler written, Admitted admitted) {
  if (auto result = try_mutate(mutation, written)) return finish_soon(connection(), std::move(admitted), std::move(*result));
  wait(std::move(mutation), std::move(written), std::move(admitted));
}

void Mutator::wait(RowChange mutation, WrittenHandler written, Admitted admitted) {
  Ends ends;
  std::optional<Error> refused;
  {
    std::lock_guard lock(mutex_);
    if (closed_) {
      refused = Error(Errc::closed, "the BufferedMutator was closed");
    } else if (waiting_.size() >= kWaitingMax) {
      refused = Error(Errc::overloaded, std::to_string(kWaitingMax) + " mutations wait to be admitted already");
    } else {
      const std::size_t bytes = size_of(mutation);
      waiting_.push_back({std::move(mutation), std::move(written), ++sequence_, bytes, std::move(admitted)});
      admit_waiting(ends);  // there may be room by now, and nothing under way whose end would tell
    }
  }
  if (refused) return finish_soon(connection(), std::move(admitted), std::move(*refused));
  for (Admitted& done : ends.admitted) finish_soon(connection(), std::move(done), Result<void>());
  pump();
}

// So that later mutations of the region find where it is.
void Mutator::warm(const std::string& row) {
  const auto deadline = core::RetryState(retry_policy(*table_, table_->write_timeout), connection().now()).deadline();
  static_cast<void>(connection().locator().locate(table_->locations, row, core::LocateType::current, deadline,
                                                  [self = shared_from_this()](const Result<core::LocationsPtr>&) {}));
}

void Mutator::note_age() {
  has_age_ = true;
  if (settings_.write_buffer_periodic_flush.count() == 0) return;
  oldest_ = connection().now();
  if (!timer_) watch_age();
}

void Mutator::watch_age() {
  timer_ = true;
  connection().rpc().lane().call_at(oldest_ + settings_.write_buffer_periodic_flush, [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->aged();
  });
}

void Mutator::aged() {
  {
    std::lock_guard lock(mutex_);
    timer_ = false;
    if (!has_age_ || connection().is_closed()) return;
    if (oldest_ + settings_.write_buffer_periodic_flush > connection().now()) return watch_age();
    hurry_ = true;
  }
  pump();
}

// ---------------------------------------------------------------- sending

void Mutator::pump() {
  std::vector<WriteRequest> requests;
  std::vector<Cold> cold;
  {
    std::lock_guard lock(mutex_);
    const bool all = wants_all();
    if (all) {
      cold = std::exchange(cold_, {});
      cold_bytes_ = 0;
    }
    requests = buffer_.take(all);
    if (buffer_.count() == 0 && cold_.empty()) hurry_ = has_age_ = false;
  }
  for (WriteRequest& request : requests) send(std::make_shared<WriteRequest>(std::move(request)));
  if (!cold.empty()) send_cold(std::move(cold));
}

// Waits for as long as the region in it has to wait that is the most loaded one. It counts as under way, so that little more collects at that server.
void Mutator::send(std::shared_ptr<WriteRequest> request) {
  std::chrono::milliseconds pause{0};
  for (const RegionWrites& region : request->regions) pause = std::max(pause, connection().load_pause(region.location->primary));
  if (pause.count() == 0) return send_now(std::move(request));
  connection().rpc().lane().call_at(connection().now() + pause, [self = shared_from_this(), request = std::move(request)]() mutable {
    self->send_now(std::move(request));
  });
}

void Mutator::send_now(std::shared_ptr<WriteRequest> request) {
  rpc::CallRequest call;
  call.priority = table_->priority;
  encode_request(*request, connection().nonce_group(), call);
  core::RetryState retry(retry_policy(*table_, table_->write_timeout), connection().now());
  call.deadline = retry.attempt_deadline(connection().now());
  call.thread = connection().thread_token();
  call.header_attributes = table_->header_attributes;
  const rpc::ConnectionKey& key = table_->key_of(*request->regions.front().location);
  connection().rpc().call(key, std::move(call),
                          [self = shared_from_this(), request = std::move(request), retry = std::move(retry)](Result<rpc::CallReply> reply) mutable {
                            self->replied(request, std::move(retry), reply);
                          });
}

void Mutator::replied(const std::shared_ptr<WriteRequest>& request, core::RetryState retry, const Result<rpc::CallReply>& reply) {
  Result<WriteAnswer> told = reply ? read_write_reply(*reply, *request) : reply.error();
  if (told) connection().loads_told(request->regions.front().location->primary.server, told->loads);
  auto rest = std::make_shared<Rest>();
  std::vector<Action> actions;
  std::vector<BatchOperation::Failure> failures;
  std::vector<std::uint64_t> nonces;
  std::vector<std::uint64_t> done;
  for (std::size_t i = 0; i < request->regions.size(); ++i) {
    RegionWrites& writes = request->regions[i];
    WriteFailures failed = told ? std::move(told->regions[i]) : all_failed(writes, told.error());
    tell_written(writes, failed);
    if (failed.failed.empty()) {
      done.push_back(writes.first);
      continue;
    }
    rest->firsts.insert(writes.first);
    std::vector<std::uint32_t> places;
    for (const auto& [place, error] : failed.failed) places.push_back(place);
    auto decoded = decode_mutations(writes, places);
    for (std::size_t k = 0; k < decoded.size(); ++k) {
      const RegionLocation& place = writes.location->primary;
      Error error = std::move(failed.failed[k].second).with_region(core::to_string_binary(place.region->name()));
      if (error.server().empty()) error = std::move(error).with_server(place.server.address.to_string());
      connection().locator().on_error(*table_->locations, place, error);
      failures.push_back({static_cast<std::uint32_t>(actions.size()), std::move(error)});
      nonces.push_back(decoded[k].nonce);
      rest->bytes += size_of(decoded[k].mutation);
      actions.push_back(action_of(decoded[k].mutation));
      rest->mutations.push_back({take_handler(writes, failed.failed[k].first), std::move(decoded[k].mutation)});
    }
  }
  Ends ends;
  {
    std::lock_guard lock(mutex_);
    buffer_.finished(*request);
    bytes_ = bytes_ - request->bytes + rest->bytes;
    count_ -= request->count - rest->mutations.size();
    for (const std::uint64_t first : done) outstanding_.erase(outstanding_.find(first));
    admit_waiting(ends);
    collect_flushed(ends);
  }
  finish(std::move(ends));
  pump();
  if (!actions.empty()) go_on(std::move(rest), std::move(actions), std::move(failures), std::move(nonces), &retry);
}

WriteFailures Mutator::all_failed(const RegionWrites& writes, const Error& error) {
  WriteFailures all;
  for (std::uint32_t place = 0; place < writes.count; ++place) all.failed.emplace_back(place, error);
  return all;
}

WrittenHandler Mutator::take_handler(RegionWrites& writes, std::uint32_t place) {
  const auto at = std::ranges::lower_bound(writes.handlers, place, {}, [](const auto& item) { return item.first; });
  return at != writes.handlers.end() && at->first == place ? std::move(at->second) : WrittenHandler();
}

void Mutator::tell_written(const RegionWrites& writes, const WriteFailures& failed) {
  for (const auto& [place, written] : writes.handlers) {
    const bool has_failed = std::ranges::binary_search(failed.failed, place, {}, [](const auto& item) { return item.first; });
    if (!has_failed) tell(written, Result<void>());
  }
}

void Mutator::send_cold(std::vector<Cold> cold) {
  auto rest = std::make_shared<Rest>();
  std::vector<Action> actions;
  for (Cold& one : cold) {
    rest->firsts.insert(one.sequence);
    rest->bytes += one.bytes;
    actions.push_back(action_of(one.mutation));
    rest->mutations.push_back({std::move(one.written), std::move(one.mutation)});
  }
  go_on(std::move(rest), std::move(actions), {}, {}, nullptr);
}

void Mutator::go_on(std::shared_ptr<Rest> rest, std::vector<Action> actions, std::vector<BatchOperation::Failure> failures,
                    std::vector<std::uint64_t> nonces, const core::RetryState* retry) {
  auto on_result = [self = shared_from_this(), rest](std::size_t index, const Result<ActionResult>& result) {
    const Retried& retried = rest->mutations[index];
    if (result) return self->tell(retried.written, Result<void>());
    self->failed(retried.mutation, retried.written, result.error());
  };
  detail::Completion<BatchResult> done;
  done.finish = [self = shared_from_this(), rest](const BatchResult&) { self->rest_ended(*rest); };
  boost::intrusive_ptr<BatchOperation> operation(
      new BatchOperation(table_, std::move(actions), std::move(on_result), std::move(done)));
  if (retry == nullptr) return operation->start();
  if (!settings_.nonces) nonces.clear();
  operation->resume(std::move(failures), std::move(nonces), *retry);
}

void Mutator::rest_ended(const Rest& rest) {
  Ends ends;
  {
    std::lock_guard lock(mutex_);
    bytes_ -= rest.bytes;
    count_ -= rest.mutations.size();
    for (const std::uint64_t first : rest.firsts) outstanding_.erase(outstanding_.find(first));
    admit_waiting(ends);
    collect_flushed(ends);
  }
  finish(std::move(ends));
  pump();
}

// ---------------------------------------------------------------- what became of them

void Mutator::tell(const WrittenHandler& written, const Result<void>& result) noexcept {
  if (written) call_user("a handler of a BufferedMutator", [&] { written(result); });
}

void Mutator::failed(const RowChange& mutation, const WrittenHandler& written, const Error& error) {
  if (written) return tell(written, error);
  if (listener_) return call_user("a listener of a BufferedMutator", [&] { listener_(mutation, error); });
  std::lock_guard lock(mutex_);
  if (++failures_ == 1) first_failure_ = error;
}

void Mutator::admit_waiting(Ends& ends) {
  while (!waiting_.empty() && has_room(waiting_.front().bytes)) {
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    const Prepared prepared = prepare(next.mutation);
    take_in(prepared, std::move(next.mutation), std::move(next.written), next.sequence);
    ends.admitted.push_back(std::move(next.admitted));
  }
}

bool Mutator::is_outstanding(std::uint64_t up_to) const {
  return (!outstanding_.empty() && *outstanding_.begin() <= up_to) || (!waiting_.empty() && waiting_.front().sequence <= up_to);
}

void Mutator::collect_flushed(Ends& ends) {
  std::erase_if(flushes_, [&](Flush& flush) {
    if (is_outstanding(flush.up_to)) return false;
    Result<void> result;
    if (const std::uint64_t failed = std::exchange(failures_, 0); failed > 0) {
      result = Result<void>(Error(*first_failure_).with_context(std::to_string(failed) + (failed == 1 ? " mutation" : " mutations") + " failed; the first"));
    }
    ends.flushed.emplace_back(std::move(flush.done), std::move(result));
    return true;
  });
}

void Mutator::finish(Ends ends) {
  for (Admitted& admitted : ends.admitted) admitted.finish(Result<void>());
  for (auto& [done, result] : ends.flushed) done.finish(std::move(result));
}

void Mutator::flush(Admitted done) {
  {
    std::lock_guard lock(mutex_);
    flushes_.push_back({sequence_, std::move(done)});
  }
  pump();
  connection().post([self = shared_from_this()] {  // there may be nothing to wait for
    Ends ends;
    {
      std::lock_guard lock(self->mutex_);
      self->collect_flushed(ends);
    }
    self->finish(std::move(ends));
  });
}

void Mutator::close(Admitted done) {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  flush(std::move(done));
}

void Mutator::abandon() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  pump();
}

std::size_t Mutator::bytes_held() const {
  std::lock_guard lock(mutex_);
  return bytes_;
}

std::size_t Mutator::mutations_held() const {
  std::lock_guard lock(mutex_);
  return count_;
}

}  // namespace hbmux::client
