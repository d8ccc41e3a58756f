// Scans: every option, over several regions.
#include "tests/integration/cluster.h"

#include <algorithm>
#include <functional>

namespace hbmux::integration {
namespace {

class Scans : public ClusterTest {
 protected:
  /// Rows a00 to a99, in four regions; "f:q" is the row's number, "g:v" has three versions, "f:even" is in the even
  /// ones.
  Table fill() {
    auto table = connection().table(make_table({"a25", "a50", "a75"}));
    std::vector<Action> puts;
    for (int i = 0; i < 100; ++i) {
      Put put(key(i));
      put.add("f", "q", std::to_string(i));
      if (i % 2 == 0) put.add("f", "even", "yes");
      for (int time = 1; time <= 3; ++time) put.add("g", "v", time, std::to_string(time));
      puts.emplace_back(std::move(put));
    }
    for (const auto& result : table.batch(std::move(puts))) EXPECT_TRUE(result) << result.error();
    return table;
  }
  static std::string key(int i) {
    return std::string("a") + static_cast<char>('0' + i / 10) + static_cast<char>('0' + i % 10);
  }

  /// The rows that come; fails the test on an error.
  static std::vector<std::string> keys(const Table& table, Scan scan) {
    std::vector<std::string> found;
    auto scanner = table.scan(std::move(scan));
    for (const auto& row : scanner) {
      EXPECT_TRUE(row) << row.error();
      if (row) found.emplace_back(row->row());
    }
    return found;
  }
  /// from, from + step, ... up to and with `to`.
  static std::vector<std::string> range(int from, int to, int step = 1) {
    std::vector<std::string> expected;
    for (int i = from; step > 0 ? i <= to : i >= to; i += step) expected.push_back(key(i));
    return expected;
  }
};

TEST_F(Scans, WholeTableAndBounds) {
  const auto table = fill();
  EXPECT_EQ(keys(table, Scan()), range(0, 99));
  EXPECT_EQ(keys(table, Scan().start_row("a10").stop_row("a60")), range(10, 59));
  EXPECT_EQ(keys(table, Scan().start_row("a10", false).stop_row("a60", true)), range(11, 60));
  EXPECT_EQ(keys(table, Scan().start_row("a25").stop_row("a50")), range(25, 49)) << "exactly one region";
  EXPECT_EQ(keys(table, Scan().start_row("a24", false).stop_row("a25", true)), range(25, 25)) << "over the border";
  EXPECT_EQ(keys(table, Scan().start_row("a50", true).stop_row("a50", true)), range(50, 50)) << "one row";
  EXPECT_EQ(keys(table, Scan().prefix("a7")), range(70, 79)) << "over the border";
  EXPECT_EQ(keys(table, Scan().start_row("b")), range(0, -1)) << "nothing there";
}

TEST_F(Scans, Reversed) {
  const auto table = fill();
  EXPECT_EQ(keys(table, Scan().reversed(true)), range(99, 0, -1));
  EXPECT_EQ(keys(table, Scan().reversed(true).start_row("a60").stop_row("a10")), range(60, 11, -1));
  EXPECT_EQ(keys(table, Scan().reversed(true).start_row("a60", false).stop_row("a10", true)), range(59, 10, -1));
  EXPECT_EQ(keys(table, Scan().reversed(true).start_row("a50", false).stop_row("a49", true)), range(49, 49, -1));
  EXPECT_EQ(keys(table, Scan().reversed(true).limit(30)), range(99, 70, -1));
}

TEST_F(Scans, LimitAndCaching) {
  const auto table = fill();
  for (const int caching : {1, 2, 7, 25, 1000}) {
    EXPECT_EQ(keys(table, Scan().caching(caching)), range(0, 99)) << caching;
    EXPECT_EQ(keys(table, Scan().caching(caching).limit(1)), range(0, 0)) << caching;
    EXPECT_EQ(keys(table, Scan().caching(caching).limit(26)), range(0, 25)) << caching;
    EXPECT_EQ(keys(table, Scan().caching(caching).reversed(true).limit(26)), range(99, 74, -1)) << caching;
  }
  EXPECT_EQ(keys(table, Scan().limit(1000)), range(0, 99));
}

TEST_F(Scans, ColumnsTimesAndVersions) {
  const auto table = fill();
  EXPECT_EQ(keys(table, Scan().column("f", "even")), range(0, 98, 2)) << "rows without the column are no rows";
  auto first = table.scan(Scan().family("g").all_versions().limit(1));
  EXPECT_EQ(text_of(first.next().value().value()), "v=3 v=2 v=1");
  auto second = table.scan(Scan().family("g").versions(2).limit(1));
  EXPECT_EQ(text_of(second.next().value().value()), "v=3 v=2");
  auto third = table.scan(Scan().family("g").time_range(1, 3).all_versions().limit(1));
  EXPECT_EQ(text_of(third.next().value().value()), "v=2 v=1");
  EXPECT_EQ(keys(table, Scan().family("g").timestamp(7)), range(0, -1));
}

TEST_F(Scans, BatchCutsRows) {
  auto table = connection().table(make_table());
  Put put("wide");
  for (int i = 0; i < 10; ++i) put.add("f", std::string(1, static_cast<char>('a' + i)), "1");
  HBMUX_ASSERT_OK(table.put(std::move(put)));
  HBMUX_ASSERT_OK(table.put(Put("wider").add("f", "z", "1")));
  auto scanner = table.scan(Scan().batch(4));
  std::vector<std::size_t> sizes;
  for (const auto& row : scanner) {
    HBMUX_ASSERT_OK(row);
    sizes.push_back(row->size());
  }
  EXPECT_EQ(sizes, (std::vector<std::size_t>{4, 4, 2, 1}));
}

// Rows larger than what an answer may bring: the server cuts them, and they come whole all the same, unless the parts
// are wanted.
TEST_F(Scans, PartialResults) {
  auto table = connection().table(make_table({"m"}));
  const std::string value(50'000, 'x');
  for (const std::string row : {"a", "b", "m", "n"}) {
    Put put(row);
    for (int i = 0; i < 20; ++i) put.add("f", std::to_string(100 + i), value);
    HBMUX_ASSERT_OK(table.put(std::move(put)));
  }
  auto whole = table.scan(Scan().max_result_size(200'000));
  int rows = 0;
  for (const auto& row : whole) {
    HBMUX_ASSERT_OK(row);
    EXPECT_EQ(row->size(), 20u);
    EXPECT_FALSE(row->partial());
    ++rows;
  }
  EXPECT_EQ(rows, 4);
  auto parts = table.scan(Scan().max_result_size(200'000).allow_partial_results(true));
  int pieces = 0;
  std::size_t cells = 0;
  for (const auto& part : parts) {
    HBMUX_ASSERT_OK(part);
    ++pieces;
    cells += part->size();
  }
  EXPECT_GT(pieces, 4);
  EXPECT_EQ(cells, 80u);
}

TEST_F(Scans, ClosedEarly) {
  const auto table = fill();
  for (int i = 0; i < 20; ++i) {
    auto scanner = table.scan(Scan().caching(1));
    EXPECT_EQ(scanner.next().value().value().row(), "a00");
    if (i % 2 == 0) scanner.close();
  }
  EXPECT_EQ(connection().statistics().calls_failed, 0u);
}

// A region is moved, and one is split, while scans pass through: no row is lost, none comes twice.
TEST_F(Scans, RegionsThatMoveAndSplit) {
  const auto table = fill();
  const auto regions = admin().regions(table.name());
  HBMUX_ASSERT_OK(regions);
  ASSERT_EQ(regions->size(), 4u);
  std::vector<std::function<void()>> disturbances = {
      [&] { HBMUX_EXPECT_OK(admin().move_region(std::string((*regions)[1].region->encoded_name()))); },
      [&] { HBMUX_EXPECT_OK(admin().split_region((*regions)[0].region->name(), "a12")); },
      [&] { HBMUX_EXPECT_OK(admin().split_region(std::string((*regions)[3].region->encoded_name()), "a88")); }};
  for (std::size_t i = 0; i < disturbances.size(); ++i) {
    const bool reversed = i == 2;
    auto scanner = table.scan(Scan().caching(3).reversed(reversed));
    std::vector<std::string> found;
    for (const auto& row : scanner) {
      HBMUX_ASSERT_OK(row);
      found.emplace_back(row->row());
      if (found.size() == 10) disturbances[i]();
    }
    EXPECT_EQ(found, reversed ? range(99, 0, -1) : range(0, 99)) << i;
  }
  EXPECT_EQ(admin().regions(table.name()).value().size(), 6u);
}

}  // namespace
}  // namespace hbmux::integration
