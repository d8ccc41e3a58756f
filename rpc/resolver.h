// Host names to addresses, without letting a slow name server hold anybody up.
#pragma once

#include "core/unique_function.h"

#include <hbmux/error.h>
#include <hbmux/server_name.h>

#include <boost/asio/ip/tcp.hpp>

#include <vector>

namespace hbmux::rpc {

using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

/// Looks `address` up. `done` runs on a thread of the resolver, or within this call when the host is a literal address. getaddrinfo cannot be
/// interrupted; nobody waits for its thread: not a connection that closes, nor the end of the process.
void resolve(const ServerAddress& address, core::UniqueFunction<void(Result<Endpoints>)> done);

}  // namespace hbmux::rpc
