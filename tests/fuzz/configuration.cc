// A configuration file, and reading all of what it sets.
#include "tests/fuzz/fuzz_input.h"

#include <hbmux/configuration.h>

using namespace hbmux;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Configuration config;
  auto added = config.add_xml(text, "/nowhere/hbase-site.xml");
  if (!added) {
    fuzz::require(added.error().code() == Errc::invalid_configuration && !added.error().message().empty());
    return 0;
  }
  for (const auto& [name, value] : config.properties()) {
    fuzz::require(!name.empty());
    (void)config.get(name);
    (void)config.get_int(name, 1, 0, 100);
    (void)config.get_double(name, 1, 0, 100);
    (void)config.get_bool(name, true);
    (void)config.get_millis(name, std::chrono::milliseconds(1));
    (void)config.get_list(name);
    fuzz::require(!config.source(name).empty());
  }
  return 0;
}
