// Applies a RowChange.
#pragma once

#include "gateway/row_change.h"

#include <hbmux/scanner.h>
#include <hbmux/table.h>

#include <chrono>
#include <optional>
#include <utility>
#include <variant>

namespace hbmux::gateway {

inline std::int64_t now_millis() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()).time_since_epoch().count();
}

/// Sends what a change asks for. The token's handler gets a Result: of nothing or of a Row.
template <class Token>
void async_send(const Table& table, RowChange::Request request, Token token) {
  if (auto* put = std::get_if<Put>(&request)) return table.async_put(std::move(*put), std::move(token));
  if (auto* increment = std::get_if<Increment>(&request)) return table.async_increment(std::move(*increment), std::move(token));
  if (auto* deletes = std::get_if<Delete>(&request)) return table.async_remove(std::move(*deletes), std::move(token));
  table.async_mutate_row(std::move(std::get<RowMutations>(request)), std::move(token));
}

/// For handlers of async_send.
inline std::optional<Error> error_of(const Result<void>& result) {
  return result ? std::nullopt : std::optional(result.error());
}
inline std::optional<Error> error_of(const Result<Row>& result) {
  return result ? std::nullopt : std::optional(result.error());
}

}  // namespace hbmux::gateway
