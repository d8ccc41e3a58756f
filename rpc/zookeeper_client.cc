#include "rpc/zookeeper_client.h"

#include "core/log.h"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <string_view>

namespace hbmux::rpc {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A server that has not answered for so long is given up for the next one of the quorum.
constexpr seconds kPatience{5};
/// The first pause between two rounds over the quorum; each is twice as long, up to
/// zookeeper.recovery.retry.intervalmill.
constexpr milliseconds kFirstPause{50};
constexpr milliseconds kPingLeast{100};
/// ZooKeeper keeps znodes below a megabyte; lists of children may be longer.
constexpr std::size_t kFrameBytesMax = 16 << 20;

}  // namespace

ZooKeeperClient::ZooKeeperClient(const core::ZooKeeperSettings& settings, std::shared_ptr<Lane> lane,
                                 std::uint32_t random)
    : settings_(settings), lane_(std::move(lane)) {
  const std::string& quorum = settings_.quorum;
  const std::size_t slash = std::min(quorum.find('/'), quorum.size());
  for (std::size_t begin = 0; begin < slash;) {
    const std::size_t end = std::min(quorum.find(',', begin), slash);
    if (auto address = ServerAddress::parse(std::string_view(quorum).substr(begin, end - begin), 2181)) {
      servers_.push_back(std::move(*address));
    }
    begin = end + 1;
  }
  if (servers_.empty()) servers_.push_back({quorum, 2181});  // will not resolve, and says so
  chroot_ = quorum.substr(slash);
  if (chroot_ == "/") chroot_.clear();
  std::shuffle(servers_.begin(), servers_.end(), std::mt19937(random));
}

void ZooKeeperClient::get(std::string path, TimePoint deadline, Handler<std::string> handler) {
  Question question;
  question.path = std::move(path);
  question.deadline = deadline;
  question.on_data = std::move(handler);
  ask(std::move(question));
}

void ZooKeeperClient::children(std::string path, TimePoint deadline, Handler<std::vector<std::string>> handler) {
  Question question;
  question.path = std::move(path);
  question.deadline = deadline;
  question.on_children = std::move(handler);
  ask(std::move(question));
}

void ZooKeeperClient::ask(Question question) {
  lane_->post([self = shared_from_this(), question = std::move(question)]() mutable {
    const auto at = self->questions_.emplace(self->next_question_++, std::move(question)).first;
    if (self->closed_) return self->finish(at, *self->closed_);
    self->last_used_ = self->lane_->now();
    self->settle();
  });
}

void ZooKeeperClient::close(const Error& reason) {
  lane_->post([self = shared_from_this(), reason] {
    if (self->closed_) return;
    self->closed_ = reason;
    while (!self->questions_.empty()) self->finish(self->questions_.begin(), reason);
    self->say_goodbye();
  });
}

void ZooKeeperClient::finish(Place at, Error error) {
  Question question = std::move(at->second);
  questions_.erase(at);
  lane_->post([question = std::move(question), error = std::move(error)]() mutable {
    if (question.on_data) {
      question.on_data(std::move(error));
    } else {
      question.on_children(std::move(error));
    }
  });
}

Error ZooKeeperClient::unavailable(const Question& question) const {
  std::string message = "the ZooKeeper quorum " + settings_.quorum + " gave no answer about " + question.path;
  if (!question.problem.empty()) message += "; " + question.problem;
  return Error(Errc::unavailable, std::move(message));
}

// --- What is due, and when.

void ZooKeeperClient::settle() {
  const TimePoint now = lane_->now();
  TimePoint next = end_expired(now);
  next = std::min(next, watch_session(now));
  if (state_ == State::closed && !questions_.empty() && !closed_) {
    if (now >= next_attempt_) {
      connect();
      next = std::min(next, now + kPatience);
    } else {
      next = std::min(next, next_attempt_);
    }
  }
  if (state_ == State::open) {
    send_questions();
    if (!questions_.empty()) next = std::min(next, now + kPatience);
  }
  settle_at(next);
}

// One timer, which looks again when it fires: a later time needs none of its own.
void ZooKeeperClient::settle_at(TimePoint at) {
  if (at >= armed_at_ || closed_) return;
  armed_at_ = at;
  lane_->call_at(at, [weak = weak_from_this(), at] {
    const auto self = weak.lock();
    if (!self) return;
    if (self->armed_at_ == at) self->armed_at_ = TimePoint::max();
    self->settle();
  });
}

/// The next deadline.
TimePoint ZooKeeperClient::end_expired(TimePoint now) {
  TimePoint next = TimePoint::max();
  for (auto at = questions_.begin(); at != questions_.end();) {
    const auto here = at++;
    if (here->second.deadline <= now) {
      finish(here, unavailable(here->second));
    } else {
      next = std::min(next, here->second.deadline);
    }
  }
  return next;
}

/// Gives up a server that is silent, keeps the session alive while it is used, and closes it when it is not. When it is
/// to be called again.
TimePoint ZooKeeperClient::watch_session(TimePoint now) {
  if (state_ == State::closed) return TimePoint::max();
  TimePoint waiting_since = state_ == State::open ? TimePoint::max() : session_began_;
  if (pinged_) waiting_since = std::min(waiting_since, *pinged_);
  for (const auto& [number, question] : questions_) {
    if (question.id != 0) waiting_since = std::min(waiting_since, question.asked);
  }
  if (waiting_since != TimePoint::max()) {
    if (now < waiting_since + kPatience) return waiting_since + kPatience;
    attempt_failed("no answer within " + std::to_string(kPatience.count()) + " s");
    return TimePoint::max();
  }
  if (questions_.empty() && now >= last_used_ + settings_.keep_alive) {
    say_goodbye();
    return TimePoint::max();
  }
  const TimePoint ping_at = last_sent_ + std::max(session_timeout_ / 3, kPingLeast);
  if (now >= ping_at) {
    pinged_ = now;
    send(wire::zookeeper_ping());
    return now + kPatience;
  }
  return std::min(last_used_ + settings_.keep_alive, ping_at);
}

// --- The session.

void ZooKeeperClient::connect() {
  state_ = State::connecting;
  session_began_ = last_used_ = lane_->now();
  const std::uint64_t number = ++session_number_;
  give_up_connecting_ = lane_->connect(server(), {}, session_began_ + kPatience,
                                       [self = shared_from_this(), number](Result<std::unique_ptr<Stream>> stream) {
                                         if (number == self->session_number_) {
                                           self->on_connected(std::move(stream));
                                         } else if (stream) {
                                           (*stream)->close();
                                         }
                                       });
}

void ZooKeeperClient::on_connected(Result<std::unique_ptr<Stream>> stream) {
  give_up_connecting_ = nullptr;
  if (!stream) {
    attempt_failed(stream.error().message());
    return settle();
  }
  stream_ = std::move(*stream);
  reader_ = std::make_unique<wire::FrameReader>(kFrameBytesMax);
  state_ = State::greeting;
  send(wire::zookeeper_connect_request(settings_.session_timeout));
  wait_readable();
  settle();
}

void ZooKeeperClient::wait_readable() {
  stream_->async_wait_readable([self = shared_from_this(), number = session_number_](boost::system::error_code) {
    if (number == self->session_number_) self->on_readable();
  });
}

void ZooKeeperClient::on_readable() {
  const std::uint64_t number = session_number_;
  boost::system::error_code ec;
  while (!ec) {
    const auto room = reader_->prepare();
    reader_->commit(stream_->read_some(room.data(), room.size(), ec));
    for (;;) {
      const auto frame = reader_->next();
      if (!frame || (*frame && !take_frame((*frame)->bytes))) attempt_failed("what listens there is no ZooKeeper");
      if (number != session_number_) return settle();
      if (!*frame) break;
    }
  }
  if (ec != boost::asio::error::would_block) {
    attempt_failed(ec == boost::asio::error::eof ? "it closed the connection"
                                                 : "the connection broke: " + ec.message());
  } else {
    wait_readable();
  }
  settle();
}

/// False when it is not ZooKeeper's protocol.
bool ZooKeeperClient::take_frame(std::string_view frame) {
  if (state_ == State::greeting) {
    const auto timeout = wire::parse_zookeeper_connect(frame);
    if (!timeout) return false;
    state_ = State::open;
    session_timeout_ = *timeout;
    send_questions();
    return true;
  }
  const auto reply = wire::parse_zookeeper_reply(frame);
  if (!reply) return false;
  if (reply->id == wire::kZooKeeperPingId) pinged_.reset();
  return reply->id < 0 || take_reply(*reply);
}

bool ZooKeeperClient::take_reply(const wire::ZooKeeperReply& reply) {
  const auto at = std::find_if(questions_.begin(), questions_.end(),
                               [&](const auto& entry) { return entry.second.id == reply.id && reply.id != 0; });
  failed_rounds_ = 0;
  tried_ = 0;
  if (at == questions_.end()) return reply.id > 0 && reply.id < next_id_;  // its deadline came first
  if (reply.code == wire::ZooKeeperCode::no_auth) {
    finish(at, Error(Errc::access_denied,
                     "ZooKeeper (" + settings_.quorum + ") does not let this client read " + at->second.path));
    return true;
  }
  const bool found = reply.code == wire::ZooKeeperCode::ok;
  if (!found && reply.code != wire::ZooKeeperCode::no_node) {
    finish(at, Error(reply.code == wire::ZooKeeperCode::bad_arguments ? Errc::invalid_configuration : Errc::unavailable,
                     "ZooKeeper (" + settings_.quorum + ") answers about " + at->second.path + " with error " +
                         std::to_string(static_cast<std::int32_t>(reply.code))));
    return true;
  }
  std::optional<std::string> data;
  std::optional<std::vector<std::string>> names;
  const bool wants_data = static_cast<bool>(at->second.on_data);
  if (found && wants_data && !(data = wire::parse_zookeeper_data(reply.body))) return false;
  if (found && !wants_data && !(names = wire::parse_zookeeper_children(reply.body))) return false;
  Question question = std::move(at->second);
  questions_.erase(at);
  lane_->post([question = std::move(question), data = std::move(data), names = std::move(names)]() mutable {
    if (question.on_data) {
      question.on_data(std::move(data));
    } else {
      question.on_children(std::move(names));
    }
  });
  return true;
}

void ZooKeeperClient::send_questions() {
  std::string bytes;
  const TimePoint now = lane_->now();
  for (auto& [number, question] : questions_) {
    if (question.id != 0) continue;
    question.id = next_id_;
    question.asked = now;
    next_id_ = next_id_ == INT32_MAX ? 1 : next_id_ + 1;
    std::string path = chroot_ + (question.path == "/" && !chroot_.empty() ? "" : question.path);
    bytes += question.on_data ? wire::zookeeper_get_request(question.id, path)
                              : wire::zookeeper_children_request(question.id, path);
  }
  if (!bytes.empty()) send(std::move(bytes));
}

void ZooKeeperClient::send(std::string bytes) {
  out_ += bytes;
  last_sent_ = lane_->now();
  if (!writing_) write();
}

/// A broken stream is noticed by the reading side.
void ZooKeeperClient::write() {
  writing_ = false;
  boost::system::error_code ec;
  while (!out_.empty() && !ec) {
    const std::array<std::string_view, 1> buffers = {out_};
    out_.erase(0, stream_->write_some(buffers, ec));
  }
  if (ec != boost::asio::error::would_block) return;
  writing_ = true;
  stream_->async_wait_writable([self = shared_from_this(), number = session_number_](boost::system::error_code) {
    if (number == self->session_number_) self->write();
  });
}

/// What it was asked will be asked again of the next one.
void ZooKeeperClient::drop_session() {
  ++session_number_;
  state_ = State::closed;
  if (give_up_connecting_) std::exchange(give_up_connecting_, nullptr)();
  if (stream_) std::exchange(stream_, nullptr)->close();
  reader_.reset();
  out_.clear();
  writing_ = false;
  pinged_.reset();
  for (auto& [number, question] : questions_) question.id = 0;
}

/// So that the server need not wait for the session's time-out.
void ZooKeeperClient::say_goodbye() {
  if (state_ == State::open) send(wire::zookeeper_close_request());
  drop_session();
}

/// Goes on to the next server of the quorum: at once, or after a pause when all of them have failed. Questions that
/// have waited for too many rounds, or would have to wait beyond their deadline, end.
void ZooKeeperClient::attempt_failed(const std::string& why) {
  const std::string name = server().to_string();
  const std::string problem = why.find(name) == std::string::npos ? name + ": " + why : why;
  core::log(LogLevel::info, [&] { return "ZooKeeper at " + problem; });
  drop_session();
  ++next_server_;
  for (auto& [number, question] : questions_) question.problem = problem;
  if (++tried_ < servers_.size()) return;
  tried_ = 0;
  next_attempt_ =
      lane_->now() + std::min(settings_.recovery_pause, kFirstPause * (1 << std::min(failed_rounds_++, 10)));
  for (auto at = questions_.begin(); at != questions_.end();) {
    const auto here = at++;
    Question& question = here->second;
    if (++question.rounds > settings_.recovery_retries || question.deadline <= next_attempt_) {
      finish(here, unavailable(question));
    }
  }
}

}  // namespace hbmux::rpc
