// What scans bring: through filters over many regions, of wide and of large rows, cut into batches, and while others write.
#include "tests/integration/cluster.h"

#include <chrono>
#include <thread>

namespace hbmux::integration {
namespace {

using enum CompareOperator;

class ScanContents : public ClusterTest {
 protected:
  static std::vector<std::string> keys(const Table& table, Scan scan) {
    std::vector<std::string> found;
    for (const auto& row : table.scan(std::move(scan))) found.emplace_back(row ? std::string(row->row()) : row.error().message());
    return found;
  }
  /// The qualifiers of each row, row by row.
  static std::vector<std::string> columns(const Table& table, Scan scan) {
    std::vector<std::string> found;
    for (const auto& row : table.scan(std::move(scan))) found.push_back(row ? qualifiers(*row) : row.error().message());
    return found;
  }
  static std::string qualifiers(const Row& row) {
    std::string text;
    for (const Cell& cell : row) text += std::string(cell.qualifier());
    return text;
  }
  static std::string three(int i) { return std::to_string(1000 + i).substr(1); }
  using Texts = std::vector<std::string>;
};

// Each region filters by itself; together they give what one would.
TEST_F(ScanContents, FiltersOverManyRegions) {
  const auto table = connection().table(make_table({"100", "250", "400"}));
  std::vector<Action> puts;
  for (int i = 0; i < 500; ++i) puts.emplace_back(Put(three(i)).add("f", "q", three(i)));
  for (const auto& result : table.batch(std::move(puts))) HBMUX_ASSERT_OK(result);
  const auto count = [&](CompareOperator op, const std::string& row, const std::string& start = "") {
    return keys(table, Scan().start_row(start).filter(RowFilter(op, BinaryComparator(row)))).size();
  };
  EXPECT_EQ(keys(table, Scan()).size(), 500u);
  EXPECT_EQ(count(less_or_equal, "250"), 251u);
  EXPECT_EQ(count(less_or_equal, "251"), 252u);
  EXPECT_EQ(count(less_or_equal, "249"), 250u);
  EXPECT_EQ(count(equal, "000"), 1u);
  EXPECT_EQ(count(greater_or_equal, "250", "250"), 250u);
  EXPECT_EQ(count(greater, "499"), 0u);
  EXPECT_EQ(keys(table, Scan().start_row("001").stop_row("003").column("f", "q").filter(RowFilter(not_equal, BinaryComparator("001")))),
            Texts{"002"});
}

TEST_F(ScanContents, FiltersOfCellsInBothDirections) {
  const auto table = connection().table(make_table());
  const std::string value = "testValue";
  for (int i = 0; i < 10; ++i) {
    const auto column = "col" + std::to_string(i) + "-<d2v1>-<d3v2>";
    std::string number(8, '\0');
    number[6] = static_cast<char>(100 * i / 256);
    number[7] = static_cast<char>(100 * i % 256);
    HBMUX_ASSERT_OK(table.put(Put("r" + std::to_string(i)).add("f", column, value).add("g", "n", number).durability(Durability::skip_wal)));
  }
  const QualifierFilter some(equal, RegexStringComparator("col[1-5]"));
  EXPECT_EQ(keys(table, Scan().family("f").filter(some)), (Texts{"r1", "r2", "r3", "r4", "r5"}));
  EXPECT_EQ(keys(table, Scan().family("f").filter(some).reversed(true)), (Texts{"r5", "r4", "r3", "r2", "r1"}));
  EXPECT_EQ(keys(table, Scan().family("g").filter(SingleColumnValueFilter("g", "n", greater, LongComparator(500)))), (Texts{"r6", "r7", "r8", "r9"}));
  for (const bool reversed : {false, true}) {
    int rows = 0;
    for (const auto& row : table.scan(Scan().family("f").filter(KeyOnlyFilter(true)).reversed(reversed))) {
      HBMUX_ASSERT_OK(row);
      ASSERT_EQ(row->size(), 1u);
      EXPECT_EQ((*row)[0].value(), std::string("\0\0\0\x9", 4)) << "the length of the value";
      ++rows;
    }
    EXPECT_EQ(rows, 10);
  }
}

// Ten rows of two thousand columns (HBASE-867).
TEST_F(ScanContents, WideRows) {
  const auto table = connection().table(make_table({"r5"}));
  for (int i = 0; i < 10; ++i) {
    Put put("r" + std::to_string(i));
    for (int column = 0; column < 2000; ++column) put.add("f", std::to_string(10000 + column), std::to_string(10000 + column));
    ASSERT_EQ(put.cell_count(), 2000u);
    HBMUX_ASSERT_OK(table.put(std::move(put)));
  }
  const auto check = [&] {
    int rows = 0;
    auto scanner = table.scan(Scan());
    for (const auto& row : scanner) {
      HBMUX_ASSERT_OK(row);
      EXPECT_EQ(row->row(), "r" + std::to_string(rows++));
      ASSERT_EQ(row->size(), 2000u);
      for (std::size_t i = 0; i < 2000; ++i) ASSERT_EQ((*row)[i].qualifier(), std::to_string(10000 + i));
    }
    EXPECT_EQ(rows, 10);
    EXPECT_EQ(table.get(Get("r9"))->size(), 2000u);
    EXPECT_EQ(table.get(Get("r9"))->value("f", "11999"), "11999");
  };
  check();
  HBMUX_ASSERT_OK(admin().flush_table(table.name()));
  check();
}

// How many cells of each family, and from which on; counted behind filters.
TEST_F(ScanContents, LimitsAndOffsetsWithinFamilies) {
  TableDescriptor descriptor(new_name());
  for (const char* family : {"f", "g", "h"}) descriptor.family(family);
  HBMUX_ASSERT_OK(admin().create_table(descriptor));
  const auto table = connection().table(descriptor.name);
  for (const char* row : {"r", "s"}) {
    Put put(row);
    for (char column = 'a'; column < 'k'; ++column) put.add("f", std::string(1, column), "").add("g", std::string(1, column), "");
    for (char column = 'a'; column < 'u'; ++column) put.add("h", std::string(1, column), "");
    HBMUX_ASSERT_OK(table.put(put));
  }
  const auto got = [&](const Get& get) { return qualifiers(table.get(get).value()); };
  const Get f = Get("r").family("f");
  EXPECT_EQ(got(f), "abcdefghij");
  EXPECT_EQ(got(Get(f).max_results_per_column_family(2)), "ab");
  EXPECT_EQ(got(Get(f).max_results_per_column_family(5).filter(ColumnRangeFilter("c", true, "f", true))), "cdef");
  EXPECT_EQ(got(Get("r").family("g").family("h").max_results_per_column_family(12)), "abcdefghijabcdefghijkl");
  EXPECT_EQ(got(Get("r").max_results_per_column_family(3).filter(ColumnRangeFilter("c", true, "", true))), "cdecdecde");
  EXPECT_EQ(got(Get("r").max_results_per_column_family(7).filter(ColumnPrefixFilter("b"))), "bbb");
  EXPECT_EQ(got(Get(f).row_offset_per_column_family(2)), "cdefghij");
  EXPECT_EQ(got(Get(f).row_offset_per_column_family(20)), "");
  EXPECT_EQ(got(Get(f).row_offset_per_column_family(4).max_results_per_column_family(5)), "efghi");
  EXPECT_EQ(got(Get(f).row_offset_per_column_family(1).filter(ColumnRangeFilter("c", true, "f", true))), "def");
  EXPECT_EQ(got(Get("r").family("g").family("h").row_offset_per_column_family(4).max_results_per_column_family(2)), "efef");
  EXPECT_EQ(columns(table, Scan().max_results_per_column_family(4)), (Texts{"abcdabcdabcd", "abcdabcdabcd"}));
}

TEST_F(ScanContents, BatchesOfWhatADeleteLeft) {
  const auto table = connection().table(make_table());
  Put put("r");
  for (int i = 0; i < 8; ++i) put.add("f", std::to_string(i), i, "v");
  HBMUX_ASSERT_OK(table.put(put));
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "6", 2, "v")));
  HBMUX_ASSERT_OK(table.remove(Delete("r").add_family("f", 3)));
  EXPECT_EQ(columns(table, Scan().start_row("r").all_versions()), (Texts{"4567"}));
  EXPECT_EQ(columns(table, Scan().start_row("r").all_versions().batch(2)), (Texts{"45", "67"}));
}

// Cells so large that an answer holds but one or two: batches have their number of cells all the same.
TEST_F(ScanContents, BatchesOfLargeCells) {
  const auto table = connection().table(make_table());
  HBMUX_ASSERT_OK(table.put(Put("r").add("g", "0", std::string(3 << 20, 'a'))));
  HBMUX_ASSERT_OK(table.put(Put("r").add("g", "1", std::string(4 << 20, 'b'))));
  for (int version = 1; version <= 2; ++version) {
    HBMUX_ASSERT_OK(table.put(Put("r").add("g", "2", version, std::string(1024, 'c')).add("g", "3", version, "").add("g", "4", version, "")));
  }
  const Scan row = Scan().start_row("r").stop_row("r", true).family("g").max_result_size(4 << 20);
  EXPECT_EQ(columns(table, Scan(row).batch(3)), (Texts{"012", "34"}));
  EXPECT_EQ(columns(table, Scan(row).batch(2)), (Texts{"01", "23", "4"}));
}

// A scan sees each region as it was when the scan came to it.
TEST_F(ScanContents, WritesWhileItIsOpen) {
  const auto table = connection().table(make_table());
  for (const char* row : {"a", "b", "c"}) HBMUX_ASSERT_OK(table.put(Put(row).add("f", "q", row)));
  auto scanner = table.scan(Scan().caching(1));
  std::string seen = text_of(scanner.next()->value());
  for (int i = 0; i < 3; ++i) {
    const auto durability = i == 1 ? Durability::skip_wal : Durability::use_default;
    HBMUX_ASSERT_OK(table.append(Append("c").add("f", "q", "+").durability(durability)));
  }
  for (int i = 0; i < 200; ++i) {
    HBMUX_ASSERT_OK(table.put(Put("b" + std::to_string(i)).add("f", "q", "new").durability(Durability::async_wal)));
  }
  for (const auto& row : scanner) {
    HBMUX_ASSERT_OK(row);
    seen += " " + text_of(*row);
  }
  EXPECT_EQ(seen, "q=a q=b q=c");
  EXPECT_EQ(keys(table, Scan()).size(), 203u);
  EXPECT_EQ(table.get(Get("c"))->value("f", "q"), "c+++");
}

// Markers travel inside messages, too, where no codec was agreed on.
TEST_F(ScanContents, MarkersWithoutACodec) {
  const auto name = make_table();
  connect({{"hbase.client.rpc.codec", ""}});
  const auto table = connection().table(name);
  HBMUX_ASSERT_OK(table.remove(Delete("a").add_family_version("f", 0)));
  HBMUX_ASSERT_OK(table.put(Put("b").add("f", "q", 1, "v")));
  HBMUX_ASSERT_OK(table.remove(Delete("b").add_column("f", "q", 1)));
  std::vector<CellType> types;
  for (const auto& row : table.scan(Scan().raw(true))) {
    HBMUX_ASSERT_OK(row);
    for (const Cell& cell : *row) types.push_back(cell.type());
  }
  EXPECT_EQ(types, (std::vector<CellType>{CellType::delete_family_version, CellType::delete_version, CellType::put}));
}

// What has outlived its time is gone for everybody but a raw scan.
TEST_F(ScanContents, ExpiredCells) {
  TableDescriptor descriptor(new_name());
  descriptor.family(ColumnFamilyDescriptor("f").time_to_live(5));
  HBMUX_ASSERT_OK(admin().create_table(descriptor));
  const auto table = connection().table(descriptor.name);
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "q", 1'000'000, "expired")));
  EXPECT_FALSE(table.get(Get("r"))->exists());
  EXPECT_FALSE(table.scan(Scan().family("f")).next().value());
  const auto raw = table.scan(Scan().raw(true)).next().value();
  EXPECT_EQ(raw ? text_of(*raw) : "", "q=expired");
}

// Far more rows than an answer brings, read by one who is slower than the server.
TEST_F(ScanContents, ThirtyThousandRows) {
  const auto table = connection().table(make_table());
  auto mutator = table.buffered_mutator();
  const auto key = [](int i) { return std::to_string(100000 + i); };
  for (int i = 0; i < 30000; ++i) HBMUX_ASSERT_OK(mutator.mutate(Put(key(i)).add("f", "q", 1, "v")));
  HBMUX_ASSERT_OK(mutator.close());
  int rows = 0;
  auto scanner = table.scan(Scan().max_result_size(64 << 10));
  for (const auto& row : scanner) {
    HBMUX_ASSERT_OK(row);
    ASSERT_EQ(row->row(), key(rows));
    ASSERT_EQ(text_of(*row), "q=v");
    if (rows++ % 10000 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  EXPECT_EQ(rows, 30000);
}

TEST_F(ScanContents, FiltersThatEndAtTheFirstRow) {
  const auto scan = Scan().batch(1).caching(1).filter(FilterList({FirstKeyOnlyFilter(), InclusiveStopFilter("")}));
  EXPECT_FALSE(connection().table(TableName::meta()).scan(scan).next().value());
}

// What a scan cost: each region once, and the bytes of the cells that came, with and without a codec.
TEST_F(ScanContents, Metrics) {
  const auto name = make_table({"x", "y", "z"});
  for (const char* row : {"x1", "y1", "z1"}) HBMUX_ASSERT_OK(connection().table(name).put(Put(row).add("f", "q", "value")));
  for (const bool with_codec : {true, false}) {
    if (!with_codec) connect({{"hbase.client.rpc.codec", ""}});
    for (const int caching : {0, 1}) {
      auto scanner = connection().table(name).scan(Scan().scan_metrics(true).caching(caching));
      std::size_t bytes = 0, rows = 0;
      for (const auto& row : scanner) {
        HBMUX_ASSERT_OK(row);
        for (const Cell& cell : *row) bytes += cell.encoded().size() + 4;  // as Java counts them: with the length in front
        ++rows;
      }
      EXPECT_EQ(rows, 3u);
      const ScanMetrics metrics = scanner.metrics();
      EXPECT_EQ(metrics.regions_scanned, 4u);
      EXPECT_EQ(metrics.bytes_in_results, bytes) << with_codec;
      EXPECT_EQ(metrics.server.at("ROWS_SCANNED"), 3);
      if (caching == 0) {
        EXPECT_EQ(metrics.rpc_calls, 4u);
      }
    }
  }
  EXPECT_EQ(connection().table(name).scan(Scan()).metrics().regions_scanned, 0u);
}

TEST_F(ScanContents, MetricsOfEachRegion) {
  const auto name = make_table({"x", "y", "z"});
  for (const char* row : {"x1", "x2", "y1", "z1"}) HBMUX_ASSERT_OK(connection().table(name).put(Put(row).add("f", "q", "value")));
  const auto places = connection().table(name).region_locator().all_region_locations().value();
  for (const bool reversed : {false, true}) {
    auto scanner = connection().table(name).scan(Scan().scan_metrics_by_region(true).reversed(reversed).caching(1));
    std::size_t rows = 0;
    for (const auto& row : scanner) {
      HBMUX_ASSERT_OK(row);
      if (rows++ == 1) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    EXPECT_EQ(rows, 4u);
    ScanMetrics metrics = scanner.metrics();
    ASSERT_EQ(metrics.by_region.size(), 4u);
    if (reversed) std::ranges::reverse(metrics.by_region);
    ScanCounters sum;
    for (std::size_t i = 0; i < 4; ++i) {
      const RegionScanMetrics& region = metrics.by_region[i];
      EXPECT_EQ(region.encoded_region_name, places[i].region->encoded_name());
      EXPECT_EQ(region.server_name, places[i].server);
      EXPECT_EQ(region.regions_scanned, 1u);
      EXPECT_EQ(region.server.at("ROWS_SCANNED"), i == 0 ? 0 : i == 1 ? 2 : 1) << i;
      sum += region;
    }
    EXPECT_EQ(sum.rpc_calls, metrics.rpc_calls);
    EXPECT_EQ(sum.bytes_in_results, metrics.bytes_in_results);
    EXPECT_EQ(sum.server, metrics.server);
  }
  auto parallel = connection().table(name).parallel_scan(Scan().scan_metrics_by_region(true));
  while (parallel.next().value()) {
  }
  EXPECT_EQ(parallel.metrics().by_region.size(), 4u);
  EXPECT_TRUE(connection().table(name).scan(Scan().scan_metrics(true)).metrics().by_region.empty());
}

}  // namespace
}  // namespace hbmux::integration
