#include "core/security_settings.h"

#include "core/configuration_values.h"

#include <array>
#include <string>
#include <string_view>

namespace hbmux::core {
namespace {

/// A property that may only have its harmless value.
struct Guard {
  std::string_view name;
  std::string_view harmless;
};

constexpr std::array<Guard, 9> kGuards = {{
    {"hbase.security.authentication", "simple"},
    {"hadoop.security.authentication", "simple"},
    {"hbase.rpc.protection", "authentication"},
    {"hbase.rpc.crypto.encryption.aes.enabled", "false"},
    {"hbase.client.netty.tls.enabled", "false"},
    {"hbase.client.sasl.provider.class", ""},
    {"hbase.client.sasl.provider.extras", ""},
    {"hbase.client.userprovider.class", "org.apache.hadoop.hbase.security.UserProvider"},
    {"zookeeper.client.secure", "false"},
}};

constexpr std::string_view kTlsPrefix = "hbase.rpc.tls.";

Error not_secured_yet(const Configuration& configuration, std::string_view name) {
  return property_error(configuration, name,
                        "secure connections are not supported yet, and a plain one is not made instead",
                        Errc::unsupported);
}

}  // namespace

Result<void> refuse_security(const Configuration& configuration) {
  for (const Guard& guard : kGuards) {
    const auto value = configuration.get_string(guard.name, "");
    if (!value) return value.error();
    const bool harmless = value->empty() || to_lower(*value) == to_lower(guard.harmless);
    if (!harmless) return not_secured_yet(configuration, guard.name);
  }
  // A key store or trust store that nobody would use: whoever names one expects TLS.
  for (const auto& [name, raw] : configuration.properties()) {
    if (!name.starts_with(kTlsPrefix)) continue;
    const auto value = configuration.get_string(name, "");
    if (!value) return value.error();
    if (!value->empty() && to_lower(*value) != "false") return not_secured_yet(configuration, name);
  }
  return {};
}

}  // namespace hbmux::core
