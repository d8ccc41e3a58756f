// CheckAndMutate: who wins of many, what each condition decides for each consequence, singly and in a batch.
#include "tests/integration/cluster.h"

#include <boost/asio/use_future.hpp>

#include <functional>

namespace hbmux::integration {
namespace {

using enum CompareOperator;

class CheckedChanges : public ClusterTest {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    if (IsSkipped()) return;
    table_.emplace(connection().table(make_table({"n"})));
  }
  Table& table() { return *table_; }
  std::string left(const std::string& row) { return text_of(table().get(Get(row)).value()); }
  bool holds(CheckAndMutate check) {
    const auto result = table().check_and_mutate(std::move(check));
    EXPECT_TRUE(result) << result.error();
    return result && result->success();
  }
  void write(const std::string& row, const std::string& columns, std::int64_t time = kLatestTimestamp) {
    Put put(row);
    for (const char column : columns) put.add("f", std::string(1, column), time, std::string(1, static_cast<char>(column + 32)));
    HBMUX_ASSERT_OK(table().put(put));
  }
  static Put put(const std::string& row, const std::string& column, const std::string& value) { return Put(row).add("f", column, value); }
  static SingleColumnValueFilter is(const std::string& column, const std::string& value) {
    return SingleColumnValueFilter("f", column, equal, value);
  }
  static FilterList both(const std::string& a, const std::string& a_value, const std::string& b, const std::string& b_value) {
    return FilterList({is(a, a_value), is(b, b_value)});
  }
  /// Eight bytes, big-endian.
  static std::string number(char value) { return std::string(7, '\0') + value; }

 private:
  std::optional<Table> table_;
};

// Ten at once: one wins, and what it wrote is what is left.
TEST_F(CheckedChanges, OneOfManyWins) {
  constexpr int kMany = 10;
  const auto winner_of = [&](const std::function<CheckAndMutate(int)>& make) {
    std::vector<std::future<Result<CheckAndMutateResult>>> attempts;
    for (int i = 0; i < kMany; ++i) attempts.push_back(table().async_check_and_mutate(make(i), boost::asio::use_future));
    int winner = -1, winners = 0;
    for (int i = 0; i < kMany; ++i) {
      const auto result = attempts[static_cast<std::size_t>(i)].get();
      EXPECT_TRUE(result) << result.error();
      if (!result || !result->success()) continue;
      winner = i;
      ++winners;
    }
    EXPECT_EQ(winners, 1);
    return std::to_string(winner);
  };
  const auto put_winner = winner_of([](int i) {
    return CheckAndMutate("put").if_not_exists("f", "q").then(put("put", "q", std::to_string(i)));
  });
  EXPECT_EQ(left("put"), "q=" + put_winner);

  for (const std::string row : {"delete", "mutate"}) {
    Put all = put(row, "q", "v");
    for (int i = 0; i < kMany; ++i) all.add("f", std::to_string(i), "v");
    HBMUX_ASSERT_OK(table().put(all));
  }
  const auto delete_winner = winner_of([](int i) {
    return CheckAndMutate("delete").if_equals("f", "q", "v").then(Delete("delete").add_column("f", "q").add_column("f", std::to_string(i)));
  });
  const auto mutate_winner = winner_of([](int i) {
    return CheckAndMutate("mutate").if_equals("f", "q", "v").then(
        RowMutations("mutate").add(Delete("mutate").add_column("f", "q")).add(put("mutate", std::to_string(i), "new")));
  });
  const Row deleted = table().get(Get("delete")).value(), mutated = table().get(Get("mutate")).value();
  for (int i = 0; i < kMany; ++i) {
    const std::string column = std::to_string(i);
    EXPECT_EQ(deleted.value("f", column).has_value(), column != delete_winner) << i;
    EXPECT_EQ(mutated.value("f", column), column == mutate_winner ? "new" : "v") << i;
  }
}

// Which timestamps are looked at, for each consequence.
TEST_F(CheckedChanges, RangesOfTime) {
  constexpr std::int64_t kTime = 1'000'000, kFar = kTime + 10'000;
  const Put again = Put("r").add("f", "q", kTime, "v");
  EXPECT_TRUE(holds(CheckAndMutate("r").if_not_exists("f", "q").then(again)));
  const auto changes = RowMutations("r").add(again);
  const CheckAndMutate when = CheckAndMutate("r").if_equals("f", "q", "v");
  const auto in = [&](std::int64_t min, std::int64_t max, const CheckAndMutate::Consequence& consequence) {
    return holds(CheckAndMutate(when).time_range(min, max).then(consequence));
  };
  EXPECT_FALSE(in(kFar, kFar + 1, again));
  EXPECT_FALSE(in(kFar, kLatestTimestamp, again));
  EXPECT_FALSE(in(kFar, kFar + 10'000, again));
  EXPECT_FALSE(in(0, kTime, again));
  EXPECT_TRUE(in(kTime, kTime + 1, again));
  EXPECT_TRUE(in(kTime, kLatestTimestamp, again));
  EXPECT_TRUE(in(kTime, kFar, again));
  EXPECT_TRUE(in(0, kFar, again));
  EXPECT_FALSE(in(kFar, kFar + 1, changes));
  EXPECT_TRUE(in(kTime, kTime + 1, changes));
  EXPECT_FALSE(in(kFar, kFar + 1, Delete("r").add_column("f", "q")));
  EXPECT_EQ(left("r"), "q=v");
  EXPECT_TRUE(in(kTime, kTime + 1, Delete("r").add_column("f", "q")));
  EXPECT_EQ(left("r"), "");
}

// `value op stored`, for a Put and for a Delete.
TEST_F(CheckedChanges, EveryOperator) {
  const std::string stored = "bbbb";
  const std::vector<std::pair<CompareOperator, std::function<bool(int)>>> operators{{less, [](int order) { return order < 0; }},
                                                                                   {less_or_equal, [](int order) { return order <= 0; }},
                                                                                   {equal, [](int order) { return order == 0; }},
                                                                                   {not_equal, [](int order) { return order != 0; }},
                                                                                   {greater_or_equal, [](int order) { return order >= 0; }},
                                                                                   {greater, [](int order) { return order > 0; }}};
  HBMUX_ASSERT_OK(table().put(put("r", "q", stored)));
  std::int64_t time = 0;  // of our own: within a millisecond a put would be hidden by the delete before it
  for (const std::string value : {"aaaa", "bbbb", "cccc"}) {
    for (const auto& [op, expected] : operators) {
      const auto when = CheckAndMutate("r").if_matches("f", "q", op, value);
      const bool should = expected(value.compare(stored));
      ++time;
      EXPECT_EQ(holds(CheckAndMutate(when).then(Put("r").add("f", "new", time, "v"))), should) << value << ' ' << static_cast<int>(op);
      EXPECT_EQ(left("r"), should ? "new=v q=bbbb" : "q=bbbb");
      EXPECT_EQ(holds(CheckAndMutate(when).then(Delete("r").add_columns("f", "new", time))), should) << value << ' ' << static_cast<int>(op);
      EXPECT_EQ(left("r"), "q=bbbb");
    }
  }
}

TEST_F(CheckedChanges, OneFilterOrSeveral) {
  write("r", "ABC");
  EXPECT_TRUE(holds(CheckAndMutate("r").if_matches(is("A", "a")).then(put("r", "D", "d"))));
  EXPECT_FALSE(holds(CheckAndMutate("r").if_matches(is("A", "b")).then(put("r", "E", "e"))));
  EXPECT_EQ(left("r"), "A=a B=b C=c D=d");
  EXPECT_TRUE(holds(CheckAndMutate("r").if_matches(is("A", "a")).then(Delete("r").add_columns("f", "D"))));
  EXPECT_EQ(left("r"), "A=a B=b C=c");
  EXPECT_TRUE(holds(CheckAndMutate("r").if_matches(both("A", "a", "B", "b")).then(put("r", "F", "f"))));
  EXPECT_FALSE(holds(CheckAndMutate("r").if_matches(both("A", "a", "B", "c")).then(put("r", "E", "e"))));
  EXPECT_TRUE(holds(CheckAndMutate("r").if_matches(both("A", "a", "B", "b")).then(
      RowMutations("r").add(put("r", "G", "g")).add(Delete("r").add_columns("f", "A")))));
  EXPECT_EQ(left("r"), "B=b C=c F=f G=g");
}

TEST_F(CheckedChanges, FiltersOfTimestampsAndRangesOfTime) {
  write("r", "A", 100);
  const auto cell_at = [](std::int64_t time) {
    return FilterList({FamilyFilter(equal, BinaryComparator("f")), QualifierFilter(equal, BinaryComparator("A")), TimestampsFilter({time})});
  };
  EXPECT_TRUE(holds(CheckAndMutate("r").if_matches(cell_at(100)).then(put("r", "B", "b"))));
  EXPECT_FALSE(holds(CheckAndMutate("r").if_matches(cell_at(101)).then(put("r", "C", "c"))));
  EXPECT_TRUE(holds(CheckAndMutate("r").if_matches(is("A", "a")).time_range(0, 101).then(put("r", "D", "d"))));
  EXPECT_FALSE(holds(CheckAndMutate("r").if_matches(is("A", "a")).time_range(0, 100).then(put("r", "E", "e"))));
  EXPECT_EQ(left("r"), "A=a B=b D=d");
}

TEST_F(CheckedChanges, CountersAndAppends) {
  write("r", "AC");
  const auto value_after = [&](CheckAndMutate check) -> std::string {
    const auto result = table().check_and_mutate(std::move(check));
    if (!result) return result.error().message();
    if (!result->success()) return result->empty() ? "no" : "a result without success";
    return std::string((*result)[0].value());
  };
  const auto count = [](std::int64_t amount) { return Increment("r").add("f", "N", amount); };
  EXPECT_EQ(value_after(CheckAndMutate("r").if_equals("f", "A", "a").then(count(1))), number(1));
  EXPECT_EQ(value_after(CheckAndMutate("r").if_equals("f", "A", "b").then(count(1))), "no");
  EXPECT_EQ(value_after(CheckAndMutate("r").if_matches(both("A", "a", "C", "c")).then(count(2))), number(3));
  EXPECT_EQ(value_after(CheckAndMutate("r").if_matches(both("A", "b", "C", "d")).then(count(2))), "no");
  EXPECT_EQ(table().get(Get("r"))->value("f", "N"), number(3));
  const auto append = [](const std::string& text) { return Append("r").add("f", "S", text); };
  EXPECT_EQ(value_after(CheckAndMutate("r").if_equals("f", "A", "a").then(append("b"))), "b");
  EXPECT_EQ(value_after(CheckAndMutate("r").if_equals("f", "A", "b").then(append("b"))), "no");
  EXPECT_EQ(value_after(CheckAndMutate("r").if_matches(both("A", "a", "C", "c")).then(append("bb"))), "bbb");
  EXPECT_EQ(value_after(CheckAndMutate("r").if_matches(both("A", "b", "C", "d")).then(append("bb"))), "no");
  EXPECT_EQ(table().get(Get("r"))->value("f", "S"), "bbb");
}

TEST_F(CheckedChanges, SeveralChangesOfARow) {
  HBMUX_ASSERT_OK(table().put(Put("r").add("f", "2", "toBeDeleted").add("f", "3", number(5)).add("f", "4", "a")));
  const auto check = CheckAndMutate("r").if_not_exists("f", "1").then(RowMutations("r")
                                                                          .add(put("r", "1", "v"))
                                                                          .add(Delete("r").add_columns("f", "2"))
                                                                          .add(Increment("r").add("f", "3", 1))
                                                                          .add(Append("r").add("f", "4", "b")));
  const auto first = table().check_and_mutate(check);
  HBMUX_ASSERT_OK(first);
  EXPECT_TRUE(first->success());
  EXPECT_EQ(first->value("f", "3"), number(6));
  EXPECT_EQ(first->value("f", "4"), "ab");
  EXPECT_EQ(left("r"), "1=v 3=" + number(6) + " 4=ab");
  const auto second = table().check_and_mutate(check);
  HBMUX_ASSERT_OK(second);
  EXPECT_FALSE(second->success());
  EXPECT_TRUE(second->empty());
  EXPECT_EQ(left("r"), "1=v 3=" + number(6) + " 4=ab");
}

TEST_F(CheckedChanges, NothingAndTheEmptyValue) {
  const auto ask = [&](const std::string& row, CompareOperator op, const std::string& value) {
    return holds(CheckAndMutate(row).if_matches("f", "q", op, "").then(put(row, "q", value)));
  };
  HBMUX_ASSERT_OK(table().put(put("value", "q", "0")));
  EXPECT_TRUE(ask("value", not_equal, "1"));
  EXPECT_EQ(left("value"), "q=1");
  HBMUX_ASSERT_OK(table().put(put("empty", "q", "")));
  EXPECT_TRUE(ask("empty", equal, "2"));
  EXPECT_EQ(left("empty"), "q=2");
  EXPECT_FALSE(ask("nothing", not_equal, "3"));
  EXPECT_EQ(left("nothing"), "");
  EXPECT_TRUE(ask("nothing", equal, "4"));
  EXPECT_EQ(left("nothing"), "q=4");
}

TEST_F(CheckedChanges, WhatIsIncomplete) {
  HBMUX_EXPECT_ERROR(table().check_and_mutate(CheckAndMutate("r").then(put("r", "q", "v"))), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(table().check_and_mutate(CheckAndMutate("r").if_not_exists("f", "q")), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(table().check_and_mutate(CheckAndMutate("r").if_equals("f", "q", "v").then(put("other", "q", "v"))), Errc::invalid_argument);
  EXPECT_EQ(left("r") + left("other"), "");
}

// Two in a batch, over two regions: the first holds, the second does not.
TEST_F(CheckedChanges, InABatch) {
  const auto run = [&](const CheckAndMutate& holds, const CheckAndMutate& fails) {
    const auto results = table().batch({holds, fails});
    EXPECT_TRUE(results[0] && results[0]->success());
    EXPECT_TRUE(results[1] && !results[1]->success() && results[1]->empty());
    return results[0] ? text_of(*results[0]) : results[0].error().message();
  };
  write("a", "ABC", 100);
  write("z", "DEF", 100);
  const auto yes = CheckAndMutate("a").if_equals("f", "A", "a"), no = CheckAndMutate("z").if_equals("f", "D", "a");
  EXPECT_EQ(run(CheckAndMutate(yes).then(put("a", "G", "g")), CheckAndMutate(no).then(put("z", "G", "g"))), "");
  EXPECT_EQ(run(CheckAndMutate(yes).then(Delete("a").add_columns("f", "G")), CheckAndMutate(no).then(Delete("z"))), "");
  EXPECT_EQ(run(CheckAndMutate("a").if_not_exists("f", "D").then(put("a", "I", "h")), CheckAndMutate("z").if_not_exists("f", "D").then(put("z", "I", "h"))), "");
  EXPECT_EQ(run(CheckAndMutate("a").if_matches("f", "A", not_equal, "b").then(put("a", "I", "i")),
                CheckAndMutate("z").if_matches("f", "D", greater, "d").then(put("z", "I", "i"))),
            "");
  EXPECT_EQ(run(CheckAndMutate(yes).time_range(0, 101).then(put("a", "I", "j")),
                CheckAndMutate("z").if_equals("f", "D", "d").time_range(0, 100).then(put("z", "I", "j"))),
            "");
  EXPECT_EQ(left("a"), "A=a B=b C=c I=j");
  EXPECT_EQ(left("z"), "D=d E=e F=f");
  const auto matching = CheckAndMutate("a").if_matches(both("A", "a", "B", "b")), other = CheckAndMutate("z").if_matches(both("D", "a", "E", "b"));
  EXPECT_EQ(run(CheckAndMutate(matching).then(put("a", "I", "k")), CheckAndMutate(other).then(put("z", "I", "k"))), "");
  EXPECT_EQ(run(CheckAndMutate(matching).time_range(0, 101).then(put("a", "I", "l")),
                CheckAndMutate("z").if_matches(both("D", "d", "E", "e")).time_range(0, 100).then(put("z", "I", "l"))),
            "");
  EXPECT_EQ(run(CheckAndMutate(matching).then(Increment("a").add("f", "N", 1)), CheckAndMutate(other).then(Increment("z").add("f", "N", 1))),
            "N=" + number(1));
  EXPECT_EQ(run(CheckAndMutate(yes).then(Append("a").add("f", "B", "b")), CheckAndMutate(no).then(Append("z").add("f", "E", "e"))), "B=bb");
  const auto several = [](const std::string& row) {
    return RowMutations(row).add(put(row, "H", "h")).add(Delete(row).add_columns("f", "C")).add(Increment(row).add("f", "N", 1)).add(
        Append(row).add("f", "S", "s"));
  };
  EXPECT_EQ(run(CheckAndMutate(yes).then(several("a")), CheckAndMutate(no).then(several("z"))), "N=" + number(2) + " S=s");
  EXPECT_EQ(left("a"), "A=a B=bb H=h I=l N=" + number(2) + " S=s");
  EXPECT_EQ(left("z"), "D=d E=e F=f");
}

}  // namespace
}  // namespace hbmux::integration
