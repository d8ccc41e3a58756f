// Names that come from servers, files and users: of regions, tables and servers, connection URIs, rows as people write
// them.
#include "core/bytes.h"
#include "core/connection_uri.h"
#include "core/region_name.h"
#include "tests/fuzz/fuzz_input.h"

#include <hbmux/server_name.h>
#include <hbmux/table_name.h>

using namespace hbmux;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::uint8_t choice = input.byte();
  const std::string_view text = input.rest();
  switch (choice % 6) {
    case 0: {
      core::RegionNameParts parts;
      if (core::parse_region_name(text, parts) && parts.encoded.size() == 32) {
        // What it is made of makes a name with the same parts again.
        const std::string again = core::make_region_name(parts.table, parts.start_key, parts.id, parts.replica);
        core::RegionNameParts same;
        fuzz::require(core::parse_region_name(again, same) && same.start_key == parts.start_key &&
                      same.id == parts.id && same.replica == parts.replica);
      }
      (void)core::encoded_region_name(text);
      break;
    }
    case 1: {
      const std::size_t half = text.size() / 2;
      const int order = core::compare_meta_rows(text.substr(0, half), text.substr(half));
      const int reverse = core::compare_meta_rows(text.substr(half), text.substr(0, half));
      fuzz::require((order < 0) == (reverse > 0) && (order == 0) == (reverse == 0));
      fuzz::require(core::compare_meta_rows(text, text) == 0);
      break;
    }
    case 2:
      if (auto name = TableName::parse(text)) fuzz::require(TableName::parse(name->to_string()).value() == *name);
      break;
    case 3:
      if (auto name = ServerName::parse(text)) fuzz::require(!name->address.host.empty());
      if (auto address = ServerAddress::parse(text, 16020)) {
        fuzz::require(ServerAddress::parse(address->to_string()).value() == *address);
      }
      break;
    case 4: (void)core::parse_connection_uri(text); break;
    case 5: fuzz::require(core::from_string_binary(core::to_string_binary(text)) == text); break;
  }
  return 0;
}
