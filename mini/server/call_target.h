// What a call is about, as far as it can be told before it is served.
#pragma once

#include "mini/server/region_server.h"

#include <string>
#include <string_view>

namespace hbmux::mini {

struct CallTarget {
  std::string_view part;  ///< Of a scan: "open", "next" or "close".
  std::string table;
  std::string region;  ///< Its name. Of a call for many regions: the first one.
};

/// For ClientService. `wants_region` is false when `part` is all that matters.
CallTarget target_of(const RegionServer& server, const Call& call, bool wants_region);

}  // namespace hbmux::mini
