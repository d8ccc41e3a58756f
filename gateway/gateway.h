// The gateway: a gRPC server that speaks the Bigtable v2 API in front of HBase.
#pragma once

#include "gateway/admission.h"
#include "gateway/names.h"
#include "gateway/tls_files.h"

#include <hbmux/cluster_connection.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace hbmux::gateway {

struct GatewayOptions {
  std::string listen = "127.0.0.1:8086";  ///< Port 0: any that is free.
  NameRules names;
  /// A larger request is refused. Cells are bounded by HBase's own limit.
  std::size_t request_bytes_max = std::size_t{256} << 20;
  AdmissionLimits limits;
  TlsFiles tls;
  std::string http;        ///< Where /, /metrics and /healthz are: "HOST:PORT"; empty: nowhere.
  std::string access_log;  ///< A path, or "-" for the standard output; empty: none.
  std::chrono::milliseconds slow_call{1000};  ///< Calls that last so long are on the page.
};

/// Serves until stopped or destroyed. The connection outlives it.
class Gateway {
 public:
  static Result<Gateway> start(ClusterConnection& connection, const GatewayOptions& options);
  Gateway(Gateway&&) noexcept;
  Gateway& operator=(Gateway&&) noexcept;
  ~Gateway();

  /// "HOST:PORT"
  const std::string& address() const noexcept;
  /// The same for HTTP; empty without.
  const std::string& http_address() const noexcept;
  /// Opens the access log again, and looks at the files of TLS: they are in use soon. Errors are of what stays as it was.
  Result<void> reload();
  /// Takes no new calls; those that are under way have `grace` to end, then they are cancelled. Returns when none is left.
  void stop(std::chrono::milliseconds grace);

 private:
  struct Impl;
  explicit Gateway(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hbmux::gateway
