// Ends an asynchronous operation, once.
#pragma once

#include "client/connection_state.h"
#include "client/table_backend.h"

#include <hbmux/detail/completion.h>

#include <type_traits>
#include <utility>

namespace hbmux::client {

/// On a lane, with no lock held.
template <class T>
void finish(detail::Completion<T> done, std::type_identity_t<T> result) {
  if (done.cancel) done.cancel->arm(nullptr);  // what it would cancel is over, and need not be held
  done.finish(std::move(result));
}

template <class T, class Post>
void finish_or_post(detail::Completion<T> done, T result, Post post) {
  if (done.has_executor) {
    detail::WithinInitiation within;
    finish(std::move(done), std::move(result));
  } else {
    post([done = std::move(done), result = std::move(result)]() mutable { finish(std::move(done), std::move(result)); });
  }
}

/// From within the function that began it: the result is at hand already. It goes straight to the handler's executor, or over a lane when
/// the handler has none.
template <class T>
void finish_soon(ConnectionState& connection, detail::Completion<T> done, std::type_identity_t<T> result) {
  finish_or_post(std::move(done), std::move(result), [&](rpc::Task task) { connection.post(std::move(task)); });
}

/// The same for any kind of table.
template <class T>
void finish_soon(const TableBackend& table, detail::Completion<T> done, std::type_identity_t<T> result) {
  finish_or_post(std::move(done), std::move(result), [&](rpc::Task task) { table.post(std::move(task)); });
}

}  // namespace hbmux::client
