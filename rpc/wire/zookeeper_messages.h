// ZooKeeper's protocol, as far as reading znodes needs it.
#pragma once

#include <hbmux/error.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::rpc::wire {

// Every message is a frame: int32 length | bytes. All numbers are big-endian; strings have an int32 length in front.
//
//     connect request   int32 protocol 0 | int64 last zxid 0 | int32 time-out ms | int64 session 0 | password | bool
//     connect response  int32 protocol   | int32 time-out ms | int64 session | password [| bool]
//     request           int32 id | int32 type | string path | bool watch
//     response          int32 id | int64 zxid | int32 error | body
//
// The requests below are whole frames; what is parsed is a frame without its length.

inline constexpr std::int32_t kZooKeeperPingId = -2;

std::string zookeeper_connect_request(std::chrono::milliseconds session_timeout);
std::string zookeeper_get_request(std::int32_t id, std::string_view path);
std::string zookeeper_children_request(std::int32_t id, std::string_view path);
std::string zookeeper_ping();
/// Ends the session; the server answers and closes.
std::string zookeeper_close_request();

/// The session's time-out, as the server granted it. Errc::protocol_error for other bytes, and for a refusal.
Result<std::chrono::milliseconds> parse_zookeeper_connect(std::string_view frame);

/// ZooKeeper's error codes that mean something here (KeeperException.java).
enum class ZooKeeperCode : std::int32_t { ok = 0, bad_arguments = -8, no_node = -101, no_auth = -102 };

struct ZooKeeperReply {
  std::int32_t id = 0;
  ZooKeeperCode code = ZooKeeperCode::ok;  ///< May be any other number.
  std::string_view body;                   ///< Within the frame.
};
std::optional<ZooKeeperReply> parse_zookeeper_reply(std::string_view frame);
/// The data in the answer to a get; what follows them is not looked at.
std::optional<std::string> parse_zookeeper_data(std::string_view body);
std::optional<std::vector<std::string>> parse_zookeeper_children(std::string_view body);

}  // namespace hbmux::rpc::wire
