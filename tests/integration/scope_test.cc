// Request scopes on a cluster: with exclusive connections, a request keeps the one that it borrowed.
#include "tests/integration/cluster.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <future>
#include <thread>

namespace hbmux::integration {
namespace {

namespace asio = boost::asio;

class Scopes : public ClusterTest {
 protected:
  void reusable(int size, const std::string& patience = "10000") {
    connect({{"hbase.client.ipc.pool.type", "Reusable"},
             {"hbase.client.ipc.pool.size", std::to_string(size)},
             {"hbmux.pool.reusable.borrow.timeout", patience}});
  }
  /// Rows r00 to r49, in one region.
  Table fill() {
    auto table = connection().table(make_table());
    std::vector<Action> puts;
    for (int i = 0; i < 50; ++i) puts.emplace_back(Put(key(i)).add("f", "q", std::to_string(i)));
    for (const auto& result : table.batch(std::move(puts))) EXPECT_TRUE(result) << result.error();
    return table;
  }
  static std::string key(int i) { return "r" + std::string(i < 10 ? "0" : "") + std::to_string(i); }
  std::size_t in_use() {
    std::size_t sum = 0;
    for (const auto& pool : connection().statistics().pools) sum += pool.in_use;
    return sum;
  }
  std::size_t open_max() {
    std::size_t max = 0;
    for (const auto& pool : connection().statistics().pools) max = std::max(max, pool.open);
    return max;
  }
};

TEST_F(Scopes, KeepsItsConnectionBetweenCalls) {
  reusable(1, "200");
  const auto table = fill();
  {
    RequestScope scope;
    const auto mine = table.in(scope);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(mine.get(Get(key(i))).value().value("f", "q"), std::to_string(i));
    EXPECT_EQ(in_use(), 1u) << "also between calls";
    const auto others = table.with(TableOptions().operation_timeout(std::chrono::milliseconds(500))).get(Get("r00"));
    ASSERT_FALSE(others) << "nobody else has it";
    EXPECT_NE(others.error().to_string().find("in a request scope opened at scope_test.cc"), std::string::npos) << others.error();
    EXPECT_TRUE(mine.put(Put("r00").add("f", "q", "0")));
    EXPECT_EQ(mine.batch({Get("r00"), Get("r01")})[1].value().value("f", "q"), "1");
  }
  EXPECT_EQ(in_use(), 0u);
  EXPECT_TRUE(table.get(Get("r00"))) << "and then they do";
}

TEST_F(Scopes, ScansWithinOne) {
  reusable(1);
  const auto table = fill();
  RequestScope scope;
  const auto mine = table.in(scope);
  int seen = 0;
  auto scanner = mine.scan(Scan().caching(3));
  for (const auto& row : scanner) {
    ASSERT_TRUE(row) << row.error();
    EXPECT_EQ(row->row(), key(seen));
    // A get in the middle of a scan, over the same connection: one of its own would never come, since there is only one.
    EXPECT_EQ(mine.get(Get(key(seen))).value().value("f", "q"), std::to_string(seen));
    ++seen;
  }
  EXPECT_EQ(seen, 50);
  EXPECT_EQ(open_max(), 1u);
}

// The scan was begun in a scope that has ended; its later calls borrow for themselves, and meet nobody else's answers.
TEST_F(Scopes, AScanMayOutliveIts) {
  reusable(1);
  const auto table = fill();
  std::optional<Scanner> scanner;
  {
    RequestScope scope;
    scanner.emplace(table.in(scope).scan(Scan().caching(2)));
    EXPECT_EQ(scanner->next().value()->row(), "r00");
  }
  for (int i = 1; i < 50; ++i) {
    EXPECT_EQ(table.get(Get(key(i))).value().value("f", "q"), std::to_string(i));
    EXPECT_EQ(scanner->next().value()->row(), key(i));
  }
  EXPECT_FALSE(scanner->next().value());
}

TEST_F(Scopes, NestedOnes) {
  reusable(1);
  const auto table = fill();
  const auto callee = [](const Table& given) {
    RequestScope scope(given.scope());
    return given.in(scope).get(Get("r01"));
  };
  EXPECT_TRUE(callee(table)) << "one of its own";
  RequestScope scope;
  const auto mine = table.in(scope);
  EXPECT_TRUE(mine.get(Get("r00")));
  EXPECT_TRUE(callee(mine)) << "its caller's, which is the only one there is";
  EXPECT_EQ(in_use(), 1u);
}

// Three hundred requests on one thread share two connections, three calls each, and none gets in another's way.
TEST_F(Scopes, CoroutinesOnOneThread) {
  reusable(2, "60000");
  const auto table = fill();
  asio::io_context context(1);
  int good = 0;
  std::size_t most = 0;
  for (int i = 0; i < 300; ++i) {
    auto request = [&, i]() -> asio::awaitable<void> {
      RequestScope scope;
      const auto mine = table.in(scope);
      bool all = true;
      for (int call = 0; call < 3; ++call) {
        Get get(key((i + call) % 50));
        auto row = co_await mine.async_get(std::move(get));
        all = all && row && row->value("f", "q") == std::to_string((i + call) % 50);
      }
      most = std::max(most, open_max());
      good += all ? 1 : 0;
    };
    asio::co_spawn(context, std::move(request), asio::detached);
  }
  context.run();
  EXPECT_EQ(good, 300);
  EXPECT_LE(most, 2u);
  EXPECT_EQ(in_use(), 0u);
}

// Whoever is cancelled in the middle of a call leaves its connection unfinished: it is not lent again.
TEST_F(Scopes, ACancelledRequestTaintsWhatItHad) {
  reusable(1);
  const auto table = fill();
  {
    RequestScope scope;
    const auto late = table.in(scope).with(TableOptions().operation_timeout(std::chrono::milliseconds(1))).get(Get("r00"));
    static_cast<void>(late);  // perhaps in time
  }
  for (int i = 0; i < 50; ++i) EXPECT_EQ(table.get(Get(key(i))).value().value("f", "q"), std::to_string(i));
  EXPECT_EQ(in_use(), 0u);
}

TEST_F(Scopes, SharedTypesLendNothing) {
  for (const char* type : {"RoundRobin", "ThreadLocal"}) {
    connect({{"hbase.client.ipc.pool.type", type}});
    const auto table = fill();
    RequestScope scope;
    const auto mine = table.in(scope);
    EXPECT_FALSE(mine.scope());
    EXPECT_TRUE(mine.get(Get("r00")));
    EXPECT_EQ(in_use(), 0u);
    EXPECT_TRUE(table.get(Get("r01")));
    // ThreadLocal: one for this thread, and perhaps one for lookups in hbase:meta, which are the connection's own.
    EXPECT_LE(open_max(), std::string_view(type) == "ThreadLocal" ? 2u : 1u) << type;
  }
}

}  // namespace
}  // namespace hbmux::integration
