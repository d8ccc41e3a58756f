#include "mini/zookeeper/zookeeper_dialogue.h"

#include <charconv>

namespace hbmux::mini {
namespace {

using core::append_be;

// ZooDefs.OpCode.
enum Type : std::int32_t {
  kCreate = 1,
  kDelete = 2,
  kExists = 3,
  kGetData = 4,
  kSetData = 5,
  kGetAcl = 6,
  kSetAcl = 7,
  kGetChildren = 8,
  kSync = 9,
  kPing = 11,
  kGetChildren2 = 12,
  kCheck = 13,
  kMulti = 14,
  kCreate2 = 15,
  kReconfigure = 16,
  kCreateContainer = 19,
  kDeleteContainer = 20,
  kCreateTtl = 21,
  kAuth = 100,
  kSetWatches = 101,
  kSetWatches2 = 105,
  kCloseSession = -11,
};

// KeeperException.Code.
constexpr std::int32_t kOk = 0;
constexpr std::int32_t kMarshallingError = -5;
constexpr std::int32_t kUnimplemented = -6;
constexpr std::int32_t kBadArguments = -8;
constexpr std::int32_t kNoNode = -101;
constexpr std::int32_t kAuthFailed = -115;
constexpr std::int32_t kNotReadOnly = -119;

// Watcher.Event.
constexpr std::int32_t kCreated = 1;
constexpr std::int32_t kDeleted = 2;
constexpr std::int32_t kDataChanged = 3;
constexpr std::int32_t kChildrenChanged = 4;
constexpr std::int32_t kSyncConnected = 3;
constexpr std::int32_t kWatchEventId = -1;

/// jute.maxbuffer.
constexpr std::size_t kFrameMax = 0xfffff;
constexpr std::size_t kWatchesMax = 10'000;
constexpr std::int32_t kAllPermissions = 31;

bool is_write(std::int32_t type) {
  switch (type) {
    case kCreate:
    case kDelete:
    case kSetData:
    case kSetAcl:
    case kCheck:
    case kMulti:
    case kCreate2:
    case kReconfigure:
    case kCreateContainer:
    case kDeleteContainer:
    case kCreateTtl: return true;
    default: return false;
  }
}

/// For faults, as ZooKeeper's Java client calls them.
std::string_view name_of(std::int32_t type) {
  switch (type) {
    case kExists: return "exists";
    case kGetData: return "getData";
    case kGetAcl: return "getACL";
    case kGetChildren:
    case kGetChildren2: return "getChildren";
    case kSync: return "sync";
    case kPing: return "ping";
    case kCloseSession: return "closeSession";
    default: return "other";
  }
}

bool is_path(std::string_view path) {
  if (path == "/") return true;
  if (!path.starts_with('/') || path.ends_with('/')) return false;
  return path.find("//") == std::string_view::npos && path.find('\0') == std::string_view::npos;
}

void append_stat(std::string& out, const ZnodeStat& stat) {
  append_be(out, stat.czxid);
  append_be(out, stat.mzxid);
  append_be(out, stat.ctime);
  append_be(out, stat.mtime);
  append_be(out, stat.version);
  append_be(out, stat.cversion);
  append_be(out, std::int32_t{0});  // changes of its ACL
  append_be(out, stat.ephemeral_owner);
  append_be(out, stat.data_length);
  append_be(out, stat.children);
  append_be(out, stat.pzxid);
}

}  // namespace

std::size_t ZooKeeperDialogue::receive(std::string_view bytes, std::int64_t now, Replies& replies) {
  tree_.refresh(now);
  std::string_view rest = bytes;
  while (!closing_ && !over_ && rest.size() >= 4) {
    if (!connected_ && answer_word(rest, replies)) break;
    const auto size = core::load_be<std::int32_t>(rest.data());
    if (size < 0 || static_cast<std::size_t>(size) > kFrameMax) {
      closing_ = true;  // as ZooKeeper: no answer
      break;
    }
    if (rest.size() - 4 < static_cast<std::size_t>(size)) break;
    const std::string_view frame = rest.substr(4, static_cast<std::size_t>(size));
    rest.remove_prefix(4 + frame.size());
    if (connected_) {
      serve(frame, now, replies);
    } else {
      connect(frame, now, replies);
    }
  }
  return over_ ? bytes.size() : bytes.size() - rest.size();
}

/// The words by which people and monitors ask a ZooKeeper how it is: text in, text out, end.
bool ZooKeeperDialogue::answer_word(std::string_view bytes, Replies& replies) {
  const std::string_view word = bytes.substr(0, 4);
  if (word == "ruok") {
    replies.bytes += "imok";
  } else if (word == "isro") {
    replies.bytes += "rw";  // "ro" would send clients on to look for a server that is not
  } else if (word == "srvr") {
    char zxid[24] = {};
    std::to_chars(zxid, zxid + sizeof zxid - 1, tree_.zxid(), 16);
    replies.bytes += "Zookeeper version: embedded\nMode: standalone\nZxid: 0x" + std::string(zxid) + "\n";
  } else {
    return false;
  }
  closing_ = true;
  return true;
}

void ZooKeeperDialogue::connect(std::string_view frame, std::int64_t now, Replies& replies) {
  JuteReader request(frame);
  const auto protocol = request.number<std::int32_t>();
  const auto last_zxid = request.number<std::int64_t>();
  const auto timeout = request.number<std::int32_t>();
  const auto id = request.number<std::int64_t>();
  const std::string_view password = request.string();
  // A client that has seen more than this server knows must look elsewhere (ZooKeeperServer.processConnectRequest).
  if (!request.ok() || protocol != 0 || last_zxid > tree_.zxid()) {
    closing_ = true;
    return;
  }
  const bool knows_read_only = !request.at_end();  // since 3.4
  const auto opened = sessions_.open(id, password, timeout, now);
  std::string body;
  append_be(body, std::int32_t{0});
  append_be(body, opened.timeout);
  append_be(body, opened.id);
  append_jute(body, opened.id != 0 ? opened.password : std::string(16, '\0'));
  if (knows_read_only) body += '\0';
  append_jute(replies.bytes, body);
  session_ = opened.id;
  connected_ = true;
  closing_ = opened.id == 0;  // that session is over, and the client knows it now
}

void ZooKeeperDialogue::serve(std::string_view frame, std::int64_t now, Replies& replies) {
  ++calls_;
  JuteReader request(frame);
  const auto id = request.number<std::int32_t>();
  const auto type = request.number<std::int32_t>();
  if (!request.ok() || !sessions_.touch(session_, now)) {
    closing_ = true;
    return;
  }
  FaultInjector::Verdict verdict;
  if (faults_ != nullptr && faults_->wants_calls()) {
    verdict = faults_->on_call({kZooKeeperServer, "zookeeper", name_of(type), {}, {}, {}});
  }
  const std::size_t start = replies.bytes.size();
  if (verdict.serve) answer(id, type, request, replies);
  mark_reply(start, verdict, replies);
  over_ = ends_connection(verdict.fate);
}

void ZooKeeperDialogue::answer(std::int32_t id, std::int32_t type, JuteReader& request, Replies& replies) {
  if (is_write(type)) return reply(id, kNotReadOnly, {}, replies);
  switch (type) {
    case kPing: return reply(id, kOk, {}, replies);
    case kCloseSession:
      sessions_.close(session_);
      reply(id, kOk, {}, replies);
      closing_ = true;
      return;
    case kSync: {
      std::string body;
      append_jute(body, request.string());
      return reply(id, request.ok() ? kOk : kMarshallingError, request.ok() ? body : std::string(), replies);
    }
    case kAuth: {
      request.number<std::int32_t>();
      const std::string_view scheme = request.string();
      const bool known = request.ok() && (scheme == "digest" || scheme == "ip");
      reply(id, known ? kOk : kAuthFailed, {}, replies);
      closing_ = !known;
      return;
    }
    case kSetWatches:
    case kSetWatches2: return set_watches(id, type, request, replies);
    case kExists:
    case kGetData:
    case kGetAcl:
    case kGetChildren:
    case kGetChildren2: return read_node(id, type, request, replies);
    default: return reply(id, kUnimplemented, {}, replies);
  }
}

void ZooKeeperDialogue::read_node(std::int32_t id, std::int32_t type, JuteReader& request, Replies& replies) {
  const std::string_view path = request.string();
  const bool wants_watch = type != kGetAcl && request.boolean();
  if (!request.ok()) return reply(id, kMarshallingError, {}, replies);
  if (!is_path(path)) return reply(id, kBadArguments, {}, replies);
  ZnodeTree::Node node;
  if (!tree_.find(path, node)) {
    if (wants_watch && type == kExists) watch(Watch::exists, path, 0);
    return reply(id, kNoNode, {}, replies);
  }
  std::string body;
  switch (type) {
    case kExists:
      if (wants_watch) watch(Watch::data, path, node.stat.mzxid);
      break;
    case kGetData:
      if (wants_watch) watch(Watch::data, path, node.stat.mzxid);
      append_jute(body, node.data);
      break;
    case kGetAcl:
      append_be(body, std::int32_t{1});
      append_be(body, kAllPermissions);
      append_jute(body, "world");
      append_jute(body, "anyone");
      break;
    default: {
      if (wants_watch) watch(Watch::children, path, node.stat.pzxid);
      std::vector<std::string> names;
      (void)tree_.children(path, names, node.stat);
      append_be(body, static_cast<std::int32_t>(names.size()));
      for (const std::string& name : names) append_jute(body, name);
    }
  }
  if (type != kGetChildren) append_stat(body, node.stat);
  reply(id, kOk, body, replies);
}

/// What a client that comes back from another connection was watching: it learns at once what it has missed.
void ZooKeeperDialogue::set_watches(std::int32_t id, std::int32_t type, JuteReader& request, Replies& replies) {
  const auto zxid = request.number<std::int64_t>();
  std::map<WatchKey, std::int64_t> wanted;
  for (const Watch kind : {Watch::data, Watch::exists, Watch::children}) {
    for (std::string& path : request.strings()) wanted.emplace(WatchKey{kind, std::move(path)}, zxid);
  }
  if (!request.ok()) return reply(id, kMarshallingError, {}, replies);
  if (type == kSetWatches2 && (!request.strings().empty() || !request.strings().empty())) {
    return reply(id, kUnimplemented, {}, replies);  // persistent watches
  }
  for (const auto& [key, since] : wanted) {
    const std::int32_t event = event_since(key, since);
    if (event != 0) {
      tell(event, key.path, replies);
    } else {
      watch(key.kind, key.path, since);
    }
  }
  reply(id, kOk, {}, replies);
}

void ZooKeeperDialogue::watch(Watch kind, std::string_view path, std::int64_t since) {
  if (watches_.size() >= kWatchesMax) {
    closing_ = true;  // no client of HBase watches so much
    return;
  }
  watches_.try_emplace({kind, std::string(path)}, since);
}

std::int32_t ZooKeeperDialogue::event_since(const WatchKey& key, std::int64_t zxid) const {
  ZnodeTree::Node node;
  const bool is_there = tree_.find(key.path, node);
  if (key.kind == Watch::exists) return is_there ? kCreated : 0;
  if (!is_there) return kDeleted;
  if (key.kind == Watch::data) return node.stat.mzxid > zxid ? kDataChanged : 0;
  return node.stat.pzxid > zxid ? kChildrenChanged : 0;
}

std::optional<std::chrono::milliseconds> ZooKeeperDialogue::tick_interval() const {
  return std::chrono::milliseconds(watches_.empty() ? 1000 : 20);
}

void ZooKeeperDialogue::tick(std::int64_t now, Replies& replies) {
  tree_.refresh(now);
  for (auto at = watches_.begin(); at != watches_.end();) {
    const std::int32_t event = event_since(at->first, at->second);
    if (event == 0) {
      ++at;
      continue;
    }
    tell(event, at->first.path, replies);
    at = watches_.erase(at);
  }
  if (connected_ && !sessions_.is_open(session_, now)) closing_ = true;
}

void ZooKeeperDialogue::reply(std::int32_t id, std::int32_t error, std::string_view body, Replies& replies) const {
  core::append_be(replies.bytes, static_cast<std::int32_t>(16 + body.size()));
  core::append_be(replies.bytes, id);
  core::append_be(replies.bytes, tree_.zxid());
  core::append_be(replies.bytes, error);
  replies.bytes += body;
}

void ZooKeeperDialogue::tell(std::int32_t event, std::string_view path, Replies& replies) const {
  std::string body;
  append_be(body, event);
  append_be(body, kSyncConnected);
  append_jute(body, path);
  core::append_be(replies.bytes, static_cast<std::int32_t>(16 + body.size()));
  core::append_be(replies.bytes, kWatchEventId);
  core::append_be(replies.bytes, std::int64_t{-1});
  core::append_be(replies.bytes, kOk);
  replies.bytes += body;
}

}  // namespace hbmux::mini
