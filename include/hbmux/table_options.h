// What one handle to a table does otherwise than the connection's configuration says.
#pragma once

#include <hbmux/attributes.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hbmux {

/// Settings of a Table handle (Java: AsyncTableBuilder); what is not set comes from the configuration. A time-out of 0 is none.
/// `connection.table("t", TableOptions().operation_timeout(2s).max_attempts(3))`. A value type.
class TableOptions {
 public:
  using Millis = std::chrono::milliseconds;

  /// Of a whole operation, with all its attempts (hbase.client.operation.timeout).
  TableOptions& operation_timeout(Millis timeout) & { return operation_timeout_ = timeout, *this; }
  /// Of one attempt (hbase.rpc.timeout): both of the next two.
  TableOptions& rpc_timeout(Millis timeout) & { return read_rpc_timeout(timeout).write_rpc_timeout(timeout); }
  /// Of one attempt of a get (hbase.rpc.read.timeout).
  TableOptions& read_rpc_timeout(Millis timeout) & { return read_rpc_timeout_ = timeout, *this; }
  /// Of one attempt of anything that writes (hbase.rpc.write.timeout).
  TableOptions& write_rpc_timeout(Millis timeout) & { return write_rpc_timeout_ = timeout, *this; }
  /// For each answer of a scan (hbase.client.scanner.timeout.period).
  TableOptions& scan_timeout(Millis timeout) & { return scan_timeout_ = timeout, *this; }
  /// The base of the pauses between attempts (hbase.client.pause).
  TableOptions& retry_pause(Millis pause) & { return retry_pause_ = pause, *this; }
  /// The same when a server says that it is overloaded (hbase.client.pause.server.overloaded).
  TableOptions& retry_pause_for_server_overloaded(Millis pause) & { return retry_pause_overloaded_ = pause, *this; }
  /// Attempts of an operation in all, at least 1 (hbase.client.retries.number is one less).
  TableOptions& max_attempts(int attempts) & { return max_attempts_ = attempts, *this; }
  /// Attempts that fail before that is logged as a warning (hbase.client.start.log.errors.counter).
  TableOptions& start_log_errors(int attempts) & { return start_log_errors_ = attempts, *this; }
  /// Sent in the header of every call, for servers of HBase 2.6 and later (HBASE-27657).
  TableOptions& request_attribute(std::string_view name, std::string_view value) & {
    return request_attributes_.insert_or_assign(std::string(name), std::string(value)), *this;
  }

  TableOptions&& operation_timeout(Millis t) && { return std::move(operation_timeout(t)); }
  TableOptions&& rpc_timeout(Millis t) && { return std::move(rpc_timeout(t)); }
  TableOptions&& read_rpc_timeout(Millis t) && { return std::move(read_rpc_timeout(t)); }
  TableOptions&& write_rpc_timeout(Millis t) && { return std::move(write_rpc_timeout(t)); }
  TableOptions&& scan_timeout(Millis t) && { return std::move(scan_timeout(t)); }
  TableOptions&& retry_pause(Millis p) && { return std::move(retry_pause(p)); }
  TableOptions&& retry_pause_for_server_overloaded(Millis p) && { return std::move(retry_pause_for_server_overloaded(p)); }
  TableOptions&& max_attempts(int attempts) && { return std::move(max_attempts(attempts)); }
  TableOptions&& start_log_errors(int attempts) && { return std::move(start_log_errors(attempts)); }
  TableOptions&& request_attribute(std::string_view n, std::string_view v) && { return std::move(request_attribute(n, v)); }

  const std::optional<Millis>& operation_timeout() const noexcept { return operation_timeout_; }
  const std::optional<Millis>& read_rpc_timeout() const noexcept { return read_rpc_timeout_; }
  const std::optional<Millis>& write_rpc_timeout() const noexcept { return write_rpc_timeout_; }
  const std::optional<Millis>& scan_timeout() const noexcept { return scan_timeout_; }
  const std::optional<Millis>& retry_pause() const noexcept { return retry_pause_; }
  const std::optional<Millis>& retry_pause_for_server_overloaded() const noexcept { return retry_pause_overloaded_; }
  const std::optional<int>& max_attempts() const noexcept { return max_attempts_; }
  const std::optional<int>& start_log_errors() const noexcept { return start_log_errors_; }
  const Attributes& request_attributes() const noexcept { return request_attributes_; }

 private:
  std::optional<Millis> operation_timeout_, read_rpc_timeout_, write_rpc_timeout_, scan_timeout_;
  std::optional<Millis> retry_pause_, retry_pause_overloaded_;
  std::optional<int> max_attempts_, start_log_errors_;
  Attributes request_attributes_;
};

}  // namespace hbmux
