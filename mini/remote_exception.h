// An exception of HBase, as a value: what a server answers with when it does not do what was asked.
#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <source_location>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace hbmux::mini {

struct RemoteException {
  std::string class_name;  ///< Java's full class name.
  std::string message;
  bool do_not_retry = false;
  bool server_overloaded = false;
  /// Where a region moved to; only RegionMovedException says it.
  std::string host = {};
  int port = 0;

  /// What HBase puts on the wire: the first line of a stack trace is `class: message`.
  std::string stack_trace() const { return class_name + ": " + message + "\n"; }
};

/// A value, or HBase's exception.
template <class T>
using Answer = boost::system::result<T, RemoteException>;

[[noreturn]] inline void throw_exception_from_error(const RemoteException& e, const boost::source_location&) {
  throw std::logic_error(e.class_name + ": " + e.message);
}

namespace exceptions {

// Those with a name of their own are the ones that clients act upon; `of` makes any other.
RemoteException of(std::string_view class_name, std::string message, bool do_not_retry);
/// A plain DoNotRetryIOException.
RemoteException do_not_retry(std::string message);
RemoteException io(std::string message);
RemoteException unsupported(std::string message);
RemoteException not_serving_region(std::string message);
RemoteException region_moved(std::string_view host, int port, std::int64_t start_code, std::uint64_t seqnum);
RemoteException wrong_region(std::string message);
RemoteException no_such_column_family(std::string message);
RemoteException unknown_scanner(std::string message);
RemoteException out_of_order_scanner(std::string message);
RemoteException scanner_reset(std::string message);
RemoteException table_not_found(std::string_view table);
RemoteException table_exists(std::string_view table);
RemoteException table_not_enabled(std::string_view table);
RemoteException table_not_disabled(std::string_view table);
RemoteException namespace_not_found(std::string_view name);
RemoteException namespace_exists(std::string_view name);

}  // namespace exceptions
}  // namespace hbmux::mini
