// The first bytes on a connection (HBase: RpcConnection.java, ServerRpcConnection.java).
#pragma once

#include <cstdint>
#include <string_view>

namespace hbmux::rpc::wire {

/// "HBas", version 0, then how the client authenticates.
inline constexpr std::string_view kMagic = "HBas";
inline constexpr char kRpcVersion = 0;
inline constexpr std::size_t kPreambleSize = 6;
enum class AuthMethod : std::uint8_t { simple = 0x50, kerberos = 0x51, digest = 0x52 };

/// Asks for the cluster id; the server answers one frame with call id -1 and closes (HBASE-25051).
inline constexpr std::string_view kRegistryPreamble = "Regist";
/// Asks for the server's principal; the connection stays open (HBASE-28321).
inline constexpr std::string_view kSecurityPreamble = "Securi";

/// The call id of answers that belong to no call: errors of the connection itself, answers to preambles.
inline constexpr std::int32_t kNoCallId = -1;

/// What HBase accepts by default as one frame (hbase.ipc.max.request.size).
inline constexpr std::uint32_t kMaxFrameBytes = 256u << 20;

}  // namespace hbmux::rpc::wire
