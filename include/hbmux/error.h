// Errors and results. Every operation of hbmux answers with a Result<T>: a value, or an Error with a code to switch on
// and details to log.
#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <source_location>
#include <stdexcept>
#include <string>
#include <string_view>

namespace hbmux {

/// What went wrong, coarse enough to switch on. The server's own exception class, where there is one, is in
/// Error::exception_class().
enum class Errc : std::uint8_t {
  // The program's side.
  invalid_argument = 1,    ///< A request that can never work: an empty row, a negative size.
  invalid_configuration,   ///< A property has a value that cannot be used; the message names both.
  unsupported,             ///< Asked for something that hbmux does not do; the message names it.
  blocking_call_on_lane,   ///< A blocking call was made on one of the connection's own threads.
  closed,                  ///< The ClusterConnection was closed.
  forked,                  ///< The process forked after the connection was opened; open a new one in the child.
  cancelled,               ///< The caller cancelled.
  overloaded,              ///< A bound of the client (calls or bytes in flight, pool size) was reached.
  // The way to the server.
  timed_out,               ///< The operation's or the call's deadline passed.
  cannot_resolve,          ///< A host name has no address.
  cannot_connect,          ///< Refused, unreachable, or not answered within the connect time-out.
  failed_server,           ///< The server is on the failed-servers list; no attempt was made.
  connection_lost,         ///< The stream ended while the call was under way.
  protocol_error,          ///< The peer sent bytes that are not HBase's protocol.
  unavailable,             ///< The registry (ZooKeeper, masters) could not be reached or gave no answer.
  // What the server said.
  table_not_found,
  table_exists,
  table_not_enabled,
  table_not_disabled,
  namespace_not_found,
  namespace_exists,
  no_such_column_family,
  not_serving_region,
  region_moved,
  region_opening,
  region_too_busy,
  wrong_region,
  server_not_running,
  master_not_running,      ///< The master is starting, stopping, or not the active one.
  call_queue_too_big,
  throttled,
  request_too_big,
  retry_immediately,       ///< The server did part of a batch and asks for the rest again.
  unknown_scanner,
  out_of_order_scanner,
  scanner_reset,
  access_denied,
  do_not_retry,            ///< Any other exception of HBase that must not be tried again.
  server_exception,        ///< Any other exception of HBase.
};

/// The code's name, as written above: "table_not_found".
std::string_view to_string(Errc code) noexcept;
std::ostream& operator<<(std::ostream& out, Errc code);

/// One failure. Cheap to move and to copy (the details are shared and immutable once the error has been handed out).
class Error {
 public:
  Error() = default;
  Error(Errc code, std::string message);

  Errc code() const noexcept { return code_; }
  /// Names what failed and where, in one sentence; never empty for a real error.
  const std::string& message() const noexcept;
  /// HBase's exception class ("org.apache.hadoop.hbase.NotServingRegionException"), or empty.
  const std::string& exception_class() const noexcept;
  /// The server's text (first line of its stack trace without the class name), or empty.
  const std::string& exception_message() const noexcept;
  /// "host:port" of the server that was asked last, or empty.
  const std::string& server() const noexcept;
  /// The region asked last (its full name), or empty.
  const std::string& region() const noexcept;
  /// How many attempts were made; 0 when none was.
  int attempts() const noexcept;
  /// The server said that it must not be tried again.
  bool do_not_retry() const noexcept;
  /// The server said that it is overloaded: the next attempt waits longer.
  bool server_overloaded() const noexcept;

  Error&& with_exception(std::string class_name, std::string text) &&;
  Error&& with_server(std::string server) &&;
  Error&& with_region(std::string region) &&;
  Error&& with_attempts(int attempts) &&;
  Error&& with_flags(bool do_not_retry, bool server_overloaded) &&;
  /// The same failure, told with `context` in front: "context: message".
  Error&& with_context(std::string_view context) &&;

  /// All of it in one line, for logs.
  std::string to_string() const;

 private:
  struct Details;
  Details& edit();

  Errc code_ = Errc::invalid_argument;
  std::shared_ptr<const Details> details_;
};

std::ostream& operator<<(std::ostream& out, const Error& error);

/// Thrown by Result<T>::value() when it holds an error.
class Exception : public std::runtime_error {
 public:
  explicit Exception(Error error);
  const Error& error() const noexcept { return error_; }

 private:
  Error error_;
};

/// Called by boost::system::result when value() is asked of an error.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location&);

/// A value or an Error. `if (result) use(*result);`, `result.value()` throws hbmux::Exception, `result.error()`.
template <class T>
using Result = boost::system::result<T, Error>;

}  // namespace hbmux
