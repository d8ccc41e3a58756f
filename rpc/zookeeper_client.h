// Reads znodes, over the ZooKeeper C client.
#pragma once

#include "core/client_settings.h"
#include "core/unique_function.h"
#include "rpc/lane.h"

#include <hbmux/error.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

struct _zhandle;

namespace hbmux::rpc {

/// A session that only reads. It is opened by the first question, and closed when nobody has asked for the keep-alive
/// time.
///
/// Owned by a registry; the worker's thread holds it too, so that it may end later than its owner. All members may be
/// called from any thread. Handlers run on one lane, never within the call that gave them, exactly once, shortly after
/// the deadline at the latest.
///
/// A thread of its own opens and closes the session, because the C client looks up names and joins threads while it
/// does. That client is given one server of the quorum at a time: told of all of them, it tries those that refuse again
/// without a pause, and waits for two thirds of the session's time-out for one that is silent. Which one is next, and
/// after which pause, is decided here. It is asked one thing at a time: closed with more under way it loses their
/// memory.
class ZooKeeperClient : public std::enable_shared_from_this<ZooKeeperClient> {
 public:
  template <class T>
  using Handler = core::UniqueFunction<void(Result<std::optional<T>>)>;

  ZooKeeperClient(const core::ZooKeeperSettings& settings, std::shared_ptr<Lane> lane);

  /// The data of a znode, or nothing when there is no such znode. Errc::unavailable when no server of the quorum
  /// answered, which names the quorum and what was wrong; access_denied; invalid_configuration for what is no path;
  /// closed.
  void get(std::string path, TimePoint deadline, Handler<std::string> handler);
  /// The names of its children.
  void children(std::string path, TimePoint deadline, Handler<std::vector<std::string>> handler);

  /// Ends what is pending, and all later questions, with `reason`. Does not wait.
  void close(const Error& reason);
  /// After close(), by the owner: waits a moment for the worker to end, and lets it end by itself when a name is still
  /// being looked up.
  void release();

  const std::string& quorum() const noexcept { return settings_.quorum; }

 private:
  struct Question {
    std::string path;
    TimePoint deadline;
    Handler<std::string> on_data;  // either this one
    Handler<std::vector<std::string>> on_children;
    int rounds = 0;       // over the whole quorum, without an answer
    std::string problem;  // the last one
  };
  /// What the present session was asked and has not answered yet. The question may have ended meanwhile.
  struct Flight {
    std::uint64_t question;
    TimePoint sent;
  };
  struct Callbacks;

  void ask(Question question);
  // With mutex_ held.
  void finish(std::map<std::uint64_t, Question>::iterator at, Error error);
  void watch_deadline(TimePoint deadline);
  void send_next();
  void attempt_failed(const std::string& problem);
  Error unavailable(const Question& question) const;

  void on_deadline(TimePoint armed_at);
  void on_answer(int code, std::optional<std::string> data, std::vector<std::string> children);
  void on_session_lost();

  // The worker's.
  void run();
  void step(std::unique_lock<std::mutex>& lock);
  void open_session(std::unique_lock<std::mutex>& lock);
  void close_session(std::unique_lock<std::mutex>& lock);

  const core::ZooKeeperSettings settings_;
  const std::shared_ptr<Lane> lane_;
  std::vector<std::string> servers_;  // "host:port/chroot", in an order of our own

  std::mutex mutex_;
  std::condition_variable wake_, ended_changed_;
  std::map<std::uint64_t, Question> questions_;
  std::uint64_t next_id_ = 0;
  TimePoint armed_at_ = TimePoint::max();
  std::optional<Error> closed_;
  std::thread worker_;
  bool ended_ = false;

  // With mutex_ held; the handle itself is used and changed by the worker alone.
  _zhandle* session_ = nullptr;
  std::string broken_;  // why the session is to be closed; empty while it is good
  std::optional<Flight> flight_;
  std::size_t next_server_ = 0;
  std::size_t tried_ = 0;  // servers of the quorum, in this round
  int failed_rounds_ = 0;
  TimePoint next_attempt_ = TimePoint::min();
  TimePoint last_used_;
};

}  // namespace hbmux::rpc
