// The version of hbmux, for the preprocessor and for the program.
#pragma once

#define HBMUX_VERSION_MAJOR 0
#define HBMUX_VERSION_MINOR 1
#define HBMUX_VERSION_PATCH 0
/// Greater for every later version: `#if HBMUX_VERSION >= 200` means 0.2.0 or newer.
#define HBMUX_VERSION (HBMUX_VERSION_MAJOR * 10000 + HBMUX_VERSION_MINOR * 100 + HBMUX_VERSION_PATCH)
#define HBMUX_VERSION_STRING "0.1.0"
