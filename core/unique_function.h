// The public headers need the move-only callable too, so it lives there.
#pragma once

#include <hbmux/detail/unique_function.h>

namespace hbmux::core {
using detail::UniqueFunction;
}
