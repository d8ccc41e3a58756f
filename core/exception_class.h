// What HBase's exceptions mean to a client: one table from Java class names to error codes and to what is done about
// them.
#pragma once

#include <hbmux/error.h>
#include <hbmux/server_name.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hbmux::core {

/// An exception as the server tells it: ExceptionResponse of a response header, or a NameBytesPair inside a batch's
/// answer (class name and stack trace only).
struct ServerException {
  std::string_view class_name;
  std::string_view stack_trace;  ///< Its first line is "class name: text".
  std::string_view hostname;     ///< Where the region is now; only RegionMovedException sets it.
  std::int32_t port = 0;
  bool do_not_retry = false;
  bool server_overloaded = false;
};

/// The error that a server's exception stands for: the code from the table, a message of the class's simple name and
/// the first line of its text, and flags: do_not_retry when the server says so or the class is one of HBase's
/// DoNotRetryIOException family; server_overloaded likewise. Never fails, whatever the texts hold.
Error make_error(const ServerException& exception);

/// What to do about an error.
struct Reaction {
  /// Another attempt may succeed. Whether the operation may be repeated is for the caller to know (may_be_applied,
  /// below).
  bool retry = false;
  /// The location that was used is suspect: remove it, if the cached one has the same server and is not newer.
  bool drop_location = false;
  /// The region's new place is in the error (region_moved_to): put it in the place of the old one.
  bool moved = false;
  /// Pause with hbase.client.pause.server.overloaded.
  bool overloaded = false;
  /// Try again without a pause, and do not count the attempt: the server did a part and asks for the rest.
  bool immediately = false;
  /// Pause for so long, as told by the server (quotas).
  std::optional<std::chrono::milliseconds> told_pause;
  /// See in hbase:meta whether the table is disabled before the next attempt (Java does so for these alone: it costs a
  /// lookup).
  bool check_table_state = false;
  /// Ask the registry for the active master again.
  bool ask_for_master = false;
  /// Every call on this connection ends with it (the FatalConnectionException family).
  bool closes_connection = false;
  /// A scan goes on with a new scanner, also when `retry` is false.
  bool reopen_scanner = false;
  /// The server has no such scanner any more: there is nothing to close.
  bool scanner_is_gone = false;
  /// The server may have done what was asked although the call failed.
  bool may_be_applied = false;
};

/// The reaction to any error of hbmux, be it the server's or our own side's.
Reaction react(const Error& error);

/// Where RegionMovedException says that the region went.
struct MovedTo {
  ServerName server;
  std::int64_t seqnum = -1;
};
/// Reads "... hostname=H port=P startCode=S. As of locationSeqNum=N."; nothing when the text is not like that.
std::optional<MovedTo> parse_region_moved(std::string_view text);
/// The same, of an error with Errc::region_moved.
std::optional<MovedTo> region_moved_to(const Error& error);

/// Reads the wait in the text of a quota's exception: "... - wait 1hr, 2mins, 3sec, 400ms", every part optional, or
/// seconds with a fraction as old servers write them; nothing when there is none.
std::optional<std::chrono::milliseconds> parse_throttle_wait(std::string_view text);

/// "NotServingRegionException" of "org.apache.hadoop.hbase.NotServingRegionException".
std::string_view simple_class_name(std::string_view class_name) noexcept;

/// True for FatalConnectionException and its subclasses: the server closes the connection after it.
bool is_fatal_connection_exception(std::string_view class_name) noexcept;

}  // namespace hbmux::core
