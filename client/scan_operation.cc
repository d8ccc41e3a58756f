#include "client/scan_operation.h"

#include "client/action_traits.h"
#include "client/finish.h"
#include "client/operation.h"
#include "client/region_locator.h"
#include "client/request_messages.h"
#include "client/scan_messages.h"
#include "core/bytes.h"
#include "core/exception_class.h"
#include "core/log.h"

#include <algorithm>

namespace hbmux::client {
namespace {

constexpr std::chrono::seconds kCloseTimeout{30};
constexpr std::chrono::milliseconds kLeaseWhenNotTold{60000};
constexpr std::uint32_t kClosePriority = 200;  // HIGH_QOS (HBASE-26784): scanners that nobody needs should not wait in line

std::uint32_t caching_of(const TableContext& table) {
  const auto& settings = table.connection->settings();
  return static_cast<std::uint32_t>(
      std::max(1, table.locations->is_meta() ? settings.meta_scanner_caching : settings.scanner_caching));
}

/// Any replica may answer.
bool is_timeline(const Scan& scan) {
  return scan.has_options() && scan.options().consistency == Consistency::timeline && scan.options().replica_id < 0;
}

}  // namespace

std::shared_ptr<ScanOperation> make_scan(std::shared_ptr<const TableContext> table, Scan scan) {
  // Not make_shared: a timer's weak pointer would keep the memory of the whole.
  return std::shared_ptr<ScanOperation>(new ScanOperation(std::move(table), std::move(scan)));
}

ScanOperation::ScanOperation(std::shared_ptr<const TableContext> table, Scan scan)
    : table_(std::move(table)),
      scan_(std::move(scan)),
      thread_(connection().thread_token()),
      state_(core::ScanSpec::from(scan_, caching_of(*table_))),
      retry_(retry_policy(*table_, table_->read_timeout), connection().now()),
      message_(scan_message(scan_, connection().settings())) {
  if (auto problem = scan_problem(scan_); !problem.empty()) {
    ended_ = true;
    error_ = Error(Errc::invalid_argument, std::move(problem)).with_context(describe());
  }
}

// ---------------------------------------------------------------- the consumer's side

std::optional<Row> ScanOperation::next_of_batch() {
  if (batch_next_ == batch_.size()) return std::nullopt;
  return std::move(batch_[batch_next_++]);
}

std::optional<ScanOperation::NextResult> ScanOperation::take_ready() {
  batch_bytes_ = 0;
  if (!answers_.empty()) {
    batch_ = std::move(answers_.front().rows);
    batch_next_ = 0;
    batch_bytes_ = answers_.front().bytes;
    answers_.pop_front();
    return NextResult(next_of_batch());
  }
  if (!ended_) return std::nullopt;
  if (!error_) return NextResult(std::optional<Row>());
  Error error = *std::exchange(error_, std::nullopt);  // told once; then the scan is at its end
  return NextResult(std::move(error));
}

bool ScanOperation::wants_rows() const noexcept {
  if (ended_ || closed_ || !answers_.empty()) return false;
  return waiting_ || (last_answer_ > 0 && batch_bytes_ + last_bytes_ <= connection().settings().scan_prefetch_bytes);
}

bool ScanOperation::begin_driving() {
  if (driving_ || !wants_rows()) return false;
  return driving_ = true;
}

std::optional<ScanOperation::NextResult> ScanOperation::try_next() {
  if (auto row = next_of_batch()) return NextResult(std::move(row));
  std::unique_lock lock(mutex_);
  auto result = take_ready();
  if (result && begin_driving()) {
    lock.unlock();
    restart_clock();
    drive();
  }
  return result;
}

void ScanOperation::next(Done done) {
  std::uint64_t number = 0;
  std::optional<NextResult> result;
  bool go = false;
  auto cancel = done.cancel;
  {
    std::lock_guard lock(mutex_);
    if (waiting_) {
      result = NextResult(Error(Errc::invalid_argument, "a next() of this Scanner is under way already"));
    } else if (auto row = next_of_batch()) {
      result = NextResult(std::move(row));
    } else if (result = take_ready(); !result) {
      waiting_ = std::move(done);
      number = ++waiting_number_;
    }
    go = begin_driving();
  }
  if (result) {
    finish_soon(connection(), std::move(done), std::move(*result));
  } else if (cancel && !cancel->arm([self = shared_from_this(), number] { self->cancel_next(number); })) {
    cancel_next(number);
  }
  if (!go) return;
  restart_clock();
  drive();
}

ScanOperation::Done ScanOperation::take_waiting() {
  Done done = std::move(*waiting_);
  waiting_.reset();
  return done;
}

void ScanOperation::cancel_next(std::uint64_t number) {
  std::optional<Done> done;
  {
    std::lock_guard lock(mutex_);
    if (!waiting_ || waiting_number_ != number) return;
    done = take_waiting();
  }
  connection().post([self = shared_from_this(), done = std::move(*done)]() mutable {
    finish(std::move(done), Error(Errc::cancelled, "the scan was cancelled"));
  });
  stop(By::cancellation);
}

void ScanOperation::close() { stop(By::consumer); }

void ScanOperation::stop(By whom) {
  std::optional<Done> done;
  bool mine = false;
  {
    std::lock_guard lock(mutex_);
    if (whom == By::consumer) {  // a next() may wait yet, and be given rows until here
      batch_.clear();
      batch_next_ = 0;
    }
    if (closed_) return;
    closed_ = true;
    answers_.clear();
    if (waiting_) done = take_waiting();
    // Who drives will see it. The call that is under way is not cancelled: the server would not find the scanner to close beside it.
    mine = !driving_ && !ended_;
    if (mine) driving_ = true;
    ended_ = true;
  }
  if (done) {
    connection().post([self = shared_from_this(), done = std::move(*done)]() mutable {
      finish(std::move(done), Error(Errc::cancelled, "the Scanner was closed"));
    });
  }
  if (mine) end_closed();
}

// ---------------------------------------------------------------- the driver

void ScanOperation::restart_clock() {
  core::RetryPolicy policy = retry_policy(*table_, table_->read_timeout);
  policy.operation_timeout = table_->scanner_timeout;
  retry_ = core::RetryState(policy, connection().now());
}

void ScanOperation::drive() {
  switch (state_.step()) {
    case core::ScanState::Step::open: return locate();
    case core::ScanState::Step::next: return send_next();
    case core::ScanState::Step::done: return settle();
  }
}

void ScanOperation::locate() {
  location_ = nullptr;
  if (auto closed = connection().closed_error()) {
    connection().post([self = shared_from_this(), error = std::move(*closed)]() mutable { self->end(std::move(error)); });
    return;
  }
  const auto where = state_.location();
  if (const auto& known = RegionLocator::find(*table_->locations, where.row, where.type)) return open(known);
  auto known = connection().locator().locate(
      table_->locations, where.row, where.type, retry_.deadline(),
      [self = shared_from_this()](Result<core::LocationsPtr> found) {
        if (!found) return self->failed(found.error());
        self->open(std::move(*found));
      });
  if (known) open(std::move(known));
}

void ScanOperation::open(core::LocationsPtr location) {
  location_ = std::move(location);
  if (!choose_replica()) return;
  auto request = state_.open_request(location_->primary.region);
  if (!request) {
    connection().post([self = shared_from_this(), error = request.error()]() mutable { self->failed(std::move(error)); });
    return;
  }
  rpc::CallRequest call;
  if (replica_ != read_point_replica_) request->mvcc_read_point.reset();  // each replica counts by itself
  call.param = encode_open(place().region->name(), message_, *request);
  const auto now = connection().now();
  call.deadline = retry_.attempt_deadline(now);
  if (is_timeline(scan_) && !location_->secondaries.empty()) {
    call.deadline = std::min(call.deadline, now + connection().settings().replica_scan_timeout);
  }
  send_for_rows(std::move(call));
}

// False when the one that is wanted is not known: it is looked for again, and else the scan fails.
bool ScanOperation::choose_replica() {
  replica_ = std::max(0, scan_.options().replica_id);
  if (is_timeline(scan_)) {
    std::vector<int> open_at{0};
    for (const RegionLocation& secondary : location_->secondaries) {
      if (secondary.is_known()) open_at.push_back(secondary.region->replica_id());
    }
    replica_ = open_at[turn_ % open_at.size()];
  }
  if (location_->get(replica_) != nullptr) return true;
  const core::LocationsPtr used = std::exchange(location_, nullptr);
  table_->locations->regions()->forget(used->primary);
  if (!std::exchange(looked_again_, true)) {
    locate();
    return false;
  }
  const bool hopeless = !used->has(replica_);
  connection().post([self = shared_from_this(), hopeless, error = hopeless ? no_such_replica(*used, replica_) : replica_is_nowhere(replica_)] {
    hopeless ? self->end(error) : self->failed(error);
  });
  return false;
}

// The call has all the time there is: after a resend the server would no longer agree about its number.
void ScanOperation::send_next() {
  rpc::CallRequest call;
  call.param = encode_next(state_.next_request());
  call.deadline = retry_.deadline();
  send_for_rows(std::move(call));
}

void ScanOperation::send_for_rows(rpc::CallRequest&& call) {
  if (scan_.scan_metrics()) append_field(call.param, pb::ScanRequest::kTrackScanMetricsFieldNumber, std::uint64_t{1});
  send(std::move(call), [self = shared_from_this()](Result<rpc::CallReply> reply) {
    if (self->scan_.scan_metrics()) self->count(reply);
    self->replied(std::move(reply));
  });
}

/// To the sum, and to the region at hand.
template <class Add>
void ScanOperation::add_to_metrics(Add add) {
  if (!scan_.scan_metrics()) return;
  std::lock_guard lock(mutex_);
  add(static_cast<ScanCounters&>(metrics_));
  if (!scan_.scan_metrics_by_region() || !location_) return;
  auto& regions = metrics_.by_region;
  const RegionLocation& here = place();
  const std::string_view name = here.region->encoded_name();
  if (regions.empty() || regions.back().encoded_region_name != name || regions.back().server_name != here.server) {
    RegionScanMetrics& region = regions.emplace_back();
    region.encoded_region_name = name;
    region.server_name = here.server;
  }
  add(static_cast<ScanCounters&>(regions.back()));
}

void ScanOperation::count(const Result<rpc::CallReply>& reply) {
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(connection().now() - last_call_);
  const bool opened = reply && state_.step() == core::ScanState::Step::open;
  const bool not_served = !reply && reply.error().code() == Errc::not_serving_region;
  add_to_metrics([&](ScanCounters& counters) {
    ++counters.rpc_calls;
    counters.millis_between_nexts += static_cast<std::uint64_t>(std::max<std::int64_t>(0, took.count()));
    counters.regions_scanned += opened ? 1 : 0;
    counters.not_serving_region += not_served ? 1 : 0;
  });
}

void ScanOperation::count(const core::ScanReply& answer) {
  if (!scan_.scan_metrics()) return;
  std::size_t bytes = 0;  // the same whether cells came in a block or inside the message: each with its length in front
  for (const Row& row : answer.rows) {
    for (const Cell& cell : row) bytes += sizeof(std::uint32_t) + cell.encoded().size();
  }
  add_to_metrics([&](ScanCounters& counters) {
    counters.bytes_in_results += bytes;
    for (const auto& [name, value] : answer.metrics) counters.server[name] += value;
  });
}

ScanMetrics ScanOperation::metrics() const {
  std::lock_guard lock(mutex_);
  return metrics_;
}

void ScanOperation::send(rpc::CallRequest&& call, rpc::ReplyHandler&& handler) {
  call.method = "Scan";
  call.header_attributes = table_->header_attributes;
  call.thread = thread_;
  call.scope = &table_->scope;
  if (call.priority == 0) {
    const int wanted = scan_.options().priority;
    call.priority = wanted == kPriorityUnset ? table_->priority : static_cast<std::uint32_t>(wanted);
  }
  last_call_ = connection().now();
  if (replica_ == 0) {
    connection().rpc().call(table_->key_of(*location_), std::move(call), std::move(handler));
  } else {
    connection().rpc().call(table_->key_of(place()), std::move(call), std::move(handler));
  }
}

void ScanOperation::replied(Result<rpc::CallReply> reply) {
  if (!reply) return failed(std::move(reply.error()));
  auto answer = read_scan_reply(*reply);
  if (!answer) return failed(std::move(answer.error()));
  count(*answer);
  const bool opened = state_.step() == core::ScanState::Step::open;
  if (auto taken = state_.received(std::move(*answer)); !taken) return failed(std::move(taken.error()));
  if (opened) {
    read_point_replica_ = replica_;
    looked_again_ = false;
  }
  if (state_.step() != core::ScanState::Step::next) turn_ = 0;  // the next region begins with its primary replica
  close_scanner();
  if (state_.progress() != progress_) {
    progress_ = state_.progress();
    restart_clock();
  }
  auto rows = state_.take_rows();
  partial_bytes_ += reply->message.size() + reply->cells.size();
  {
    std::lock_guard lock(mutex_);
    if (!closed_) {
      last_answer_ = rows.size();
      if (!rows.empty()) {
        last_bytes_ = std::exchange(partial_bytes_, 0);
        answers_.push_back({std::move(rows), last_bytes_});
      }
    }
  }
  settle();
}

// After an answer: gives the consumer what it waits for, and goes on or rests.
void ScanOperation::settle() {
  const auto step = state_.step();
  const auto renew_at = last_call_ + lease() / 2;
  std::optional<Done> done;
  std::optional<NextResult> result;
  bool closed = false;
  bool go = false;
  {
    std::lock_guard lock(mutex_);
    closed = closed_;
    if (!closed) {
      if (step == core::ScanState::Step::done) ended_ = true;
      if (waiting_) {
        result = take_ready();
        if (result) done = take_waiting();
      }
      go = wants_rows();
      if (!go) driving_ = false;
    }
  }
  if (closed) return end_closed();
  if (go) {
    drive();
  } else if (step == core::ScanState::Step::next) {
    watch_lease(renew_at);
  }
  if (done) finish(std::move(*done), std::move(*result));
}

void ScanOperation::failed(Error error) {
  {
    std::unique_lock lock(mutex_);
    if (closed_) {
      lock.unlock();
      state_.failed(error);
      return end_closed();
    }
  }
  if (auto closed = connection().closed_error()) return end(std::move(*closed));
  const bool opening = state_.step() == core::ScanState::Step::open;
  if (location_) {
    error = std::move(error).with_region(core::to_string_binary(place().region->name()));
    if (error.server().empty()) error = std::move(error).with_server(place().server.address.to_string());
    connection().locator().on_error(*table_->locations, place(), error);
  }
  core::Reaction reaction = core::react(error);
  const auto recovery = state_.failed(error);
  close_scanner();
  if (recovery == core::ScanState::Recovery::give_up) return end(std::move(error).with_attempts(retry_.failures() + 1));
  reaction.retry = true;
  // What ended the scanner need not stand in the way of the next one.
  if (!opening && recovery == core::ScanState::Recovery::reopen && retry_.failures() == 0) reaction.immediately = true;
  // Nor does a replica that is down stand in the way of another one.
  if (is_timeline(scan_) && location_ && ++turn_ <= location_->secondaries.size()) reaction.immediately = true;
  auto decision = retry_.failed(error, reaction, connection().now(), connection().random());
  if (!decision.retry) return end(std::move(decision.error));
  core::log(LogLevel::debug, [&] {
    return describe() + ": attempt " + std::to_string(retry_.failures()) + " failed: " + error.to_string();
  });
  const bool about_table = location_ || error.exception_class().empty();
  if (opening && decision.reaction.check_table_state && about_table && !table_->name().is_system()) {
    return check_table_state(std::move(error), std::move(decision));
  }
  go_on_after(decision);
}

void ScanOperation::check_table_state(Error error, core::RetryState::Decision decision) {
  const auto deadline = retry_.attempt_deadline(connection().now());
  connection().locator().table_state(
      table_->locations, deadline,
      [self = shared_from_this(), error = std::move(error),
       decision = std::move(decision)](Result<std::optional<core::TableStateCode>> state) mutable {
        if (state && *state == core::TableStateCode::disabled) {
          return self->end(Error(Errc::table_not_enabled, "table '" + self->table_->name().to_string() + "' is disabled")
                               .with_server(error.server())
                               .with_region(error.region())
                               .with_attempts(self->retry_.failures()));
        }
        decision = self->retry_.revisit(std::move(decision), self->connection().now());
        if (!decision.retry) return self->end(std::move(decision.error));
        self->go_on_after(decision);
      });
}

void ScanOperation::go_on_after(const core::RetryState::Decision& decision) {
  connection().count_retry();
  add_to_metrics([](ScanCounters& counters) { ++counters.rpc_retries; });
  if (decision.pause.count() == 0) return drive();
  connection().rpc().lane().call_at(connection().now() + decision.pause, [self = shared_from_this()] {
    {
      std::unique_lock lock(self->mutex_);
      if (self->closed_) {
        lock.unlock();
        return self->end_closed();
      }
    }
    if (auto closed = self->connection().closed_error()) return self->end(std::move(*closed));
    self->drive();
  });
}

void ScanOperation::end(Error error) {
  state_.stop();
  close_scanner();
  std::optional<Done> done;
  std::optional<NextResult> result;
  {
    std::lock_guard lock(mutex_);
    if (!closed_) error_ = std::move(error).with_context(describe());
    ended_ = true;
    driving_ = false;
    if (waiting_) {
      result = take_ready();
      if (result) done = take_waiting();
    }
  }
  if (done) finish(std::move(*done), std::move(*result));
}

void ScanOperation::end_closed() {
  state_.stop();
  close_scanner();
  std::lock_guard lock(mutex_);
  driving_ = false;
}

void ScanOperation::close_scanner() {
  const auto id = state_.take_scanner_to_close();
  if (!id || !location_ || connection().is_closed()) return;
  rpc::CallRequest call;
  call.param = encode_close(*id);
  call.priority = kClosePriority;
  call.deadline = connection().now() + kCloseTimeout;
  // Should it fail, the lease will end the scanner. Held until then, since the connection's state has to outlive its calls.
  send(std::move(call), [self = shared_from_this()](Result<rpc::CallReply>) {});
}

// ---------------------------------------------------------------- the lease

std::chrono::milliseconds ScanOperation::lease() const {
  constexpr std::chrono::milliseconds kShortest{100};
  if (state_.lease() > 0) return std::max(kShortest, std::chrono::milliseconds(state_.lease()));
  const auto& settings = connection().settings();
  return settings.scanner_timeout.count() > 0 ? std::max(kShortest, settings.scanner_timeout) : kLeaseWhenNotTold;
}

void ScanOperation::watch_lease(rpc::TimePoint at) {
  {
    std::lock_guard lock(mutex_);
    if (watched_) return;
    watched_ = true;
  }
  connection().rpc().lane().call_at(at, [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->renew();
  });
}

void ScanOperation::renew() {
  rpc::TimePoint due;
  bool is_due = false;
  {
    std::lock_guard lock(mutex_);
    watched_ = false;
    if (driving_ || ended_ || connection().is_closed() || state_.step() != core::ScanState::Step::next) return;
    due = last_call_ + lease() / 2;
    is_due = due <= connection().now();
    if (is_due) driving_ = true;
  }
  if (!is_due) return watch_lease(due);
  rpc::CallRequest call;
  call.param = encode_renew(state_.renew_request());
  restart_clock();
  call.deadline = retry_.attempt_deadline(connection().now());
  send(std::move(call), [self = shared_from_this()](Result<rpc::CallReply> reply) {
    if (!reply && core::react(reply.error()).reopen_scanner) {
      self->connection().locator().on_error(*self->table_->locations, self->place(), reply.error());
      self->state_.failed(reply.error());
      self->close_scanner();
    }
    self->settle();
  });
}

std::string ScanOperation::describe() const { return "scan of table '" + table_->name().to_string() + "'"; }

}  // namespace hbmux::client
