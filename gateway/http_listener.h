// A small HTTP server, for those who watch the gateway.
#pragma once

#include <hbmux/error.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace hbmux::gateway {

struct HttpAnswer {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

/// GET and HEAD; one thread, which also runs the handler. Requests, connections and their time are bounded.
class HttpListener {
 public:
  /// Gets the path, without what follows a '?'.
  using Handler = std::function<HttpAnswer(std::string_view path)>;

  /// "HOST:PORT", "[ADDRESS]:PORT"; port 0: any that is free.
  static Result<HttpListener> start(const std::string& address, Handler handler);
  HttpListener(HttpListener&&) noexcept;
  HttpListener& operator=(HttpListener&&) noexcept;
  /// Connections end at once.
  ~HttpListener();

  const std::string& address() const noexcept;

 private:
  struct Impl;
  explicit HttpListener(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hbmux::gateway
