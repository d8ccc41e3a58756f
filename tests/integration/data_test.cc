// Single-row operations and batches.
#include "tests/integration/cluster.h"

#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <thread>

namespace hbmux::integration {
namespace {

class Data : public ClusterTest {};

TEST_F(Data, PutAndGet) {
  auto table = connection().table(make_table());
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "a", "1").add("f", "b", std::string("\0\xff", 2)).add("g", "a", "3")));
  const auto row = table.get(Get("r"));
  HBMUX_ASSERT_OK(row);
  ASSERT_EQ(row->size(), 3u);
  EXPECT_EQ(row->row(), "r");
  EXPECT_EQ(row->value("f", "a"), "1");
  EXPECT_EQ(row->value("f", "b"), std::string_view("\0\xff", 2));
  EXPECT_EQ(row->value("g", "a"), "3");
  EXPECT_EQ(text_of(table.get(Get("r").column("f", "b").family("g")).value()), std::string("b=\0\xff a=3", 8));
}

TEST_F(Data, ARowThatIsNotThere) {
  auto table = connection().table(make_table());
  const auto row = table.get(Get("r"));
  HBMUX_ASSERT_OK(row);
  EXPECT_FALSE(row->exists());
  EXPECT_EQ(table.exists(Get("r")).value(), false);
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "a", "1")));
  EXPECT_EQ(table.exists(Get("r")).value(), true);
  EXPECT_EQ(table.exists(Get("r").column("f", "b")).value(), false);
}

TEST_F(Data, VersionsAndTimeRanges) {
  auto table = connection().table(make_table());
  for (int time = 1; time <= 4; ++time) {
    HBMUX_ASSERT_OK(table.put(Put("r").add("g", "a", time * 10, std::to_string(time))));
  }
  EXPECT_EQ(text_of(table.get(Get("r")).value()), "a=4");
  EXPECT_EQ(text_of(table.get(Get("r").versions(2)).value()), "a=4 a=3");
  EXPECT_EQ(text_of(table.get(Get("r").all_versions()).value()), "a=4 a=3 a=2 a=1");
  EXPECT_EQ(text_of(table.get(Get("r").all_versions().time_range(20, 40)).value()), "a=3 a=2");
  EXPECT_EQ(text_of(table.get(Get("r").timestamp(20)).value()), "a=2");
  const auto row = table.get(Get("r").timestamp(20)).value();
  EXPECT_EQ(row[0].timestamp(), 20);
}

// The four kinds of deletes, each with what it leaves.
TEST_F(Data, Deletes) {
  auto table = connection().table(make_table());
  const auto fill = [&](const std::string& row) {
    for (int time = 1; time <= 3; ++time) {
      const auto value = std::to_string(time);
      auto put = Put(row).add("g", "a", time, value).add("g", "b", time, value);
      HBMUX_ASSERT_OK(table.put(std::move(put)));
    }
    HBMUX_ASSERT_OK(table.put(Put(row).add("f", "x", 1, "1")));
  };
  const auto left = [&](const std::string& row) { return text_of(table.get(Get(row).all_versions()).value()); };
  for (const std::string row : {"version", "newest", "column", "column2", "family", "family2", "familyversion", "row"})
    fill(row);

  HBMUX_ASSERT_OK(table.remove(Delete("version").add_column("g", "a", 2)));
  EXPECT_EQ(left("version"), "x=1 a=3 a=1 b=3 b=2 b=1");
  HBMUX_ASSERT_OK(table.remove(Delete("newest").add_column("g", "a")));
  EXPECT_EQ(left("newest"), "x=1 a=2 a=1 b=3 b=2 b=1");
  HBMUX_ASSERT_OK(table.remove(Delete("column").add_columns("g", "a", 2)));
  EXPECT_EQ(left("column"), "x=1 a=3 b=3 b=2 b=1");
  HBMUX_ASSERT_OK(table.remove(Delete("column2").add_columns("g", "a")));
  EXPECT_EQ(left("column2"), "x=1 b=3 b=2 b=1");
  HBMUX_ASSERT_OK(table.remove(Delete("family").add_family("g", 2)));
  EXPECT_EQ(left("family"), "x=1 a=3 b=3");
  HBMUX_ASSERT_OK(table.remove(Delete("family2").add_family("g")));
  EXPECT_EQ(left("family2"), "x=1");
  HBMUX_ASSERT_OK(table.remove(Delete("familyversion").add_family_version("g", 2)));
  EXPECT_EQ(left("familyversion"), "x=1 a=3 a=1 b=3 b=1");
  HBMUX_ASSERT_OK(table.remove(Delete("row")));
  EXPECT_EQ(left("row"), "");
}

TEST_F(Data, AppendAndIncrement) {
  auto table = connection().table(make_table());
  EXPECT_EQ(text_of(table.append(Append("r").add("f", "a", "x")).value()), "a=x");
  EXPECT_EQ(text_of(table.append(Append("r").add("f", "a", "y").add("f", "b", "z")).value()), "a=xy b=z");
  EXPECT_TRUE(table.append(Append("r").add("f", "a", "!").return_results(false)).value().empty());
  EXPECT_EQ(table.get(Get("r")).value().value("f", "a"), "xy!");

  const auto counter = table.increment(Increment("c").add("f", "n", 5));
  HBMUX_ASSERT_OK(counter);
  EXPECT_EQ(counter->value("f", "n"), std::string_view("\0\0\0\0\0\0\0\5", 8));
  EXPECT_EQ(table.increment(Increment("c").add("f", "n", -6)).value().value("f", "n"), std::string(8, '\xff'));
  EXPECT_TRUE(table.increment(Increment("c").add("f", "n", 1).return_results(false)).value().empty());
  EXPECT_EQ(table.get(Get("c")).value().value("f", "n"), std::string(8, '\0'));
}

TEST_F(Data, ManyThreadsCountTogether) {
  auto name = make_table();
  constexpr int kThreads = 16, kTimes = 50;
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      auto table = connection().table(name);
      for (int n = 0; n < kTimes; ++n) HBMUX_EXPECT_OK(table.increment(Increment("c").add("f", "n", 1)));
    });
  }
  threads.clear();
  const auto row = connection().table(name).increment(Increment("c").add("f", "n", 0)).value();
  EXPECT_EQ(row.value("f", "n"), std::string_view("\0\0\0\0\0\0\3\x20", 8)) << "800";
  EXPECT_EQ(connection().statistics().sockets_open(), connection().statistics().pools.size())
      << "one a server and service";
}

// A batch over several regions: a result for each action, in the order given, also where one of them fails.
TEST_F(Data, Batch) {
  auto table = connection().table(make_table({"b", "c", "d"}));
  HBMUX_ASSERT_OK(table.put(Put("c1").add("f", "a", "old")));
  std::vector<Action> actions;
  actions.emplace_back(Put("d1").add("f", "a", "1"));
  actions.emplace_back(Get("c1"));
  actions.emplace_back(Put("a1").add("nosuchfamily", "a", "1"));
  actions.emplace_back(Increment("b1").add("f", "n", 7));
  actions.emplace_back(Append("b2").add("f", "a", "x"));
  actions.emplace_back(Delete("a2"));
  actions.emplace_back(Get("nothing"));
  const auto results = table.batch(std::move(actions));
  ASSERT_EQ(results.size(), 7u);
  HBMUX_EXPECT_OK(results[0]);
  EXPECT_EQ(text_of(results[1].value()), "a=old");
  HBMUX_EXPECT_ERROR(results[2], Errc::no_such_column_family);
  EXPECT_EQ(results[3].value().value("f", "n"), std::string_view("\0\0\0\0\0\0\0\7", 8));
  EXPECT_EQ(text_of(results[4].value()), "a=x");
  HBMUX_EXPECT_OK(results[5]);
  EXPECT_FALSE(results[6].value().exists());
  EXPECT_EQ(text_of(table.get(Get("d1")).value()), "a=1");
}

TEST_F(Data, ALargeBatch) {
  auto table = connection().table(make_table({"2", "4", "6", "8"}));
  constexpr int kRows = 5000;
  std::vector<Action> puts, gets;
  for (int i = 0; i < kRows; ++i) {
    const auto key = std::to_string(i % 10) + "-" + std::to_string(i);
    puts.emplace_back(Put(key).add("f", "a", "value of " + key + std::string(200, '.')));
    gets.emplace_back(Get(key));
  }
  for (const auto& result : table.batch(std::move(puts))) HBMUX_ASSERT_OK(result);
  const auto results = table.batch(std::move(gets));
  ASSERT_EQ(results.size(), static_cast<std::size_t>(kRows));
  for (int i = 0; i < kRows; ++i) {
    const auto key = std::to_string(i % 10) + "-" + std::to_string(i);
    HBMUX_ASSERT_OK(results[static_cast<std::size_t>(i)]);
    EXPECT_EQ(results[static_cast<std::size_t>(i)]->value("f", "a"), "value of " + key + std::string(200, '.'));
  }
}

TEST_F(Data, LargeValues) {
  auto table = connection().table(make_table());
  const std::string value(5 << 20, 'v');
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "a", value)));
  EXPECT_EQ(table.get(Get("r")).value().value("f", "a"), value);
  // What HBase would refuse (hbase.client.keyvalue.maxsize) is refused before it is sent.
  HBMUX_EXPECT_ERROR(table.put(Put("r").add("f", "a", std::string(11 << 20, 'v'))), Errc::invalid_argument);
}

TEST_F(Data, FuturesInFlight) {
  auto table = connection().table(make_table());
  constexpr int kCalls = 256;
  std::vector<std::future<Result<void>>> puts;
  for (int i = 0; i < kCalls; ++i) {
    puts.push_back(table.async_put(Put(std::to_string(i)).add("f", "a", std::to_string(i)), boost::asio::use_future));
  }
  for (auto& put : puts) HBMUX_ASSERT_OK(put.get());
  std::vector<std::future<Result<Row>>> gets;
  for (int i = 0; i < kCalls; ++i) gets.push_back(table.async_get(Get(std::to_string(i)), boost::asio::use_future));
  for (int i = 0; i < kCalls; ++i)
    EXPECT_EQ(gets[static_cast<std::size_t>(i)].get().value().value("f", "a"), std::to_string(i));
  const auto statistics = connection().statistics();
  EXPECT_EQ(statistics.calls_in_flight, 0u);
}

}  // namespace
}  // namespace hbmux::integration
