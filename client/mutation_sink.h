// What a BufferedMutator is behind its pointer.
#pragma once

#include <hbmux/buffered_mutator.h>
#include <hbmux/detail/completion.h>
#include <hbmux/error.h>
#include <hbmux/table_name.h>

#include <cstddef>
#include <optional>

namespace hbmux::client {

/// Thread-safe.
class MutationSink {
 public:
  using Admitted = detail::Completion<Result<void>>;

  virtual ~MutationSink() = default;
  virtual const TableName& name() const noexcept = 0;
  /// Admits it within this call, or says why not; nothing (and the arguments as they were) when it would have to wait.
  virtual std::optional<Result<void>> try_mutate(RowChange& mutation, WrittenHandler& written) = 0;
  /// `admitted` is never called within.
  virtual void mutate(RowChange mutation, WrittenHandler written, Admitted admitted) = 0;
  /// The same without a try: behind those who wait, if there are any. For what try_mutate() had no room for.
  virtual void wait(RowChange mutation, WrittenHandler written, Admitted admitted) = 0;
  virtual void flush(Admitted done) = 0;
  virtual void close(Admitted done) = 0;
  /// The user has let go of it: sends what is left.
  virtual void abandon() = 0;
  virtual std::size_t bytes_held() const = 0;
  virtual std::size_t mutations_held() const = 0;
};

}  // namespace hbmux::client
