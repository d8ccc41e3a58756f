// What a BufferedMutator is behind its pointer.
#pragma once

#include "client/batch_operation.h"
#include "client/mutation_sink.h"
#include "client/table_context.h"
#include "client/write_buffer.h"
#include "client/write_messages.h"

#include <hbmux/buffered_mutator.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace hbmux::client {

/// Thread-safe. Mutations are encoded as they come, and sent by server. What fails at its first attempt, and what has no known region, goes on
/// as a BatchOperation, which knows about retries. It lives until the last of its requests has ended.
///
/// Every mutation has a sequence number. A flush waits until no number up to the last one given out is outstanding.
class Mutator final : public MutationSink, public std::enable_shared_from_this<Mutator> {
 public:
  Mutator(std::shared_ptr<const TableContext> table, const BufferedMutatorParams& params);

  const TableName& name() const noexcept override { return table_->public_name(); }

  std::optional<Result<void>> try_mutate(RowChange& mutation, WrittenHandler& written) override;
  void mutate(RowChange mutation, WrittenHandler written, Admitted admitted) override;
  void wait(RowChange mutation, WrittenHandler written, Admitted admitted) override;
  void flush(Admitted done) override;
  void close(Admitted done) override;
  void abandon() override;

  std::size_t bytes_held() const override;
  std::size_t mutations_held() const override;

 private:
  /// A mutation whose region is not known yet, or that no codec can carry.
  struct Cold {
    RowChange mutation;
    WrittenHandler written;
    std::uint64_t sequence;
    std::size_t bytes;
  };
  /// A mutation, ready to be collected. Good until this thread prepares the next one.
  struct Prepared {
    const core::LocationsPtr* location = nullptr;  // null: a cold one
    EncodedMutation encoded;
  };
  /// One that has to wait for room.
  struct Waiting {
    RowChange mutation;
    WrittenHandler written;
    std::uint64_t sequence;
    std::size_t bytes;
    Admitted admitted;
  };
  struct Flush {
    std::uint64_t up_to;
    Admitted done;
  };
  /// Handlers to call when the lock is no longer held.
  struct Ends {
    std::vector<Admitted> admitted;
    std::vector<std::pair<Admitted, Result<void>>> flushed;
  };
  /// What a retried mutation still needs.
  struct Retried {
    WrittenHandler written;
    RowChange mutation;
  };
  /// Mutations that go on as a batch.
  struct Rest;

  std::optional<Error> refuse(const RowChange& mutation) const;
  bool has_room(std::size_t bytes) const noexcept { return bytes_ == 0 || bytes_ + bytes <= bytes_max_; }
  Prepared prepare(const RowChange& mutation) const;
  void warm(const std::string& row);

  // With the mutex held.
  void take_in(const Prepared& prepared, RowChange&& mutation, WrittenHandler&& written, std::uint64_t sequence);
  /// What is collected is to be sent, however little it is.
  bool wants_all() const noexcept;
  void note_age();
  void watch_age();
  void admit_waiting(Ends& ends);
  void collect_flushed(Ends& ends);
  bool is_outstanding(std::uint64_t up_to) const;

  void aged();
  /// Sends what may be sent.
  void pump();
  void finish(Ends ends);

  void send(std::shared_ptr<WriteRequest> request);
  void send_now(std::shared_ptr<WriteRequest> request);
  void replied(const std::shared_ptr<WriteRequest>& request, core::RetryState retry, const Result<rpc::CallReply>& reply);
  void send_cold(std::vector<Cold> cold);
  void go_on(std::shared_ptr<Rest> rest, std::vector<Action> actions, std::vector<BatchOperation::Failure> failures,
             std::vector<std::uint64_t> nonces, const core::RetryState* retry);
  void rest_ended(const Rest& rest);
  static WriteFailures all_failed(const RegionWrites& writes, const Error& error);
  static WrittenHandler take_handler(RegionWrites& writes, std::uint32_t place);
  void tell_written(const RegionWrites& writes, const WriteFailures& failed);
  void tell(const WrittenHandler& written, const Result<void>& result) noexcept;
  void failed(const RowChange& mutation, const WrittenHandler& written, const Error& error);

  ConnectionState& connection() const noexcept { return *table_->connection; }

  const std::shared_ptr<const TableContext> table_;
  const core::ClientSettings settings_;  // the connection's, with the params over them
  const std::size_t bytes_max_;
  const FailureListener listener_;
  const bool encodes_;  // there is a codec

  mutable std::mutex mutex_;
  WriteBuffer buffer_;
  std::vector<Cold> cold_;
  std::size_t cold_bytes_ = 0;
  std::deque<Waiting> waiting_;
  std::vector<Flush> flushes_;
  std::multiset<std::uint64_t> outstanding_;  // of each RegionWrites, cold mutation and batch: its oldest
  std::uint64_t sequence_ = 0;
  std::size_t bytes_ = 0;  // held: collected and on their way
  std::size_t count_ = 0;
  std::uint64_t failures_ = 0;  // that nobody was told of
  std::optional<Error> first_failure_;
  rpc::TimePoint oldest_{};  // since when something is collected
  bool has_age_ = false;
  bool timer_ = false;
  bool hurry_ = false;  // what is collected is old
  bool closed_ = false;
};

}  // namespace hbmux::client
