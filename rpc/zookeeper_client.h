// Reads znodes.
#pragma once

#include "core/client_settings.h"
#include "core/unique_function.h"
#include "rpc/lane.h"
#include "rpc/wire/frame_reader.h"
#include "rpc/wire/zookeeper_messages.h"

#include <hbmux/error.h>
#include <hbmux/server_name.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hbmux::rpc {

/// A session that only reads. It is opened by the first question, and closed when nobody has asked for the keep-alive
/// time; when it is lost, a new one is opened, which is all the same to a session that owns nothing.
///
/// Owned by a registry. get(), children() and close() may be called from any thread: they post to the lane, where
/// everything else happens and where the handlers run, exactly once, shortly after the deadline at the latest.
class ZooKeeperClient : public std::enable_shared_from_this<ZooKeeperClient> {
 public:
  template <class T>
  using Handler = core::UniqueFunction<void(Result<std::optional<T>>)>;

  /// `random` chooses the order in which the servers of the quorum are tried, so that clients spread over them.
  ZooKeeperClient(const core::ZooKeeperSettings& settings, std::shared_ptr<Lane> lane, std::uint32_t random);

  /// The data of a znode, or nothing when there is no such znode. Errc::unavailable when no server of the quorum
  /// answered, which names the quorum and what was wrong; access_denied; invalid_configuration for what is no path;
  /// protocol_error; closed.
  void get(std::string path, TimePoint deadline, Handler<std::string> handler);
  /// The names of its children.
  void children(std::string path, TimePoint deadline, Handler<std::vector<std::string>> handler);

  /// Ends what is pending, and all later questions, with `reason`.
  void close(const Error& reason);

 private:
  struct Question {
    std::string path;
    TimePoint deadline;
    Handler<std::string> on_data;  // either this one
    Handler<std::vector<std::string>> on_children;
    std::int32_t id = 0;  // in the present session; 0: not asked yet
    TimePoint asked;
    int rounds = 0;       // over the whole quorum, without an answer
    std::string problem;  // the last one
  };
  using Place = std::map<std::uint64_t, Question>::iterator;
  enum class State : std::uint8_t { closed, connecting, greeting, open };

  void ask(Question question);
  /// Does what is due, and arranges to be called when something is due again. After everything that happens.
  void settle();
  void settle_at(TimePoint at);
  TimePoint end_expired(TimePoint now);
  TimePoint watch_session(TimePoint now);

  void connect();
  void on_connected(Result<std::unique_ptr<Stream>> stream);
  void wait_readable();
  void on_readable();
  bool take_frame(std::string_view frame);
  bool take_reply(const wire::ZooKeeperReply& reply);
  void send(std::string bytes);
  void write();
  void send_questions();
  void drop_session();
  void say_goodbye();
  void attempt_failed(const std::string& why);

  void finish(Place at, Error error);
  Error unavailable(const Question& question) const;
  const ServerAddress& server() const { return servers_[next_server_ % servers_.size()]; }

  const core::ZooKeeperSettings settings_;
  const std::shared_ptr<Lane> lane_;
  std::vector<ServerAddress> servers_;
  std::string chroot_;

  // The lane's.
  std::map<std::uint64_t, Question> questions_;  // in the order in which they came
  std::uint64_t next_question_ = 0;
  std::optional<Error> closed_;
  TimePoint armed_at_ = TimePoint::max();
  std::size_t next_server_ = 0;
  std::size_t tried_ = 0;  // servers of the quorum, in this round
  int failed_rounds_ = 0;
  TimePoint next_attempt_ = TimePoint::min();

  State state_ = State::closed;
  std::uint64_t session_number_ = 0;  // so that what belongs to an earlier one is recognised
  TimePoint session_began_, last_sent_, last_used_;
  std::optional<TimePoint> pinged_;
  std::chrono::milliseconds session_timeout_{0};
  Task give_up_connecting_;
  std::unique_ptr<Stream> stream_;
  std::unique_ptr<wire::FrameReader> reader_;
  std::string out_;
  bool writing_ = false;
  std::int32_t next_id_ = 1;
};

}  // namespace hbmux::rpc
