#include "gateway/http_listener.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <chrono>
#include <cstdint>
#include <thread>
#include <utility>

namespace hbmux::gateway {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::seconds kTimeout{15};  // of a request, and of a silence between two
constexpr std::uint32_t kHeaderMax = 16 * 1024;
constexpr std::uint64_t kBodyMax = 64 * 1024;
constexpr int kConnectionsMax = 100;

using Response = http::response<http::string_body>;

Response respond(const http::request<http::string_body>& request, const HttpListener::Handler& handler) {
  Response response;
  response.version(request.version());
  response.keep_alive(request.keep_alive());
  response.set(http::field::cache_control, "no-store");
  if (request.method() != http::verb::get && request.method() != http::verb::head) {
    response.result(http::status::method_not_allowed);
    response.set(http::field::allow, "GET, HEAD");
    response.prepare_payload();
    return response;
  }
  const std::string_view target(request.target().data(), request.target().size());
  HttpAnswer answer = handler(target.substr(0, target.find('?')));
  response.result(answer.status);
  response.set(http::field::content_type, answer.content_type);
  // Pages are made here, and load nothing from anywhere.
  response.set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:");
  response.set("X-Content-Type-Options", "nosniff");
  if (request.method() == http::verb::head) {
    response.content_length(answer.body.size());
  } else {
    response.body() = std::move(answer.body);
    response.prepare_payload();
  }
  return response;
}

}  // namespace

struct HttpListener::Impl {
  explicit Impl(Handler h) : handler(std::move(h)), acceptor(context) {}
  ~Impl() {
    context.stop();
    if (thread.joinable()) thread.join();
  }

  asio::awaitable<void> accept() {
    for (;;) {
      error_code failed;
      tcp::socket socket(context);
      co_await acceptor.async_accept(socket, asio::redirect_error(asio::use_awaitable, failed));
      if (failed == asio::error::operation_aborted) co_return;
      if (failed) {  // of too many open files, for one: they may be closed soon
        asio::steady_timer pause(context, std::chrono::milliseconds(100));
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, failed));
        continue;
      }
      if (connections == kConnectionsMax) continue;  // closes it
      asio::co_spawn(context, talk(std::move(socket)), asio::detached);
    }
  }

  asio::awaitable<void> talk(tcp::socket socket) {
    ++connections;
    boost::beast::tcp_stream stream(std::move(socket));
    boost::beast::flat_buffer buffer;
    for (bool open = true; open;) {
      http::request_parser<http::string_body> parser;
      parser.header_limit(kHeaderMax);
      parser.body_limit(kBodyMax);
      error_code failed;
      stream.expires_after(kTimeout);
      co_await http::async_read(stream, buffer, parser, asio::redirect_error(asio::use_awaitable, failed));
      if (failed) break;
      Response response = respond(parser.get(), handler);
      http::response_serializer<http::string_body> serializer(response);
      if (parser.get().method() == http::verb::head) serializer.split(true);
      stream.expires_after(kTimeout);
      if (serializer.split()) {
        co_await http::async_write_header(stream, serializer, asio::redirect_error(asio::use_awaitable, failed));
      } else {
        co_await http::async_write(stream, serializer, asio::redirect_error(asio::use_awaitable, failed));
      }
      open = !failed && response.keep_alive();
    }
    error_code ignored;
    stream.socket().shutdown(tcp::socket::shutdown_both, ignored);
    --connections;
  }

  Handler handler;
  asio::io_context context{1};
  tcp::acceptor acceptor;
  int connections = 0;  // of the thread's
  std::string address;
  std::thread thread;
};

HttpListener::HttpListener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpListener::HttpListener(HttpListener&&) noexcept = default;
HttpListener& HttpListener::operator=(HttpListener&&) noexcept = default;
HttpListener::~HttpListener() = default;

const std::string& HttpListener::address() const noexcept { return impl_->address; }

Result<HttpListener> HttpListener::start(const std::string& address, Handler handler) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos) return Error(Errc::invalid_argument, "\"" + address + "\" is no HOST:PORT");
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  auto impl = std::make_unique<Impl>(std::move(handler));
  error_code failed;
  tcp::resolver resolver(impl->context);
  const auto found = resolver.resolve(host, address.substr(colon + 1), tcp::resolver::passive, failed);
  const auto refused = [&] { return Error(Errc::cannot_connect, "cannot listen on " + address + ": " + failed.message()); };
  if (failed) return refused();
  const tcp::endpoint endpoint = found.begin()->endpoint();
  impl->acceptor.open(endpoint.protocol(), failed);
  if (!failed) impl->acceptor.set_option(tcp::acceptor::reuse_address(true), failed);
  if (!failed) impl->acceptor.bind(endpoint, failed);
  if (!failed) impl->acceptor.listen(asio::socket_base::max_listen_connections, failed);
  if (failed) return refused();
  impl->address = address.substr(0, colon + 1) + std::to_string(impl->acceptor.local_endpoint().port());
  asio::co_spawn(impl->context, impl->accept(), asio::detached);
  impl->thread = std::thread([context = &impl->context] { context->run(); });
  return HttpListener(std::move(impl));
}

}  // namespace hbmux::gateway
