#include "mini/zookeeper/znode_tree.h"

#include "core/bytes.h"
#include "mini/server/server_name_message.h"

#include <hbmux/pb/ClusterId.pb.h>
#include <hbmux/pb/ZooKeeper.pb.h>

namespace hbmux::mini {
namespace {

/// The session that has made the nodes of servers and of the master, were it not us.
constexpr std::int64_t kServersSession = 0x1000000000001;

std::string_view parent_path(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 ? path.substr(0, 1) : path.substr(0, slash);
}

/// All paths under `path`, which may be the root, begin so.
std::string children_prefix(std::string_view path) { return path == "/" ? "/" : std::string(path) + '/'; }

std::string text_of(const ServerName& name) {
  return name.address.host + "," + std::to_string(name.address.port) + "," + std::to_string(name.start_code);
}

}  // namespace

ZnodeTree::ZnodeTree(const Master& master, std::string parent)
    : master_(master), parent_(std::move(parent)), zxid_(master.name().start_code / 1000 << 32) {}

/// As ZKMetadata.java writes them: 0xFF | int32 length | writer and salt | "PBUF" message.
std::string ZnodeTree::signed_data(const google::protobuf::MessageLite& message, std::string_view writer) const {
  std::string data(1, '\xff');
  std::string id(writer);
  core::append_be(id, static_cast<std::uint64_t>(std::hash<std::string>()(master_.cluster_id())));
  core::append_be(data, static_cast<std::int32_t>(id.size()));
  return data + id + pbuf(message);
}

ZnodeTree::Picture ZnodeTree::draw() const {
  Picture picture;
  picture["/"];
  picture["/zookeeper"];
  picture["/zookeeper/quota"];
  for (std::size_t at = parent_.find('/', 1); at != std::string::npos; at = parent_.find('/', at + 1)) {
    picture[parent_.substr(0, at)];
  }
  picture[parent_];
  auto path = [this](std::string_view name) { return parent_ + '/' + std::string(name); };
  for (const char* empty : {"rs", "table", "namespace", "switch", "backup-masters", "draining", "splitWAL",
                            "flush-table-proc", "online-snapshot", "master-maintenance", "replication"}) {
    picture[path(empty)];
  }
  const ServerName master_name = master_.name();
  const std::string writer = "master:" + std::to_string(master_name.address.port);

  pb::ClusterId id;
  id.set_cluster_id(master_.cluster_id());
  picture[path("hbaseid")] = signed_data(id, writer);

  pb::Master master;
  put_server(master_name, *master.mutable_master());
  master.set_rpc_version(0);
  master.set_info_port(0);
  picture[path("master")] = signed_data(master, writer);

  auto put_meta = [&](const std::string& znode, const ServerName& server, bool open) {
    pb::MetaRegionServer meta;
    put_server(server, *meta.mutable_server());
    meta.set_rpc_version(0);
    meta.set_state(open ? pb::RegionState::OPEN : pb::RegionState::OPENING);
    picture[path(znode)] = signed_data(meta, writer);
  };
  if (const ServerName meta_name = master_.meta_server(); !meta_name.address.host.empty()) {
    put_meta("meta-region-server", meta_name, master_.is_meta_open());
  }
  for (const auto& [replica, server] : master_.meta_replica_servers()) {
    put_meta("meta-region-server-" + std::to_string(replica), server, true);
  }

  pb::ClusterUp up;
  up.set_start_date(std::to_string(master_name.start_code));
  picture[path("running")] = signed_data(up, writer);

  for (const auto& server : master_.servers()) {
    if (!server->is_alive()) continue;
    pb::RegionServerInfo info;
    info.set_infoport(0);
    const std::string name = text_of(server->name());
    picture[path("rs/" + name)] = signed_data(info, "regionserver:" + std::to_string(server->name().address.port));
  }
  for (const auto& [name, state] : master_.table_states()) {
    pb::DeprecatedTableState message;
    message.set_state(static_cast<pb::DeprecatedTableState::State>(state));
    picture[path("table/" + name)] = signed_data(message, writer);
  }
  for (const auto& name : master_.namespace_names()) {
    pb::NamespaceDescriptor descriptor;
    descriptor.set_name(name);
    picture[path("namespace/" + name)] = pbuf(descriptor);
  }
  const auto switches = master_.switches();
  for (const auto& [name, on] :
       {std::pair("switch/split", switches.split), std::pair("switch/merge", switches.merge)}) {
    pb::SwitchState message;
    message.set_enabled(on);
    picture[path(name)] = pbuf(message);
  }
  return picture;
}

template <class Change>
void ZnodeTree::with_parent_of(std::string_view path, Change&& change) {
  if (path == "/") return;
  if (const auto found = nodes_.find(parent_path(path)); found != nodes_.end()) change(found->second.stat);
}

void ZnodeTree::refresh(std::int64_t now) {
  const std::uint64_t revision = master_.revision();
  const std::lock_guard lock(mutex_);
  if (is_drawn_ && revision == drawn_) return;
  Picture picture = draw();
  for (auto at = nodes_.begin(); at != nodes_.end();) {
    if (picture.contains(at->first)) {
      ++at;
      continue;
    }
    ++zxid_;
    with_parent_of(at->first, [this](ZnodeStat& stat) {
      stat.pzxid = zxid_;
      ++stat.cversion;
      --stat.children;
    });
    at = nodes_.erase(at);
  }
  for (auto& [path, data] : picture) {
    auto [found, is_new] = nodes_.try_emplace(path);
    Node& node = found->second;
    if (!is_new && node.data == data) continue;
    node.stat.mzxid = ++zxid_;
    node.stat.mtime = now;
    node.stat.data_length = static_cast<std::int32_t>(data.size());
    node.data = std::move(data);
    if (!is_new) {
      ++node.stat.version;
      continue;
    }
    node.stat.czxid = node.stat.pzxid = zxid_;
    node.stat.ctime = now;
    const bool ephemeral = path.starts_with(parent_ + "/rs/") || path == parent_ + "/master";
    node.stat.ephemeral_owner = ephemeral ? kServersSession : 0;
    with_parent_of(path, [this](ZnodeStat& stat) {
      stat.pzxid = zxid_;
      ++stat.cversion;
      ++stat.children;
    });
  }
  drawn_ = revision;
  is_drawn_ = true;
}

bool ZnodeTree::find(std::string_view path, Node& out) const {
  const std::lock_guard lock(mutex_);
  const auto found = nodes_.find(path);
  if (found == nodes_.end()) return false;
  out = found->second;
  return true;
}

bool ZnodeTree::children(std::string_view path, std::vector<std::string>& names, ZnodeStat& stat) const {
  const std::lock_guard lock(mutex_);
  const auto found = nodes_.find(path);
  if (found == nodes_.end()) return false;
  stat = found->second.stat;
  const std::string prefix = children_prefix(path);
  for (auto at = nodes_.lower_bound(prefix); at != nodes_.end() && at->first.starts_with(prefix); ++at) {
    if (at->first.size() == prefix.size() || at->first.find('/', prefix.size()) != std::string::npos) continue;
    names.push_back(at->first.substr(prefix.size()));
  }
  return true;
}

std::int64_t ZnodeTree::zxid() const {
  const std::lock_guard lock(mutex_);
  return zxid_;
}

}  // namespace hbmux::mini
