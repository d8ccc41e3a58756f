// A scan under way: what a Scanner is behind its pointer.
#pragma once

#include "client/scan_source.h"
#include "client/table_context.h"
#include "core/region_locations.h"
#include "core/retry.h"
#include "core/scan_state.h"
#include "rpc/rpc_client.h"

#include <hbmux/detail/completion.h>
#include <hbmux/pb/Client.pb.h>
#include <hbmux/scan.h>
#include <hbmux/scan_metrics.h>
#include <hbmux/scanner.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

namespace hbmux::client {

/// Held by its Scanner and by the call that is under way. One party at a time drives it: whoever set `driving_`, which is the chain from a
/// request over its answer to the next request. The driver alone uses what is marked so below; the rest is guarded by the mutex. When nobody
/// drives, who holds the mutex may begin to.
///
/// It reads one answer ahead: while the rows of one are consumed, the next one is fetched, and no more than that; and not even that beyond
/// hbmux.scan.prefetch.bytes. When the consumer is slower than the server's lease, the lease is renewed.
class ScanOperation final : public ScanSource, public std::enable_shared_from_this<ScanOperation> {
 public:
  using Done = detail::Completion<NextResult>;

  ScanOperation(std::shared_ptr<const TableContext> table, Scan scan);

  /// The next row, if it is here already (or the end, or the error that the scan ended with).
  std::optional<NextResult> try_next() override;
  std::optional<Row> next_of_batch() override;
  /// The next row, when it comes. `done` is never called within.
  void next(Done done) override;
  ScanMetrics metrics() const override;
  void close() override;

 private:
  // With the mutex held.
  std::optional<NextResult> take_ready();
  bool wants_rows() const noexcept;
  bool begin_driving();
  Done take_waiting();

  /// By anybody: ends the scan; a next() that waits ends with Errc::cancelled.
  enum class By : std::uint8_t { consumer, cancellation };
  void stop(By whom);
  void cancel_next(std::uint64_t number);

  // The driver.
  void restart_clock();
  void drive();
  void locate();
  void open(core::LocationsPtr location);
  bool choose_replica();
  const RegionLocation& place() const noexcept { return *location_->get(replica_); }
  void send_next();
  void send_for_rows(rpc::CallRequest&& call);
  void count(const Result<rpc::CallReply>& reply);
  void count(const core::ScanReply& answer);
  template <class Add>
  void add_to_metrics(Add add);
  void send(rpc::CallRequest&& call, rpc::ReplyHandler&& handler);
  void replied(Result<rpc::CallReply> reply);
  void settle();
  void failed(Error error);
  void check_table_state(Error error, core::RetryState::Decision decision);
  void go_on_after(const core::RetryState::Decision& decision);
  void end(Error error);
  void end_closed();
  void close_scanner();

  void watch_lease(rpc::TimePoint at);
  void renew();
  std::chrono::milliseconds lease() const;
  std::string describe() const;

  ConnectionState& connection() const noexcept { return *table_->connection; }

  const std::shared_ptr<const TableContext> table_;
  const Scan scan_;
  const ThreadToken thread_;

  // The consumer's: one answer, row by row without a lock. Nobody else looks at it but who ends a next() that waits.
  std::vector<Row> batch_;
  std::size_t batch_next_ = 0;

  // The driver's.
  core::ScanState state_;
  core::RetryState retry_;
  std::uint64_t progress_ = 0;
  std::size_t partial_bytes_ = 0;  // of answers whose rows are not complete
  pb::Scan message_;               // what the user asked for; where it starts is set anew for each region
  core::LocationsPtr location_;    // where the scanner is, or is being opened
  int replica_ = 0;                // of it
  std::size_t turn_ = 0;           // Consistency::timeline: replicas of this region that could not open it
  int read_point_replica_ = 0;     // whose read point state_ has
  bool looked_again_ = false;      // for a replica that was not known
  rpc::TimePoint last_call_;

  mutable std::mutex mutex_;
  bool driving_ = false;
  bool ended_ = false;    // no more rows will come; `error_` says why, if there is a reason
  bool closed_ = false;   // the consumer wants no more
  bool watched_ = false;  // a timer looks after the lease
  struct Answer {
    std::vector<Row> rows;
    std::size_t bytes = 0;
  };
  std::deque<Answer> answers_;    // not yet the consumer's
  std::size_t batch_bytes_ = 0;   // of what the consumer has in `batch_`
  ScanMetrics metrics_;
  std::size_t last_answer_ = 0;  // rows that it brought
  std::size_t last_bytes_ = 0;   // and what they take
  std::optional<Error> error_;
  std::optional<Done> waiting_;
  std::uint64_t waiting_number_ = 0;
};

std::shared_ptr<ScanOperation> make_scan(std::shared_ptr<const TableContext> table, Scan scan);

}  // namespace hbmux::client
