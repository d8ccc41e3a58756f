// Many writes with few calls.
#pragma once

#include <hbmux/detail/completion.h>
#include <hbmux/error.h>
#include <hbmux/row_mutations.h>
#include <hbmux/table_name.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace hbmux {

namespace client {
class MutationSink;
}

/// A Put, Delete, Append or Increment.
using RowChange = RowMutations::Change;

/// Told what became of one mutation; on one of the connection's lanes. It must not block. Should it throw, that is logged.
using WrittenHandler = std::function<void(const Result<void>&)>;
/// Told of a mutation that failed for good, and why; on one of the connection's lanes, possibly on several at once. It may give the mutation
/// to somebody else. It must not block. Should it throw, that is logged.
using FailureListener = std::function<void(const RowChange& mutation, const Error& error)>;

/// How a BufferedMutator works; what is not set comes from the configuration (Java: BufferedMutatorParams). A value type.
class BufferedMutatorParams {
 public:
  /// Bytes that are collected before they are sent (hbase.client.write.buffer: 2 MiB).
  BufferedMutatorParams& write_buffer_size(std::size_t bytes) & { return write_buffer_size_ = bytes, *this; }
  /// Nothing waits longer than that to be sent; 0: as long as it takes (hbase.client.write.buffer.periodicflush.timeout.ms: 0).
  BufferedMutatorParams& write_buffer_periodic_flush(std::chrono::milliseconds after) & { return periodic_flush_ = after, *this; }
  /// Bytes of one cell; 0: no limit (hbase.client.keyvalue.maxsize: 10 MiB).
  BufferedMutatorParams& max_key_value_size(std::size_t bytes) & { return max_key_value_size_ = bytes, *this; }
  /// Mutations that are collected before they are sent; 0: only bytes count (hbase.client.write.buffer.maxmutations: 0).
  BufferedMutatorParams& max_mutations(std::size_t count) & { return max_mutations_ = count, *this; }
  /// Bytes that are held in all, collected and on their way: who comes then waits (hbmux.write.buffer.bytes.max: 16 MiB, at least twice
  /// the write buffer).
  BufferedMutatorParams& bytes_max(std::size_t bytes) & { return bytes_max_ = bytes, *this; }
  BufferedMutatorParams& listener(FailureListener listener) & { return listener_ = std::move(listener), *this; }

  BufferedMutatorParams&& write_buffer_size(std::size_t bytes) && { return std::move(write_buffer_size(bytes)); }
  BufferedMutatorParams&& write_buffer_periodic_flush(std::chrono::milliseconds after) && {
    return std::move(write_buffer_periodic_flush(after));
  }
  BufferedMutatorParams&& max_key_value_size(std::size_t bytes) && { return std::move(max_key_value_size(bytes)); }
  BufferedMutatorParams&& max_mutations(std::size_t count) && { return std::move(max_mutations(count)); }
  BufferedMutatorParams&& bytes_max(std::size_t bytes) && { return std::move(bytes_max(bytes)); }
  BufferedMutatorParams&& listener(FailureListener l) && { return std::move(listener(std::move(l))); }

  const std::optional<std::size_t>& write_buffer_size() const noexcept { return write_buffer_size_; }
  const std::optional<std::chrono::milliseconds>& write_buffer_periodic_flush() const noexcept { return periodic_flush_; }
  const std::optional<std::size_t>& max_key_value_size() const noexcept { return max_key_value_size_; }
  const std::optional<std::size_t>& max_mutations() const noexcept { return max_mutations_; }
  const std::optional<std::size_t>& bytes_max() const noexcept { return bytes_max_; }
  const FailureListener& listener() const noexcept { return listener_; }

 private:
  std::optional<std::size_t> write_buffer_size_;
  std::optional<std::chrono::milliseconds> periodic_flush_;
  std::optional<std::size_t> max_key_value_size_;
  std::optional<std::size_t> max_mutations_;
  std::optional<std::size_t> bytes_max_;
  FailureListener listener_;
};

/// Collects mutations of one table by region server and sends them together; made by ClusterConnection::buffered_mutator or
/// Table::buffered_mutator. All members may be called from any number of threads at once. Mutations of one row that are under way together
/// may be applied in another order when one of them has to be sent again; give them timestamps of their own where that matters.
///
/// A mutation has two ends. It is *admitted* when it is in the buffer: mutate() returns, and blocks only as long as more bytes are held than
/// `bytes_max`. It is *written* when the server has it, or it has failed for good, after the retries of a batch: its handler is told, or
/// else the listener, or else the next flush().
///
/// Bounds beside those of BufferedMutatorParams: hbase.client.max.total.tasks (100), .max.perserver.tasks (2), .max.perregion.tasks (1)
/// requests under way, of hbase.client.max.perrequest.heapsize (4 MiB) and .max.perrequest.rows (2048) at most.
class BufferedMutator {
 public:
  explicit BufferedMutator(std::shared_ptr<client::MutationSink> sink);
  BufferedMutator(BufferedMutator&&) noexcept;
  BufferedMutator& operator=(BufferedMutator&&) noexcept;
  /// Sends what is left, and does not wait for it: close() tells what became of it.
  ~BufferedMutator();

  const TableName& name() const noexcept;

  /// Admits a mutation. Errc::invalid_argument for one that can never work; Errc::closed after close();
  /// Errc::blocking_call_on_lane where it would have to wait on one of the connection's own threads.
  Result<void> mutate(RowChange mutation);
  /// The same; `written` is told what became of it, unless mutate() itself answers with an error.
  Result<void> mutate(RowChange mutation, WrittenHandler written);

  /// As mutate(). The handler receives a Result<void> when the mutation is admitted. Awaiting it is what keeps memory bounded: more than 65536
  /// that wait are Errc::overloaded. It cannot be cancelled.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_mutate(RowChange mutation, Token&& token = Token()) {
    return async_mutate(std::move(mutation), WrittenHandler(), std::forward<Token>(token));
  }
  /// The same with a handler for when it is written. The token must be named here, since any function could be one.
  template <class Token>
  auto async_mutate(RowChange mutation, WrittenHandler written, Token&& token) {
    return detail::initiate<Result<void>>(
        [sink = sink_, mutation = std::move(mutation),
         written = std::move(written)](detail::Completion<Result<void>> done) mutable {
          start_mutate(sink, std::move(mutation), std::move(written), std::move(done));
        },
        std::forward<Token>(token));
  }

  /// Sends everything that was admitted (or waits to be) before, and waits for it. The error is the first of those mutations that failed
  /// since the last flush() and that neither a handler nor the listener was told of; it says how many there were.
  Result<void> flush();
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_flush(Token&& token = Token()) {
    return detail::initiate<Result<void>>(
        [sink = sink_](detail::Completion<Result<void>> done) { start_flush(sink, std::move(done)); },
        std::forward<Token>(token));
  }

  /// No more mutations; then as flush(). The second time it only waits.
  Result<void> close();
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_close(Token&& token = Token()) {
    return detail::initiate<Result<void>>(
        [sink = sink_](detail::Completion<Result<void>> done) { start_close(sink, std::move(done)); },
        std::forward<Token>(token));
  }

  /// Bytes that are held now: collected, on their way, and waiting for another attempt.
  std::size_t bytes_held() const;
  /// Mutations that are admitted and not yet written.
  std::size_t mutations_held() const;

 private:
  static void start_mutate(const std::shared_ptr<client::MutationSink>& sink, RowChange mutation, WrittenHandler written,
                           detail::Completion<Result<void>> done);
  static void start_flush(const std::shared_ptr<client::MutationSink>& sink, detail::Completion<Result<void>> done);
  static void start_close(const std::shared_ptr<client::MutationSink>& sink, detail::Completion<Result<void>> done);

  std::shared_ptr<client::MutationSink> sink_;
};

}  // namespace hbmux
