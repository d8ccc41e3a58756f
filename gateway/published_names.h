// The gateway's services and their messages, described under the names that the world knows them by.
#pragma once

#include <hbmux/served/reflection.pb.h>

#include <string>
#include <vector>

namespace hbmux::gateway {

/// Our definitions have a protobuf package of their own, so that a program may also link Google's. Whoever asks a server for its services
/// (grpcurl, for one) asks for Google's names: these are the same definitions, renamed, with the services that are served.
std::vector<std::string> published_services();

/// The answer of gRPC's reflection. Any thread.
served::reflection::ServerReflectionResponse reflect(const served::reflection::ServerReflectionRequest& request);

}  // namespace hbmux::gateway
