// The bytes of a znode.
#include "core/zookeeper_data.h"
#include "tests/fuzz/fuzz_input.h"

using namespace hbmux;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (auto meta = core::parse_meta_server(bytes)) {
    fuzz::require(!meta->server.address.host.empty() && meta->server.address.port != 0);
  } else {
    fuzz::require(meta.error().code() == Errc::protocol_error);
  }
  if (auto master = core::parse_active_master(bytes)) {
    fuzz::require(!master->address.host.empty() && master->address.port != 0);
  } else {
    fuzz::require(master.error().code() == Errc::protocol_error);
  }
  if (auto id = core::parse_cluster_id(bytes)) {
    fuzz::require(!id->empty());
  } else {
    fuzz::require(id.error().code() == Errc::protocol_error);
  }
  if (auto replica = core::meta_replica_of(bytes, "meta-region-server")) fuzz::require(*replica >= 0);
  return 0;
}
