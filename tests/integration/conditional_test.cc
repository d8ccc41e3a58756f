// CheckAndMutate and RowMutations, alone and in a batch.
#include "tests/integration/cluster.h"

#include <atomic>
#include <set>

namespace hbmux::integration {
namespace {

using enum CompareOperator;

// An append in the same millisecond as another gets a later timestamp, which a Delete of "now" would not reach.
constexpr std::int64_t kFarFuture = 4102444800000;

class Conditional : public ClusterTest {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    if (IsSkipped()) return;
    table_.emplace(connection().table(make_table({"m"})));
  }
  Table& table() { return *table_; }
  std::string left(const std::string& row) { return text_of(table().get(Get(row)).value()); }
  static Put put(const std::string& row, const std::string& value) { return Put(row).add("f", "q", value); }
  bool holds(CheckAndMutate check) {
    auto result = table().check_and_mutate(std::move(check));
    EXPECT_TRUE(result) << result.error();
    return result && result->success();
  }

 private:
  std::optional<Table> table_;
};

TEST_F(Conditional, ByValue) {
  EXPECT_TRUE(holds(CheckAndMutate("r").if_not_exists("f", "q").then(put("r", "1"))));
  EXPECT_FALSE(holds(CheckAndMutate("r").if_not_exists("f", "q").then(put("r", "2"))));
  EXPECT_EQ(left("r"), "q=1");
  EXPECT_FALSE(holds(CheckAndMutate("r").if_equals("f", "q", "2").then(put("r", "3"))));
  EXPECT_TRUE(holds(CheckAndMutate("r").if_equals("f", "q", "1").then(put("r", "3"))));
  EXPECT_EQ(left("r"), "q=3");
}

// `value op stored`: HBase asks that way round.
TEST_F(Conditional, EveryOperatorHasHBasesDirection) {
  HBMUX_ASSERT_OK(table().put(put("r", "5")));
  const auto asks = [&](CompareOperator op, const char* value) {
    return holds(CheckAndMutate("r").if_matches("f", "q", op, value).then(Put("r").add("g", "q", "x")));
  };
  EXPECT_TRUE(asks(less, "4"));
  EXPECT_FALSE(asks(less, "5"));
  EXPECT_TRUE(asks(less_or_equal, "5"));
  EXPECT_FALSE(asks(less_or_equal, "6"));
  EXPECT_TRUE(asks(equal, "5"));
  EXPECT_TRUE(asks(not_equal, "6"));
  EXPECT_FALSE(asks(not_equal, "5"));
  EXPECT_TRUE(asks(greater_or_equal, "5"));
  EXPECT_FALSE(asks(greater_or_equal, "4"));
  EXPECT_TRUE(asks(greater, "6"));
  EXPECT_FALSE(asks(greater, "5"));
}

TEST_F(Conditional, ByFilterAndTimeRange) {
  HBMUX_ASSERT_OK(table().put(Put("r").add("g", "q", 10, "abc").add("g", "q", 20, "xyz").add("f", "n", 5, "1")));
  const auto add = Put("r").add("f", "x", "y");
  EXPECT_TRUE(holds(CheckAndMutate("r").if_equals("g", "q", "abc").time_range(0, 15).then(add)));
  EXPECT_FALSE(holds(CheckAndMutate("r").if_equals("g", "q", "abc").then(add)));
  const FilterList both({SingleColumnValueFilter("g", "q", equal, "xyz"), SingleColumnValueFilter("f", "n", less, "2")});
  EXPECT_TRUE(holds(CheckAndMutate("r").if_matches(both).then(add)));
  EXPECT_FALSE(holds(CheckAndMutate("r").if_matches(SingleColumnValueFilter("f", "n", greater, "2")).then(add)));
  EXPECT_TRUE(holds(CheckAndMutate("r").if_matches(SingleColumnValueFilter("g", "q", equal, "abc")).time_range(0, 15).then(add)));
}

TEST_F(Conditional, CarriesEveryKindOfMutation) {
  HBMUX_ASSERT_OK(table().put(put("r", "1")));
  const auto when = CheckAndMutate("r").if_equals("f", "q", "1");
  auto result = table().check_and_mutate(CheckAndMutate(when).then(Increment("r").add("f", "n", 5)));
  HBMUX_ASSERT_OK(result);
  EXPECT_TRUE(result->success());
  EXPECT_EQ(result->value("f", "n"), std::string_view("\0\0\0\0\0\0\0\5", 8));
  result = table().check_and_mutate(CheckAndMutate(when).then(Append("r").add("f", "s", "ab")));
  HBMUX_ASSERT_OK(result);
  EXPECT_EQ(result->value("f", "s"), "ab");
  result = table().check_and_mutate(CheckAndMutate(when).then(Append("r").add("f", "s", "cd").return_results(false)));
  HBMUX_ASSERT_OK(result);
  EXPECT_TRUE(result->success());
  EXPECT_TRUE(result->empty());
  auto several = RowMutations("r").add(Increment("r").add("f", "n", 1)).add(Append("r").add("f", "s", "ef")).add(Delete("r").add_columns("f", "q"));
  result = table().check_and_mutate(CheckAndMutate(when).then(std::move(several)));
  HBMUX_ASSERT_OK(result);
  EXPECT_TRUE(result->success());
  EXPECT_EQ(result->value("f", "n"), std::string_view("\0\0\0\0\0\0\0\6", 8));
  EXPECT_EQ(result->value("f", "s"), "abcdef");
  EXPECT_FALSE(holds(CheckAndMutate(when).then(Delete("r"))));
  EXPECT_TRUE(holds(CheckAndMutate("r").if_not_exists("f", "q").then(Delete("r", kFarFuture))));
  EXPECT_EQ(left("r"), "");
}

TEST_F(Conditional, RowMutationsAreAppliedInOrder) {
  HBMUX_ASSERT_OK(table().put(Put("r").add("f", "a", "1").add("f", "b", "2")));
  const auto row = table().mutate_row(
      RowMutations("r").add(Delete("r").add_columns("f", "a")).add(Put("r").add("f", "c", "3")).add(Increment("r").add("f", "n", 258)));
  HBMUX_ASSERT_OK(row);
  EXPECT_EQ(row->value("f", "n"), std::string_view("\0\0\0\0\0\0\1\2", 8));
  EXPECT_EQ(left("r"), std::string("b=2 c=3 n=\0\0\0\0\0\0\1\2", 18));
  const auto nothing = table().mutate_row(RowMutations("s").add(Put("s").add("f", "a", "1")));
  HBMUX_ASSERT_OK(nothing);
  EXPECT_TRUE(nothing->empty());
  HBMUX_EXPECT_ERROR(table().mutate_row(RowMutations("r")), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(table().mutate_row(RowMutations("r").add(Put("r").add("nofamily", "q", "v"))), Errc::no_such_column_family);
}

// All kinds at once, over two regions, each with its own answer.
TEST_F(Conditional, InABatch) {
  HBMUX_ASSERT_OK(table().put(put("a", "1")));
  HBMUX_ASSERT_OK(table().put(put("z", "1")));
  std::vector<Action> actions;
  actions.emplace_back(CheckAndMutate("a").if_equals("f", "q", "1").then(Put("a").add("f", "x", "y")));
  actions.emplace_back(CheckAndMutate("z").if_equals("f", "q", "2").then(Put("z").add("f", "x", "y")));
  actions.emplace_back(RowMutations("b").add(Put("b").add("f", "q", "1")).add(Increment("b").add("f", "n", 1)));
  actions.emplace_back(Get("z"));
  actions.emplace_back(Put("y").add("f", "q", "1"));
  actions.emplace_back(CheckAndMutate("z").if_equals("f", "q", "1").then(RowMutations("z").add(Increment("z").add("f", "n", 7))));
  actions.emplace_back(CheckAndMutate("a").if_matches("nofamily", "q", equal, "1").then(Put("a").add("f", "x", "y")));
  actions.emplace_back(RowMutations("z").add(Put("y").add("f", "x", "y")));
  actions.emplace_back(CheckAndMutate("b").if_not_exists("f", "nothing").then(Append("b").add("f", "s", "t")));
  std::multiset<std::size_t> told;
  const auto results = table().batch(actions, [&](std::size_t index, const Result<ActionResult>&) { told.insert(index); });
  ASSERT_EQ(results.size(), actions.size());
  EXPECT_EQ(told, (std::multiset<std::size_t>{0, 1, 2, 3, 4, 5, 6, 7, 8}));
  for (const int i : {0, 2, 3, 4, 5, 8}) HBMUX_EXPECT_OK(results[static_cast<std::size_t>(i)]);
  EXPECT_TRUE(results[0]->success());
  HBMUX_ASSERT_OK(results[1]);
  EXPECT_FALSE(results[1]->success());
  EXPECT_EQ(results[2]->value("f", "n"), std::string_view("\0\0\0\0\0\0\0\1", 8));
  EXPECT_EQ(results[3]->value("f", "q"), "1");
  EXPECT_TRUE(results[5]->success());
  EXPECT_EQ(results[5]->value("f", "n"), std::string_view("\0\0\0\0\0\0\0\7", 8));
  HBMUX_EXPECT_ERROR(results[6], Errc::no_such_column_family);
  HBMUX_EXPECT_ERROR(results[7], Errc::invalid_argument);
  EXPECT_EQ(results[8]->value("f", "s"), "t");
  EXPECT_EQ(left("a"), "q=1 x=y");
}

TEST_F(Conditional, ACallbackThatThrowsHarmsNobody) {
  std::vector<Action> actions;
  for (int i = 0; i < 10; ++i) actions.emplace_back(put("r" + std::to_string(i), "1"));
  for (const auto& result : table().batch(actions, [](std::size_t, const Result<ActionResult>&) { throw std::runtime_error("mine"); })) {
    HBMUX_EXPECT_OK(result);
  }
}

TEST_F(Conditional, WithoutACodec) {
  connect({{"hbase.client.default.rpc.codec", ""}});
  Table plain = connection().table(table().name());
  auto result = plain.check_and_mutate(CheckAndMutate("r").if_not_exists("f", "q").then(put("r", "1")));
  HBMUX_ASSERT_OK(result);
  EXPECT_TRUE(result->success());
  const auto row = plain.mutate_row(RowMutations("r").add(Increment("r").add("f", "n", 1)).add(Append("r").add("f", "s", "t")));
  HBMUX_ASSERT_OK(row);
  EXPECT_EQ(row->value("f", "s"), "t");
  EXPECT_EQ(row->size(), 2u);
}

TEST_F(Conditional, WhetherRowsExist) {
  HBMUX_ASSERT_OK(table().put(put("a", "1")));
  HBMUX_ASSERT_OK(table().put(put("z", "1")));
  const auto answers = table().exists({Get("a"), Get("b"), Get("z"), Get("a").column("f", "nothing"), Get("")});
  ASSERT_EQ(answers.size(), 5u);
  EXPECT_TRUE(answers[0].value());
  EXPECT_FALSE(answers[1].value());
  EXPECT_TRUE(answers[2].value());
  EXPECT_FALSE(answers[3].value());
  HBMUX_EXPECT_ERROR(answers[4], Errc::invalid_argument);
}

}  // namespace
}  // namespace hbmux::integration
