// What a Get and a Scan may ask for beside columns: filters, limits, raw cells, cursors, attributes.
#include "tests/integration/cluster.h"

#include <thread>

namespace hbmux::integration {
namespace {

using enum CompareOperator;
using std::chrono::milliseconds;

class Query : public ClusterTest {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    if (IsSkipped()) return;
    table_.emplace(connection().table(make_table({"r3", "r6"})));
    for (int row = 0; row < 9; ++row) {
      const std::string name = "r" + std::to_string(row), value = std::to_string(row);
      HBMUX_ASSERT_OK(table().put(Put(name).add("f", "a", 1, value).add("f", "b", 2, "b" + value).add("g", "c", 3, "c").add("g", "d", 4, "d")));
    }
  }
  Table& table() { return *table_; }
  /// "row:a=.. b=.. row:..."
  std::string scanned(Scan scan) {
    std::string text;
    for (const auto& row : table().scan(std::move(scan))) {
      if (!row) return row.error().message();
      text += (text.empty() ? "" : " ") + std::string(row->row()) + ":" + text_of(*row);
    }
    return text;
  }
  std::string rows_of(Scan scan) {
    std::string text;
    for (const auto& row : table().scan(std::move(scan))) {
      if (!row) return row.error().message();
      text += std::string(row->row()).substr(1);
    }
    return text;
  }
  std::string got(Get get) {
    const auto row = table().get(std::move(get));
    return row ? text_of(*row) : row.error().message();
  }

 private:
  std::optional<Table> table_;
};

TEST_F(Query, FiltersOfRows) {
  EXPECT_EQ(rows_of(Scan().filter(RowFilter(greater_or_equal, BinaryComparator("r6")))), "678");
  EXPECT_EQ(rows_of(Scan().filter(PrefixFilter("r4"))), "4");
  EXPECT_EQ(rows_of(Scan().filter(InclusiveStopFilter("r2"))), "012");
  EXPECT_EQ(rows_of(Scan().filter(PageFilter(2)).stop_row("r3")), "01");
  EXPECT_EQ(rows_of(Scan().filter(FuzzyRowFilter({{"r5", std::string("\0\0", 2)}, {"x7", std::string("\1\0", 2)}}))), "57");
  EXPECT_EQ(rows_of(Scan().filter(MultiRowRangeFilter({{"r1", true, "r3", false}, {"r7", false, "", false}}))), "128");
  EXPECT_EQ(rows_of(Scan().filter(MultiRowRangeFilter::of_prefixes({"r8", "r0"}))), "08");
  EXPECT_EQ(rows_of(Scan().filter(RandomRowFilter(2))), "012345678");
  EXPECT_EQ(rows_of(Scan().filter(RandomRowFilter(-1))), "");
  EXPECT_EQ(rows_of(Scan().filter(SingleColumnValueFilter("f", "a", less, "2"))), "01");
  EXPECT_EQ(rows_of(Scan().filter(RowFilter(equal, RegexStringComparator("r[25]")))), "25");
  EXPECT_EQ(rows_of(Scan().filter(FilterList(FilterList::Operator::must_pass_one, {PrefixFilter("r1"), PrefixFilter("r8")}))), "18");
  EXPECT_EQ(rows_of(Scan().filter(SkipFilter(ValueFilter(not_equal, BinaryComparator("4"))))), "01235678");
  EXPECT_EQ(rows_of(Scan().stop_row("r3").filter(WhileMatchFilter(RowFilter(not_equal, BinaryComparator("r2"))))), "01");
  EXPECT_EQ(rows_of(Scan().reversed(true).filter(Filter::parse("RowFilter(<, 'binary:r2') OR PrefixFilter('r7')").value())), "710");
}

TEST_F(Query, FiltersOfCells) {
  const auto one = Get("r5");
  EXPECT_EQ(got(Get(one).filter(FamilyFilter(equal, BinaryComparator("g")))), "c=c d=d");
  EXPECT_EQ(got(Get(one).filter(QualifierFilter(less, BinaryComparator("c")))), "a=5 b=b5");
  EXPECT_EQ(got(Get(one).filter(ColumnPrefixFilter("b"))), "b=b5");
  EXPECT_EQ(got(Get(one).filter(MultipleColumnPrefixFilter({"d", "a"}))), "a=5 d=d");
  EXPECT_EQ(got(Get(one).filter(ColumnRangeFilter("b", true, "d", false))), "b=b5 c=c");
  EXPECT_EQ(got(Get(one).filter(ColumnCountGetFilter(3))), "a=5 b=b5 c=c");
  EXPECT_EQ(got(Get(one).filter(ColumnPaginationFilter(2, 1))), "b=b5 c=c");
  EXPECT_EQ(got(Get(one).filter(ColumnPaginationFilter(1, "b"))), "b=b5");
  EXPECT_EQ(got(Get(one).filter(FirstKeyOnlyFilter())), "a=5");
  EXPECT_EQ(got(Get(one).filter(KeyOnlyFilter())), "a= b= c= d=");
  EXPECT_EQ(got(Get(one).column("f", "b").filter(KeyOnlyFilter(true))), std::string("b=\0\0\0\2", 6));
  EXPECT_EQ(got(Get(one).filter(ValueFilter(equal, BinaryPrefixComparator("b")))), "b=b5");
  EXPECT_EQ(rows_of(Scan().column("f", "b").filter(ValueFilter(equal, BinaryComponentComparator("5", 1)))), "5");
  EXPECT_EQ(got(Get(one).filter(ColumnValueFilter("f", "a", equal, BinaryComparator("5")))), "a=5");
  EXPECT_EQ(got(Get(one).filter(SingleColumnValueExcludeFilter("f", "a", equal, "5"))), "b=b5 c=c d=d");
  EXPECT_EQ(got(Get(one).filter(DependentColumnFilter("f", "a", false))), "a=5");
  EXPECT_EQ(got(Get(one).filter(TimestampsFilter({2, 3}))), "b=b5 c=c");
  EXPECT_EQ(got(Get(one).filter(Filter::parse("ValueFilter(=, 'binary:c') OR ColumnPrefixFilter('a')").value())), "a=5 c=c");
}

TEST_F(Query, ComparatorsOfNumbers) {
  const auto big_endian = [](std::int64_t number) {
    std::string bytes;
    for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
    return bytes;
  };
  HBMUX_ASSERT_OK(table().put(Put("n1").add("f", "n", big_endian(-5))));
  HBMUX_ASSERT_OK(table().put(Put("n2").add("f", "n", big_endian(300))));
  EXPECT_EQ(rows_of(Scan().prefix("n").filter(ValueFilter(less, LongComparator(0)))), "1");
  EXPECT_EQ(rows_of(Scan().prefix("n").filter(ValueFilter(greater, LongComparator(299)))), "2");
  HBMUX_ASSERT_OK(table().put(Put("n3").add("f", "d", std::string("\0\0\0\1\x7d", 5))));  // 12.5
  EXPECT_EQ(rows_of(Scan().prefix("n3").filter(ValueFilter(equal, BigDecimalComparator("12.50")))), "3");  // the scale does not matter
  EXPECT_EQ(rows_of(Scan().prefix("n3").filter(ValueFilter(less, BigDecimalComparator("12.51")))), "3");
  EXPECT_EQ(rows_of(Scan().prefix("n3").filter(ValueFilter(greater, BigDecimalComparator("-100")))), "3");
}

TEST_F(Query, AClassThatTheServerDoesNotHave) {
  const auto row = table().get(Get("r1").filter(Filter("org.example.NoSuchFilter", "")));
  ASSERT_FALSE(row);
  EXPECT_NE(row.error().to_string().find("NoSuchFilter"), std::string::npos) << row.error();
  const auto scanned = table().scan(Scan().filter(Filter("org.example.NoSuchFilter", ""))).next();
  ASSERT_FALSE(scanned);
  HBMUX_EXPECT_ERROR(table().get(Get("r1").filter(PageFilter(-1))), Errc::invalid_argument);
}

TEST_F(Query, LimitsWithinAFamily) {
  EXPECT_EQ(got(Get("r5").max_results_per_column_family(1)), "a=5 c=c");
  EXPECT_EQ(got(Get("r5").max_results_per_column_family(1).row_offset_per_column_family(1)), "b=b5 d=d");
  EXPECT_EQ(scanned(Scan().prefix("r5").row_offset_per_column_family(1)), "r5:b=b5 d=d");
}

TEST_F(Query, TimeRangesOfFamilies) {
  EXPECT_EQ(got(Get("r5").family_time_range("g", 0, 4)), "a=5 b=b5 c=c");
  EXPECT_EQ(got(Get("r5").time_range(2, 4).family_time_range("g", 4, 5)), "b=b5 d=d");
  EXPECT_EQ(scanned(Scan().prefix("r5").family_time_range("f", 2, 3).family_time_range("g", 0, 1)), "r5:b=b5");
}

TEST_F(Query, FamiliesOnDemand) {
  auto filter = SingleColumnValueFilter("f", "a", equal, "5").filter_if_missing(true);
  EXPECT_EQ(scanned(Scan().filter(filter).load_column_families_on_demand(true)), "r5:a=5 b=b5 c=c d=d");
}

TEST_F(Query, RawScansShowMarkers) {
  HBMUX_ASSERT_OK(table().remove(Delete("r5").add_columns("g", "c", 3)));
  EXPECT_EQ(scanned(Scan().prefix("r5").family("g")), "r5:d=d");
  const auto row = table().scan(Scan().prefix("r5").family("g").raw(true).all_versions()).next().value();
  ASSERT_TRUE(row);
  ASSERT_EQ(row->size(), 3u);
  EXPECT_EQ((*row)[0].type(), CellType::delete_column);
  EXPECT_EQ((*row)[1].type(), CellType::put);
  EXPECT_EQ((*row)[1].value(), "c");
}

TEST_F(Query, MetricsOfAScan) {
  Scanner scanner = table().scan(Scan().scan_metrics(true).filter(SingleColumnValueFilter("f", "a", less, "4")));
  int rows = 0;
  for (const auto& row : scanner) {
    HBMUX_ASSERT_OK(row);
    ++rows;
  }
  EXPECT_EQ(rows, 4);
  const ScanMetrics metrics = scanner.metrics();
  EXPECT_EQ(metrics.regions_scanned, 3u);
  EXPECT_GE(metrics.rpc_calls, 3u);
  EXPECT_GT(metrics.bytes_in_results, 4u * 4 * 20);
  EXPECT_EQ(metrics.server.at("ROWS_SCANNED"), 9);
  EXPECT_EQ(metrics.server.at("ROWS_FILTERED"), 5);
  EXPECT_EQ(table().scan(Scan()).metrics().rpc_calls, 0u);
}

TEST_F(Query, ReadTypesAndIsolation) {
  EXPECT_EQ(rows_of(Scan().read_type(ReadType::pread)), "012345678");
  EXPECT_EQ(rows_of(Scan().read_type(ReadType::stream)), "012345678");
  EXPECT_EQ(rows_of(Scan().one_row_limit().start_row("r4")), "4");
  EXPECT_EQ(rows_of(Scan().isolation_level(IsolationLevel::read_uncommitted)), "012345678");
  EXPECT_EQ(got(Get("r5").isolation_level(IsolationLevel::read_uncommitted).family("g")), "c=c d=d");
}

TEST_F(Query, AttributesAndPrioritiesTravel) {
  EXPECT_EQ(got(Get("r5").family("g").attribute("mine", "x").id("a get").priority(100)), "c=c d=d");
  HBMUX_EXPECT_OK(table().put(Put("s").add("f", "q", "v").attribute("mine", "x").id("a put").priority(100)));
  EXPECT_EQ(got(Get("s")), "q=v");
}

TEST_F(Query, CellsWithATimeToLive) {
  HBMUX_ASSERT_OK(table().put(Put("s").add("f", "q", "short").ttl(milliseconds(1))));
  HBMUX_ASSERT_OK(table().put(Put("s").add("f", "p", "long").ttl(milliseconds(3600000))));
  for (int i = 0; i < 200 && got(Get("s")) != "p=long"; ++i) std::this_thread::sleep_for(milliseconds(10));
  EXPECT_EQ(got(Get("s")), "p=long");
}

TEST_F(Query, IncrementsAndAppendsLookAtATimeRange) {
  HBMUX_ASSERT_OK(table().put(Put("s").add("g", "n", 10, std::string("\0\0\0\0\0\0\0\5", 8)).add("g", "s", 10, "old")));
  const auto row = table().increment(Increment("s").add("g", "n", 1).time_range(20, 30));
  HBMUX_ASSERT_OK(row);
  EXPECT_EQ(row->value("g", "n"), std::string_view("\0\0\0\0\0\0\0\1", 8));
  const auto appended = table().append(Append("s").add("g", "s", "new").time_range(0, 20));
  HBMUX_ASSERT_OK(appended);
  EXPECT_EQ(appended->value("g", "s"), "oldnew");
}

TEST_F(Query, TagsNeedACodecThatCarriesThem) {
  const auto put = Put("s").add("f", "q", 1, "v", {{65, "tag"}});
  HBMUX_EXPECT_ERROR(table().put(put), Errc::invalid_argument);
  connect({{"hbase.client.rpc.codec", "org.apache.hadoop.hbase.codec.KeyValueCodecWithTags"}});
  Table tagged = connection().table(table().name());
  HBMUX_EXPECT_OK(tagged.put(put));
  EXPECT_EQ(tagged.get(Get("s"))->value("f", "q"), "v");
}

TEST_F(Query, MetricsSayWhatWasRead) {
  HBMUX_ASSERT_OK(admin().flush_table(table().name()));  // HBase counts the blocks of files
  const auto status = admin().cluster_status();
  HBMUX_ASSERT_OK(status);
  const bool told = !status->hbase_version.starts_with("2.5");
  const auto expect_metrics = [&](const Result<Row>& row) {
    HBMUX_ASSERT_OK(row);
    EXPECT_EQ(row->metrics().has_value(), told);
    if (row->metrics()) {
      EXPECT_GT(row->metrics()->block_bytes_scanned, 0u);
    }
  };
  expect_metrics(table().get(Get("r1").query_metrics(true)));
  EXPECT_EQ(table().get(Get("r1"))->metrics(), std::nullopt);
  std::string with_metrics;  // the rows of each region's first answer
  for (const auto& row : table().scan(Scan().query_metrics(true).caching(2))) {
    HBMUX_ASSERT_OK(row);
    if (row->metrics()) with_metrics += row->row().substr(1);
  }
  EXPECT_EQ(with_metrics, told ? "013467" : "");
  const auto checked = table().check_and_mutate(
      CheckAndMutate("r1").if_equals("f", "a", "1").then(Put("r1").add("f", "new", "v")).query_metrics(true));
  HBMUX_ASSERT_OK(checked);
  EXPECT_TRUE(checked->success());
  std::vector<Action> actions;
  actions.emplace_back(Get("r2").query_metrics(true));
  actions.emplace_back(Get("r7"));
  const auto results = table().batch(std::move(actions));
  for (const auto& result : results) HBMUX_ASSERT_OK(result);
  EXPECT_EQ(results[0]->metrics().has_value(), told);
  EXPECT_EQ(results[1]->metrics(), std::nullopt);
}

}  // namespace
}  // namespace hbmux::integration
