#include "rpc/connection.h"

#include "core/exception_class.h"
#include "core/log.h"
#include "rpc/wire/preamble.h"
#include "rpc/wire/request_frame.h"

#include <optional>
#include <hbmux/pb/RPC.pb.h>

#include <boost/asio/error.hpp>

#include <algorithm>
#include <array>

namespace hbmux::rpc {
namespace {

constexpr std::size_t kGatherBytes = 64 * 1024;   // a string of out_ takes frames up to this size
constexpr std::size_t kCopyCells = 16 * 1024;     // larger cell blocks are moved, not copied
constexpr std::size_t kKeepBytes = 256 * 1024;    // a written string larger than this is not kept
// While handlers answer a batch with new calls, the first half of these goes out early: the server works on it while the rest is made.
constexpr std::size_t kFlushAtLeast = 16;
constexpr int kReadsInTurn = 16;                  // then others on the lane get theirs
constexpr int kWritesInTurn = 4;                  // then a caller that writes for others goes on with its own work

using std::chrono::duration_cast;
using std::chrono::milliseconds;

}  // namespace

// ---------------------------------------------------------------- life

Connection::Connection(std::shared_ptr<Lane> lane, ConnectionKey key, ConnectionOptions options,
                       std::shared_ptr<RpcCounters> counters)
    : lane_(std::move(lane)),
      key_(std::move(key)),
      address_(key_.address().to_string()),
      options_(std::move(options)),
      counters_(std::move(counters)),
      calls_(options_.calls_max, options_.tombstones_max, options_.call_ids),
      reader_(options_.max_frame_bytes) {}

Connection::~Connection() = default;

void Connection::start() {
  std::lock_guard lock(mutex_);
  state_ = State::connecting;
  last_used_ = lane_->now();
  counters_->sockets_opened.fetch_add(1, std::memory_order_relaxed);
  give_up_connecting_ = lane_->connect(
      key_.address(), options_.stream, last_used_ + options_.connect_timeout,
      [self = shared_from_this()](Result<std::unique_ptr<Stream>> stream) { self->on_connected(std::move(stream)); });
}

void Connection::on_connected(Result<std::unique_ptr<Stream>> stream) {
  if (!stream) {
    if (options_.on_connect_failed && stream.error().code() != Errc::cancelled) options_.on_connect_failed(stream.error());
    return fail(stream.error());
  }
  bool do_write = false;
  {
    std::lock_guard lock(mutex_);
    give_up_connecting_ = nullptr;
    if (state_ != State::connecting) {  // failed meanwhile
      (*stream)->close();
      return;
    }
    stream_ = std::move(*stream);
    state_ = State::open;
    out_.push_back(wire::simple_connection_header(
        {service_name(key_.service()), key_.user(), options_.codec_class, options_.compressor_class, options_.attributes}));
    const TimePoint now = last_read_ = lane_->now();
    for (auto& unsent : std::exchange(unsent_, {})) {
      if (calls_.has(unsent.id)) encode(unsent.id, unsent.request, now);
    }
    do_write = begin_write();
  }
  watch_idle(lane_->now() + options_.idle_close);
  if (do_write) write();
  wait_readable();
}

void Connection::fail(Error reason) {
  std::vector<Waiting> calls;
  Task give_up;
  {
    std::lock_guard lock(mutex_);
    if (state_ == State::closed) return;
    state_ = State::closed;
    usable_.store(false, std::memory_order_release);
    if (reason.server().empty()) reason = std::move(reason).with_server(address_);
    close_reason_ = reason;
    calls = calls_.take_all();
    in_flight_.store(0, std::memory_order_relaxed);
    bytes_in_flight_.store(0, std::memory_order_relaxed);
    unsent_.clear();
    out_.clear();
    give_up = std::move(give_up_connecting_);
  }
  if (give_up) give_up();
  lane_->post([self = shared_from_this(), calls = std::move(calls), reason = std::move(reason)]() mutable {
    self->close_stream();
    self->counters_->calls_failed.fetch_add(calls.size(), std::memory_order_relaxed);
    for (auto& call : calls) call.handler(reason);
  });
}

void Connection::drain() {
  {
    std::lock_guard lock(mutex_);
    draining_ = true;
    usable_.store(false, std::memory_order_release);
  }
  close_if_drained();
}

void Connection::close_if_drained() {
  {
    std::lock_guard lock(mutex_);
    if (!draining_ || calls_.calls() != 0 || state_ == State::closed) return;
  }
  fail(Error(Errc::connection_lost, "the connection to " + address_ + " was replaced"));
}

// A thread that is in write() uses the stream's descriptor: were it closed now, the number could already be somebody else's socket.
void Connection::close_stream() {
  {
    std::lock_guard lock(mutex_);
    if (writer_active_) {
      close_wanted_ = true;
      return;
    }
  }
  if (stream_) stream_->close();
}

void Connection::watch_idle(TimePoint at) {
  if (options_.idle_close.count() <= 0) return;
  lane_->call_at(at, [weak = weak_from_this()] {
    auto self = weak.lock();
    if (!self) return;
    const TimePoint now = self->lane_->now();
    TimePoint next;
    {
      std::lock_guard lock(self->mutex_);
      if (self->state_ != State::open) return;
      next = self->last_used_ + self->options_.idle_close;
      if (self->calls_.calls() != 0) next = now + self->options_.idle_close;
    }
    if (next > now) return self->watch_idle(next);
    self->drain();  // a call that slips in is carried to its end
  });
}

void Connection::watch_silence(TimePoint at) {
  lane_->call_at(at, [weak = weak_from_this()] {
    auto self = weak.lock();
    if (!self) return;
    const TimePoint now = self->lane_->now();
    TimePoint next;
    {
      std::lock_guard lock(self->mutex_);
      self->silence_watched_ = false;
      if (self->state_ != State::open || self->calls_.calls() == 0) return;
      next = self->last_read_ + self->options_.read_timeout;
      self->silence_watched_ = next > now;
    }
    if (next > now) return self->watch_silence(next);
    core::log(LogLevel::info, [&] {
      return self->address_ + " has sent nothing for " + std::to_string(self->options_.read_timeout.count()) +
             " ms; new calls take a new connection";
    });
    self->drain();
    if (self->options_.on_silent) self->options_.on_silent(now - self->options_.read_timeout);
  });
}

void Connection::watch_blocked_write() {
  if (options_.write_timeout.count() <= 0) return;
  std::uint64_t which = 0;
  {
    std::lock_guard lock(mutex_);
    write_blocked_ = true;
    which = ++writes_blocked_;
  }
  lane_->call_at(lane_->now() + options_.write_timeout, [weak = weak_from_this(), which] {
    auto self = weak.lock();
    if (!self) return;
    {
      std::lock_guard lock(self->mutex_);
      if (!self->write_blocked_ || self->writes_blocked_ != which) return;
    }
    self->fail(Error(Errc::connection_lost, self->address_ + " took no bytes for " +
                                                std::to_string(self->options_.write_timeout.count()) + " ms"));
  });
}

// ---------------------------------------------------------------- calls

void Connection::submit(CallRequest&& request, ReplyHandler&& handler, CallToken* token) {
  if (options_.compression != wire::Compression::none && !request.cells.empty()) {
    std::string compressed;
    if (auto ok = wire::compress(options_.compression, request.cells, compressed); !ok) {
      return post_error(std::move(handler), ok.error());
    }
    request.cells = std::move(compressed);
  }
  const std::size_t bytes = request.param.size() + request.cells.size();
  bool do_write = false, post_visit = false;
  Error refused;
  {
    const TimePoint now = request.made != TimePoint() ? request.made : lane_->now();
    std::lock_guard lock(mutex_);
    if (state_ == State::closed) {
      refused = close_reason_;
    } else if (bytes + 64 > options_.max_frame_bytes) {
      refused = Error(Errc::request_too_big, "a request of " + std::to_string(bytes) + " bytes is more than a frame may have");
    } else if (bytes_in_flight() + bytes > options_.bytes_max && bytes_in_flight() != 0) {
      refused = Error(Errc::overloaded, "requests of " + std::to_string(bytes_in_flight()) + " bytes are under way to " + address_ +
                                            "; more than " + std::to_string(options_.bytes_max) + " may not be");
    } else if (calls_.full()) {
      refused = Error(Errc::overloaded, std::to_string(calls_.calls()) + " calls are under way to " + address_ +
                                            "; more may not be");
    } else {
      const std::uint32_t id = calls_.add({std::move(handler), request.method, bytes, now}, request.deadline);
      bytes_in_flight_.store(bytes_in_flight() + bytes, std::memory_order_relaxed);
      in_flight_.store(calls_.calls(), std::memory_order_relaxed);
      if (calls_.calls() == 1) {
        // What was silent for lack of calls is not silent. What came to an end by time-outs a moment ago still is: else calls with time-outs shorter
        // than the silence that is allowed would go to a server that has vanished for ever.
        if (now - silent_until_ > options_.read_timeout) last_read_ = now;
        if (alone_ < kAloneAfter) ++alone_;
      } else {
        alone_ = 0;
      }
      if (!silence_watched_ && state_ == State::open && options_.read_timeout.count() > 0) {
        silence_watched_ = true;
        watch_silence(std::max(now, last_read_ + options_.read_timeout));
      }
      last_used_ = now;
      if (token) *token = CallToken(weak_from_this(), id);
      watch_deadline(request.deadline);
      if (state_ == State::open) {
        encode(id, request, now);
        ++collected_;
        if (writing_) {
          // goes out with what is being written
        } else if (FlushScope::defer(*this)) {
          do_write = collected_ >= std::max(kFlushAtLeast, batch_ / 2) && begin_write();
        } else if (!visit_posted_) {
          do_write = caller_is_alone() && begin_write();
          post_visit = visit_posted_ = !do_write;
        }
      } else {
        unsent_.push_back({id, std::move(request)});
      }
    }
  }
  if (do_write) return write();
  if (post_visit) return lane_->post([self = shared_from_this()] { self->flush(); });
  if (refused.message().empty()) return;
  post_error(std::move(handler), std::move(refused));
}

void Connection::cancel(std::uint32_t id) {
  Waiting call;
  {
    std::lock_guard lock(mutex_);
    if (!calls_.bury(id, call)) return;
    if (state_ != State::open) {
      Waiting none;
      calls_.take(id, none);  // never sent: no reply can come
    }
    forget(call);
    if (calls_.too_many_tombstones()) {
      draining_ = true;
      usable_.store(false, std::memory_order_release);
    }
  }
  post_error(std::move(call.handler), Error(Errc::cancelled, std::string(call.method) + " was cancelled"));
  close_if_drained();
}

void Connection::post_error(ReplyHandler&& handler, Error error) {
  counters_->calls_failed.fetch_add(1, std::memory_order_relaxed);
  if (error.server().empty()) error = std::move(error).with_server(address_);
  lane_->post([handler = std::move(handler), error = std::move(error)]() mutable { handler(std::move(error)); });
}

void Connection::forget(const Waiting& call) noexcept {
  bytes_in_flight_.store(bytes_in_flight() - std::min(bytes_in_flight(), call.bytes), std::memory_order_relaxed);
  in_flight_.store(calls_.calls(), std::memory_order_relaxed);
}

void Connection::watch_deadline(TimePoint deadline) {
  if (deadline >= armed_at_) return;
  armed_at_ = deadline;
  lane_->call_at(deadline, [weak = weak_from_this(), deadline] {
    if (auto self = weak.lock()) self->on_deadline(deadline);
  });
}

// One timer for all calls: it looks at every deadline when the earliest one that it knew of has passed, which is rare as long as calls are
// answered in time, and at most once a millisecond when they are not.
void Connection::on_deadline(TimePoint armed_at) {
  std::vector<Waiting> expired;
  std::optional<TimePoint> silent_since;  // a call waited in vain, and nothing at all came meanwhile
  const TimePoint now = lane_->now();
  {
    std::lock_guard lock(mutex_);
    if (armed_at != armed_at_ || state_ == State::closed) return;
    armed_at_ = TimePoint::max();
    const TimePoint next = calls_.expire(now, [&](std::uint32_t id, Waiting call) {
      if (state_ != State::open) {
        Waiting none;
        calls_.take(id, none);
      }
      forget(call);
      expired.push_back(std::move(call));
    });
    if (next != TimePoint::max()) watch_deadline(std::max(next, now + milliseconds(1)));
    if (!expired.empty() && calls_.calls() == 0) silent_until_ = now;
    for (const Waiting& call : expired) {
      if (state_ == State::open && now - call.started >= kSilence && last_read_ <= call.started) silent_since = call.started;
    }
    if (silent_since) {
      draining_ = true;
      usable_.store(false, std::memory_order_release);
    }
    if (calls_.too_many_tombstones()) {
      draining_ = true;
      usable_.store(false, std::memory_order_release);
    }
  }
  if (silent_since && options_.on_silent) options_.on_silent(*silent_since);
  counters_->timed_out.fetch_add(expired.size(), std::memory_order_relaxed);
  counters_->calls_failed.fetch_add(expired.size(), std::memory_order_relaxed);
  {
    FlushScope flush;
    for (auto& call : expired) call.handler(timed_out(call, now));
  }
  close_if_drained();
}

void Connection::suspect(TimePoint silent_since) {
  {
    std::lock_guard lock(mutex_);
    if (state_ != State::open || last_read_ > silent_since) return;
  }
  drain();
}

Error Connection::timed_out(const Waiting& call, TimePoint now) const {
  const auto waited = duration_cast<milliseconds>(now - call.started).count();
  return Error(Errc::timed_out, std::string(call.method) + " to " + address_ + " had no reply after " +
                                    std::to_string(waited) + " ms")
      .with_server(address_);
}

// ---------------------------------------------------------------- writing

void Connection::encode(std::uint32_t id, CallRequest& request, TimePoint now) {
  const auto left = duration_cast<milliseconds>(request.deadline - now).count();
  const wire::RequestFrame frame{id, request.method, request.param, request.cells, request.priority,
                                 static_cast<std::uint32_t>(std::clamp<std::int64_t>(left, 1, 0x7fffffff)),
                                 request.header_attributes ? std::string_view(*request.header_attributes) : std::string_view()};
  const bool copy_cells = request.cells.size() <= kCopyCells;
  if (out_.empty() || out_.back().size() >= kGatherBytes) {
    out_.push_back(std::move(spare_));
    spare_.clear();
  }
  wire::append_request(out_.back(), frame, copy_cells);
  if (!copy_cells) out_.push_back(std::move(request.cells));
  counters_->calls.fetch_add(1, std::memory_order_relaxed);
}

bool Connection::begin_write() noexcept {
  if (state_ != State::open || writing_ || out_.empty()) return false;
  collected_ = 0;
  return writing_ = writer_active_ = true;
}

// As soon as calls overlap, a write in place costs more than it saves: each is a trip through the whole network stack, where the lane, which
// comes a little later, takes along what others have added meanwhile.
bool Connection::caller_is_alone() noexcept { return alone_ >= kAloneAfter; }

void Connection::flush() {
  {
    std::lock_guard lock(mutex_);
    visit_posted_ = false;
    if (!begin_write()) return;
  }
  write();
}

void Connection::write() {
  for (int turn = 0;; ++turn) {
    if (being_written_.empty()) {
      std::unique_lock lock(mutex_);
      if (out_.empty() || state_ != State::open) return end_write(lock);
      if (turn >= kWritesInTurn && !lane_->runs_here()) {  // a caller has its own work; the lane goes on with others'
        writer_active_ = false;
        lock.unlock();
        return continue_on_lane();
      }
      being_written_.swap(out_);
      written_of_first_ = 0;
    }
    std::array<std::string_view, 64> views;
    const std::size_t count = std::min(views.size(), being_written_.size());
    for (std::size_t i = 0; i < count; ++i) views[i] = being_written_[i];
    views[0].remove_prefix(written_of_first_);
    boost::system::error_code ec;
    const std::size_t written = stream_->write_some({views.data(), count}, ec);
    counters_->writes.fetch_add(1, std::memory_order_relaxed);
    counters_->bytes_sent.fetch_add(written, std::memory_order_relaxed);
    if (ec == boost::asio::error::would_block) return wait_writable();
    if (ec) {
      fail(Error(Errc::connection_lost, "writing to " + address_ + " failed: " + ec.message()));
      being_written_.clear();
      std::unique_lock lock(mutex_);
      return end_write(lock);
    }
    drop_written(written);
  }
}

void Connection::drop_written(std::size_t written) {
  written += written_of_first_;
  std::size_t done = 0;
  while (done < being_written_.size() && written >= being_written_[done].size()) written -= being_written_[done++].size();
  written_of_first_ = written;
  if (done == being_written_.size() && being_written_.front().capacity() <= kKeepBytes) {
    std::lock_guard lock(mutex_);
    spare_ = std::move(being_written_.front());
    spare_.clear();
  }
  being_written_.erase(being_written_.begin(), being_written_.begin() + static_cast<std::ptrdiff_t>(done));
}

void Connection::end_write(std::unique_lock<std::mutex>& lock) {
  writing_ = writer_active_ = false;
  const bool close_now = close_wanted_;
  lock.unlock();
  if (close_now) lane_->post([self = shared_from_this()] { self->close_stream(); });
}

void Connection::continue_on_lane() {
  lane_->post([self = shared_from_this()] {
    bool closed = false;
    {
      std::lock_guard lock(self->mutex_);
      closed = self->state_ != State::open;
      self->writer_active_ = !closed;
    }
    if (closed) return self->close_stream();
    self->write();
  });
}

void Connection::wait_writable() {
  bool close_now = false;
  {
    std::lock_guard lock(mutex_);
    writer_active_ = false;
    close_now = close_wanted_;
  }
  lane_->post([self = shared_from_this(), close_now] {
    if (close_now) return self->close_stream();
    {
      std::lock_guard lock(self->mutex_);
      if (self->state_ != State::open) return;  // closed, or about to be
    }
    self->watch_blocked_write();
    self->stream_->async_wait_writable([self](boost::system::error_code ec) {
      {
        std::lock_guard lock(self->mutex_);
        self->write_blocked_ = false;
      }
      if (ec != boost::asio::error::operation_aborted) self->continue_on_lane();  // write() tells what is wrong, if something is
    });
  });
}

// ---------------------------------------------------------------- reading

void Connection::wait_readable() {
  stream_->async_wait_readable([self = shared_from_this()](boost::system::error_code ec) {
    if (ec != boost::asio::error::operation_aborted) self->on_readable();
  });
}

void Connection::on_readable() {
  for (int turn = 0; turn < kReadsInTurn; ++turn) {
    {
      std::lock_guard lock(mutex_);
      if (state_ != State::open) return;
    }
    const auto space = reader_.prepare();
    boost::system::error_code ec;
    const std::size_t size = stream_->read_some(space.data(), space.size(), ec);
    if (ec == boost::asio::error::would_block) return wait_readable();
    if (ec) {
      const std::string what = ec == boost::asio::error::eof ? "the server closed the connection" : ec.message();
      return fail(Error(Errc::connection_lost, address_ + ": " + what));
    }
    counters_->bytes_received.fetch_add(size, std::memory_order_relaxed);
    reader_.commit(size);
    auto answered = std::move(answered_);
    const auto intact = take_frames(answered);
    run(answered);
    answered_ = std::move(answered);
    if (!intact) return fail(intact.error());
    close_if_drained();
    if (size < space.size()) return wait_readable();
  }
  lane_->post([self = shared_from_this()] { self->on_readable(); });
}

Result<void> Connection::take_frames(std::vector<Answered>& answered) {
  const TimePoint now = lane_->now();
  std::lock_guard lock(mutex_);
  last_read_ = now;
  for (;;) {
    auto frame = reader_.next();
    if (!frame) return Error(frame.error()).with_context(address_);
    if (!*frame) {
      batch_ = answered.size() + calls_.calls();
      return {};
    }
    auto response = wire::parse_response((*frame)->bytes);
    if (!response) return Error(response.error()).with_context(address_);
    if (response->call_id == wire::kNoCallId && response->has_exception) {
      return server_error(response->exception);
    }
    Waiting call;
    switch (response->call_id < 0 ? CallTable<Waiting>::Found::never_issued
                                  : calls_.take(static_cast<std::uint32_t>(response->call_id), call)) {
      case CallTable<Waiting>::Found::call:
        forget(call);
        answered.push_back({std::move(call.handler), *response, std::move((*frame)->owner)});
        break;
      case CallTable<Waiting>::Found::tombstone:
        counters_->late_replies.fetch_add(1, std::memory_order_relaxed);
        break;
      case CallTable<Waiting>::Found::never_issued:
        return Error(Errc::protocol_error, address_ + " answered call " + std::to_string(response->call_id) +
                                               ", which was never made or is answered already");
    }
  }
}

void Connection::run(std::vector<Answered>& answered) {
  FlushScope flush;
  for (auto& item : answered) {
    auto reply = make_reply(item);
    if (!reply) counters_->calls_failed.fetch_add(1, std::memory_order_relaxed);
    const bool fatal = !reply && (reply.error().code() == Errc::protocol_error || core::react(reply.error()).closes_connection);
    Error reason = fatal ? reply.error() : Error();
    item.handler(std::move(reply));
    if (fatal) fail(std::move(reason));
  }
  answered.clear();
}

Result<CallReply> Connection::make_reply(const Answered& answered) const {
  const auto& response = answered.response;
  if (response.has_exception) return server_error(response.exception);
  if (response.cells.empty() || options_.compression == wire::Compression::none) {
    return CallReply{response.message, response.cells, answered.owner};
  }
  // The message must outlive the frame as the cells do, once there is an owner.
  struct Unpacked {
    std::string message, cells;
  };
  auto unpacked = std::make_shared<Unpacked>();
  unpacked->message = response.message;
  if (auto ok = wire::decompress(options_.compression, response.cells, options_.max_frame_bytes, unpacked->cells); !ok) {
    return Error(ok.error()).with_context(address_).with_server(address_);
  }
  return CallReply{unpacked->message, unpacked->cells, unpacked};
}

Error Connection::server_error(std::string_view exception) const {
  pb::ExceptionResponse parsed;
  if (!parsed.ParseFromArray(exception.data(), static_cast<int>(exception.size()))) {
    return Error(Errc::protocol_error, address_ + ": malformed exception").with_server(address_);
  }
  return core::make_error({parsed.exception_class_name(), parsed.stack_trace(), parsed.hostname(), parsed.port(),
                           parsed.do_not_retry(), parsed.server_overloaded()})
      .with_server(address_);
}

// ---------------------------------------------------------------- flushing together

namespace {
thread_local FlushScope* innermost = nullptr;
}

FlushScope::FlushScope() : outer_(innermost) { innermost = this; }

FlushScope::~FlushScope() {
  innermost = outer_;
  for (auto& connection : connections_) connection->flush();
}

bool FlushScope::defer(Connection& connection) {
  if (!innermost) return false;
  auto& list = innermost->connections_;
  const auto is_it = [&](const auto& listed) { return listed.get() == &connection; };
  if (std::none_of(list.begin(), list.end(), is_it)) list.push_back(connection.shared_from_this());
  return true;
}

}  // namespace hbmux::rpc
