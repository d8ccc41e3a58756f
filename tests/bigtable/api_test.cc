// Every operation of the public API on the server that BIGTABLE_EMULATOR_HOST names: Google's emulator, or our own gateway.
#include "tests/support/result_assertions.h"

#include <hbmux/bytes.h>
#include <hbmux/filters.h>
#include <hbmux/hbmux.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/use_future.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <future>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace hbmux {
namespace {

Configuration bigtable_configuration() {
  Configuration configuration;
  configuration.set("hbase.client.connection.impl", "com.google.cloud.bigtable.hbase2_x.BigtableConnection");
  configuration.set("google.bigtable.project.id", "p");
  configuration.set("google.bigtable.instance.id", "i");
  configuration.set("hbase.client.operation.timeout", "20000");
  return configuration;
}

/// One connection for all tests, a table for each.
class OnBigtable : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (std::getenv("BIGTABLE_EMULATOR_HOST") == nullptr) return;
    connection() = new ClusterConnection(ClusterConnection::open(bigtable_configuration()).value());
  }
  static void TearDownTestSuite() {
    delete connection();
    connection() = nullptr;
  }
  static ClusterConnection*& connection() {
    static ClusterConnection* one = nullptr;
    return one;
  }

  void SetUp() override {
    if (connection() == nullptr) GTEST_SKIP() << "BIGTABLE_EMULATOR_HOST is not set";
    static int number = 0;
    name_ = TableName::parse("t" + std::to_string(++number)).value();
    HBMUX_ASSERT_OK(admin().create_table(TableDescriptor(name_).family(ColumnFamilyDescriptor("f").max_versions(5)).family("g"), {"m"}));
    table_.emplace(connection()->table(name_));
  }
  void TearDown() override {
    if (table_) HBMUX_EXPECT_OK(admin().delete_table(name_));
  }
  Admin admin() const { return connection()->admin(); }
  Table& table() { return *table_; }

  void put(std::string_view row, std::string_view qualifier, std::string_view value, std::int64_t timestamp = kLatestTimestamp) {
    HBMUX_ASSERT_OK(table().put(Put(row).add("f", qualifier, timestamp, value)));
  }
  /// "f:q@5=v f:q@4=u"
  static std::string text(const Row& row, bool times = true) {
    std::string out;
    for (const Cell& cell : row) {
      if (!out.empty()) out += " ";
      out += std::string(cell.family()) + ":" + std::string(cell.qualifier());
      if (times) out += "@" + std::to_string(cell.timestamp());
      out += "=" + std::string(cell.value());
    }
    return out;
  }
  std::string got(const Get& get, bool times = true) {
    auto row = table().get(get);
    return row ? text(*row, times) : row.error().to_string();
  }
  std::string keys(const Scan& scan) {
    std::string out;
    for (const auto& row : table().scan(scan)) {
      if (!row) return out + row.error().to_string();
      out += std::string(row->row()) + " ";
    }
    return out;
  }

  TableName name_;
  std::optional<Table> table_;
};

TEST_F(OnBigtable, PutAndGet) {
  put("r", "q", "v", 5);
  EXPECT_EQ(got(Get("r")), "f:q@5=v");
  EXPECT_EQ(got(Get("none")), "");
  const std::string odd("\0\n\\.*\xff", 6);
  put(odd, odd, odd, 7);
  const auto row = table().get(Get(odd).column("f", odd));
  HBMUX_ASSERT_OK(row);
  EXPECT_EQ(row->row(), odd);
  EXPECT_EQ(row->value("f", odd), odd);
}

TEST_F(OnBigtable, CellsWithoutATimeGetOne) {
  put("r", "q", "v");
  const auto row = table().get(Get("r"));
  HBMUX_ASSERT_OK(row);
  EXPECT_GT((*row)[0].timestamp(), 1'500'000'000'000);
}

TEST_F(OnBigtable, ColumnsVersionsAndTimes) {
  for (const int time : {1, 2, 3}) put("r", "a", std::to_string(time), time);
  put("r", "b", "x", 2);
  HBMUX_ASSERT_OK(table().put(Put("r").add("g", "c", 9, "y")));
  EXPECT_EQ(got(Get("r")), "f:a@3=3 f:b@2=x g:c@9=y");
  EXPECT_EQ(got(Get("r").versions(2)), "f:a@3=3 f:a@2=2 f:b@2=x g:c@9=y");
  EXPECT_EQ(got(Get("r").family("f").all_versions()), "f:a@3=3 f:a@2=2 f:a@1=1 f:b@2=x");
  EXPECT_EQ(got(Get("r").column("f", "b").family("g")), "f:b@2=x g:c@9=y");
  EXPECT_EQ(got(Get("r").time_range(1, 3).all_versions()), "f:a@2=2 f:a@1=1 f:b@2=x");
  EXPECT_EQ(got(Get("r").timestamp(1)), "f:a@1=1");
  EXPECT_EQ(got(Get("r").family("f").max_results_per_column_family(1)), "f:a@3=3");
  EXPECT_EQ(got(Get("r").family("f").row_offset_per_column_family(1)), "f:b@2=x");
  EXPECT_EQ(got(Get("r").family("f").family("g").family_time_range("f", 2, 3)), "f:a@2=2 f:b@2=x g:c@9=y");
}

TEST_F(OnBigtable, Exists) {
  put("r", "q", "v");
  EXPECT_TRUE(table().exists(Get("r")).value());
  EXPECT_FALSE(table().exists(Get("s")).value());
  EXPECT_FALSE(table().exists(Get("r").column("f", "x")).value());
  EXPECT_TRUE(table().get(Get("r").check_existence_only(true)).value().exists());
  const auto many = table().exists(std::vector<Get>{Get("r"), Get("s"), Get("r")});
  ASSERT_EQ(many.size(), 3u);
  EXPECT_TRUE(many[0].value());
  EXPECT_FALSE(many[1].value());
  EXPECT_TRUE(many[2].value());
}

TEST_F(OnBigtable, Deletes) {
  for (const int time : {1, 2, 3}) put("r", "a", std::to_string(time), time);
  HBMUX_ASSERT_OK(table().put(Put("r").add("g", "c", 9, "y")));
  HBMUX_ASSERT_OK(table().remove(Delete("r").add_column("f", "a", 2)));
  EXPECT_EQ(got(Get("r").all_versions()), "f:a@3=3 f:a@1=1 g:c@9=y");
  HBMUX_ASSERT_OK(table().remove(Delete("r").add_columns("f", "a", 1)));
  EXPECT_EQ(got(Get("r").all_versions()), "f:a@3=3 g:c@9=y");
  HBMUX_ASSERT_OK(table().remove(Delete("r").add_family("g")));
  EXPECT_EQ(got(Get("r").all_versions()), "f:a@3=3");
  HBMUX_ASSERT_OK(table().remove(Delete("r")));
  EXPECT_EQ(got(Get("r")), "");
}

TEST_F(OnBigtable, AppendAndIncrement) {
  EXPECT_EQ(table().append(Append("r").add("f", "a", "x")).value().value("f", "a"), "x");
  EXPECT_EQ(table().append(Append("r").add("f", "a", "yz")).value().value("f", "a"), "xyz");
  EXPECT_TRUE(table().append(Append("r").add("f", "a", "!").return_results(false)).value().empty());
  EXPECT_EQ(got(Get("r").column("f", "a"), false), "f:a=xyz!");
  HBMUX_ASSERT_OK(table().increment(Increment("r").add("f", "n", 40)));
  const auto counted = table().increment(Increment("r").add("f", "n", 2).add("f", "m", -1));
  HBMUX_ASSERT_OK(counted);
  EXPECT_EQ(bytes::to<std::int64_t>(*counted->value("f", "n")), 42);
  EXPECT_EQ(bytes::to<std::int64_t>(*counted->value("f", "m")), -1);
}

TEST_F(OnBigtable, RowMutationsAreOne) {
  put("r", "a", "1", 5);
  HBMUX_ASSERT_OK(table().mutate_row(RowMutations("r").add(Delete("r").add_columns("f", "a")).add(Put("r").add("f", "b", 6, "2"))));
  EXPECT_EQ(got(Get("r")), "f:b@6=2");
  const auto counted = table().mutate_row(RowMutations("r").add(Increment("r").add("f", "n", 3)).add(Append("r").add("f", "s", "x")));
  HBMUX_ASSERT_OK(counted);
  EXPECT_EQ(counted->value("f", "s"), "x");
}

TEST_F(OnBigtable, CheckAndMutate) {
  const auto change = [](const std::string& value) { return Put("r").add("f", "b", value); };
  const auto held = [&](CheckAndMutate check) { return table().check_and_mutate(std::move(check)).value().success(); };
  EXPECT_TRUE(held(CheckAndMutate("r").if_not_exists("f", "a").then(Put("r").add("f", "a", "m"))));
  EXPECT_FALSE(held(CheckAndMutate("r").if_not_exists("f", "a").then(change("no"))));
  EXPECT_TRUE(held(CheckAndMutate("r").if_equals("f", "a", "m").then(change("1"))));
  EXPECT_FALSE(held(CheckAndMutate("r").if_equals("f", "a", "x").then(change("no"))));
  EXPECT_TRUE(held(CheckAndMutate("r").if_matches("f", "a", CompareOperator::less, "a").then(change("2"))));  // a < m
  EXPECT_FALSE(held(CheckAndMutate("r").if_matches("f", "a", CompareOperator::less, "m").then(change("no"))));
  EXPECT_TRUE(held(CheckAndMutate("r").if_matches("f", "a", CompareOperator::less_or_equal, "m").then(change("3"))));
  EXPECT_TRUE(held(CheckAndMutate("r").if_matches("f", "a", CompareOperator::greater, "z").then(change("4"))));
  EXPECT_TRUE(held(CheckAndMutate("r").if_matches("f", "a", CompareOperator::not_equal, "z").then(change("5"))));
  EXPECT_FALSE(held(CheckAndMutate("r").if_matches("f", "none", CompareOperator::not_equal, "z").then(change("no"))));
  const ColumnValueFilter is_m("f", "a", CompareOperator::equal, BinaryComparator("m"));
  EXPECT_TRUE(held(CheckAndMutate("r").if_matches(is_m).then(change("6"))));
  EXPECT_EQ(got(Get("r").column("f", "b"), false), "f:b=6");
  EXPECT_TRUE(held(CheckAndMutate("r").if_equals("f", "a", "m").then(
      RowMutations("r").add(Delete("r").add_columns("f", "a")).add(Put("r").add("f", "c", "7")))));
  EXPECT_EQ(got(Get("r").column("f", "a").column("f", "c"), false), "f:c=7");
}

TEST_F(OnBigtable, Batch) {
  put("a", "q", "1", 1);
  std::vector<Action> actions;
  actions.emplace_back(Get("a"));
  actions.emplace_back(Put("b").add("f", "q", 2, "2"));
  actions.emplace_back(Delete("c"));
  actions.emplace_back(Increment("n").add("f", "q", 5));
  actions.emplace_back(Append("s").add("f", "q", "x"));
  actions.emplace_back(RowMutations("d").add(Put("d").add("f", "q", 3, "3")));
  actions.emplace_back(CheckAndMutate("a").if_equals("f", "q", "1").then(Put("e").add("f", "q", 1, "no")));
  actions.emplace_back(CheckAndMutate("a").if_equals("f", "q", "2").then(Put("a").add("f", "q", 9, "no")));
  actions.emplace_back(Get("a").column("f", "none"));
  actions.emplace_back(Get("a"));
  actions.emplace_back(Put("x"));  // has no cells
  std::atomic<int> told{0};
  const auto results = table().batch(actions, [&](std::size_t, const Result<ActionResult>&) { ++told; });
  ASSERT_EQ(results.size(), actions.size());
  EXPECT_EQ(told, static_cast<int>(actions.size()));
  EXPECT_EQ(results[0].value().value("f", "q"), "1");
  HBMUX_EXPECT_OK(results[1]);
  HBMUX_EXPECT_OK(results[2]);
  EXPECT_EQ(bytes::to<std::int64_t>(*results[3].value().value("f", "q")), 5);
  EXPECT_EQ(results[4].value().value("f", "q"), "x");
  HBMUX_EXPECT_OK(results[5]);
  HBMUX_EXPECT_ERROR(results[6], Errc::invalid_argument);  // another row
  EXPECT_FALSE(results[7].value().success());
  EXPECT_FALSE(results[8].value().exists());
  EXPECT_EQ(results[9].value().value("f", "q"), "1");
  HBMUX_EXPECT_ERROR(results[10], Errc::invalid_argument);
  EXPECT_EQ(got(Get("b")), "f:q@2=2");
  EXPECT_EQ(got(Get("d")), "f:q@3=3");
}

TEST_F(OnBigtable, Scans) {
  for (const char* row : {"a", "b", "c", "n", "o"}) put(row, "q", row, 1);
  EXPECT_EQ(keys(Scan()), "a b c n o ");
  EXPECT_EQ(keys(Scan().start_row("b").stop_row("n")), "b c ");
  EXPECT_EQ(keys(Scan().start_row("b", false).stop_row("n", true)), "c n ");
  EXPECT_EQ(keys(Scan().limit(2)), "a b ");
  EXPECT_EQ(keys(Scan().prefix("c")), "c ");
  EXPECT_EQ(keys(Scan().reversed(true)), "o n c b a ");
  EXPECT_EQ(keys(Scan().reversed(true).start_row("n").stop_row("a")), "n c b ");
  EXPECT_EQ(keys(Scan().start_row("x").stop_row("b")), "");
  EXPECT_EQ(keys(Scan().column("f", "none")), "");
  EXPECT_EQ(table().scan_all(Scan().start_row("c")).value().size(), 3u);
}

TEST_F(OnBigtable, RowsInParts) {
  Put wide("w");
  for (int i = 10; i < 17; ++i) wide.add("f", "q" + std::to_string(i), 1, "v");
  HBMUX_ASSERT_OK(table().put(std::move(wide)));
  std::vector<std::size_t> sizes;
  std::vector<bool> partial;
  for (const auto& row : table().scan(Scan().batch(3))) {
    HBMUX_ASSERT_OK(row);
    sizes.push_back(row->size());
    partial.push_back(row->partial());
  }
  EXPECT_EQ(sizes, (std::vector<std::size_t>{3, 3, 1}));
  EXPECT_EQ(partial, (std::vector<bool>{true, true, false}));
}

TEST_F(OnBigtable, Filters) {
  for (const char* row : {"a1", "a2", "b1", "c.*"}) {
    HBMUX_ASSERT_OK(table().put(Put(row).add("f", "x", 1, row).add("f", "y", 2, "Same").add("g", "z", 3, "")));
  }
  const auto filtered = [&](const Filter& filter) { return keys(Scan().filter(filter)); };
  EXPECT_EQ(filtered(PrefixFilter("a")), "a1 a2 ");
  EXPECT_EQ(filtered(PageFilter(3)), "a1 a2 b1 ");
  EXPECT_EQ(filtered(InclusiveStopFilter("b1")), "a1 a2 b1 ");
  EXPECT_EQ(filtered(RowFilter(CompareOperator::greater, BinaryComparator("a2"))), "b1 c.* ");
  EXPECT_EQ(filtered(RowFilter(CompareOperator::not_equal, BinaryComparator("a2"))), "a1 b1 c.* ");
  EXPECT_EQ(filtered(RowFilter(CompareOperator::equal, RegexStringComparator("1$"))), "a1 b1 ");
  EXPECT_EQ(filtered(RowFilter(CompareOperator::equal, SubstringComparator(".*"))), "c.* ");
  EXPECT_EQ(filtered(MultiRowRangeFilter({{"a2", true, "b", false}, {"c", true, "", false}})), "a2 c.* ");
  EXPECT_EQ(filtered(FuzzyRowFilter({{"?1", std::string("\1\0", 2)}})), "a1 b1 ");
  EXPECT_EQ(filtered(ValueFilter(CompareOperator::equal, BinaryComparator("b1"))), "b1 ");
  EXPECT_EQ(filtered(ValueFilter(CompareOperator::greater_or_equal, BinaryComparator("b1"))), "b1 c.* ");
  EXPECT_EQ(filtered(ValueFilter(CompareOperator::equal, BinaryPrefixComparator("a"))), "a1 a2 ");
  EXPECT_EQ(filtered(ValueFilter(CompareOperator::equal, SubstringComparator("C.*"))), "c.* ");
  EXPECT_EQ(filtered(SingleColumnValueFilter("f", "x", CompareOperator::equal, "a2")), "a2 ");
  EXPECT_EQ(filtered(SingleColumnValueFilter("f", "none", CompareOperator::equal, "a2")), "a1 a2 b1 c.* ");
  EXPECT_EQ(filtered(SingleColumnValueFilter("f", "none", CompareOperator::equal, "a2").filter_if_missing(true)), "");
  EXPECT_EQ(filtered(FilterList({PrefixFilter("a"), ValueFilter(CompareOperator::equal, BinaryComparator("a2"))})), "a2 ");
  const ValueFilter is_a2(CompareOperator::equal, BinaryComparator("a2"));
  EXPECT_EQ(filtered(FilterList(FilterList::Operator::must_pass_one, {PrefixFilter("b"), is_a2})), "a2 b1 ");
  EXPECT_EQ(got(Get("a1").filter(KeyOnlyFilter())), "f:x@1= f:y@2= g:z@3=");
  EXPECT_EQ(got(Get("a1").family("f").filter(FirstKeyOnlyFilter())), "f:x@1=a1");
  EXPECT_EQ(got(Get("a1").filter(ColumnPrefixFilter("y"))), "f:y@2=Same");
  EXPECT_EQ(got(Get("a1").filter(MultipleColumnPrefixFilter({"y", "z"}))), "f:y@2=Same g:z@3=");
  EXPECT_EQ(got(Get("a1").family("f").filter(ColumnRangeFilter("x", false, "z", true))), "f:y@2=Same");
  EXPECT_EQ(got(Get("a1").family("f").filter(ColumnCountGetFilter(2))), "f:x@1=a1 f:y@2=Same");
  EXPECT_EQ(got(Get("a1").family("f").filter(ColumnPaginationFilter(1, 1))), "f:y@2=Same");
  EXPECT_EQ(got(Get("a1").filter(FamilyFilter(CompareOperator::equal, BinaryComparator("g")))), "g:z@3=");
  EXPECT_EQ(got(Get("a1").filter(QualifierFilter(CompareOperator::equal, BinaryComparator("x")))), "f:x@1=a1");
  EXPECT_EQ(got(Get("a1").family("f").filter(QualifierFilter(CompareOperator::greater, BinaryComparator("x")))), "f:y@2=Same");
  EXPECT_EQ(got(Get("a1").filter(TimestampsFilter({1, 3}))), "f:x@1=a1 g:z@3=");
  EXPECT_EQ(got(Get("a1").filter(ColumnValueFilter("f", "y", CompareOperator::equal, BinaryComparator("Same")))), "f:y@2=Same");
}

TEST_F(OnBigtable, ParallelScans) {
  for (int i = 100; i < 200; ++i) put("r" + std::to_string(i), "q", "v", 1);
  for (const bool ordered : {false, true}) {
    ParallelScanOptions options;
    options.ordered = ordered;
    auto scanner = table().parallel_scan(Scan(), options);
    std::vector<std::string> rows;
    for (auto row = scanner.next(); row && *row; row = scanner.next()) rows.emplace_back((**row).row());
    EXPECT_EQ(rows.size(), 100u);
    if (ordered) {
      EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end()));
    }
  }
}

TEST_F(OnBigtable, ManyRows) {
  std::atomic<int> written{0};
  auto mutator = table().buffered_mutator(BufferedMutatorParams().write_buffer_size(20'000));
  for (int i = 10'000; i < 13'000; ++i) {
    HBMUX_ASSERT_OK(mutator.mutate(Put("r" + std::to_string(i)).add("f", "q", std::string(100, 'x')),
                                   [&](const Result<void>& result) { written += result ? 1 : 0; }));
  }
  HBMUX_ASSERT_OK(mutator.flush());  // what is under way together has no order
  HBMUX_ASSERT_OK(mutator.mutate(Increment("n").add("f", "q", 1)));
  HBMUX_ASSERT_OK(mutator.mutate(Delete("r10000")));
  HBMUX_ASSERT_OK(mutator.close());
  EXPECT_EQ(written, 3000);
  EXPECT_EQ(mutator.bytes_held(), 0u);
  EXPECT_EQ(mutator.mutations_held(), 0u);
  int rows = 0;
  for (const auto& row : table().scan(Scan().prefix("r"))) rows += row ? 1 : 0;
  EXPECT_EQ(rows, 2999);
}

TEST_F(OnBigtable, RegionsCoverTheTable) {
  const auto regions = table().region_locator().all_region_locations();
  HBMUX_ASSERT_OK(regions);
  ASSERT_FALSE(regions->empty());
  EXPECT_EQ(regions->front().region->start_key(), "");
  EXPECT_EQ(regions->back().region->end_key(), "");
  const auto one = table().region_locator().region_location("x");
  HBMUX_ASSERT_OK(one);
  EXPECT_TRUE(one->region->contains("x"));
  HBMUX_EXPECT_OK(table().warm_up());
}

TEST_F(OnBigtable, Tables) {
  EXPECT_TRUE(admin().table_exists(name_).value());
  EXPECT_FALSE(admin().table_exists(TableName::parse("none").value()).value());
  const auto names = admin().list_tables();
  HBMUX_ASSERT_OK(names);
  EXPECT_NE(std::find(names->begin(), names->end(), name_), names->end());
  const auto described = admin().describe_table(name_);
  HBMUX_ASSERT_OK(described);
  ASSERT_EQ(described->families.size(), 2u);
  EXPECT_EQ(described->families[0].name, "f");
  EXPECT_EQ(described->families[0].values.at("VERSIONS"), "5");
  EXPECT_EQ(admin().table_state(name_).value(), TableState::enabled);
  HBMUX_EXPECT_ERROR(admin().create_table(TableDescriptor(name_).family("f")), Errc::table_exists);
  put("r", "q", "v");
  HBMUX_ASSERT_OK(admin().truncate_table(name_, true));
  EXPECT_EQ(keys(Scan()), "");
}

TEST_F(OnBigtable, Families) {
  HBMUX_ASSERT_OK(admin().add_column_family(name_, ColumnFamilyDescriptor("h").max_versions(2).time_to_live(3600)));
  HBMUX_ASSERT_OK(admin().modify_column_family(name_, ColumnFamilyDescriptor("f").max_versions(7)));
  HBMUX_ASSERT_OK(admin().delete_column_family(name_, "g"));
  const auto described = admin().describe_table(name_);
  HBMUX_ASSERT_OK(described);
  ASSERT_EQ(described->families.size(), 2u);
  EXPECT_EQ(described->families[0].values.at("VERSIONS"), "7");
  EXPECT_EQ(described->families[1].name, "h");
  EXPECT_EQ(described->families[1].values.at("TTL"), "3600");
}

TEST_F(OnBigtable, WhatIsNotThereIsNamed) {
  const Table none = connection()->table("none");
  HBMUX_EXPECT_ERROR(none.get(Get("r")), Errc::table_not_found);
  HBMUX_EXPECT_ERROR(none.put(Put("r").add("f", "q", "v")), Errc::table_not_found);
  HBMUX_EXPECT_ERROR(table().put(Put("r").add("none", "q", "v")), Errc::no_such_column_family);
}

TEST_F(OnBigtable, WhatBigtableCannotExpressSaysSo) {
  const auto names = [](const auto& result, const std::string& what) {
    HBMUX_EXPECT_ERROR(result, Errc::unsupported);
    if (!result) EXPECT_NE(result.error().message().find(what), std::string::npos) << result.error();
  };
  names(table().put(Put("r").add("f", "q", "v").ttl(std::chrono::seconds(1))), "time to live");
  names(table().put(Put("r").add("f", "q", "v").cell_visibility("a")), "visibility");
  names(table().put(Put("r").add("f", "q", kLatestTimestamp - 1, "v")), "timestamp");
  names(table().remove(Delete("r", 5)), "up to a timestamp");
  names(table().remove(Delete("r").add_family("f", 5)), "up to a timestamp");
  names(table().remove(Delete("r").add_column("f", "q")), "newest version");
  names(table().append(Append("r").add("f", "q", "v").time_range(1, 2)), "time range");
  names(table().mutate_row(RowMutations("r").add(Put("r").add("f", "q", "v")).add(Increment("r").add("f", "n", 1))), "RowMutations");
  names(table().check_and_mutate(CheckAndMutate("r").if_not_exists("f", "q").then(Increment("r").add("f", "n", 1))), "under a condition");
  names(table().get(Get("r").filter(SkipFilter(KeyOnlyFilter()))), "SkipFilter");
  names(table().get(Get("r").filter(ColumnRangeFilter("a", true, "b", true))), "families");
  names(table().scan(Scan().raw(true)).next(), "raw");
  names(table().coprocessor_service("r", {"S", "M", ""}), "coprocessor");
  names(AggregationClient<std::int64_t>(table()).sum(Scan().family("f")), "AggregationClient");
  names(admin().disable_table(name_), "disable_table");
  names(admin().list_namespaces(), "list_namespaces");
  names(admin().create_table(TableDescriptor(TableName::parse("ns:t").value()).family("f")), "namespaces");
  names(connection()->table("ns:t").get(Get("r")), "namespaces");
  names(connection()->as("somebody").table(name_).get(Get("r")), "as");
}

TEST_F(OnBigtable, AsynchronousForms) {
  EXPECT_TRUE(table().async_put(Put("r").add("f", "q", 1, "v"), boost::asio::use_future).get());
  EXPECT_EQ(text(table().async_get(Get("r"), boost::asio::use_future).get().value()), "f:q@1=v");
  std::promise<std::string> told;
  table().async_get(Get("r"), [&](const Result<Row>& row) {
    // A lane, where nothing may block.
    told.set_value(text(*row) + " " + std::string(to_string(table().get(Get("r")).error().code())));
  });
  EXPECT_EQ(told.get_future().get(), "f:q@1=v blocking_call_on_lane");
}

TEST_F(OnBigtable, ManyThreadsOverEveryTypeOfPool) {
  for (const char* type : {"RoundRobin", "ThreadLocal", "Reusable"}) {
    SCOPED_TRACE(type);
    auto pooled = ClusterConnection::open(
        bigtable_configuration().set("hbase.client.ipc.pool.type", type).set("google.bigtable.grpc.channel.count", "3"));
    HBMUX_ASSERT_OK(pooled);
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&, t] {
        const Table mine = pooled->table(name_);
        for (int i = 0; i < 50; ++i) {
          const std::string row = type + std::to_string(t) + "-" + std::to_string(i % 5), value = std::to_string(i);
          if (!mine.put(Put(row).add("f", "q", 1000 + i, value))) ++wrong;
          const auto read = mine.get(Get(row));
          if (!read || read->value("f", "q") != value) ++wrong;
        }
      });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
    const auto statistics = pooled->statistics();
    EXPECT_LE(statistics.sockets_open(), type == std::string_view("ThreadLocal") ? 8u : 3u);
    EXPECT_EQ(statistics.calls_in_flight, 0u);
    RequestScope scope;
    HBMUX_EXPECT_OK(pooled->table(name_).in(scope).get(Get("r")));
  }
}

TEST_F(OnBigtable, CancelledOperationsEndOnce) {
  for (int i = 0; i < 50; ++i) {
    boost::asio::cancellation_signal signal;
    std::promise<Errc> ended;
    table().async_get(Get("r"), boost::asio::bind_cancellation_slot(signal.slot(), [&](const Result<Row>& row) {
      ended.set_value(row ? Errc::do_not_retry : row.error().code());
    }));
    signal.emit(boost::asio::cancellation_type::terminal);
    const Errc code = ended.get_future().get();
    EXPECT_TRUE(code == Errc::cancelled || code == Errc::do_not_retry) << code;
  }
}

TEST(OnBigtableConnection, ProblemsOfTheConfiguration) {
  Configuration configuration;
  configuration.set("hbase.client.connection.impl", "bigtable");
  HBMUX_EXPECT_ERROR(ClusterConnection::open(configuration), Errc::invalid_configuration);
}

}  // namespace
}  // namespace hbmux
