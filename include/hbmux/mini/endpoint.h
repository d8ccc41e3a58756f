// Coprocessor endpoints of the embedded cluster that a program brings along.
#pragma once

#include <hbmux/error.h>

#include <functional>
#include <string>
#include <string_view>

namespace hbmux::mini {

/// A client's call of an endpoint on one region. Valid while the handler runs.
struct EndpointCall {
  std::string_view table;      ///< "name" or "namespace:name".
  std::string_view region;     ///< Its full name.
  std::string_view start_key;  ///< The region's; empty at the table's start,
  std::string_view end_key;    ///< and at its end.
  std::string_view row;        ///< By which the client chose the region; may be empty.
  std::string_view service;
  std::string_view method;
  std::string_view request;  ///< The serialized message.
};

struct EndpointReply {
  std::string message;          ///< The serialized message.
  std::string class_name = {};  ///< The Java class of the message; most clients do not look at it.
};

/// Answers the calls of one service. It runs on the threads that serve connections, possibly on several at once, and
/// must not wait for this cluster (with one thread, that would never end). An error goes to the client as the exception
/// that Error::exception_class() names, or else as java.io.IOException with its text.
using EndpointHandler = std::function<Result<EndpointReply>(const EndpointCall&)>;

}  // namespace hbmux::mini
