// A scan over the regions of a table: what to ask next, and what the answers mean. Pure: it sends nothing.
#pragma once

#include <hbmux/error.h>
#include <hbmux/row.h>
#include <hbmux/scan.h>

#include "core/region_locations.h"
#include "core/row_stitcher.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hbmux::core {

/// What a scan's progress depends on.
struct ScanSpec {
  std::string start_row = {};
  bool include_start = true;
  std::string stop_row = {};
  bool include_stop = false;
  bool reversed = false;
  std::int64_t limit = 0;       ///< Rows; 0 for no limit.
  int batch = 0;                ///< Cells of a Row; 0 for whole rows.
  std::uint32_t caching = 100;  ///< Rows that one answer may bring.
  bool allow_partial = false;
  bool cursor_results = false;  ///< Rows that only say where the scan is are wanted.

  /// `caching` is used where the scan leaves it open.
  static ScanSpec from(const Scan& scan, std::uint32_t caching);
};

/// An answer of the server, with the results parsed: Row::partial() as flagged.
struct ScanReply {
  std::optional<std::uint64_t> scanner_id;
  std::optional<std::uint32_t> ttl;  ///< Lease in milliseconds.
  bool more_results = true;          ///< Absent means true.
  std::optional<bool> more_results_in_region;
  bool heartbeat = false;
  std::optional<std::uint64_t> mvcc_read_point;
  std::optional<std::string> cursor_row;
  std::vector<std::pair<std::string, std::int64_t>> metrics;  ///< What the server counted.
  std::vector<Row> rows;
};

/// One scan from its first row to its last. The owner does what step() says, tells the outcome by received() or
/// failed(), and takes rows and scanners to close as they come. Used by one thread at a time.
///
///     for (;;) switch (scan.step()) {
///       case open: locate scan.location(), request = scan.open_request(region), send it there
///       case next: send scan.next_request() to where the scanner was opened
///       case done: end
///     }
class ScanState {
 public:
  enum class Step : std::uint8_t { open, next, done };

  explicit ScanState(ScanSpec spec);

  Step step() const noexcept { return step_; }

  // --- Step::open.

  struct Location {
    std::string row;
    LocateType type = LocateType::current;
  };
  /// Which region is to be scanned next.
  Location location() const;

  /// What goes into the Scan message and its request in place of what the user asked for at first.
  struct OpenRequest {
    std::string start_row;
    bool include_start = true;
    std::string stop_row;
    bool include_stop = false;
    std::uint32_t number_of_rows = 0;
    std::uint32_t limit_of_rows = 0;  ///< 0: do not set it.
    /// Set when a row goes on that was read in part: it is read as it was then.
    std::optional<std::uint64_t> mvcc_read_point;
  };
  /// The request that opens a scanner on `region`, which was found for location(). A region that cannot be that one is
  /// Errc::not_serving_region: what is known about regions is out of date.
  Result<OpenRequest> open_request(std::shared_ptr<const RegionInfo> region);

  // --- Step::next.

  struct NextRequest {
    std::uint64_t scanner_id = 0;
    std::uint64_t next_call_seq = 0;
    std::uint32_t number_of_rows = 0;
    std::uint32_t limit_of_rows = 0;  ///< 0: do not set it.
  };
  /// The request for more rows. The same one again until its outcome was told: the server counts.
  NextRequest next_request() const;
  /// The request that only extends the lease (with `renew` set, and number_of_rows 0): while step() is `next`, no other
  /// call of this scan is under way, and half of lease() has passed since the last one. It counts as a call; its answer
  /// need not be told, and of its errors only that it was cancelled before it was written matters: failed() is then
  /// right.
  NextRequest renew_request();
  /// How long the server keeps the scanner without a call, in milliseconds; 0 when it did not say.
  std::uint32_t lease() const noexcept { return lease_; }

  // --- Told.

  /// The answer to the request of step(). An error (bytes that make no sense) is to be handed to failed().
  Result<void> received(ScanReply reply);

  enum class Recovery : std::uint8_t {
    again,    ///< Send the same request again, after a pause.
    reopen,   ///< step() is `open` (or `done`): locate and open anew, after a pause.
    give_up,  ///< The scan ends with that error; step() is `done`.
  };
  /// The request of step(), or finding where it goes, failed. Attempts and deadlines are for the caller to count
  /// (RetryState, with `retry` set in its reaction where this says that it goes on).
  Recovery failed(const Error& error);

  /// Ends the scan early.
  void stop();

  // --- Asked.

  /// The rows that are ready.
  std::vector<Row> take_rows();
  /// A scanner that the server still has and nobody needs: close it (close_scanner, HIGH priority) on the server where
  /// it was opened; asked after every received(), failed() and stop(). An answer to that call does not matter.
  std::optional<std::uint64_t> take_scanner_to_close() { return std::exchange(scanner_to_close_, std::nullopt); }
  /// Rises with every answer that brought the scan on: rows, the end of a region, or a heartbeat.
  std::uint64_t progress() const noexcept { return progress_; }
  /// Whole rows that were given.
  std::int64_t complete_rows() const noexcept { return stitcher_.complete_rows(); }

 private:
  std::uint32_t limit_of_rows() const noexcept;
  void end_region();
  void move_to(std::string row, bool inclusive);
  void advance(const std::optional<std::string>& cursor_row);
  void reopen();
  void finish();
  void leave_scanner();
  bool nothing_left() const noexcept;

  ScanSpec spec_;  // its start is where the scan stands: it moves
  RowStitcher stitcher_;
  Step step_ = Step::open;
  std::shared_ptr<const RegionInfo> region_;
  std::optional<std::uint64_t> scanner_id_;
  std::uint64_t next_call_seq_ = 0;
  std::uint32_t lease_ = 0;
  std::uint64_t progress_ = 0;
  bool given_here_ = false;  // rows were given since the start was last moved
  std::optional<std::uint64_t> read_point_;
  std::string read_point_region_;  // the region that it is about
  std::optional<std::uint64_t> scanner_to_close_;
  std::vector<Row> ready_;
};

}  // namespace hbmux::core
