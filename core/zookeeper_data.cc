#include "core/zookeeper_data.h"

#include <hbmux/pb/ClusterId.pb.h>
#include <hbmux/pb/ZooKeeper.pb.h>

#include <algorithm>
#include <charconv>

#include "core/bytes.h"
#include "core/parse_message.h"

namespace hbmux::core {
namespace {

constexpr std::size_t kClusterIdMax = 256;

Error bad(std::string_view what) { return Error(Errc::protocol_error, "the data are no " + std::string(what)); }

/// Without the mark of the process that wrote it (ZKMetadata.java); nothing when that mark is cut short.
std::optional<std::string_view> without_writer(std::string_view data) {
  if (data.empty() || static_cast<unsigned char>(data[0]) != 0xff) return data;
  if (data.size() < 5) return std::nullopt;
  const auto length = load_be<std::int32_t>(data.data() + 1);
  if (length < 0 || static_cast<std::size_t>(length) > data.size() - 5) return std::nullopt;
  return data.substr(5 + static_cast<std::size_t>(length));
}

template <class Message>
bool read(std::string_view data, Message& message) {
  const auto rest = without_writer(data);
  return rest && rest->starts_with(kProtobufMagic) && parse_message(message, rest->substr(kProtobufMagic.size()));
}

Result<ServerName> server_name(const pb::ServerName& message, std::string_view what) {
  const std::string& host = message.host_name();
  if (host.empty() || host.size() > 255 || message.port() == 0 || message.port() > 65535) return bad(what);
  ServerName name{{host, static_cast<std::uint16_t>(message.port())}, -1};
  if (message.has_start_code()) name.start_code = static_cast<std::int64_t>(message.start_code());
  return name;
}

}  // namespace

Result<MetaServer> parse_meta_server(std::string_view data) {
  pb::MetaRegionServer message;
  if (!read(data, message)) return bad("location of hbase:meta");
  auto server = server_name(message.server(), "location of hbase:meta");
  if (!server) return server.error();
  return MetaServer{std::move(*server), !message.has_state() || message.state() == pb::RegionState::OPEN};
}

Result<ServerName> parse_active_master(std::string_view data) {
  pb::Master message;
  if (!read(data, message)) return bad("name of a master");
  return server_name(message.master(), "name of a master");
}

Result<std::string> parse_cluster_id(std::string_view data) {
  const auto rest = without_writer(data);
  if (!rest || rest->empty()) return bad("id of a cluster");
  if (rest->starts_with(kProtobufMagic)) {
    pb::ClusterId message;
    if (!read(data, message) || message.cluster_id().empty()) return bad("id of a cluster");
    return message.cluster_id();
  }
  const bool text = rest->size() <= kClusterIdMax &&
                    std::all_of(rest->begin(), rest->end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (!text) return bad("id of a cluster");
  return std::string(*rest);
}

std::optional<int> meta_replica_of(std::string_view znode, std::string_view prefix) {
  if (!znode.starts_with(prefix)) return std::nullopt;
  std::string_view number = znode.substr(prefix.size());
  if (number.empty()) return 0;
  if (number[0] != '-') return std::nullopt;
  number.remove_prefix(1);
  int id = 0;
  const auto [end, failure] = std::from_chars(number.data(), number.data() + number.size(), id);
  // Replica ids have four hexadecimal digits in region names.
  if (failure != std::errc() || end != number.data() + number.size() || id < 1 || id > 0xffff) return std::nullopt;
  return id;
}

}  // namespace hbmux::core
