// What a BufferedMutator of Bigtable is behind its pointer.
#pragma once

#include "bigtable/mutate_rows.h"
#include "bigtable/table.h"
#include "client/mutation_sink.h"

#include <hbmux/bt/bigtable.pb.h>
#include <hbmux/buffered_mutator.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace hbmux::bigtable {

/// Collects changes and sends them as MutateRows; those that append or increment are calls of their own. It lives until the last of its
/// calls has ended. Every change has a number; a flush waits until none up to the last one given out is outstanding.
class BigtableMutator final : public client::MutationSink, public std::enable_shared_from_this<BigtableMutator> {
 public:
  BigtableMutator(TablePtr table, const BufferedMutatorParams& params);

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
  struct Item {
    RowChange change;  // for the listener, and for what is no entry
    WrittenHandler written;
    bt::MutateRowsRequest::Entry entry;
    bool is_entry = true;
    std::uint64_t number = 0;
    std::size_t bytes = 0;
  };
  struct Waiting {
    Item item;
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
  using Request = std::vector<Item>;

  /// The change as it travels; or why it cannot.
  Result<Item> prepare(const RowChange& mutation) const;

  // With the mutex held.
  bool has_room(std::size_t bytes) const noexcept { return bytes_ == 0 || bytes_ + bytes <= bytes_max_; }
  void take_in(Item item);
  std::optional<Request> next_request();
  bool wants_all() const noexcept { return closed_ || !flushes_.empty() || !waiting_.empty() || aged_; }
  Ends collect();
  void watch_age();

  void pump();
  void send(Request request);
  void send_single(Item item);
  void settled(const Item& item, const Result<void>& result);
  void request_ended();
  void finish(Ends ends);

  const TablePtr table_;
  const std::size_t buffer_bytes_, buffer_count_, bytes_max_, cell_max_;
  const std::chrono::milliseconds flush_after_;
  const FailureListener listener_;

  mutable std::mutex mutex_;
  std::deque<Item> buffer_;
  std::size_t buffered_bytes_ = 0;
  std::deque<Waiting> waiting_;
  std::vector<Flush> flushes_;
  std::set<std::uint64_t> outstanding_;
  std::uint64_t number_ = 0;
  std::size_t bytes_ = 0;  // held
  std::size_t calls_ = 0;  // under way
  bool closed_ = false, aged_ = false, age_watched_ = false;
  std::optional<Error> untold_;  // the first failure that nobody was told of
  std::size_t untold_count_ = 0;
};

}  // namespace hbmux::bigtable
