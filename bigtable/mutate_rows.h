// MutateRows, entry by entry.
#pragma once

#include "bigtable/operation.h"
#include "bigtable/table.h"

#include <hbmux/bt/bigtable.pb.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace hbmux::bigtable {

/// Entries that failed in a way that may pass are sent again, and only those.
class MutateRows final : public Operation {
 public:
  using Entry = bt::MutateRowsRequest::Entry;
  /// What became of an entry (its place in `entries`); each is told once, before `done`. On the operation's lane.
  using Settled = core::UniqueFunction<void(std::size_t entry, Result<void> result)>;

  MutateRows(TablePtr table, std::vector<Entry> entries, std::shared_ptr<detail::CancelPoint> cancel, Settled settled,
             core::UniqueFunction<void()> done);

 private:
  struct Pending {
    std::size_t entry;
    bool answered = false;             // in this attempt
    std::optional<CallStatus> status;  // how it failed last
  };

  static CallPlan plan_for(const BigtableTable& table);
  std::string request() override;
  Result<void> take(grpc::ByteBuffer message) override;
  std::optional<CallStatus> left_over() override;
  bool prepare_retry() override;
  void succeeded() override;
  void failed(Error error) override;
  std::string describe() const override;
  void take_answer(Pending& pending, const bt::rpc::Status& answer);

  const TablePtr table_;
  std::vector<Entry> entries_;
  std::vector<Pending> pending_;  // in the order of the request that is under way
  Settled settled_;
  core::UniqueFunction<void()> done_;
};

}  // namespace hbmux::bigtable
