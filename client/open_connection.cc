// Which implementation a configuration asks for.
#include "client/connection_backend.h"
#include "client/connection_state.h"
#include "core/java_names.h"
#include "core/property_reader.h"

#include <atomic>
#include <string_view>
#include <utility>

namespace hbmux::client {
namespace {

constinit std::atomic<ConnectionOpener> bigtable_opener{nullptr};

/// The property that asks for Bigtable; empty when none does. Java's blocking and its asynchronous API have one each; here they are one.
std::string_view asks_for_bigtable(core::PropertyReader& reader) {
  for (std::string_view property : {"hbase.client.connection.impl", "hbase.client.async.connection.impl"}) {
    if (const auto name = reader.word(property); name && core::is_bigtable(*name)) return property;
  }
  return {};
}

}  // namespace

void register_bigtable(ConnectionOpener open) noexcept { bigtable_opener.store(open, std::memory_order_release); }

Result<std::shared_ptr<ConnectionBackend>> open_connection(const Configuration& configuration, Attributes attributes) {
  core::PropertyReader reader(configuration);
  const auto property = asks_for_bigtable(reader);
  if (reader.error()) return *reader.error();
  if (property.empty()) {
    auto state = ConnectionState::open(configuration, rpc::CallIdPolicy::rising, nullptr, std::move(attributes));
    if (!state) return state.error();
    return std::shared_ptr<ConnectionBackend>(std::move(*state));
  }
  if (const auto open = bigtable_opener.load(std::memory_order_acquire)) return open(configuration, attributes);
  reader.refuse(property, "this program has no Bigtable client: link hbmux::bigtable, which is built where gRPC is found",
                Errc::unsupported);
  return *reader.error();
}

}  // namespace hbmux::client
