// ZooKeeper's protocol, the server's end of one connection. Read-only.
#pragma once

#include "mini/dialogue.h"
#include "mini/faults/fault_injector.h"
#include "mini/zookeeper/jute.h"
#include "mini/zookeeper/znode_tree.h"
#include "mini/zookeeper/zookeeper_sessions.h"

#include <map>

namespace hbmux::mini {

/// Answers connect, getData, exists, getChildren, getChildren2, getACL, sync, ping, auth, setWatches and closeSession;
/// watches fire once, as ZooKeeper's do. Whatever would change something is answered with NOTREADONLY, what is unknown
/// with UNIMPLEMENTED. Bytes that are not ZooKeeper's protocol end the connection. Also takes the four-letter words
/// `ruok`, `isro` and `srvr`.
class ZooKeeperDialogue final : public Dialogue {
 public:
  /// `faults` is null where nothing goes wrong.
  ZooKeeperDialogue(ZnodeTree& tree, ZooKeeperSessions& sessions, FaultInjector* faults = nullptr)
      : tree_(tree), sessions_(sessions), faults_(faults) {}

  std::size_t receive(std::string_view bytes, std::int64_t now, Replies& replies) override;
  bool is_closing() const noexcept override { return closing_; }
  std::uint64_t calls() const noexcept override { return calls_; }
  std::optional<std::chrono::milliseconds> tick_interval() const override;
  /// Tells what has changed among what is watched, and ends the connection when its session is over.
  void tick(std::int64_t now, Replies& replies) override;

 private:
  enum class Watch : std::uint8_t { data, exists, children };
  struct WatchKey {
    Watch kind;
    std::string path;
    auto operator<=>(const WatchKey&) const = default;
  };

  bool answer_word(std::string_view bytes, Replies& replies);
  void connect(std::string_view frame, std::int64_t now, Replies& replies);
  void serve(std::string_view frame, std::int64_t now, Replies& replies);
  void answer(std::int32_t id, std::int32_t type, JuteReader& request, Replies& replies);
  void read_node(std::int32_t id, std::int32_t type, JuteReader& request, Replies& replies);
  void set_watches(std::int32_t id, std::int32_t type, JuteReader& request, Replies& replies);
  void watch(Watch kind, std::string_view path, std::int64_t since);
  /// What has happened since the change `zxid`; 0 for nothing.
  std::int32_t event_since(const WatchKey& key, std::int64_t zxid) const;
  void reply(std::int32_t id, std::int32_t error, std::string_view body, Replies& replies) const;
  void tell(std::int32_t event, std::string_view path, Replies& replies) const;

  ZnodeTree& tree_;
  ZooKeeperSessions& sessions_;
  FaultInjector* const faults_;
  std::int64_t session_ = 0;
  bool connected_ = false;
  bool closing_ = false;
  bool over_ = false;  ///< A fault ends the connection: nothing that comes behind is served.
  std::uint64_t calls_ = 0;
  std::map<WatchKey, std::int64_t> watches_;  ///< And the last change that its client knows.
};

}  // namespace hbmux::mini
