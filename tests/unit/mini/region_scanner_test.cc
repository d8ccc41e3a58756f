#include "core/region_name.h"
#include "tests/unit/mini/store_fixture.h"

#include <gtest/gtest.h>

namespace hbmux::mini {
namespace {

struct RegionScannerTest : ::testing::Test, StoreFixture {
  /// Rows a to h; each has f:x and f:y, and d has f:z too.
  RegionScannerTest() {
    for (const char* row : {"a", "b", "c", "d", "e", "f", "g", "h"}) {
      EXPECT_TRUE(apply(put(row, "f", "x", "1")));
      EXPECT_TRUE(apply(put(row, "f", "y", "2")));
    }
    EXPECT_TRUE(apply(put("d", "f", "z", "3")));
    limits.results = 1000;
    limits.bytes = std::size_t{1} << 20;
    limits.partials = true;
  }

  void open() { scanner = *RegionScanner::open(scan, store, now); }

  /// One call's answer: "a(2) b(2) c(1+)", where + marks a partial result.
  std::string next() {
    scanner->next(store, limits, batch);
    std::string out;
    std::size_t at = 0;
    for (std::size_t i = 0; i < batch.cells_per_result.size(); ++i) {
      if (!out.empty()) out += ' ';
      out.append(batch.cells.cells[at]->row()).append("(").append(std::to_string(batch.cells_per_result[i]));
      out.append(batch.partial[i] ? "+)" : ")");
      at += batch.cells_per_result[i];
    }
    return out;
  }
  std::string rows() {
    open();
    std::string out;
    do {
      next();
      std::size_t at = 0;
      for (const std::uint32_t count : batch.cells_per_result) {
        out += batch.cells.cells[at]->row();
        at += count;
      }
    } while (batch.more_in_region && batch.more_results);
    return out;
  }

  pb::Scan scan;
  ScanLimits limits;
  ScanBatch batch;
  std::unique_ptr<RegionScanner> scanner;
};

TEST_F(RegionScannerTest, AllRowsInOrderAndThenTheEnd) {
  open();
  EXPECT_EQ(next(), "a(2) b(2) c(2) d(3) e(2) f(2) g(2) h(2)");
  EXPECT_FALSE(batch.more_in_region);
  EXPECT_TRUE(batch.more_results);
}

TEST_F(RegionScannerTest, BoundsInAndOut) {
  scan.set_start_row("b");
  scan.set_stop_row("e");
  EXPECT_EQ(rows(), "bcd");
  scan.set_include_start_row(false);
  scan.set_include_stop_row(true);
  EXPECT_EQ(rows(), "cde");
  scan.set_start_row("bb");
  EXPECT_EQ(rows(), "cde");
  scan.set_stop_row("dd");
  EXPECT_EQ(rows(), "cd");
}

// Clients before 1.4 do not say whether the stop row belongs to the scan; from a row to itself they mean that row.
TEST_F(RegionScannerTest, AnOldClientsGetScan) {
  scan.set_start_row("c");
  scan.set_stop_row("c");
  EXPECT_EQ(rows(), "c");
}

TEST_F(RegionScannerTest, Reversed) {
  scan.set_reversed(true);
  EXPECT_EQ(rows(), "hgfedcba");
  scan.set_start_row("f");
  scan.set_stop_row("b");
  EXPECT_EQ(rows(), "fedc");
  scan.set_include_start_row(false);
  scan.set_include_stop_row(true);
  EXPECT_EQ(rows(), "edcb");
  limits.results = 1;
  EXPECT_EQ(rows(), "edcb");
}

TEST_F(RegionScannerTest, SoManyRowsACall) {
  limits.results = 3;
  open();
  EXPECT_EQ(next(), "a(2) b(2) c(2)");
  EXPECT_TRUE(batch.more_in_region);
  EXPECT_EQ(next(), "d(3) e(2) f(2)");
  EXPECT_EQ(next(), "g(2) h(2)");
  EXPECT_FALSE(batch.more_in_region);
}

// With the last row the answer already says that there are no more.
TEST_F(RegionScannerTest, TheEndIsKnownWithTheLastRow) {
  limits.results = 8;
  open();
  next();
  EXPECT_FALSE(batch.more_in_region);
}

TEST_F(RegionScannerTest, BatchesCutARow) {
  scan.set_start_row("c");
  scan.set_stop_row("e");
  scan.set_batch_size(2);
  open();
  EXPECT_EQ(next(), "c(2) d(2+) d(1)");
}

TEST_F(RegionScannerTest, TheByteLimitCutsARowWhereTheClientAllowsIt) {
  limits.bytes = 1;
  open();
  EXPECT_EQ(next(), "a(1+)");
  EXPECT_EQ(next(), "a(1)");
  limits.partials = false;
  EXPECT_EQ(next(), "b(2)");
}

TEST_F(RegionScannerTest, ARowLimitEndsTheScan) {
  limits.rows = 2;
  open();
  EXPECT_EQ(next(), "a(2) b(2)");
  EXPECT_FALSE(batch.more_results);
}

// A row in pieces counts when it is complete.
TEST_F(RegionScannerTest, ARowLimitCountsCompleteRows) {
  limits.bytes = 1;
  limits.rows = 1;
  open();
  EXPECT_EQ(next(), "a(1+)");
  EXPECT_TRUE(batch.more_results);
  EXPECT_EQ(next(), "a(1)");
  EXPECT_FALSE(batch.more_results);
}

// A scan sees the region as it was when it was opened.
TEST_F(RegionScannerTest, LaterWritesAreNotSeen) {
  limits.results = 1;
  open();
  EXPECT_EQ(next(), "a(2)");
  now = 2000;
  ASSERT_TRUE(apply(put("b", "f", "new", "x")));
  ASSERT_TRUE(apply(put("b", "f", "x", "changed")));
  ASSERT_TRUE(apply(put("bb", "f", "x", "new row")));
  ASSERT_TRUE(apply(erase("c", "f", "", CellType::delete_family)));
  next();
  EXPECT_EQ(text(batch.cells.cells, true), "b/f:x@1000=1 b/f:y@1000=2");
  EXPECT_EQ(next(), "c(2)");
}

// Neither a compaction nor an overwrite takes away what an open scanner has still to see.
TEST_F(RegionScannerTest, WhatAScannerSeesOutlivesCompactions) {
  limits.results = 1;
  open();
  next();
  ASSERT_TRUE(apply(put("b", "f", "x", "again", 1000)));
  store.flush(now);
  store.compact(now, true);
  next();
  EXPECT_EQ(text(batch.cells.cells), "f:x@1000=1 f:y@1000=2");
  scanner.reset();
  store.flush(now);
  store.compact(now, true);
  open();
  next();
  next();
  EXPECT_EQ(text(batch.cells.cells), "f:x@1000=again f:y@1000=2");
}

TEST_F(RegionScannerTest, TheRestOfACutRowOutlivesItsDeletion) {
  limits.bytes = 1;
  open();
  EXPECT_EQ(next(), "a(1+)");
  store.rows().erase(*store.rows().find("a"));
  EXPECT_EQ(next(), "a(1)");
  EXPECT_EQ(text(batch.cells.cells), "f:y@1000=2");
}

TEST_F(RegionScannerTest, RawShowsMarkersAndWhatTheyHide) {
  ASSERT_TRUE(apply(erase("a", "f", "x", CellType::delete_column, 1000)));
  scan.set_start_row("a");
  scan.set_stop_row("b");
  EXPECT_EQ(rows(), "a");
  EXPECT_EQ(text(batch.cells.cells), "f:y@1000=2");
  auto& raw = *scan.add_attribute();
  raw.set_name("_raw_");
  raw.set_value("\xff");
  scan.set_max_versions(10);
  EXPECT_EQ(rows(), "a");
  EXPECT_EQ(text(batch.cells.cells), "f:x@1000!12 f:x@1000=1 f:y@1000=2");
  scan.add_column()->set_family("f");
  scan.mutable_column(0)->add_qualifier("x");
  EXPECT_FALSE(RegionScanner::open(scan, store, now)) << "a raw scan takes no columns";
}

// When time is up, the answer says how far it got, and the next call goes on from there.
TEST_F(RegionScannerTest, AHeartbeatGoesOnWhereItStopped) {
  int asked = 0;
  limits.out_of_time = [&asked] { return ++asked == 2; };
  open();
  EXPECT_EQ(next(), "a(2) b(2)");
  EXPECT_TRUE(batch.heartbeat);
  EXPECT_EQ(batch.cursor, "b");
  EXPECT_TRUE(batch.more_in_region);
  EXPECT_EQ(next(), "c(2) d(3) e(2) f(2) g(2) h(2)");
  EXPECT_FALSE(batch.heartbeat);
}

// hbase:meta is sorted by table, start key and id, not by bytes.
TEST(MetaOrderTest, RowsAreScannedInMetasOwnOrder) {
  StoreFixture fixture;
  RegionStore meta(fixture.families, "hbase:meta,,1", core::compare_meta_rows);
  RowReader reader;
  RowCells results;
  for (const char* row : {"t,b,2.x.", "t,,1.x.", "t,b\x01,2.x.", "t1,,1.x.", "t", "t,b,1.x.", "t,a,b,3.x."}) {
    Mutation mutation = StoreFixture::put(row, "f", "q", "v");
    ASSERT_TRUE(meta.mutate_row({&mutation, 1}, 1, reader, results));
  }
  std::string all;
  for (auto& row : meta.rows()) all.append(row.key()).append(" ");
  EXPECT_EQ(all, "t t,,1.x. t,a,b,3.x. t,b,1.x. t,b,2.x. t,b\x01,2.x. t1,,1.x. ");
}

// HBase looks no further than where its reader stands: a hidden cell behind a full batch makes a part look unfinished.
TEST_F(RegionScannerTest, ABatchIsPartialWhereTheReaderHasNotReachedTheEndOfTheRow) {
  ASSERT_TRUE(apply(put("a", "w", "gone", "1", 5)));
  ASSERT_TRUE(apply(erase("a", "w", "gone", CellType::delete_column, 5)));
  scan.set_batch_size(2);
  scan.set_stop_row("c");
  limits.results = 1;
  open();
  EXPECT_EQ(next(), "a(2+)") << "w:gone comes behind, though hidden";
  EXPECT_EQ(next(), "b(2)");
  // Within one answer the last part is corrected when nothing comes any more.
  scan.set_stop_row("b");
  limits.results = 10;
  open();
  EXPECT_EQ(next(), "a(2)");
}

// An ended family stays ended: ColumnCountGetFilter ends those that have more than enough columns in a row.
TEST_F(RegionScannerTest, AFilterThatIsDoneEndsTheFamilyBeingRead) {
  ASSERT_TRUE(apply(put("e", "w", "x", "1")));
  pb::ColumnCountGetFilter count;
  count.set_limit(1);
  scan.mutable_filter()->set_name("org.apache.hadoop.hbase.filter.ColumnCountGetFilter");
  scan.mutable_filter()->set_serialized_filter(count.SerializeAsString());
  open();
  EXPECT_EQ(next(), "a(1) e(1)") << "a has one column too many, which ends f; w goes on";
  EXPECT_FALSE(batch.more_in_region);
}

}  // namespace
}  // namespace hbmux::mini
