// Scans from the greatest row down.
#include "tests/integration/cluster.h"

namespace hbmux::integration {
namespace {

class ReversedScans : public ClusterTest {
 protected:
  using Texts = std::vector<std::string>;

  static Texts keys(const Table& table, Scan scan) {
    Texts found;
    for (const auto& row : table.scan(std::move(scan))) found.emplace_back(row ? std::string(row->row()) : row.error().message());
    return found;
  }
  static std::string three(int i) { return std::to_string(1000 + i).substr(1); }
};

// Row keys that are numbers, between bounds that are longer than they are.
TEST_F(ReversedScans, BetweenBoundsThatAreNoRows) {
  const auto table = connection().table(make_table());
  for (const char* row : {"0-b11111-0000000000000000000", "0-b11111-0000000000000000008", "0-b22222-0000000000000000001"}) {
    HBMUX_ASSERT_OK(table.put(Put(row).add("f", "q", "v")));
  }
  EXPECT_EQ(keys(table, Scan().reversed(true).start_row("0-b11111-9223372036854775807").stop_row("0-b11111-0000000000000000000")),
            Texts{"0-b11111-0000000000000000008"});
}

TEST_F(ReversedScans, TheClosestRowBefore) {
  const auto table = connection().table(make_table());
  for (const char* row : {"row111", "row222", "row333", "row444"}) HBMUX_ASSERT_OK(table.put(Put(row).add("f", "", row)));
  HBMUX_ASSERT_OK(admin().flush_table(table.name()));
  const auto before = [&](const std::string& row) {
    const auto found = table.scan(Scan().start_row(row).reversed(true).one_row_limit().family("f")).next().value();
    return found ? std::string(found->row()) : "";
  };
  EXPECT_EQ(before("row"), "");
  EXPECT_EQ(before("row111"), "row111");
  EXPECT_EQ(before("row22"), "row111");
  EXPECT_EQ(before("row222"), "row222");
  EXPECT_EQ(before("row33"), "row222");
  EXPECT_EQ(before("row44"), "row333");
  EXPECT_EQ(before("row444\1"), "row444");
  EXPECT_EQ(keys(table, Scan().reversed(true).start_row("row2229").stop_row("row111")), Texts{"row222"});
}

// Borders that begin with the greatest bytes there are, which a reversed scan must step over.
TEST_F(ReversedScans, OverOddBorders) {
  const std::string most(9, '\xff');
  const std::vector<std::string> borders{"005", "005" + most + most, "006", "006" + most, "007", "007\xff", "008", most};
  const auto table = connection().table(make_table(borders));
  EXPECT_EQ(table.region_locator().all_region_locations()->size(), 9u);
  for (const auto& row : borders) HBMUX_ASSERT_OK(table.put(Put(row).add("f", "q", "v")));
  EXPECT_EQ(keys(table, Scan()), borders);
  EXPECT_EQ(keys(table, Scan().reversed(true)), Texts(borders.rbegin(), borders.rend()));
  EXPECT_EQ(keys(table, Scan().reversed(true).start_row("006\xff")), (Texts{"006", "005" + most + most, "005"}));
}

TEST_F(ReversedScans, FromEachRow) {
  const auto table = connection().table(make_table({"000", "002", "004", "006", "008", "010"}));
  for (int i = 0; i < 12; ++i) HBMUX_ASSERT_OK(table.put(Put(three(i)).add("f", "q", "v")));
  const auto down = [&](int from, int to) {
    Texts rows;
    for (int i = from; i > to; --i) rows.push_back(three(i));
    return rows;
  };
  for (const ReadType type : {ReadType::default_type, ReadType::pread}) {
    const Scan scan = Scan().reversed(true).read_type(type);
    EXPECT_EQ(keys(table, scan), down(11, -1));
    EXPECT_EQ(keys(table, Scan(scan).start_row("002")), down(2, -1));
    EXPECT_EQ(keys(table, Scan(scan).start_row("002").stop_row("000")), down(2, 0));
    EXPECT_EQ(keys(table, Scan(scan).start_row("001")), down(1, -1));
    EXPECT_EQ(keys(table, Scan(scan).start_row("000")), down(0, -1));
    EXPECT_EQ(keys(table, Scan(scan).start_row("006").stop_row("002")), down(6, 2));
    EXPECT_EQ(keys(table, Scan(scan).caching(2)), down(11, -1));
  }
}

// Large values in many files, read backwards.
TEST_F(ReversedScans, OverManyFlushes) {
  const auto table = connection().table(make_table());
  for (int part = 0; part < 5; ++part) {
    std::vector<Action> puts;
    for (int i = 0; i < 10; ++i) puts.emplace_back(Put(three(part * 10 + i)).add("f", "q", std::string(128 << 10, 'v')));
    for (const auto& result : table.batch(std::move(puts))) HBMUX_ASSERT_OK(result);
    HBMUX_ASSERT_OK(admin().flush_table(table.name()));
  }
  EXPECT_EQ(keys(table, Scan().reversed(true)).size(), 50u);
}

}  // namespace
}  // namespace hbmux::integration
