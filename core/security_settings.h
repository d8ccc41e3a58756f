// Properties that would secure a connection.
#pragma once

#include <hbmux/configuration.h>
#include <hbmux/error.h>

namespace hbmux::core {

/// Errc::unsupported, with property, value and source, when the configuration asks for anything that secures a
/// connection: Kerberos or another authentication than simple, protection, encryption, TLS, also towards ZooKeeper.
/// What cannot be done must be said: a plain connection instead would be a silent hole.
Result<void> refuse_security(const Configuration& configuration);

}  // namespace hbmux::core
