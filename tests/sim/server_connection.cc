#include "tests/sim/server_connection.h"

#include "core/bytes.h"
#include "mini/parse.h"
#include "rpc/wire/delimited.h"
#include "rpc/wire/preamble.h"

#include <array>

namespace hbmux::sim {
namespace {

namespace wire = rpc::wire;

struct Exception {
  const char* class_name;
  const char* message;
  bool do_not_retry = false;
  bool overloaded = false;
};

/// What HBase answers in bad times. Nothing of the call was done.
constexpr std::array kExceptions{
    Exception{"org.apache.hadoop.hbase.RegionTooBusyException", "Over memstore limit=512.0 M"},
    Exception{"org.apache.hadoop.hbase.CallQueueTooBigException", "Call queue is full", false, true},
    Exception{"org.apache.hadoop.hbase.CallDroppedException", "Call dropped", false, true},
    Exception{"org.apache.hadoop.hbase.NotServingRegionException", "t,,1.abc. is not online"},
    Exception{"org.apache.hadoop.hbase.exceptions.RegionOpeningException", "Region is opening"},
    Exception{"org.apache.hadoop.hbase.ipc.ServerNotRunningYetException", "Server is not running yet"},
    Exception{"org.apache.hadoop.hbase.regionserver.RegionServerStoppedException", "Server not running, aborting"},
    Exception{"org.apache.hadoop.hbase.quotas.RpcThrottlingException", "number of requests exceeded - wait 120ms"},
    Exception{"java.io.IOException", "a disk was slow"},
    Exception{"java.io.InterruptedIOException", "interrupted"},
    Exception{"org.apache.hadoop.hbase.DoNotRetryIOException", "not today", true},
};

std::string exception_frame(std::uint32_t call_id, const Exception& exception) {
  pb::ResponseHeader header;
  header.set_call_id(call_id);
  auto& out = *header.mutable_exception();
  out.set_exception_class_name(exception.class_name);
  out.set_stack_trace(std::string(exception.class_name) + ": " + exception.message + "\n\tat org.apache");
  out.set_do_not_retry(exception.do_not_retry);
  if (exception.overloaded) out.set_server_overloaded(true);
  std::string frame(4, '\0');
  wire::append_delimited(frame, header);
  core::store_be(frame.data(), static_cast<std::uint32_t>(frame.size() - 4));
  return frame;
}

bool read_call_id(std::string_view frame, std::uint32_t& id) {
  frame.remove_prefix(4);
  std::string_view part;
  pb::RequestHeader header;
  if (!wire::read_delimited(frame, part) || !mini::parse(part, header)) return false;
  id = header.call_id();
  return true;
}

}  // namespace

ServerConnection::ServerConnection(Scheduler& scheduler, Random random, const FaultPlan& plan, const bool& calm,
                                   CallCounts& counts, mini::Endpoint endpoint, std::shared_ptr<Link> link)
    : scheduler_(scheduler),
      random_(random),
      plan_(plan),
      calm_(calm),
      counts_(counts),
      endpoint_(endpoint),
      link_(std::move(link)),
      session_(endpoint) {}

void ServerConnection::start() {
  link_->up->on_arrival = [self = shared_from_this()] { self->on_bytes(); };
  link_->down->on_room = [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->flush();
  };
  link_->on_server_reset = [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->end();
  };
}

void ServerConnection::end() {
  over_ = true;
  in_.clear();
  out_.clear();
  out_bytes_ = 0;
  link_->down->on_room = nullptr;
  link_->on_server_reset = nullptr;
  auto last = std::exchange(link_->up->on_arrival, nullptr);  // it holds this
}

void ServerConnection::on_bytes() {
  const auto keep = shared_from_this();
  in_ += link_->up->arrived();
  link_->up->arrived().clear();
  while (!over_ && (greeted_ ? take_frame() : take_handshake())) {
  }
  if (!over_ && link_->up->has_ended()) {
    link_->down->send_end();
    end();
  }
}

/// `preamble | int32 length | connection header`, given to the session as one.
bool ServerConnection::take_handshake() {
  constexpr std::size_t kBefore = wire::kPreambleSize + 4;
  if (in_.size() < kBefore) return false;
  const std::size_t size = kBefore + core::load_be<std::uint32_t>(in_.data() + wire::kPreambleSize);
  if (in_.size() < size) return false;
  mini::Replies replies;
  session_.receive(std::string_view(in_).substr(0, size), scheduler_.wall_clock(), replies);
  in_.erase(0, size);
  greeted_ = true;
  if (!replies.bytes.empty()) send(std::move(replies.bytes));
  if (session_.is_closing()) {
    ending_ = true;
    flush();
  }
  return true;
}

bool ServerConnection::take_frame() {
  if (in_.size() < 4) return false;
  const std::size_t size = 4 + std::size_t{core::load_be<std::uint32_t>(in_.data())};
  if (in_.size() < size) return false;
  scheduler_.after(random_.time(plan_.service_min, plan_.service_max),
                   [weak = weak_from_this(), frame = in_.substr(0, size)]() mutable {
                     if (auto self = weak.lock(); self && !self->over_) self->execute(std::move(frame));
                   });
  in_.erase(0, size);
  return true;
}

std::string ServerConnection::answer(std::string_view frame) {
  mini::Replies replies;
  session_.receive(frame, scheduler_.wall_clock(), replies);
  ++counts_.served;
  return std::move(replies.bytes);
}

void ServerConnection::execute(std::string frame) {
  scheduler_.trace(frame, 1);
  std::string reply;
  auto happens = [this](double probability) { return !calm_ && random_.chance(probability); };
  if (std::uint32_t id = 0; happens(plan_.exception) && endpoint_.region_server != nullptr && read_call_id(frame, id)) {
    ++counts_.exceptions;
    reply = exception_frame(id, kExceptions[random_.below(kExceptions.size())]);
  } else if (happens(plan_.lose_request)) {
    ++counts_.requests_lost;
    return;
  } else if (happens(plan_.reset_before)) {
    ++counts_.resets;
    return link_->reset();
  } else {
    reply = answer(frame);
    if (session_.is_closing()) return link_->reset();
  }
  if (happens(plan_.lose_reply)) {
    ++counts_.replies_lost;
    return;
  }
  if (happens(plan_.reset_after)) {
    ++counts_.resets;
    return link_->reset();
  }
  const bool cut = happens(plan_.cut_reply) && !reply.empty();
  if (cut) reply.resize(random_.below(reply.size()));
  const bool gently = cut && random_.chance(0.5);
  scheduler_.after(random_.time(plan_.service_min, plan_.service_max),
                   [weak = weak_from_this(), reply = std::move(reply), cut, gently]() mutable {
                     auto self = weak.lock();
                     if (!self || self->over_) return;
                     self->send(std::move(reply));
                     if (!cut) return;
                     ++self->counts_.replies_cut;
                     if (!gently) return self->link_->reset();
                     self->ending_ = true;
                     self->flush();
                   });
}

void ServerConnection::send(std::string reply) {
  if (ending_) return;  // behind a reply that was cut off nothing may follow
  scheduler_.trace(reply, 2);
  out_bytes_ += reply.size();
  out_.push_back(std::move(reply));
  flush();
}

void ServerConnection::flush() {
  const auto keep = shared_from_this();
  while (!over_ && !out_.empty() && link_->down->room() != 0) {
    std::string& first = out_.front();
    const std::size_t sent = link_->down->send(first);
    out_bytes_ -= sent;
    first.erase(0, sent);
    if (first.empty()) out_.pop_front();
  }
  if (over_ || !out_.empty() || !ending_) return;
  link_->down->send_end();  // half-closed: what the client still says is not listened to
  end();
}

}  // namespace hbmux::sim
