#include "core/exception_class.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace hbmux::core {
namespace {

using enum Errc;

// What a class means beyond its code.
enum : std::uint16_t {
  kRetry = 1 << 0,
  kKeep = 1 << 1,        // keep the location; without it a retry drops it
  kOverloaded = 1 << 2,  // the exception means that the server is overloaded, told or not
  kImmediately = 1 << 3,
  kTableState = 1 << 4,
  kMaster = 1 << 5,
  kFatal = 1 << 6,
  kReopen = 1 << 7,
  kScannerGone = 1 << 8,
  kNotApplied = 1 << 9,  // the server refused before it did anything
  kMoved = 1 << 10,
};

struct ExceptionClass {
  std::string_view name;  // without the package: HBase has moved classes between packages
  Errc code;
  std::uint16_t flags;
};

// Sorted by name. Classes without kRetry are HBase's DoNotRetryIOException and its subclasses.
constexpr auto kClasses = std::to_array<ExceptionClass>({
    {"AccessControlException", access_denied, 0},  // Hadoop's
    {"AccessDeniedException", access_denied, 0},
    {"BadAuthException", access_denied, kFatal},
    {"CallDroppedException", call_queue_too_big, kRetry | kKeep | kOverloaded | kNotApplied},
    {"CallQueueTooBigException", call_queue_too_big, kRetry | kKeep | kOverloaded | kNotApplied},
    {"CallTimeoutException", server_exception, kRetry},
    {"CallerDisconnectedException", server_exception, kRetry},
    {"ConcurrentTableModificationException", do_not_retry, 0},
    {"ConnectionClosedException", server_exception, kRetry},
    {"ConnectionClosingException", server_exception, kRetry},
    {"ConstraintException", do_not_retry, 0},
    {"CoprocessorException", do_not_retry, 0},
    {"CorruptHFileException", do_not_retry, 0},
    {"CorruptedSnapshotException", do_not_retry, 0},
    {"DoNotRetryIOException", do_not_retry, 0},
    {"DoNotRetryNowIOException", do_not_retry, 0},
    {"DoNotRetryRegionException", do_not_retry, 0},
    {"EmptyServiceNameException", unsupported, kFatal},
    {"ExportSnapshotException", do_not_retry, 0},
    {"FailedSanityCheckException", do_not_retry, 0},
    {"FatalConnectionException", do_not_retry, kFatal},
    {"HBaseSnapshotException", do_not_retry, 0},
    {"InvalidFamilyOperationException", do_not_retry, 0},
    {"InvalidLabelException", do_not_retry, 0},
    {"LabelAlreadyExistsException", do_not_retry, 0},
    // A lease that is not there any more: as unknown as the scanner itself.
    {"LeaseException", unknown_scanner, kReopen | kScannerGone},
    {"MasterNotRunningException", master_not_running, kRetry | kKeep | kMaster | kNotApplied},
    {"MasterStoppedException", master_not_running, kMaster},
    {"MergeRegionException", do_not_retry, 0},
    {"MultiActionResultTooLarge", retry_immediately, kRetry | kKeep | kImmediately | kNotApplied},
    {"NamespaceExistException", namespace_exists, 0},
    {"NamespaceNotFoundException", namespace_not_found, 0},
    {"NoServerForRegionException", do_not_retry, 0},
    {"NoSuchColumnFamilyException", no_such_column_family, 0},
    {"NotAllMetaRegionsOnlineException", do_not_retry, 0},
    {"NotServingRegionException", not_serving_region, kRetry | kTableState | kReopen | kScannerGone | kNotApplied},
    {"OperationTimeoutExceededException", do_not_retry, 0},
    {"OutOfOrderScannerNextException", out_of_order_scanner, kReopen},
    {"PleaseHoldException", master_not_running, kRetry | kKeep | kMaster | kNotApplied},
    {"PleaseRestartMasterException", master_not_running, kRetry | kKeep | kMaster | kNotApplied},
    {"QuotaExceededException", do_not_retry, 0},
    {"RegionMovedException", region_moved, kRetry | kMoved | kTableState | kReopen | kScannerGone | kNotApplied},
    {"RegionOfflineException", not_serving_region, kRetry | kTableState | kReopen | kScannerGone | kNotApplied},
    {"RegionOpeningException", region_opening, kRetry | kKeep | kTableState | kReopen | kScannerGone | kNotApplied},
    {"RegionServerAbortedException", server_not_running, kRetry | kReopen | kScannerGone},
    {"RegionServerStoppedException", server_not_running, kRetry | kReopen | kScannerGone},
    {"RegionTooBusyException", region_too_busy, kRetry | kKeep | kNotApplied},
    {"ReplicationPeerNotFoundException", do_not_retry, 0},
    {"RequestTooBigException", request_too_big, kKeep | kNotApplied},
    {"RestoreSnapshotException", do_not_retry, 0},
    {"RetryImmediatelyException", retry_immediately, kRetry | kKeep | kImmediately | kNotApplied},
    {"RowTooBigException", do_not_retry, 0},
    {"RpcThrottlingException", throttled, kRetry | kKeep | kNotApplied},
    {"ScannerResetException", scanner_reset, kReopen | kScannerGone},
    {"ServerNotRunningYetException", server_not_running, kRetry | kMaster | kReopen | kScannerGone | kNotApplied},
    // What Java throws on its own side, or the server of a server: too many calls there, so that one more helps nobody.
    {"ServerTooBusyException", do_not_retry, kKeep | kNotApplied},
    {"SnapshotCreationException", do_not_retry, 0},
    {"SnapshotDoesNotExistException", do_not_retry, 0},
    {"SnapshotExistsException", do_not_retry, 0},
    {"SpaceLimitingException", do_not_retry, 0},
    {"StoppedRpcClientException", do_not_retry, 0},
    {"TableExistsException", table_exists, 0},
    {"TableNotDisabledException", table_not_disabled, 0},
    {"TableNotEnabledException", table_not_enabled, 0},
    {"TableNotFoundException", table_not_found, 0},
    {"ThrottlingException", throttled, 0},  // of HBase before 2.0, told as DoNotRetry
    {"UnknownProtocolException", unsupported, 0},
    {"UnknownRegionException", do_not_retry, 0},
    {"UnknownScannerException", unknown_scanner, kReopen | kScannerGone},
    {"UnknownServiceException", unsupported, kFatal},
    {"UnknownSnapshotException", do_not_retry, 0},
    {"UnsupportedCellCodecException", unsupported, kFatal},
    {"UnsupportedCompressionCodecException", unsupported, kFatal},
    {"UnsupportedCryptoException", unsupported, kFatal},
    {"WrongRegionException", wrong_region, kRetry | kReopen | kNotApplied},
    {"WrongVersionException", unsupported, kFatal},
});
static_assert(std::ranges::is_sorted(kClasses, {}, &ExceptionClass::name));

constexpr ExceptionClass kUnknown = {{}, server_exception, kRetry};
// A RuntimeException or Error is a fault of the server's program, or of what was asked of it: Java's client gives up as
// well.
constexpr ExceptionClass kProgramError = {{}, do_not_retry, 0};

const ExceptionClass& find_class(std::string_view class_name) noexcept {
  if (class_name.starts_with("java.lang.")) return kProgramError;
  // Outside of Hadoop's and HBase's packages a name may mean anything (java.nio.file.AccessDeniedException).
  if (!class_name.starts_with("org.apache.hadoop.")) return kUnknown;
  const std::string_view name = simple_class_name(class_name);
  auto at = std::ranges::lower_bound(kClasses, name, {}, &ExceptionClass::name);
  return at != kClasses.end() && at->name == name ? *at : kUnknown;
}

/// The first line of the stack trace, without the class name, bounded and fit for a log.
std::string first_line(const ServerException& e) {
  std::string_view line = e.stack_trace.substr(0, e.stack_trace.find_first_of("\r\n"));
  if (!e.class_name.empty() && line.starts_with(e.class_name)) {
    line.remove_prefix(e.class_name.size());
    if (line.starts_with(":")) line.remove_prefix(1);
  }
  while (line.starts_with(' ')) line.remove_prefix(1);
  constexpr std::size_t kLineMax = 2000;
  std::string text(line.substr(0, kLineMax));
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return text;
}

/// Takes the number behind `label`, up to a character that is none.
template <class T>
bool number_after(std::string_view text, std::string_view label, T& number) {
  const std::size_t at = text.find(label);
  if (at == std::string_view::npos) return false;
  const char* begin = text.data() + at + label.size();
  return std::from_chars(begin, text.data() + text.size(), number).ec == std::errc();
}

Reaction react_to_own(Errc code) {
  Reaction r;
  switch (code) {
    case timed_out:
    case connection_lost:
    case protocol_error:  // the answer could not be read: what was asked may have been done
      r.retry = r.drop_location = r.reopen_scanner = r.may_be_applied = true;
      break;
    case cannot_resolve:
    case cannot_connect:
    case failed_server: r.retry = r.drop_location = r.reopen_scanner = true; break;
    case unavailable: r.retry = true; break;
    case not_serving_region: r.retry = r.drop_location = r.check_table_state = r.reopen_scanner = true; break;
    case region_opening:
    case region_too_busy: r.retry = true; break;
    case master_not_running: r.retry = r.ask_for_master = true; break;
    default: break;
  }
  return r;
}

}  // namespace

std::string_view simple_class_name(std::string_view class_name) noexcept {
  return class_name.substr(class_name.find_last_of(".$") + 1);
}

bool is_fatal_connection_exception(std::string_view class_name) noexcept {
  return find_class(class_name).flags & kFatal;
}

Error make_error(const ServerException& e) {
  const ExceptionClass& known = find_class(e.class_name);
  std::string text = first_line(e);
  constexpr std::size_t kNameMax = 300;
  std::string class_name(e.class_name.substr(0, kNameMax));
  std::string message(simple_class_name(class_name));
  if (message.empty()) message = "exception without a class name";
  if (!text.empty()) message += ": " + text;
  const bool may_retry = known.flags & kRetry;
  const Errc code = may_retry && e.do_not_retry && known.code == server_exception ? Errc::do_not_retry : known.code;
  return Error(code, std::move(message))
      .with_exception(std::move(class_name), std::move(text))
      .with_flags(e.do_not_retry || !may_retry, e.server_overloaded || (known.flags & kOverloaded));
}

Reaction react(const Error& error) {
  if (error.exception_class().empty()) return react_to_own(error.code());
  const std::uint16_t flags = find_class(error.exception_class()).flags;
  Reaction r;
  r.retry = (flags & kRetry) && !error.do_not_retry();
  r.drop_location = (flags & kRetry) && !(flags & kKeep);
  r.moved = flags & kMoved;
  r.overloaded = error.server_overloaded();
  r.immediately = r.retry && (flags & kImmediately);
  r.check_table_state = r.retry && (flags & kTableState);
  r.ask_for_master = flags & kMaster;
  r.closes_connection = flags & kFatal;
  r.reopen_scanner = flags & kReopen;
  r.scanner_is_gone = flags & kScannerGone;
  r.may_be_applied = (flags & kRetry) && !(flags & kNotApplied);
  if (error.code() == throttled && r.retry) r.told_pause = parse_throttle_wait(error.exception_message());
  return r;
}

std::optional<MovedTo> parse_region_moved(std::string_view text) {
  constexpr std::string_view kHost = "hostname=";
  const std::size_t at = text.find(kHost);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view rest = text.substr(at + kHost.size());
  const std::string_view host = rest.substr(0, rest.find(' '));
  if (host.empty() || host == "null" || host.size() > 255 || host.size() == rest.size()) return std::nullopt;
  rest.remove_prefix(host.size());
  MovedTo to;
  if (!number_after(rest, " port=", to.server.address.port) || to.server.address.port == 0 ||
      !number_after(rest, " startCode=", to.server.start_code) || !number_after(rest, " locationSeqNum=", to.seqnum)) {
    return std::nullopt;
  }
  to.server.address.host = host;
  return to;
}

std::optional<MovedTo> region_moved_to(const Error& error) {
  if (error.code() != region_moved) return std::nullopt;
  return parse_region_moved(error.exception_message());
}

namespace {
struct WaitUnit {
  std::string_view name;
  bool plural;
  double millis;
};
constexpr WaitUnit kWaitUnits[] = {{"hr", true, 3600e3}, {"min", true, 60e3}, {"sec", false, 1e3}, {"ms", false, 1.0}};
}  // namespace

std::optional<std::chrono::milliseconds> parse_throttle_wait(std::string_view text) {
  constexpr std::string_view kWait = "wait ";
  const std::size_t at = text.rfind(kWait);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + kWait.size());
  double sum = 0;
  bool any = false;
  for (const auto& [unit, plural, millis] : kWaitUnits) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc() || !(number >= 0)) break;
    std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
    if (!rest.starts_with(unit)) continue;  // no part of this unit
    rest.remove_prefix(unit.size());
    if (plural && rest.starts_with('s')) rest.remove_prefix(1);
    rest.remove_prefix(std::min(rest.find_first_not_of(", "), rest.size()));
    text = rest;
    sum += number * millis;
    any = true;
  }
  constexpr double kMax = 1e12;  // thirty years: it will exceed any deadline
  if (!any) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::min(sum, kMax)));
}

}  // namespace hbmux::core
