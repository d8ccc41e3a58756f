// The name of a server as messages carry it.
#pragma once

#include <hbmux/pb/HBase.pb.h>
#include <hbmux/server_name.h>

namespace hbmux::mini {

inline void put_server(const ServerName& name, pb::ServerName& out) {
  out.set_host_name(name.address.host);
  out.set_port(name.address.port);
  out.set_start_code(static_cast<std::uint64_t>(name.start_code));
}

}  // namespace hbmux::mini
