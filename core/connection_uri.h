// A cluster's address in one line.
#pragma once

#include <hbmux/configuration.h>
#include <hbmux/error.h>

#include <string_view>

namespace hbmux::core {

/// What a URI says, as properties to lay over a configuration (ConnectionRegistryURIFactory.java of HBase 3):
///
///     hbase+zk://host:port,host:port/znode/parent?property=value&property=value
///     hbase+rpc://host:port,host:port?property=value
///
/// The first names a ZooKeeper quorum, where ports and path may be left to the configuration; the second the servers
/// that the RPC registry asks first. Names and values of properties are decoded as in forms (%20, +); what the first
/// part of the URI says comes before them. Errc::invalid_configuration quotes the URI and says what is wrong with it.
Result<Configuration> parse_connection_uri(std::string_view uri);

}  // namespace hbmux::core
