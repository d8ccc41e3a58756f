// Tells the library, before main, that there is a client of Bigtable. Programs that link it statically name the symbol below
// (hbmux::bigtable has it in its link options), without which nobody would need this file.
#include "bigtable/connection.h"
#include "client/connection_backend.h"

extern "C" const bool hbmux_bigtable_linked = (hbmux::client::register_bigtable(&hbmux::bigtable::BigtableConnection::open), true);
