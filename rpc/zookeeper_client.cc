#include "rpc/zookeeper_client.h"

#include "core/log.h"

#include <zookeeper/zookeeper.h>

#include <pthread.h>

#include <algorithm>
#include <cstring>
#include <random>

namespace hbmux::rpc {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A server that has not answered for so long is given up for the next one of the quorum.
constexpr seconds kPatience{5};
/// The first pause between two rounds over the quorum; each is twice as long, up to
/// zookeeper.recovery.retry.intervalmill.
constexpr milliseconds kFirstPause{50};
constexpr milliseconds kWaitForWorker{300};
constexpr milliseconds kWaitForEnd{100};

/// "a:1,b:2/chroot" as "a:1/chroot" and "b:2/chroot", in random order, so that clients spread over the quorum.
std::vector<std::string> servers_of(const std::string& quorum) {
  const std::size_t slash = std::min(quorum.find('/'), quorum.size());
  std::vector<std::string> servers;
  for (std::size_t begin = 0; begin < slash;) {
    const std::size_t end = std::min(quorum.find(',', begin), slash);
    servers.push_back(quorum.substr(begin, end - begin) + quorum.substr(slash));
    begin = end + 1;
  }
  if (servers.empty()) servers.push_back(quorum);
  std::shuffle(servers.begin(), servers.end(), std::mt19937(std::random_device()()));
  return servers;
}

/// The C client would otherwise write to standard error.
void on_log(const char* message) {
  core::log(LogLevel::debug, [&] { return "ZooKeeper: " + std::string(message); });
}

}  // namespace

/// Run by the C client's own threads, between zookeeper_init2 and the end of zookeeper_close.
struct ZooKeeperClient::Callbacks {
  static ZooKeeperClient& client(const void* context) {
    return *static_cast<ZooKeeperClient*>(const_cast<void*>(context));
  }
  static void data(int code, const char* value, int size, const Stat*, const void* context) {
    std::string bytes;
    if (code == ZOK && value && size > 0) bytes.assign(value, static_cast<std::size_t>(size));
    client(context).on_answer(code, std::move(bytes), {});
  }
  static void children(int code, const String_vector* names, const void* context) {
    std::vector<std::string> list;
    if (code == ZOK && names) list.assign(names->data, names->data + names->count);
    client(context).on_answer(code, std::nullopt, std::move(list));
  }
  static void session(zhandle_t*, int type, int state, const char*, void* context) {
    // Connecting anew, expired or refused: all the same to a session that owns nothing. Only a good one is kept.
    if (type != ZOO_SESSION_EVENT || state == ZOO_CONNECTED_STATE || state == ZOO_ASSOCIATING_STATE) return;
    client(context).on_session_lost();
  }
};

ZooKeeperClient::ZooKeeperClient(const core::ZooKeeperSettings& settings, std::shared_ptr<Lane> lane)
    : settings_(settings), lane_(std::move(lane)), servers_(servers_of(settings.quorum)) {}

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
  std::lock_guard lock(mutex_);
  const auto at = questions_.emplace(next_id_++, std::move(question)).first;
  if (closed_) return finish(at, *closed_);
  if (!worker_.joinable()) {
    worker_ = std::thread([self = shared_from_this()] { self->run(); });
    ::pthread_setname_np(worker_.native_handle(), "hbmux-zookeeper");
  }
  watch_deadline(at->second.deadline);
  wake_.notify_one();
}

void ZooKeeperClient::close(const Error& reason) {
  std::lock_guard lock(mutex_);
  if (closed_) return;
  closed_ = reason;
  while (!questions_.empty()) finish(questions_.begin(), reason);
  wake_.notify_one();
}

void ZooKeeperClient::release() {
  std::unique_lock lock(mutex_);
  if (!worker_.joinable()) return;
  const bool ended = ended_changed_.wait_for(lock, kWaitForWorker, [this] { return ended_; });
  lock.unlock();
  if (ended) {
    worker_.join();
  } else {
    worker_.detach();
  }
}

void ZooKeeperClient::finish(std::map<std::uint64_t, Question>::iterator at, Error error) {
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

// One timer serves all questions. It looks again when it fires, so that none is needed for a later deadline.
void ZooKeeperClient::watch_deadline(TimePoint deadline) {
  if (deadline >= armed_at_) return;
  armed_at_ = deadline;
  lane_->call_at(deadline, [weak = weak_from_this(), deadline] {
    if (const auto self = weak.lock()) self->on_deadline(deadline);
  });
}

void ZooKeeperClient::on_deadline(TimePoint armed_at) {
  std::lock_guard lock(mutex_);
  if (armed_at_ == armed_at) armed_at_ = TimePoint::max();
  const TimePoint now = lane_->now();
  TimePoint next = TimePoint::max();
  for (auto at = questions_.begin(); at != questions_.end();) {
    const auto here = at++;
    if (here->second.deadline <= now) {
      finish(here, unavailable(here->second));
    } else {
      next = std::min(next, here->second.deadline);
    }
  }
  watch_deadline(next);
}

void ZooKeeperClient::on_session_lost() {
  std::lock_guard lock(mutex_);
  if (broken_.empty()) broken_ = "the connection was lost";
  wake_.notify_one();
}

void ZooKeeperClient::on_answer(int code, std::optional<std::string> data, std::vector<std::string> children) {
  std::lock_guard lock(mutex_);
  if (!flight_) return;
  const std::uint64_t id = flight_->question;
  flight_.reset();
  wake_.notify_one();
  if (code == ZCLOSING) return;  // asked again of the next session
  if (code != ZOK && code != ZNONODE && code != ZNOAUTH) {
    if (broken_.empty()) broken_ = "no connection, or it was closed at once (" + std::string(zerror(code)) + ")";
    return;
  }
  failed_rounds_ = 0;
  tried_ = 0;
  last_used_ = Clock::now();
  const auto at = questions_.find(id);
  if (at == questions_.end()) return;  // its deadline came first
  if (code == ZNOAUTH) {
    finish(at, Error(Errc::access_denied,
                     "ZooKeeper (" + settings_.quorum + ") does not let this client read " + at->second.path));
    return;
  }
  Question question = std::move(at->second);
  questions_.erase(at);
  const bool found = code == ZOK;
  lane_->post(
      [question = std::move(question), found, data = std::move(data), children = std::move(children)]() mutable {
        if (question.on_data) {
          question.on_data(found ? std::move(data) : std::nullopt);
        } else {
          question.on_children(found ? std::optional(std::move(children)) : std::nullopt);
        }
      });
}

void ZooKeeperClient::run() {
  std::unique_lock lock(mutex_);
  while (!closed_) step(lock);
  close_session(lock);
  ended_ = true;
  ended_changed_.notify_all();
}

void ZooKeeperClient::step(std::unique_lock<std::mutex>& lock) {
  const TimePoint now = Clock::now();
  if (!broken_.empty()) {
    // The C client now ends what it was asked, too; it is closed when it has.
    wake_.wait_for(lock, kWaitForEnd, [this] { return !flight_ || closed_; });
    const std::string problem = servers_[next_server_ % servers_.size()] + ": " + broken_;
    close_session(lock);
    return attempt_failed(problem);
  }
  if (flight_) {
    if (now >= flight_->sent + kPatience) {
      broken_ = "no answer within " + std::to_string(kPatience.count()) + " s";
    } else {
      wake_.wait_until(lock, flight_->sent + kPatience);
    }
  } else if (session_ && !questions_.empty()) {
    send_next();
  } else if (session_) {
    if (now >= last_used_ + settings_.keep_alive) return close_session(lock);
    wake_.wait_until(lock, last_used_ + settings_.keep_alive);
  } else if (questions_.empty()) {
    wake_.wait(lock);
  } else if (now >= next_attempt_) {
    open_session(lock);
  } else {
    wake_.wait_until(lock, next_attempt_);
  }
}

/// The C client only queues here; its callbacks come from its own threads, which wait for the mutex.
void ZooKeeperClient::send_next() {
  const auto at = questions_.begin();
  const Question& question = at->second;
  const int code = question.on_data ? zoo_aget(session_, question.path.c_str(), 0, &Callbacks::data, this)
                                    : zoo_aget_children(session_, question.path.c_str(), 0, &Callbacks::children, this);
  if (code == ZOK) {
    flight_ = Flight{at->first, Clock::now()};
  } else if (code == ZBADARGUMENTS) {
    finish(at, Error(Errc::invalid_configuration, "\"" + question.path + "\" is no path of a znode"));
  } else {
    broken_ = zerror(code);
  }
}

void ZooKeeperClient::open_session(std::unique_lock<std::mutex>& lock) {
  const std::string server = servers_[next_server_ % servers_.size()];
  // More than an hour would overflow in the C client's arithmetic on a time-out of 32 bits in milliseconds.
  const auto time_out = std::min(settings_.session_timeout, milliseconds(3600000));
  lock.unlock();
  zhandle_t* session = zookeeper_init2(server.c_str(), &Callbacks::session, static_cast<int>(time_out.count()), nullptr,
                                       this, ZOO_NO_LOG_CLIENTENV, on_log);
  lock.lock();
  session_ = session;
  last_used_ = Clock::now();
  if (!session) attempt_failed(server + ": its name cannot be resolved");
}

/// Also forgets what was asked, so that it is asked again.
void ZooKeeperClient::close_session(std::unique_lock<std::mutex>& lock) {
  if (session_) {
    zhandle_t* session = session_;
    lock.unlock();
    zookeeper_close(session);  // joins the C client's threads: after it no callback runs
    lock.lock();
  }
  session_ = nullptr;
  broken_.clear();
  flight_.reset();
}

/// Goes on to the next server of the quorum: at once, or after a pause when all of them have failed. Questions that
/// have waited for too many rounds, or would have to wait beyond their deadline, end.
void ZooKeeperClient::attempt_failed(const std::string& problem) {
  core::log(LogLevel::info, [&] { return "ZooKeeper at " + problem; });
  ++next_server_;
  for (auto& [id, question] : questions_) question.problem = problem;
  if (++tried_ < servers_.size()) return;
  tried_ = 0;
  const auto pause = std::min(settings_.recovery_pause, kFirstPause * (1 << std::min(failed_rounds_++, 10)));
  next_attempt_ = Clock::now() + pause;
  for (auto at = questions_.begin(); at != questions_.end();) {
    const auto here = at++;
    Question& question = here->second;
    if (++question.rounds > settings_.recovery_retries || question.deadline <= next_attempt_) {
      finish(here, unavailable(question));
    }
  }
}

}  // namespace hbmux::rpc
