// Functions of users' that are called in passing.
#pragma once

#include "core/log.h"

#include <exception>
#include <string>
#include <string_view>

namespace hbmux::client {

/// Calls one. What it throws is logged, and harms nobody. `what`: whose it is, for the log.
template <class Call>
void call_user(std::string_view what, Call&& call) noexcept {
  try {
    call();
  } catch (const std::exception& thrown) {
    core::log(LogLevel::error, [&] { return std::string(what) + " threw: " + thrown.what(); });
  } catch (...) {
    core::log(LogLevel::error, [&] { return std::string(what) + " threw"; });
  }
}

}  // namespace hbmux::client
