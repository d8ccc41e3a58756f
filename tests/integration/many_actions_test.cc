// Many actions at once over many regions: batches of each kind, mixed ones, with failures, and while regions split.
#include "tests/integration/cluster.h"

#include <boost/asio/use_future.hpp>

#include <cstdio>
#include <thread>

namespace hbmux::integration {
namespace {

class ManyActions : public ClusterTest {
 protected:
  static constexpr int kRows = 1000;

  Table make_regions() {
    std::vector<std::string> splits;
    for (int i = 111; i < 999; i += 111) splits.push_back(key(i));
    return connection().table(make_table(splits));
  }
  static std::string key(int i) {
    char text[8];
    std::snprintf(text, sizeof text, "%03d", i);
    return text;
  }
  /// One action a row.
  template <class Make>
  static std::vector<Action> each(Make make, int rows = kRows) {
    std::vector<Action> actions;
    for (int i = 0; i < rows; ++i) actions.emplace_back(make(i));
    return actions;
  }
  static std::vector<Action> puts(int rows = kRows) {
    return each([](int i) { return Put(key(i)).add("f", "q", std::to_string(i)); }, rows);
  }
  /// All succeeded, with rows that have `cells` cells.
  static void expect_ok(const BatchResult& results, std::size_t count, std::size_t cells = 0) {
    ASSERT_EQ(results.size(), count);
    for (const auto& result : results) {
      HBMUX_ASSERT_OK(result);
      ASSERT_EQ(result->size(), cells);
    }
  }
  static std::string number(char value) { return std::string(7, '\0') + value; }
};

// What a batch of gets answers is what each of them answers alone; what is not there is an empty row.
TEST_F(ManyActions, GetsAsAlone) {
  const auto table = make_regions();
  expect_ok(table.batch(puts()), kRows);
  auto gets = each([](int i) { return Get(key(i)).column("f", "q"); });
  for (int i = 0; i < kRows; ++i) gets.emplace_back(Get(key(i) + "x"));
  const auto results = table.batch(gets);
  ASSERT_EQ(results.size(), 2u * kRows);
  for (int i = 0; i < kRows; ++i) {
    HBMUX_ASSERT_OK(results[static_cast<std::size_t>(i)]);
    ASSERT_EQ(results[static_cast<std::size_t>(i)]->value("f", "q"), std::to_string(i));
    HBMUX_ASSERT_OK(results[static_cast<std::size_t>(kRows + i)]);
    ASSERT_FALSE(results[static_cast<std::size_t>(kRows + i)]->exists());
  }
  for (int i = 0; i < kRows; i += 37) {
    const Row alone = table.get(std::get<Get>(gets[static_cast<std::size_t>(i)])).value();
    ASSERT_EQ(alone.size(), 1u);
    EXPECT_EQ(alone[0].encoded(), (*results[static_cast<std::size_t>(i)])[0].encoded());
  }
}

TEST_F(ManyActions, DeletesWhileRegionsSplit) {
  const auto table = make_regions();
  expect_ok(table.batch(puts()), kRows);
  HBMUX_ASSERT_OK(admin().flush_table(table.name()));
  const auto regions = admin().regions(table.name()).value();
  ASSERT_EQ(regions.size(), 9u);
  std::jthread splitting([&] {
    for (const auto& location : regions) {
      const int start = location.region->start_key().empty() ? 0 : std::stoi(std::string(location.region->start_key()));
      HBMUX_EXPECT_OK(admin().split_region(std::string(location.region->encoded_name()), key(start + 55)));
    }
  });
  for (int part = 0; part < 10; ++part) {
    std::vector<Action> deletes;
    for (int i = part; i < kRows; i += 10) deletes.emplace_back(Delete(key(i)).add_family("f"));
    expect_ok(table.batch(std::move(deletes)), kRows / 10);
  }
  splitting.join();
  EXPECT_EQ(admin().regions(table.name())->size(), 18u);
  expect_ok(table.batch(each([](int i) { return Get(key(i)); })), kRows);
  for (int i = 0; i < kRows; i += 91) EXPECT_FALSE(table.exists(Get(key(i)).column("f", "q")).value()) << i;
}

// One row with a hundred columns, written and read by an action each.
TEST_F(ManyActions, ColumnsOfOneRow) {
  const auto table = make_regions();
  const auto column = [](int i) { return "column" + std::to_string(i); };
  expect_ok(table.batch(each([&](int i) { return Put("xxx").add("f", column(i), column(i)); }, 100)), 100);
  const auto results = table.batch(each([&](int i) { return Get("xxx").column("f", column(i)); }, 100));
  expect_ok(results, 100, 1);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(results[static_cast<std::size_t>(i)]->value("f", column(i)), column(i));
}

// More actions than a 16-bit index could number, all to two rows.
TEST_F(ManyActions, MoreThan65536) {
  const auto table = connection().table(make_table());
  std::vector<Action> actions;
  for (int i = 0; i < 2 * (65536 + 1); ++i) actions.emplace_back(Put(i % 2 == 0 ? "a" : "b").add("f", "q", "v"));
  const std::size_t count = actions.size();
  expect_ok(table.batch(std::move(actions)), count);
  EXPECT_TRUE(table.exists(Get("a")).value() && table.exists(Get("b")).value());
}

TEST_F(ManyActions, OfEveryKind) {
  const auto table = make_regions();
  expect_ok(table.batch(each([](int i) { return Put(key(i * 100)).add("f", "q", number(static_cast<char>(i))); }, 9)), 9);
  const auto results = table.batch(
      {Get(key(0)), Put(key(100)).add("f", "q", number(2)), Delete(key(200)), Increment(key(300)).add("f", "q", 1).add("f", "new", 1),
       Append(key(400)).add("f", "q", "+").add("f", "new", "xyz"),
       RowMutations(key(500)).add(Put(key(500)).add("f", "q", "a")).add(Put(key(500)).add("f", "p", "b")), Get(key(600)), Get(key(0)),
       Append(key(700)).add("f", "s", "1").return_results(false), Append(key(700)).add("f", "s", "2").return_results(false)});
  ASSERT_EQ(results.size(), 10u);
  for (const auto& result : results) HBMUX_ASSERT_OK(result);
  EXPECT_EQ(results[0]->value("f", "q"), number(0));
  EXPECT_TRUE(results[1]->empty());
  EXPECT_TRUE(results[2]->empty());
  EXPECT_EQ(text_of(*results[3]), "new=" + number(1) + " q=" + number(4));
  EXPECT_EQ(text_of(*results[4]), "new=xyz q=" + number(4) + "+");
  EXPECT_TRUE(results[5]->empty());
  EXPECT_EQ(results[6]->value("f", "q"), number(6));
  EXPECT_EQ(results[7]->value("f", "q"), number(0));
  EXPECT_TRUE(results[8]->empty() && results[9]->empty());
  EXPECT_EQ(table.get(Get(key(100)))->value("f", "q"), number(2));
  EXPECT_FALSE(table.get(Get(key(200)))->exists());
  EXPECT_EQ(text_of(table.get(Get(key(500))).value()), "p=b q=a");
  EXPECT_EQ(table.get(Get(key(700)).column("f", "s"))->value("f", "s")->size(), 2u);
}

TEST_F(ManyActions, ConditionsAmongOthers) {
  const auto table = make_regions();
  expect_ok(table.batch({Put("1").add("f", "A", "a"), Put("2").add("f", "B", "b"), Put("3").add("f", "C", "c"), Put("4").add("f", "D", "d"),
                         Put("5").add("f", "E", "e"), Put("6").add("f", "F", number(10)), Put("7").add("f", "G", "g")}),
            7);
  const auto changes = [](const std::string& row, const std::string& from, const std::string& to) {
    return RowMutations(row).add(Put(row).add("f", to, "new")).add(Delete(row).add_columns("f", from)).add(Increment(row).add("f", "n", 3)).add(
        Append(row).add("f", "s", "t"));
  };
  const auto results = table.batch(
      {CheckAndMutate("1").if_equals("f", "A", "a").then(changes("1", "A", "B")), Get("2").column("f", "B"), changes("3", "C", "F"),
       CheckAndMutate("4").if_equals("f", "D", "a").then(Put("4").add("f", "E", "h")), Put("5").add("f", "E", "f"),
       CheckAndMutate("6").if_equals("f", "F", number(10)).then(Increment("6").add("f", "F", 1)),
       CheckAndMutate("7").if_equals("f", "G", "g").then(Append("7").add("f", "G", "g"))});
  for (const auto& result : results) HBMUX_ASSERT_OK(result);
  EXPECT_TRUE(results[0]->success());
  EXPECT_EQ(text_of(*results[0]), "n=" + number(3) + " s=t");
  EXPECT_EQ(text_of(*results[1]), "B=b");
  EXPECT_EQ(text_of(*results[2]), "n=" + number(3) + " s=t");
  EXPECT_FALSE(results[3]->success());
  EXPECT_TRUE(results[3]->empty() && results[4]->empty());
  EXPECT_EQ(text_of(*results[5]), "F=" + number(11));
  EXPECT_EQ(text_of(*results[6]), "G=gg");
  const std::vector<std::string> left{"B=new n=" + number(3) + " s=t", "B=b", "F=new n=" + number(3) + " s=t", "D=d", "E=f", "F=" + number(11), "G=gg"};
  for (std::size_t i = 0; i < left.size(); ++i) EXPECT_EQ(text_of(table.get(Get(std::to_string(i + 1))).value()), left[i]);
}

// Every second action is for a family that is not there: each has its own answer, and the others are done.
TEST_F(ManyActions, HalfOfThemFail) {
  const auto table = make_regions();
  const auto family = [](int i) { return i % 2 == 0 ? "f" : "none"; };
  const auto expect_half = [](const BatchResult& results) {
    ASSERT_EQ(results.size(), 100u);
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (i % 2 == 0) {
        HBMUX_EXPECT_OK(results[i]);
      } else {
        HBMUX_EXPECT_ERROR(results[i], Errc::no_such_column_family);
      }
    }
  };
  for (const auto& result : table.batch(each([](int i) { return Put(key(i * 9)); }, 100))) HBMUX_EXPECT_ERROR(result, Errc::invalid_argument);
  expect_half(table.batch(each([&](int i) { return Put(key(i * 9)).add(family(i), "q", 1, "v"); }, 100)));
  const auto results = table.batch(each([](int i) { return Get(key(i * 9)); }, 100));
  for (std::size_t i = 0; i < results.size(); ++i) EXPECT_EQ(results[i]->exists(), i % 2 == 0) << i;
  expect_half(table.batch(each([&](int i) { return Get(key(i * 9)).column(family(i), "q"); }, 100)));
  expect_half(table.batch(each([&](int i) { return Delete(key(i * 9)).add_column(family(i), "q", 1); }, 100)));
  expect_ok(table.batch(each([](int i) { return Get(key(i * 9)); }, 100)), 100);
}

// The same within one region: the good ones beside a bad one are done, also to the same row.
TEST_F(ManyActions, OneOfARegionFails) {
  const auto table = connection().table(make_table());
  const auto results =
      table.batch({Put("put").add("none", "q", "bad"), Increment("inc").add("f", "q", 1), Put("put").add("f", "q", "good"),
                   RowMutations("m").add(Put("m").add("none", "q", "v")), RowMutations("n").add(Put("n").add("f", "q", "v"))});
  HBMUX_EXPECT_ERROR(results[0], Errc::no_such_column_family);
  HBMUX_ASSERT_OK(results[1]);
  EXPECT_EQ(results[1]->value("f", "q"), number(1));
  HBMUX_ASSERT_OK(results[2]);
  HBMUX_EXPECT_ERROR(results[3], Errc::no_such_column_family);
  HBMUX_EXPECT_OK(results[4]);
  EXPECT_EQ(text_of(table.get(Get("put")).value()), "q=good");
  EXPECT_EQ(text_of(table.get(Get("n")).value()), "q=v");
}

// exists(), at the very ends of tables and of regions.
TEST_F(ManyActions, WhichOfThemExist) {
  std::vector<std::string> splits;
  for (int i = 1; i < 255; i += 16) splits.emplace_back(1, static_cast<char>(i));
  const auto table = connection().table(make_table(splits));
  const auto ask = [&](const std::vector<std::string>& rows) {
    std::vector<Get> gets;
    for (const auto& row : rows) gets.emplace_back(row);
    std::string answers;
    for (const auto& answer : table.exists(std::move(gets))) answers += !answer ? '!' : *answer ? '1' : '0';
    return answers;
  };
  const std::string zero(1, '\0'), ff(1, '\xff');
  EXPECT_FALSE(table.exists(Get("row")).value());
  for (const auto& row : {std::string("row"), zero, ff + ff}) HBMUX_ASSERT_OK(table.put(Put(row).add("f", "q", "v")));
  EXPECT_EQ(ask({"other", "row" + zero, "row", "other" + zero}), "0010");
  EXPECT_EQ(ask({zero, zero + zero}), "10");
  EXPECT_EQ(ask({ff, ff + ff, ff + ff + ff}), "010");
  EXPECT_EQ(text_of(table.get(Get(ff + ff)).value()), "q=v") << "and asking has changed nothing";
}

// A hundred of each operation in flight; increments and appends of one row come out as if one after another.
TEST_F(ManyActions, InFlightWithoutABatch) {
  const auto table = connection().table(make_table());
  constexpr int kMany = 100;
  std::vector<std::future<Result<Row>>> increments, appends;
  for (int i = 0; i < kMany; ++i) increments.push_back(table.async_increment(Increment("n").add("f", "q", 1), boost::asio::use_future));
  int sum = 0;
  for (auto& increment : increments) sum += static_cast<unsigned char>(increment.get()->value("f", "q")->back());
  EXPECT_EQ(sum, kMany * (kMany + 1) / 2) << "each number was given once";
  for (int i = 0; i < 10; ++i) {
    appends.push_back(table.async_append(Append("s").add("f", "q", std::to_string(i) + ":"), boost::asio::use_future));
  }
  std::size_t lengths = 0;
  for (auto& append : appends) lengths += append.get()->value("f", "q")->size();
  EXPECT_EQ(lengths, 2u * 10 * 11 / 2);
  const std::string all(*table.get(Get("s"))->value("f", "q"));
  for (int i = 0; i < 10; ++i) EXPECT_NE(all.find(std::to_string(i) + ":"), std::string::npos) << all;
  std::vector<std::future<Result<void>>> deletes;
  for (int i = 0; i < kMany; ++i) deletes.push_back(table.async_remove(Delete(key(i)), boost::asio::use_future));
  for (auto& one : deletes) HBMUX_EXPECT_OK(one.get());
}

}  // namespace
}  // namespace hbmux::integration
