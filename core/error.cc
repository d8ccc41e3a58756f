#include <hbmux/error.h>

#include <ostream>

namespace hbmux {

struct Error::Details {
  std::string message;
  std::string exception_class;
  std::string exception_message;
  std::string server;
  std::string region;
  int attempts = 0;
  bool do_not_retry = false;
  bool server_overloaded = false;
};

std::string_view to_string(Errc code) noexcept {
  switch (code) {
    case Errc::invalid_argument: return "invalid_argument";
    case Errc::invalid_configuration: return "invalid_configuration";
    case Errc::unsupported: return "unsupported";
    case Errc::blocking_call_on_lane: return "blocking_call_on_lane";
    case Errc::closed: return "closed";
    case Errc::forked: return "forked";
    case Errc::cancelled: return "cancelled";
    case Errc::overloaded: return "overloaded";
    case Errc::timed_out: return "timed_out";
    case Errc::cannot_resolve: return "cannot_resolve";
    case Errc::cannot_connect: return "cannot_connect";
    case Errc::failed_server: return "failed_server";
    case Errc::connection_lost: return "connection_lost";
    case Errc::protocol_error: return "protocol_error";
    case Errc::unavailable: return "unavailable";
    case Errc::table_not_found: return "table_not_found";
    case Errc::table_exists: return "table_exists";
    case Errc::table_not_enabled: return "table_not_enabled";
    case Errc::table_not_disabled: return "table_not_disabled";
    case Errc::namespace_not_found: return "namespace_not_found";
    case Errc::namespace_exists: return "namespace_exists";
    case Errc::no_such_column_family: return "no_such_column_family";
    case Errc::not_serving_region: return "not_serving_region";
    case Errc::region_moved: return "region_moved";
    case Errc::region_opening: return "region_opening";
    case Errc::region_too_busy: return "region_too_busy";
    case Errc::wrong_region: return "wrong_region";
    case Errc::server_not_running: return "server_not_running";
    case Errc::master_not_running: return "master_not_running";
    case Errc::call_queue_too_big: return "call_queue_too_big";
    case Errc::throttled: return "throttled";
    case Errc::request_too_big: return "request_too_big";
    case Errc::retry_immediately: return "retry_immediately";
    case Errc::unknown_scanner: return "unknown_scanner";
    case Errc::out_of_order_scanner: return "out_of_order_scanner";
    case Errc::scanner_reset: return "scanner_reset";
    case Errc::access_denied: return "access_denied";
    case Errc::do_not_retry: return "do_not_retry";
    case Errc::server_exception: return "server_exception";
  }
  return "unknown";
}

std::ostream& operator<<(std::ostream& out, Errc code) { return out << to_string(code); }

namespace {
const std::string kEmpty;
}

Error::Error(Errc code, std::string message) : code_(code) { edit().message = std::move(message); }

// An error is built and decorated by one owner and only then handed out, so that a sole owner may write in place.
Error::Details& Error::edit() {
  if (!details_) {
    details_ = std::make_shared<Details>();
  } else if (details_.use_count() > 1) {
    details_ = std::make_shared<Details>(*details_);
  }
  return const_cast<Details&>(*details_);
}

const std::string& Error::message() const noexcept { return details_ ? details_->message : kEmpty; }
const std::string& Error::exception_class() const noexcept { return details_ ? details_->exception_class : kEmpty; }
const std::string& Error::exception_message() const noexcept { return details_ ? details_->exception_message : kEmpty; }
const std::string& Error::server() const noexcept { return details_ ? details_->server : kEmpty; }
const std::string& Error::region() const noexcept { return details_ ? details_->region : kEmpty; }
int Error::attempts() const noexcept { return details_ ? details_->attempts : 0; }
bool Error::do_not_retry() const noexcept { return details_ && details_->do_not_retry; }
bool Error::server_overloaded() const noexcept { return details_ && details_->server_overloaded; }

Error&& Error::with_exception(std::string class_name, std::string text) && {
  edit().exception_class = std::move(class_name);
  edit().exception_message = std::move(text);
  return std::move(*this);
}
Error&& Error::with_server(std::string server) && {
  edit().server = std::move(server);
  return std::move(*this);
}
Error&& Error::with_region(std::string region) && {
  edit().region = std::move(region);
  return std::move(*this);
}
Error&& Error::with_attempts(int attempts) && {
  edit().attempts = attempts;
  return std::move(*this);
}
Error&& Error::with_flags(bool do_not_retry, bool server_overloaded) && {
  edit().do_not_retry = do_not_retry;
  edit().server_overloaded = server_overloaded;
  return std::move(*this);
}
Error&& Error::with_context(std::string_view context) && {
  auto& details = edit();
  details.message = std::string(context) + ": " + details.message;
  return std::move(*this);
}

std::string Error::to_string() const {
  std::string out(hbmux::to_string(code_));
  if (!details_) return out;
  out += ": " + details_->message;
  std::string where;
  auto add = [&](std::string_view name, const std::string& value) {
    if (value.empty() || details_->message.find(value) != std::string::npos) return;
    where += where.empty() ? " (" : ", ";
    where += std::string(name) + " " + value;
  };
  add("server", details_->server);
  add("region", details_->region);
  add("exception", details_->exception_class);
  if (details_->attempts > 0) where += (where.empty() ? " (attempts " : ", attempts ") + std::to_string(details_->attempts);
  if (!where.empty()) out += where + ")";
  return out;
}

std::ostream& operator<<(std::ostream& out, const Error& error) { return out << error.to_string(); }

Exception::Exception(Error error) : std::runtime_error(error.to_string()), error_(std::move(error)) {}

void throw_exception_from_error(const Error& error, const boost::source_location&) { throw Exception(error); }

}  // namespace hbmux
