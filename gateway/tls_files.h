// Where a gateway's certificate is.
#pragma once

#include <hbmux/error.h>

#include <string>

namespace hbmux::gateway {

/// PEM files. They are read again by themselves, some seconds after they have changed.
struct TlsFiles {
  std::string certificate;  ///< With those between it and the authority's behind it. Empty: no TLS.
  std::string key;
  std::string client_authority;  ///< Clients must have a certificate of one of these. Empty: they need none.

  bool empty() const noexcept { return certificate.empty(); }
};

/// Whether they can be read and belong together: Errc::invalid_configuration.
Result<void> check(const TlsFiles& files);

}  // namespace hbmux::gateway
