#include "core/connection_uri.h"

#include "core/configuration_values.h"

#include <hbmux/server_name.h>

#include <optional>
#include <string>
#include <vector>

namespace hbmux::core {
namespace {

struct Parts {
  std::string scheme;
  std::string_view authority, path;
  std::optional<std::string_view> query;
};

Error refuse(std::string_view uri, std::string_view why) {
  return Error(Errc::invalid_configuration,
               "cannot use \"" + std::string(uri) + "\" as a cluster's address: " + std::string(why));
}

/// scheme://authority[/path][?query]
std::optional<Parts> split(std::string_view uri) {
  const std::size_t colon = uri.find("://");
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  Parts parts;
  parts.scheme = to_lower(uri.substr(0, colon));
  std::string_view rest = uri.substr(colon + 3);
  if (const std::size_t question = rest.find('?'); question != std::string_view::npos) {
    parts.query = rest.substr(question + 1);
    rest = rest.substr(0, question);
  }
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  parts.authority = rest.substr(0, slash);
  parts.path = rest.substr(slash);
  return parts;
}

std::optional<std::string> decode(std::string_view text, bool plus_is_blank) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size() || text[i + 1] == '-' || text[i + 1] == '+') return std::nullopt;
      const auto byte = parse_integer("0x" + std::string(text.substr(i + 1, 2)));
      if (!byte || *byte == 0) return std::nullopt;
      out += static_cast<char>(*byte);
      i += 2;
    } else {
      out += text[i] == '+' && plus_is_blank ? ' ' : text[i];
    }
  }
  return out;
}

/// The error's words, or nothing.
std::optional<std::string> read_query(std::string_view query, const std::string& source, Configuration& overlay) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view item = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (item.empty()) continue;
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos) return "expected name=value, not \"" + std::string(item) + "\"";
    const auto name = decode(item.substr(0, equals), true);
    auto value = decode(item.substr(equals + 1), true);
    if (!name || !value)
      return "a percent sign is not followed by two hexadecimal digits in \"" + std::string(item) + "\"";
    if (trim(*name).empty()) return "a property has no name in \"" + std::string(item) + "\"";
    overlay.set(*name, std::move(*value), source);
  }
  return std::nullopt;
}

/// The error's words, or nothing.
std::optional<std::string> check_addresses(std::string_view authority, std::uint16_t default_port) {
  const std::vector<std::string> items = split_list(authority);
  if (items.empty()) return "no host is named";
  for (const std::string& item : items) {
    if (const auto address = ServerAddress::parse(item, default_port); !address) return address.error().message();
  }
  return std::nullopt;
}

}  // namespace

Result<Configuration> parse_connection_uri(std::string_view uri) {
  const auto parts = split(uri);
  if (!parts) return refuse(uri, "expected hbase+zk://host:port/znode or hbase+rpc://host:port");
  const bool zookeeper = parts->scheme == "hbase+zk";
  if (!zookeeper && parts->scheme != "hbase+rpc") {
    return refuse(uri, "the scheme " + parts->scheme + " is unknown; expected hbase+zk or hbase+rpc");
  }
  if (uri.find('#') != std::string_view::npos) return refuse(uri, "it has a fragment (#)");
  if (const auto wrong = check_addresses(parts->authority, zookeeper ? 2181 : 0)) return refuse(uri, *wrong);
  const auto path = decode(parts->path, false);
  if (!path) return refuse(uri, "a percent sign is not followed by two hexadecimal digits in its path");

  Configuration overlay;
  const std::string source(uri.substr(0, uri.find('?')));
  if (parts->query) {
    if (const auto wrong = read_query(*parts->query, source, overlay)) return refuse(uri, *wrong);
  }
  if (zookeeper) {
    overlay.set("hbase.client.registry.impl", "org.apache.hadoop.hbase.client.ZKConnectionRegistry", source);
    overlay.set("hbase.client.zookeeper.quorum", std::string(parts->authority), source);
    if (!path->empty() && *path != "/") overlay.set("zookeeper.znode.parent", *path, source);
  } else {
    if (!path->empty() && *path != "/") return refuse(uri, "hbase+rpc has no path");
    overlay.set("hbase.client.registry.impl", "org.apache.hadoop.hbase.client.RpcConnectionRegistry", source);
    overlay.set("hbase.client.bootstrap.servers", std::string(parts->authority), source);
  }
  return overlay;
}

}  // namespace hbmux::core
