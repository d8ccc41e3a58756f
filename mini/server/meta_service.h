// ClientMetaService: what a client asks first, of masters and region servers alike.
#pragma once

#include "mini/server/master.h"

namespace hbmux::mini {

Reply meta_service(const Master& master, Call& call);

}  // namespace hbmux::mini
