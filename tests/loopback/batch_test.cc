// Batches: a result for each action, whatever happens to the others.
#include "tests/loopback/mini_test.h"

#include <boost/asio/use_future.hpp>

namespace hbmux::loopback {
namespace {

namespace asio = boost::asio;

class Batches : public MiniTest {};

TEST_F(Batches, ResultsInTheOrderGiven) {
  auto table = make_table("t", {key(30), key(60)});
  std::vector<Action> actions;
  for (int i = 99; i >= 0; --i) actions.emplace_back(Put(key(i)).add("f", "q", key(i)));
  auto results = table.batch(std::move(actions));
  ASSERT_EQ(results.size(), 100u);
  for (const auto& result : results) {
    HBMUX_ASSERT_OK(result);
    EXPECT_TRUE(result->empty());
  }
  actions.clear();
  for (int i = 0; i < 100; ++i) {
    const int row = i * 37 % 100;
    switch (i % 4) {
      case 0: actions.emplace_back(Get(key(row))); break;
      case 1: actions.emplace_back(Increment(key(row)).add("g", "n", i)); break;
      case 2: actions.emplace_back(Append(key(row)).add("f", "q", "+")); break;
      case 3: actions.emplace_back(Delete(key(row)).add_columns("g", "none")); break;
    }
  }
  const std::uint64_t before = cluster().stats().calls;
  results = table.batch(std::move(actions));
  EXPECT_LE(cluster().stats().calls - before, 3u);  // one a server
  for (int i = 0; i < 100; ++i) {
    HBMUX_ASSERT_OK(results[static_cast<std::size_t>(i)]);
    const Row& row = *results[static_cast<std::size_t>(i)];
    const std::string name = key(i * 37 % 100);
    switch (i % 4) {
      case 0: EXPECT_EQ(row.value("f", "q"), name); break;
      case 1: EXPECT_EQ(row.value("g", "n")->back(), static_cast<char>(i)); break;
      case 2: EXPECT_EQ(row.value("f", "q"), name + "+"); break;
      case 3: EXPECT_TRUE(row.empty()); break;
    }
  }
}

TEST_F(Batches, NothingToDo) {
  auto table = make_table();
  EXPECT_TRUE(table.batch({}).empty());
  EXPECT_TRUE(connection().table("other").async_batch({}, asio::use_future).get().empty());
}

TEST_F(Batches, FailuresAreTheActionsOwn) {
  auto table = make_table("t", {"m"});
  std::vector<Action> actions;
  actions.emplace_back(Put("a").add("f", "q", "1"));
  actions.emplace_back(Put("b").add("none", "q", "1"));
  actions.emplace_back(Put(""));
  actions.emplace_back(Get("z").family("none"));
  actions.emplace_back(Get("missing"));
  actions.emplace_back(Append("x"));
  actions.emplace_back(Put("z").add("f", "q", "2"));
  const auto results = table.batch(std::move(actions));
  HBMUX_EXPECT_OK(results[0]);
  HBMUX_EXPECT_ERROR(results[1], Errc::no_such_column_family);
  HBMUX_EXPECT_ERROR(results[2], Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(results[3], Errc::no_such_column_family);
  HBMUX_EXPECT_OK(results[4]);
  EXPECT_FALSE(results[4]->exists());
  HBMUX_EXPECT_ERROR(results[5], Errc::invalid_argument);
  HBMUX_EXPECT_OK(results[6]);
  EXPECT_EQ(results[1].error().attempts(), 1);
  EXPECT_FALSE(results[1].error().server().empty());
  EXPECT_EQ(table.get(Get("a")).value().value("f", "q"), "1");
  EXPECT_EQ(table.get(Get("z")).value().value("f", "q"), "2");
}

TEST_F(Batches, AnUnknownTable) {
  cluster();
  std::vector<Action> actions(3, Get("r"));
  const auto results = connection().table("other").batch(std::move(actions));
  ASSERT_EQ(results.size(), 3u);
  for (const auto& result : results) HBMUX_EXPECT_ERROR(result, Errc::table_not_found);
}

// Only what failed goes again, to where it is now.
TEST_F(Batches, RegionsMoveMeanwhile) {
  auto table = make_table("t", {key(25), key(50), key(75)});
  for (int round = 0; round < 6; ++round) {
    for (const auto& region : cluster().regions("t")) {
      cluster().move_region(region.encoded_name, (region.server + 1) % 3).value();
    }
    std::vector<Action> actions;
    for (int i = 0; i < 100; ++i) actions.emplace_back(Increment(key(i)).add("f", "n", 1));
    for (const auto& result : table.batch(std::move(actions))) HBMUX_ASSERT_OK(result);
    if (round == 3) cluster().split_region(region_of("t", key(10)).encoded_name, key(10)).value();
  }
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(table.get(Get(key(i))).value().value("f", "n"), std::string_view("\0\0\0\0\0\0\0\6", 8)) << i;
  }
  EXPECT_GT(connection().statistics().retries, 0u);
}

// A server dies, for good, between two batches and under a third: all of it is done, by the others.
TEST_F(Batches, AServerDiesMeanwhile) {
  auto table = make_table("t", {key(111), key(222), key(333), key(444), key(555), key(666), key(777), key(888)});
  const auto puts = [](int from, int to) {
    std::vector<Action> actions;
    for (int i = from; i < to; ++i) actions.emplace_back(Put(key(i)).add("f", "q", key(i)));
    return actions;
  };
  for (const auto& result : table.batch(puts(0, 500))) HBMUX_ASSERT_OK(result);
  cluster().kill_region_server(0, 30ms).value();
  for (const auto& result : table.batch(puts(0, 1000))) HBMUX_ASSERT_OK(result);
  auto under_way = table.async_batch(puts(0, 1000), asio::use_future);
  cluster().kill_region_server(1, 30ms).value();
  for (const auto& result : under_way.get()) HBMUX_ASSERT_OK(result);
  std::vector<Action> gets, deletes;
  for (int i = 0; i < 1000; ++i) {
    gets.emplace_back(Get(key(i)));
    deletes.emplace_back(Delete(key(i)));
  }
  const auto rows = table.batch(gets);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(rows[static_cast<std::size_t>(i)].value().value("f", "q"), key(i));
  for (const auto& result : table.batch(std::move(deletes))) HBMUX_ASSERT_OK(result);
  for (const auto& row : table.batch(std::move(gets))) EXPECT_FALSE(row.value().exists());
}

// More than one request takes, and more than one answer holds.
TEST_F(Batches, Large) {
  auto table = make_table("t", {key(3000)});
  std::vector<Action> actions;
  for (int i = 0; i < 12000; ++i) actions.emplace_back(Put(key(i)).add("f", "q", std::string(1000, 'v')));
  for (const auto& result : table.batch(std::move(actions))) HBMUX_ASSERT_OK(result);
  actions.clear();
  for (int i = 0; i < 12000; ++i) actions.emplace_back(Get(key(i)));
  const auto results = table.batch(std::move(actions));
  for (const auto& result : results) {
    HBMUX_ASSERT_OK(result);
    ASSERT_EQ(result->value("f", "q")->size(), 1000u);
  }
  EXPECT_EQ(results[7000]->row(), key(7000));
}

TEST_F(Batches, WithoutACodec) {
  make_table("t", {"m"});
  connect({{"hbase.client.rpc.codec", ""}});
  auto table = connection().table("t");
  std::vector<Action> actions;
  for (const char* row : {"a", "z"}) {
    actions.emplace_back(Put(row).add("f", "q", row).add("g", "x", 5, "1").add("f", "r", "2"));
    actions.emplace_back(Get("none"));
  }
  for (const auto& result : table.batch(std::move(actions))) HBMUX_ASSERT_OK(result);
  actions.clear();
  actions.emplace_back(Get("z"));
  actions.emplace_back(Delete("z").add_family("f"));
  actions.emplace_back(Get("a"));
  const auto results = table.batch(std::move(actions));
  EXPECT_EQ(text_of(results[0].value()), "z f:q=z f:r=2 g:x=1");
  EXPECT_EQ(text_of(results[2].value()), "a f:q=a f:r=2 g:x=1");
  EXPECT_EQ(text_of(table.get(Get("z")).value()), "z g:x=1");
}

}  // namespace
}  // namespace hbmux::loopback
