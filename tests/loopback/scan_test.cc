// Scans: bounds, order, limits, pieces, and what happens to regions under them.
#include "tests/loopback/mini_test.h"

#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <thread>

namespace hbmux::loopback {
namespace {

namespace asio = boost::asio;

class Scans : public MiniTest {
 protected:
  /// 100 rows in four regions: r0000, r0001, ...
  Table fill(int rows = 100) {
    auto table = make_table("t", {key(25), key(50), key(75)});
    std::vector<Action> puts;
    for (int i = 0; i < rows; ++i) {
      puts.emplace_back(Put(key(i)).add("f", "q", 10, key(i)).add("f", "old", 5, "x").add("g", "q", 20, std::string(200, 'g')));
    }
    for (const auto& result : table.batch(std::move(puts))) result.value();
    return table;
  }
  static std::vector<std::string> range(int from, int to) {
    std::vector<std::string> keys;
    for (int i = from; i < to; ++i) keys.push_back(key(i));
    return keys;
  }
  static std::vector<std::string> reversed(std::vector<std::string> keys) {
    std::ranges::reverse(keys);
    return keys;
  }
};

TEST_F(Scans, BoundsAndOrder) {
  auto table = fill();
  EXPECT_EQ(keys_of(table.scan(Scan())), range(0, 100));
  EXPECT_EQ(keys_of(table.scan(Scan().start_row(key(20)).stop_row(key(60)))), range(20, 60));
  EXPECT_EQ(keys_of(table.scan(Scan().start_row(key(20), false).stop_row(key(60), true))), range(21, 61));
  EXPECT_EQ(keys_of(table.scan(Scan().start_row(key(25)).stop_row(key(50)))), range(25, 50));
  EXPECT_EQ(keys_of(table.scan(Scan().start_row(key(24), false).stop_row(key(50), true))), range(25, 51));
  EXPECT_EQ(keys_of(table.scan(Scan().prefix("r003"))), range(30, 40));
  EXPECT_EQ(keys_of(table.scan(Scan().start_row("x"))), range(0, 0));
  EXPECT_EQ(keys_of(table.scan(Scan().start_row(key(30)).stop_row(key(30)))), range(0, 0));
  EXPECT_EQ(keys_of(table.scan(Scan().start_row(key(30)).stop_row(key(30), true))), range(30, 31));
}

TEST_F(Scans, Reversed) {
  auto table = fill();
  auto scan = [] { return Scan().reversed(true); };
  EXPECT_EQ(keys_of(table.scan(scan())), reversed(range(0, 100)));
  EXPECT_EQ(keys_of(table.scan(scan().start_row(key(60)).stop_row(key(20)))), reversed(range(21, 61)));
  EXPECT_EQ(keys_of(table.scan(scan().start_row(key(60), false).stop_row(key(20), true))), reversed(range(20, 60)));
  EXPECT_EQ(keys_of(table.scan(scan().start_row(key(50), false))), reversed(range(0, 50)));
  EXPECT_EQ(keys_of(table.scan(scan().start_row(key(50)).stop_row(key(25), true))), reversed(range(25, 51)));
  EXPECT_EQ(keys_of(table.scan(scan().start_row(key(99)).limit(30))), reversed(range(70, 100)));
  EXPECT_EQ(keys_of(table.scan(scan().prefix("r003"))), reversed(range(30, 40)));
  EXPECT_EQ(keys_of(table.scan(Scan().prefix("r003").reversed(true))), reversed(range(30, 40)));
  EXPECT_EQ(keys_of(table.scan(Scan().prefix("r003").reversed(true).reversed(false))), range(30, 40));
  EXPECT_EQ(keys_of(table.scan(scan().prefix("r"))), reversed(range(0, 100)));
  EXPECT_EQ(keys_of(table.scan(scan().prefix("\xff"))), range(0, 0));
  EXPECT_EQ(keys_of(table.scan(scan().prefix(""))), reversed(range(0, 100)));
}

TEST_F(Scans, LimitsAndCaching) {
  auto table = fill();
  for (const int limit : {1, 24, 25, 26, 50, 99, 100, 200}) {
    EXPECT_EQ(keys_of(table.scan(Scan().limit(limit))), range(0, std::min(limit, 100))) << limit;
  }
  for (const int caching : {1, 2, 7, 25, 1000}) {
    EXPECT_EQ(keys_of(table.scan(Scan().caching(caching))), range(0, 100)) << caching;
    EXPECT_EQ(keys_of(table.scan(Scan().caching(caching).limit(33).reversed(true))), reversed(range(67, 100))) << caching;
  }
  EXPECT_EQ(keys_of(table.scan(Scan().max_result_size(1))), range(0, 100));
}

TEST_F(Scans, ColumnsTimesAndVersions) {
  auto table = fill();
  auto first = [&](Scan scan) { return text_of(table.scan(std::move(scan).limit(1)).next().value().value()); };
  EXPECT_EQ(first(Scan().column("f", "old")), "r0000 f:old=x");
  EXPECT_EQ(first(Scan().time_range(0, 6)), "r0000 f:old=x");
  EXPECT_EQ(first(Scan().timestamp(10)), "r0000 f:q=r0000");
  EXPECT_EQ(first(Scan().family("f")), "r0000 f:old=x f:q=r0000");
  EXPECT_EQ(keys_of(table.scan(Scan().timestamp(11))), range(0, 0));
  HBMUX_EXPECT_ERROR(table.scan(Scan().family("none")).next(), Errc::no_such_column_family);
}

// A row that is larger than an answer comes in pieces; the user sees whole rows, unless they want the pieces.
TEST_F(Scans, LargeRows) {
  auto table = make_table("t", {"b"});
  for (const char* row : {"a", "b", "c"}) {
    auto put = Put(row);
    for (int i = 0; i < 50; ++i) put.add("f", key(i), std::string(100, 'v'));
    HBMUX_ASSERT_OK(table.put(std::move(put)));
  }
  int rows = 0;
  auto whole_rows = table.scan(Scan().max_result_size(700));
  for (const auto& row : whole_rows) {
    HBMUX_ASSERT_OK(row);
    EXPECT_EQ(row->size(), 50u);
    EXPECT_FALSE(row->partial());
    ++rows;
  }
  EXPECT_EQ(rows, 3);
  std::size_t cells = 0, pieces = 0;
  auto in_pieces = table.scan(Scan().max_result_size(700).allow_partial_results(true));
  for (const auto& row : in_pieces) {
    HBMUX_ASSERT_OK(row);
    cells += row->size();
    ++pieces;
  }
  EXPECT_EQ(cells, 150u);
  EXPECT_GT(pieces, 6u);
  std::vector<std::size_t> sizes;
  auto in_batches = table.scan(Scan().batch(20));
  for (const auto& row : in_batches) sizes.push_back(row.value().size());
  EXPECT_EQ(sizes, (std::vector<std::size_t>{20, 20, 10, 20, 20, 10, 20, 20, 10}));
}

TEST_F(Scans, AnEmptyTable) {
  auto table = make_table("t", {"m"});
  EXPECT_EQ(keys_of(table.scan(Scan())), range(0, 0));
  EXPECT_EQ(keys_of(table.scan(Scan().reversed(true))), range(0, 0));
  auto scanner = table.scan(Scan());
  EXPECT_FALSE(scanner.next().value());
  EXPECT_FALSE(scanner.next().value());  // still the end
}

TEST_F(Scans, Futures) {
  auto table = fill(60);
  auto scanner = table.scan(Scan().caching(7));
  for (int i = 0; i < 60; ++i) {
    const auto row = scanner.async_next(asio::use_future).get();
    HBMUX_ASSERT_OK(row);
    ASSERT_TRUE(*row);
    EXPECT_EQ((*row)->row(), key(i));
  }
  EXPECT_FALSE(scanner.async_next(asio::use_future).get().value());
}

TEST_F(Scans, ClosedEarly) {
  auto table = fill();
  {
    auto scanner = table.scan(Scan().caching(5));
    HBMUX_ASSERT_OK(scanner.next());
    scanner.close();
    const auto after = scanner.next();
    EXPECT_TRUE(!after || !*after);
  }
  auto dropped = std::make_unique<Scanner>(table.scan(Scan().caching(5)));
  HBMUX_ASSERT_OK(dropped->next());
  auto pending = dropped->async_next(asio::use_future);
  dropped.reset();
  pending.wait();
  EXPECT_EQ(keys_of(table.scan(Scan())), range(0, 100));
}

// A slow consumer keeps its scanner: the lease is renewed.
TEST_F(Scans, ASlowConsumer) {
  start({.region_servers = 1, .scanner_lease = 300ms});
  auto table = make_table();
  for (int i = 0; i < 20; ++i) HBMUX_ASSERT_OK(table.put(Put(key(i)).add("f", "q", "v")));
  auto scanner = table.scan(Scan().caching(2));
  for (int i = 0; i < 20; ++i) {
    const auto row = scanner.next();
    HBMUX_ASSERT_OK(row);
    ASSERT_TRUE(*row);
    EXPECT_EQ((*row)->row(), key(i));
    if (i % 8 == 3) std::this_thread::sleep_for(900ms);  // time passing is what is tested
  }
  EXPECT_EQ(connection().statistics().retries, 0u);
}

// Rows are neither lost nor doubled, whatever happens to regions meanwhile.
class ScansUnderChange : public Scans {
 protected:
  /// Reads all rows, and calls `change` behind some of them.
  void expect_all(Scan scan, const std::vector<std::string>& expected, const std::function<void(int)>& change) {
    auto scanner = connection().table("t").scan(std::move(scan));
    std::vector<std::string> keys;
    for (const auto& row : scanner) {
      ASSERT_TRUE(row) << row.error();
      keys.emplace_back(row->row());
      if (keys.size() % 9 == 5) change(static_cast<int>(keys.size()));
    }
    EXPECT_EQ(keys, expected);
  }
};

TEST_F(ScansUnderChange, RegionsMove) {
  fill();
  for (const bool backwards : {false, true}) {
    int server = 0;
    expect_all(Scan().caching(3).reversed(backwards), backwards ? reversed(range(0, 100)) : range(0, 100), [&](int) {
      for (const auto& region : cluster().regions("t")) cluster().move_region(region.encoded_name, server++ % 3).value();
    });
  }
}

TEST_F(ScansUnderChange, RegionsSplit) {
  for (const bool backwards : {false, true}) {
    start({.region_servers = 3});
    fill();
    expect_all(Scan().caching(3).reversed(backwards), backwards ? reversed(range(0, 100)) : range(0, 100), [&](int rows) {
      const std::string at = key(backwards ? 100 - rows - 2 : rows + 2);
      const auto region = region_of("t", at);
      if (region.start_key != at) cluster().split_region(region.encoded_name, at).value();
    });
    EXPECT_GT(cluster().regions("t").size(), 8u);
  }
}

TEST_F(ScansUnderChange, ServersDie) {
  fill();
  int server = 0;
  expect_all(Scan().caching(2), range(0, 100), [&](int) {
    cluster().kill_region_server(server, 10ms).value();
    const int dead = std::exchange(server, (server + 1) % 3);
    cluster().start_region_server(dead).value();
    cluster().balance();
  });
}

}  // namespace
}  // namespace hbmux::loopback
