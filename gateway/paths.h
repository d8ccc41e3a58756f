// The methods' names on the wire.
#pragma once

#include "proto/hbmux/bt/paths.h"

namespace hbmux::gateway::path {

using namespace bt::path;

inline constexpr char kReflectionAlpha[] = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
inline constexpr char kReflection[] = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

}  // namespace hbmux::gateway::path
