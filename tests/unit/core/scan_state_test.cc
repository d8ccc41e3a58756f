#include "core/scan_state.h"

#include "core/cell_block.h"
#include "core/exception_class.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace hbmux::core {
namespace {

using Step = ScanState::Step;
using Recovery = ScanState::Recovery;

const auto kTable = std::make_shared<const TableName>(TableName::parse("t").value());

std::shared_ptr<const RegionInfo> region(std::string start, std::string end, std::uint64_t id = 1) {
  return std::make_shared<const RegionInfo>(kTable, start, end, id);
}

/// A result as a server sends it: cells of one row, named by their qualifiers.
Row piece(const std::string& row, const std::vector<std::string>& qualifiers, bool partial = false) {
  auto block = std::make_shared<std::string>();
  for (const auto& q : qualifiers) append_cell(*block, row, "f", q, 1, CellType::put, row + "/" + q);
  std::vector<Cell> cells;
  CellBlockReader reader(*block);
  while (!reader.at_end()) cells.push_back(reader.next().value());
  return Row(block, std::move(cells), false, partial);
}

/// "row:a,b" and, where more follows, "row:a,b+".
std::string text_of(const Row& row) {
  std::string text(row.row());
  for (std::size_t i = 0; i < row.size(); ++i) {
    EXPECT_EQ(row[i].row(), row.row());
    text += (i == 0 ? ":" : ",") + std::string(row[i].qualifier());
  }
  return text + (row.partial() ? "+" : "");
}
std::string text_of(const std::vector<Row>& rows) {
  std::string text;
  for (const auto& row : rows) text += (text.empty() ? "" : " ") + text_of(row);
  return text;
}

Error told(const std::string& name) {
  const std::string class_name = "org.apache.hadoop.hbase." + name, trace = class_name + ": text";
  ServerException e;
  e.class_name = class_name;
  e.stack_trace = trace;
  return make_error(e);
}

ScanReply reply(std::vector<Row> rows, bool in_region = true) {
  ScanReply r;
  r.scanner_id = 77;
  r.ttl = 60000;
  r.more_results_in_region = in_region;
  r.rows = std::move(rows);
  return r;
}
ScanReply heartbeat() {
  ScanReply r = reply({});
  r.heartbeat = true;
  return r;
}

// The plainest scan: two regions, and the end of the table.
TEST(ScanState, TwoRegions) {
  ScanState scan({.caching = 10});
  ASSERT_EQ(scan.step(), Step::open);
  EXPECT_EQ(scan.location().row, "");
  EXPECT_EQ(scan.location().type, LocateType::current);
  auto open = scan.open_request(region("", "m")).value();
  EXPECT_EQ(open.start_row, "");
  EXPECT_EQ(open.number_of_rows, 10u);
  EXPECT_EQ(open.limit_of_rows, 0u);
  EXPECT_FALSE(open.mvcc_read_point);

  // The first data comes with the scanner's id; the first next is number 0.
  ASSERT_TRUE(scan.received(reply({piece("a", {"1"})})));
  ASSERT_EQ(scan.step(), Step::next);
  EXPECT_EQ(scan.lease(), 60000u);
  EXPECT_EQ(scan.next_request().scanner_id, 77u);
  EXPECT_EQ(scan.next_request().next_call_seq, 0u);
  ASSERT_TRUE(scan.received(reply({piece("b", {"1"})})));
  EXPECT_EQ(scan.next_request().next_call_seq, 1u);
  EXPECT_EQ(text_of(scan.take_rows()), "a:1 b:1");
  EXPECT_TRUE(scan.take_rows().empty());

  // The region's end: the server has closed the scanner. The next region starts where it ended.
  ASSERT_TRUE(scan.received(reply({}, false)));
  ASSERT_EQ(scan.step(), Step::open);
  EXPECT_FALSE(scan.take_scanner_to_close());
  EXPECT_EQ(scan.location().row, "m");
  open = scan.open_request(region("m", "")).value();
  EXPECT_EQ(open.start_row, "m");
  EXPECT_TRUE(open.include_start);
  ASSERT_TRUE(scan.received(reply({piece("z", {"1"})}, false)));
  EXPECT_EQ(scan.step(), Step::done);
  EXPECT_EQ(text_of(scan.take_rows()), "z:1");
  EXPECT_FALSE(scan.take_scanner_to_close());
}

TEST(ScanState, StopRowEndsInItsRegion) {
  // The stop row lies in the region, or is its end: then it depends on whether it is wanted.
  for (auto [stop, include, done] :
       {std::tuple{"k", false, true}, {"m", false, true}, {"m", true, false}, {"n", false, false}}) {
    ScanState scan({.stop_row = stop, .include_stop = include});
    ASSERT_TRUE(scan.open_request(region("", "m")));
    ASSERT_TRUE(scan.received(reply({}, false)));
    EXPECT_EQ(scan.step() == Step::done, done) << stop << include;
  }
}

TEST(ScanState, Reversed) {
  // From the table's end: the last region is the one before the empty row.
  ScanState scan({.reversed = true});
  EXPECT_EQ(scan.location().type, LocateType::before);
  EXPECT_EQ(scan.location().row, "");
  EXPECT_FALSE(scan.open_request(region("a", "m")));
  ASSERT_TRUE(scan.open_request(region("m", "")));
  ASSERT_TRUE(scan.received(reply({piece("z", {"1"}), piece("y", {"1"})}, false)));
  // Then what is before the region's start, which belonged to it.
  ASSERT_EQ(scan.step(), Step::open);
  EXPECT_EQ(scan.location().type, LocateType::before);
  EXPECT_EQ(scan.location().row, "m");
  EXPECT_FALSE(scan.open_request(region("m", "")));
  auto open = scan.open_request(region("", "m")).value();
  EXPECT_EQ(open.start_row, "m");
  EXPECT_FALSE(open.include_start);
  ASSERT_TRUE(scan.received(reply({}, false)));
  EXPECT_EQ(scan.step(), Step::done);
  EXPECT_EQ(text_of(scan.take_rows()), "z:1 y:1");

  for (auto [stop, done] : {std::pair{"n", true}, {"m", true}, {"l", false}}) {
    ScanState other({.stop_row = stop, .reversed = true});
    ASSERT_TRUE(other.open_request(region("m", "")));
    ASSERT_TRUE(other.received(reply({}, false)));
    EXPECT_EQ(other.step() == Step::done, done) << stop;
  }
}

TEST(ScanState, WhereItStarts) {
  EXPECT_EQ(ScanState({.start_row = "k"}).location().row, "k");
  EXPECT_EQ(ScanState({.start_row = "k", .include_start = false}).location().row, std::string("k\0", 2));
  ScanState reversed({.start_row = "k", .reversed = true});
  EXPECT_EQ(reversed.location().type, LocateType::current);
  ScanState before({.start_row = "k", .include_start = false, .reversed = true});
  EXPECT_EQ(before.location().type, LocateType::before);
  EXPECT_EQ(before.location().row, "k");
}

// A stale map may name the wrong region: opening there would lose rows, or never end.
TEST(ScanState, WrongRegionIsRefused) {
  ScanState scan({.start_row = "k"});
  auto open = scan.open_request(region("m", ""));
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().code(), Errc::not_serving_region);
  EXPECT_EQ(scan.failed(open.error()), Recovery::reopen);
  EXPECT_EQ(scan.step(), Step::open);
}

TEST(ScanState, MoreResultsFalseEndsTheWholeScan) {
  ScanState scan({});
  ASSERT_TRUE(scan.open_request(region("", "m")));
  ScanReply r = reply({piece("a", {"1"})});
  r.more_results = false;
  ASSERT_TRUE(scan.received(std::move(r)));
  EXPECT_EQ(scan.step(), Step::done);
  EXPECT_FALSE(scan.take_scanner_to_close());
  EXPECT_EQ(text_of(scan.take_rows()), "a:1");
}

// --- Stitching.

class Stitching : public ::testing::Test {
 protected:
  void begin(ScanSpec spec) {
    scan.emplace(std::move(spec));
    ASSERT_TRUE(scan->open_request(region("", "")));
  }
  std::string then(std::vector<Row> rows, bool in_region = true) {
    EXPECT_TRUE(scan->received(reply(std::move(rows), in_region)));
    return text_of(scan->take_rows());
  }
  std::optional<ScanState> scan;
};

TEST_F(Stitching, PiecesOfARow) {
  begin({});
  EXPECT_EQ(then({piece("a", {"1"}), piece("b", {"1"}, true)}), "a:1");
  EXPECT_EQ(then({piece("b", {"2"}, true)}), "");
  EXPECT_EQ(then({piece("b", {"3"}), piece("c", {"1"})}), "b:1,2,3 c:1");
}

// A filter may take the rest of a row: then the next piece is already of another one.
TEST_F(Stitching, PartialMayBeFollowedByTheNextRow) {
  begin({});
  EXPECT_EQ(then({piece("a", {"1"}, true)}), "");
  EXPECT_EQ(then({piece("b", {"1"}, true)}), "a:1");
  EXPECT_EQ(then({piece("c", {"1"})}), "b:1 c:1");
  EXPECT_EQ(then({piece("d", {"1"}, true)}), "");
  EXPECT_EQ(then({}), "d:1");  // no more of it
  EXPECT_EQ(then({piece("e", {"1"}, true)}, false), "e:1");
}

TEST_F(Stitching, HeartbeatsSayNothingAboutTheRow) {
  begin({});
  EXPECT_EQ(then({piece("a", {"1"}, true)}), "");
  ASSERT_TRUE(scan->received(heartbeat()));
  EXPECT_EQ(scan->next_request().next_call_seq, 1u);
  EXPECT_EQ(text_of(scan->take_rows()), "");
  EXPECT_EQ(then({piece("a", {"2"})}), "a:1,2");
}

TEST_F(Stitching, PiecesAsTheyComeWhenAllowed) {
  begin({.allow_partial = true});
  EXPECT_EQ(then({piece("a", {"1"}), piece("b", {"1"}, true)}), "a:1 b:1+");
  EXPECT_EQ(then({piece("b", {"2"}, true), piece("c", {"1"})}), "b:2+ c:1");
  EXPECT_EQ(scan->complete_rows(), 3);
}

TEST_F(Stitching, Batches) {
  begin({.batch = 2});
  EXPECT_EQ(then({piece("a", {"1", "2"}, true), piece("a", {"3"})}), "a:1,2+ a:3");
  // An answer that was full in mid-batch: batches stay whole.
  EXPECT_EQ(then({piece("b", {"1"}, true)}), "");
  EXPECT_EQ(then({piece("b", {"2", "3"}, true)}), "b:1,2+");
  EXPECT_EQ(then({piece("b", {"4"}), piece("c", {"1", "2"})}), "b:3,4 c:1,2");
  EXPECT_EQ(then({piece("d", {"1", "2"}, true)}), "d:1,2+");
  EXPECT_EQ(then({piece("e", {"1"})}), "e:1");
  EXPECT_EQ(scan->complete_rows(), 5);
}

// --- Limits.

TEST_F(Stitching, LimitCountsWholeRows) {
  begin({.limit = 3});
  EXPECT_EQ(scan->open_request(region("", "")).value().limit_of_rows, 3u);
  EXPECT_EQ(then({piece("a", {"1"}), piece("b", {"1"}, true)}), "a:1");
  EXPECT_EQ(scan->next_request().limit_of_rows, 2u);
  // A server that sends more than was asked for: the rest is dropped, and its scanner closed.
  EXPECT_EQ(then({piece("b", {"2"}), piece("c", {"1"}), piece("d", {"1"})}), "b:1,2 c:1");
  EXPECT_EQ(scan->step(), Step::done);
  EXPECT_EQ(scan->take_scanner_to_close(), 77u);
  EXPECT_FALSE(scan->take_scanner_to_close());
}

TEST_F(Stitching, LimitWithBatchesAndPieces) {
  begin({.limit = 2, .batch = 1});
  EXPECT_EQ(then({piece("a", {"1"}, true), piece("a", {"2"}, true)}), "a:1+ a:2+");
  EXPECT_EQ(then({piece("b", {"1"}, true), piece("b", {"2"}, true), piece("c", {"1"})}), "b:1+ b:2+");
  EXPECT_EQ(scan->step(), Step::done);
  begin({.limit = 1, .allow_partial = true});
  EXPECT_EQ(then({piece("a", {"1"}, true)}), "a:1+");
  EXPECT_EQ(then({piece("b", {"1"})}), "");
  EXPECT_EQ(scan->step(), Step::done);
}

TEST_F(Stitching, HugeLimitIsOurs) {
  begin({.limit = std::int64_t{1} << 40});
  EXPECT_EQ(scan->open_request(region("", "")).value().limit_of_rows, 0u);
}

// --- Restarts.

TEST_F(Stitching, RestartBehindTheLastWholeRow) {
  begin({});
  EXPECT_EQ(then({piece("a", {"1"}), piece("b", {"1"}, true)}), "a:1");
  EXPECT_EQ(scan->failed(told("UnknownScannerException")), Recovery::reopen);
  EXPECT_FALSE(scan->take_scanner_to_close());  // it is gone
  ASSERT_EQ(scan->step(), Step::open);
  EXPECT_EQ(scan->location().row, std::string("a\0", 2));
  auto open = scan->open_request(region("", "")).value();
  EXPECT_EQ(open.start_row, "a");
  EXPECT_FALSE(open.include_start);
  EXPECT_EQ(then({piece("b", {"1"}, true)}), "");
  EXPECT_EQ(scan->next_request().next_call_seq, 0u);
  EXPECT_EQ(then({piece("b", {"2"})}), "b:1,2");
}

TEST_F(Stitching, RestartWithinARowThatWasGivenInPart) {
  for (ScanSpec spec : {ScanSpec{.allow_partial = true}, ScanSpec{.batch = 1}}) {
    begin(spec);
    ScanReply first = reply({piece("a", {"1"}, true), piece("a", {"2"}, true)});
    first.mvcc_read_point = 1234;
    ASSERT_TRUE(scan->received(std::move(first)));
    EXPECT_EQ(text_of(scan->take_rows()), "a:1+ a:2+");
    EXPECT_EQ(scan->failed(Error(Errc::connection_lost, "gone")), Recovery::reopen);
    auto open = scan->open_request(region("", "")).value();
    EXPECT_EQ(open.start_row, "a");
    EXPECT_TRUE(open.include_start);
    EXPECT_EQ(open.mvcc_read_point, 1234u);  // the same region: the row as it was
    EXPECT_FALSE(scan->open_request(region("", "", 2)).value().mvcc_read_point);
    EXPECT_EQ(then({piece("a", {"1"}, true), piece("a", {"2", "3"}), piece("b", {"1"})}), "a:3 b:1");
  }
}

// Read again, the row turns out to have been given to its end: after a second restart it must not come once more.
TEST_F(Stitching, RestartAfterARowThatHadBeenGivenWhole) {
  begin({.allow_partial = true});
  EXPECT_EQ(then({piece("a", {"1", "2"}, true)}), "a:1,2+");
  scan->failed(told("UnknownScannerException"));
  ASSERT_TRUE(scan->open_request(region("", "")));
  EXPECT_EQ(then({piece("a", {"1", "2"})}), "");
  scan->failed(told("UnknownScannerException"));
  auto open = scan->open_request(region("", "")).value();
  EXPECT_EQ(open.start_row, "a");
  EXPECT_FALSE(open.include_start);
}

// The server answered, but what it said was lost or is out of step: the scanner there is closed, and another one
// opened.
TEST_F(Stitching, OutOfOrderClosesAndReopens) {
  begin({});
  then({piece("a", {"1"})});
  EXPECT_EQ(scan->failed(told("exceptions.OutOfOrderScannerNextException")), Recovery::reopen);
  EXPECT_EQ(scan->take_scanner_to_close(), 77u);
  EXPECT_EQ(scan->step(), Step::open);
}

TEST_F(Stitching, UnreadableAnswerReopens) {
  begin({});
  then({piece("a", {"1"})});
  EXPECT_EQ(scan->failed(Error(Errc::protocol_error, "garbage")), Recovery::reopen);
  EXPECT_EQ(scan->take_scanner_to_close(), 77u);
}

// What the server refused before it did anything is asked again with the same number.
TEST_F(Stitching, RefusedCallsAreRepeated) {
  begin({});
  then({piece("a", {"1"})});
  then({piece("b", {"1"})});
  for (const char* name : {"CallQueueTooBigException", "RegionTooBusyException", "quotas.RpcThrottlingException"}) {
    EXPECT_EQ(scan->failed(told(name)), Recovery::again) << name;
    EXPECT_EQ(scan->next_request().next_call_seq, 1u);
  }
}

TEST_F(Stitching, FinalErrorsEndIt) {
  begin({});
  then({piece("a", {"1"})});
  EXPECT_EQ(scan->failed(told("security.AccessDeniedException")), Recovery::give_up);
  EXPECT_EQ(scan->step(), Step::done);
  EXPECT_EQ(scan->take_scanner_to_close(), 77u);
}

TEST_F(Stitching, ErrorsWhileOpening) {
  begin({});
  EXPECT_EQ(scan->failed(told("NotServingRegionException")), Recovery::reopen);
  EXPECT_EQ(scan->failed(told("exceptions.ScannerResetException")), Recovery::reopen);  // though it says DoNotRetry
  EXPECT_EQ(scan->failed(Error(Errc::cannot_connect, "x")), Recovery::reopen);
  EXPECT_EQ(scan->failed(told("TableNotFoundException")), Recovery::give_up);
  EXPECT_EQ(scan->step(), Step::done);
}

// The last row was given, and the error came when the region's end was asked for: nothing is left to open.
TEST_F(Stitching, RestartWithNothingLeft) {
  begin({.stop_row = "b", .include_stop = true});
  then({piece("b", {"1"})});
  EXPECT_EQ(scan->failed(told("NotServingRegionException")), Recovery::reopen);
  EXPECT_EQ(scan->step(), Step::done);
  begin({.stop_row = "b", .include_stop = true, .reversed = true});
  then({piece("b", {"1"})});
  EXPECT_EQ(scan->failed(told("NotServingRegionException")), Recovery::reopen);
  EXPECT_EQ(scan->step(), Step::done);
}

// A renewal counts as a call: the number after it is one more.
TEST_F(Stitching, RenewalsCount) {
  begin({});
  then({piece("a", {"1"})});
  auto renew = scan->renew_request();
  EXPECT_EQ(renew.next_call_seq, 0u);
  EXPECT_EQ(renew.number_of_rows, 0u);
  EXPECT_EQ(scan->next_request().next_call_seq, 1u);
  then({});
  EXPECT_EQ(scan->next_request().next_call_seq, 2u);
}

// A scan that filters nearly everything learns from the cursor how far it came.
TEST_F(Stitching, CursorMovesTheRestart) {
  begin({});
  then({piece("a", {"1"})});
  ScanReply r = heartbeat();
  r.cursor_row = "k";
  ASSERT_TRUE(scan->received(std::move(r)));
  EXPECT_EQ(scan->failed(told("UnknownScannerException")), Recovery::reopen);
  auto open = scan->open_request(region("", "")).value();
  EXPECT_EQ(open.start_row, "k");
  EXPECT_TRUE(open.include_start);
  // One that is not ahead of what was given is not followed.
  then({piece("m", {"1"})});
  r = heartbeat();
  r.cursor_row = "m";
  ASSERT_TRUE(scan->received(std::move(r)));
  scan->failed(told("UnknownScannerException"));
  EXPECT_EQ(scan->open_request(region("", "")).value().start_row, "m");
  EXPECT_FALSE(scan->open_request(region("", "")).value().include_start);
}

TEST_F(Stitching, ProgressIsTold) {
  begin({});
  const auto before = scan->progress();
  then({});
  EXPECT_EQ(scan->progress(), before);
  ASSERT_TRUE(scan->received(heartbeat()));
  EXPECT_GT(scan->progress(), before);
}

TEST_F(Stitching, AnswerWithoutScannerIdIsAnError) {
  begin({});
  ScanReply r = reply({});
  r.scanner_id.reset();
  auto done = scan->received(std::move(r));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), Errc::protocol_error);
  EXPECT_EQ(scan->failed(done.error()), Recovery::reopen);
}

TEST_F(Stitching, StopClosesTheScanner) {
  begin({});
  then({piece("a", {"1"})});
  scan->stop();
  EXPECT_EQ(scan->step(), Step::done);
  EXPECT_EQ(scan->take_scanner_to_close(), 77u);
  EXPECT_TRUE(scan->received(reply({piece("b", {"1"})})));  // an answer that was under way
  EXPECT_TRUE(scan->take_rows().empty());
}

// --- A cluster in miniature: random cuts, heartbeats, failures, moves, splits and merges; the rows must be those of
// the table.

class RandomScans : public ::testing::TestWithParam<int> {
 protected:
  using Random = std::mt19937_64;
  std::uint64_t pick(std::uint64_t n) { return random() % n; }
  bool one_in(std::uint64_t n) { return pick(n) == 0; }

  struct Scanner {
    std::shared_ptr<const RegionInfo> region;
    std::vector<std::pair<std::string, std::string>> cells;  // row, qualifier: what is still to be sent
    std::uint64_t seq = 0;
    std::int64_t limit = 0;
    std::string open_row;
  };

  void make_table() {
    table.clear();
    const auto rows = pick(30);
    for (std::uint64_t i = 0; i < rows; ++i) {
      auto& columns = table[key()];
      for (std::uint64_t n = 1 + pick(one_in(4) ? 12 : 3); n > 0; --n) columns.push_back("q" + std::to_string(100 + n));
      std::ranges::sort(columns);
      columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
    }
    regions = {region("", "", ++region_id)};
    for (int i = 0; i < 4; ++i) change_regions();
  }
  std::string key() {
    std::string k(1, static_cast<char>('a' + pick(26)));
    if (one_in(3)) k += static_cast<char>(pick(3));
    return k;
  }

  // Splits a region, merges two, or moves one: its scanners are gone in each case.
  void change_regions() {
    const auto i = pick(regions.size());
    std::erase_if(scanners, [&](const auto& s) { return s.second.region->name() == regions[i]->name(); });
    const std::string start(regions[i]->start_key()), end(regions[i]->end_key());
    if (one_in(2)) {
      const std::string at = key();
      if (at <= start || (!end.empty() && at >= end)) return;
      regions[i] = region(start, at, ++region_id);
      regions.insert(regions.begin() + static_cast<std::ptrdiff_t>(i) + 1, region(at, end, ++region_id));
    } else if (i + 1 < regions.size() && one_in(2)) {
      const std::string to(regions[i + 1]->end_key());
      std::erase_if(scanners, [&](const auto& s) { return s.second.region->name() == regions[i + 1]->name(); });
      regions[i] = region(start, to, ++region_id);
      regions.erase(regions.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    }
  }

  std::shared_ptr<const RegionInfo> locate(const ScanState::Location& where) {
    for (const auto& r : regions) {
      const std::string_view end = r->end_key();
      if (where.type == LocateType::current ? r->contains(where.row)
          : where.row.empty()               ? end.empty()
                                            : r->start_key() < where.row && (end.empty() || end >= where.row)) {
        return r;
      }
    }
    return nullptr;
  }

  bool wanted(const std::string& row, const ScanSpec& spec, const std::string& start, bool include_start) const {
    if (spec.reversed) {
      if (!start.empty() && (row > start || (row == start && !include_start))) return false;
      return spec.stop_row.empty() || row > spec.stop_row || (row == spec.stop_row && spec.include_stop);
    }
    if (row < start || (row == start && !include_start && !start.empty())) return false;
    return spec.stop_row.empty() || row < spec.stop_row || (row == spec.stop_row && spec.include_stop);
  }

  std::uint64_t open_scanner(const ScanState::OpenRequest& request, const ScanSpec& spec,
                             std::shared_ptr<const RegionInfo> on) {
    Scanner s;
    auto take = [&](const auto& entry) {
      if (!on->contains(entry.first) || !wanted(entry.first, spec, request.start_row, request.include_start)) return;
      for (const auto& q : entry.second) s.cells.emplace_back(entry.first, q);
    };
    if (spec.reversed) {
      for (auto e = table.rbegin(); e != table.rend(); ++e) take(*e);
    } else {
      for (const auto& e : table) take(e);
    }
    s.region = std::move(on);
    scanners[++scanner_id] = std::move(s);
    return scanner_id;
  }

  // One answer, cut at random: in mid-row, at the batch, at the caching, by time.
  ScanReply answer(std::uint64_t id, const ScanSpec& spec, std::uint32_t limit) {
    Scanner& s = scanners[id];
    ScanReply r;
    r.scanner_id = id;
    r.ttl = 60000;
    r.mvcc_read_point = 5;
    std::int64_t complete = 0;
    const std::size_t cells_max = 1 + pick(20);
    std::size_t sent = 0;
    const bool time_is_up = one_in(6);
    if (time_is_up && one_in(2)) {
      r.heartbeat = true;
      r.more_results_in_region = true;
      if (s.cells.empty())
        r.more_results_in_region = false, r.heartbeat = false, scanners.erase(id);
      else if (one_in(2))
        r.cursor_row = s.cells.front().first;
      return r;
    }
    while (!s.cells.empty() && r.rows.size() < spec.caching && sent < cells_max) {
      const std::string row = s.cells.front().first;
      if (!s.open_row.empty() && s.open_row != row && limit > 0 && ++complete >= limit) {
        r.more_results = false;
        break;
      }
      std::vector<std::string> qualifiers;
      while (!s.cells.empty() && s.cells.front().first == row && sent < cells_max &&
             (spec.batch == 0 || qualifiers.size() < static_cast<std::size_t>(spec.batch))) {
        qualifiers.push_back(s.cells.front().second);
        s.cells.erase(s.cells.begin());
        ++sent;
      }
      bool partial = !s.cells.empty() && s.cells.front().first == row;
      // A cut at the last cell of a row may be told as partial too: the server has not looked yet.
      if (!partial && !s.cells.empty() && (sent == cells_max || spec.batch > 0) && one_in(2)) partial = true;
      r.rows.push_back(piece(row, qualifiers, partial));
      s.open_row = partial ? row : "";
      if (!partial && limit > 0 && ++complete >= limit) {
        r.more_results = false;
        break;
      }
    }
    r.more_results_in_region = !s.cells.empty();
    if (time_is_up && *r.more_results_in_region) r.heartbeat = true;
    if (!r.more_results || !*r.more_results_in_region) scanners.erase(id);
    return r;
  }

  std::vector<Row> run(const ScanSpec& spec) {
    ScanState scan(spec);
    std::vector<Row> rows;
    for (int calls = 0; scan.step() != Step::done; ++calls) {
      if (calls > 20000) {
        ADD_FAILURE() << "does not end";
        break;
      }
      if (one_in(15)) change_regions();
      if (one_in(40)) scanners.clear();  // leases expire
      if (scan.step() == Step::open) {
        auto on = locate(scan.location());
        if (on == nullptr) {
          ADD_FAILURE() << "no region";
          break;
        }
        auto request = scan.open_request(on);
        if (!request) {
          ADD_FAILURE() << request.error();
          break;
        }
        if (one_in(20)) {
          EXPECT_EQ(scan.failed(told("NotServingRegionException")), Recovery::reopen);
        } else if (one_in(20)) {
          (void)open_scanner(*request, spec, on);  // done there, but the answer is lost
          EXPECT_EQ(scan.failed(Error(Errc::connection_lost, "x")), Recovery::reopen);
        } else {
          EXPECT_TRUE(scan.received(answer(open_scanner(*request, spec, on), spec, request->limit_of_rows)));
        }
      } else if (one_in(30)) {
        auto renew = scan.renew_request();
        auto at = scanners.find(renew.scanner_id);
        if (at != scanners.end()) {
          EXPECT_EQ(renew.next_call_seq, at->second.seq++);
        }
      } else {
        const auto request = scan.next_request();
        auto at = scanners.find(request.scanner_id);
        if (at == scanners.end()) {
          EXPECT_EQ(scan.failed(told(one_in(2) ? "UnknownScannerException" : "NotServingRegionException")),
                    Recovery::reopen);
        } else if (at->second.seq != request.next_call_seq) {
          EXPECT_EQ(scan.failed(told("exceptions.OutOfOrderScannerNextException")), Recovery::reopen);
        } else if (one_in(20)) {
          EXPECT_EQ(scan.failed(told("CallQueueTooBigException")), Recovery::again);
        } else {
          ++at->second.seq;
          ScanReply r = answer(request.scanner_id, spec, request.limit_of_rows);
          if (one_in(20)) {
            EXPECT_EQ(scan.failed(Error(Errc::timed_out, "x")), Recovery::reopen);  // the answer is lost
          } else {
            EXPECT_TRUE(scan.received(std::move(r)));
          }
        }
      }
      if (auto id = scan.take_scanner_to_close()) scanners.erase(*id);
      for (Row& row : scan.take_rows()) rows.push_back(std::move(row));
    }
    return rows;
  }

  void check(const ScanSpec& spec, const std::vector<Row>& rows) {
    std::vector<std::pair<std::string, std::string>> expected;
    auto take = [&, left = spec.limit](const auto& e) mutable {
      if (!wanted(e.first, spec, spec.start_row, spec.include_start) || (spec.limit > 0 && left-- <= 0)) return;
      for (const auto& q : e.second) expected.emplace_back(e.first, q);
    };
    if (spec.reversed) {
      for (auto e = table.rbegin(); e != table.rend(); ++e) take(*e);
    } else {
      for (const auto& e : table) take(e);
    }
    std::vector<std::pair<std::string, std::string>> got;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const Row& row = rows[i];
      ASSERT_FALSE(row.empty());
      const bool same_as_next = i + 1 < rows.size() && rows[i + 1].row() == row.row();
      for (const Cell& cell : row) {
        got.emplace_back(cell.row(), cell.qualifier());
        EXPECT_EQ(cell.value(), std::string(cell.row()) + "/" + std::string(cell.qualifier()));
      }
      if (same_as_next) {
        EXPECT_TRUE(row.partial());
      }
      if (spec.batch == 0 && !spec.allow_partial) {
        EXPECT_FALSE(row.partial());
        EXPECT_FALSE(same_as_next);
      }
      if (spec.batch > 0 && !spec.allow_partial) {
        EXPECT_LE(row.size(), static_cast<std::size_t>(spec.batch));
        if (same_as_next) {
          EXPECT_EQ(row.size(), static_cast<std::size_t>(spec.batch));
        }
      }
    }
    ASSERT_EQ(got, expected);
  }

  Random random{static_cast<std::uint64_t>(GetParam())};
  std::map<std::string, std::vector<std::string>> table;
  std::vector<std::shared_ptr<const RegionInfo>> regions;
  std::map<std::uint64_t, Scanner> scanners;
  std::uint64_t scanner_id = 0;
  std::uint64_t region_id = 0;
};

TEST_P(RandomScans, NoRowIsLostOrDoubled) {
  for (int round = 0; round < 400; ++round) {
    make_table();
    ScanSpec spec;
    spec.reversed = one_in(2);
    if (one_in(2)) spec.start_row = key(), spec.include_start = !one_in(3);
    if (one_in(2)) spec.stop_row = key(), spec.include_stop = one_in(2);
    if (one_in(3)) spec.limit = static_cast<std::int64_t>(1 + pick(12));
    if (one_in(3)) spec.batch = static_cast<int>(1 + pick(4));
    spec.allow_partial = one_in(3);
    spec.caching = static_cast<std::uint32_t>(1 + pick(8));
    SCOPED_TRACE("seed " + std::to_string(GetParam()) + " round " + std::to_string(round));
    check(spec, run(spec));
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomScans, ::testing::Range(1, 51));

}  // namespace
}  // namespace hbmux::core
