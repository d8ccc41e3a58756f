// Requests at the edges: nothing there, empty names and values, and what no server would take.
#include "tests/integration/cluster.h"

#include <functional>

namespace hbmux::integration {
namespace {

class Unusual : public ClusterTest {
 protected:
  static std::string first(const Table& table, Scan scan) {
    const auto row = table.scan(std::move(scan)).next();
    return row ? (*row ? std::string((*row)->row()) + ":" + text_of(**row) : "nothing") : row.error().message();
  }
  static void expect_refused(const Result<void>& result, const char* word) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), Errc::invalid_argument) << result.error();
    EXPECT_NE(result.error().message().find(word), std::string::npos) << result.error();
    EXPECT_EQ(result.error().attempts(), 0) << "nothing was sent";
  }
};

TEST_F(Unusual, RowsThatAreMissing) {
  const auto table = connection().table(make_table());
  const auto ask = [&](const std::string& row) {
    return text_of(table.get(Get(row)).value()) + text_of(table.get(Get(row).family("f")).value()) +
           text_of(table.get(Get(row).column("f", "q")).value());
  };
  EXPECT_EQ(ask("r0"), "");
  for (const Scan& scan : {Scan(), Scan().start_row("r0"), Scan().start_row("r0").stop_row("r1"), Scan().family("f"), Scan().column("f", "q")}) {
    EXPECT_EQ(first(table, scan), "nothing");
    EXPECT_EQ(first(table, Scan(scan).reversed(true)), "nothing");
  }
  HBMUX_ASSERT_OK(table.put(Put("r2").add("f", "q", "v")));
  EXPECT_EQ(ask("r0") + ask("r1") + ask("r3"), "");
  EXPECT_EQ(ask("r2"), "q=vq=vq=v");
  EXPECT_EQ(first(table, Scan().start_row("r3")), "nothing");
  EXPECT_EQ(first(table, Scan().start_row("r0").stop_row("r2")), "nothing");
  EXPECT_EQ(first(table, Scan().column("f", "other")), "nothing") << "the row has no such column";
  for (const Scan& scan : {Scan(), Scan().start_row("r0").stop_row("r3"), Scan().start_row("r2").stop_row("r3")}) {
    EXPECT_EQ(first(table, scan), "r2:q=v");
  }
  EXPECT_EQ(first(table, Scan().reversed(true)), "r2:q=v");
  EXPECT_EQ(first(table, Scan().reversed(true).start_row("r3").stop_row("r0")), "r2:q=v");
  EXPECT_EQ(first(table, Scan().reversed(true).start_row("r2").stop_row("r1")), "r2:q=v");
  EXPECT_EQ(first(table, Scan().reversed(true).start_row("r1")), "nothing");
}

// A qualifier may be empty, for every operation.
TEST_F(Unusual, EmptyQualifiers) {
  const auto table = connection().table(make_table());
  const auto seen = [&] {
    const std::string got = text_of(table.get(Get("r").column("f", "")).value());
    EXPECT_EQ(text_of(table.get(Get("r").family("f")).value()), got);
    EXPECT_EQ(text_of(table.get(Get("r")).value()), got);
    for (const bool reversed : {false, true}) {
      EXPECT_EQ(first(table, Scan().column("f", "").reversed(reversed)), got.empty() ? "nothing" : "r:" + got);
      EXPECT_EQ(first(table, Scan().family("f").reversed(reversed)), got.empty() ? "nothing" : "r:" + got);
    }
    return got;
  };
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "", 1, "v")));
  EXPECT_EQ(seen(), "=v");
  HBMUX_ASSERT_OK(admin().flush_table(table.name()));
  EXPECT_EQ(seen(), "=v");
  HBMUX_ASSERT_OK(table.remove(Delete("r").add_columns("f", "", 1)));
  EXPECT_EQ(seen(), "");
  for (const char last : {'\1', '\2'}) {
    HBMUX_ASSERT_OK(table.increment(Increment("r").add("f", "", 1)));
    EXPECT_EQ(seen(), "=" + std::string(7, '\0') + last);
  }
  constexpr std::int64_t kFarFuture = 4102444800000;  // an increment's timestamp may be ahead of "now"
  HBMUX_ASSERT_OK(table.remove(Delete("r").add_column("f", "").add_column("f", "")));
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "", kFarFuture, "v")));
  HBMUX_ASSERT_OK(table.append(Append("r").add("f", "", "w")));
  EXPECT_EQ(seen(), "=vw");
  EXPECT_TRUE(table.check_and_mutate(CheckAndMutate("r").if_equals("f", "", "vw").then(Put("r").add("f", "", kFarFuture + 9, "x")))->success());
  EXPECT_TRUE(table.check_and_mutate(CheckAndMutate("r").if_equals("f", "", "x").then(
      RowMutations("r").add(Put("r").add("f", "", kFarFuture + 10, "y"))))->success());
  EXPECT_EQ(seen(), "=y");
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "q", "other")));
  EXPECT_EQ(table.get(Get("r").column("f", ""))->size(), 1u);
  EXPECT_EQ(table.get(Get("r").family("f"))->size(), 2u);
  EXPECT_EQ(first(table, Scan().column("f", "")), "r:=y");
  EXPECT_EQ(first(table, Scan().family("f")), "r:=y q=other");
}

TEST_F(Unusual, EmptyValues) {
  const auto table = connection().table(make_table());
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "q", 1, "")));
  const auto row = table.get(Get("r").column("f", "q"));
  HBMUX_ASSERT_OK(row);
  EXPECT_TRUE(row->exists());
  EXPECT_EQ(row->value("f", "q"), "");
  EXPECT_EQ(first(table, Scan().column("f", "q")), "r:q=");
  EXPECT_EQ(first(table, Scan().column("f", "q").reversed(true)), "r:q=");
  HBMUX_ASSERT_OK(table.remove(Delete("r").add_columns("f", "q", 1)));
  EXPECT_FALSE(table.get(Get("r"))->exists());
}

TEST_F(Unusual, EmptyRows) {
  const auto table = connection().table(make_table());
  expect_refused(table.put(Put("").add("f", "q", "v")), "row");
  expect_refused(table.remove(Delete("")), "row");
  HBMUX_EXPECT_ERROR(table.get(Get("")), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(table.exists(Get("")), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(table.append(Append("").add("f", "q", "v")), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(table.increment(Increment("").add("f", "q", 1)), Errc::invalid_argument);
}

TEST_F(Unusual, NegativeTimestamps) {
  const auto table = connection().table(make_table());
  expect_refused(table.put(Put("r", -1).add("f", "q", "v")), "negative");
  expect_refused(table.put(Put("r").add("f", "q", -1, "v")), "negative");
  expect_refused(table.remove(Delete("r", -1)), "negative");
  expect_refused(table.remove(Delete("r").add_family("f", -1)), "negative");
  const auto scanned = table.scan(Scan().time_range(-1, 1)).next();
  HBMUX_EXPECT_ERROR(scanned, Errc::invalid_argument);
  EXPECT_NE(scanned.error().message().find("negative"), std::string::npos) << scanned.error();
}

// Without cells, or with one that is too large: alone, among several changes of a row, and behind a condition.
TEST_F(Unusual, PutsThatCannotBe) {
  const auto name = make_table();
  connect({{"hbase.client.keyvalue.maxsize", "65536"}});
  const auto table = connection().table(name);
  for (const Put& bad : {Put("r"), Put("r").add("f", "q", std::string(65536, 'x'))}) {
    const char* word = bad.empty() ? "no columns" : "hbase.client.keyvalue.maxsize";
    const auto changes = RowMutations("r").add(bad);
    const auto expect_error = [&](const auto& result) {
      HBMUX_EXPECT_ERROR(result, Errc::invalid_argument);
      EXPECT_NE(result.error().message().find(word), std::string::npos) << result.error();
    };
    expect_error(table.put(bad));
    expect_error(table.mutate_row(changes));
    expect_error(table.check_and_mutate(CheckAndMutate("r").if_not_exists("f", "q").then(changes)));
    expect_error(table.check_and_mutate(CheckAndMutate("r").if_not_exists("f", "q").then(bad)));
    const auto results = table.batch({Delete("r"), bad, changes, CheckAndMutate("r").if_not_exists("f", "q").then(changes), Delete("s")});
    HBMUX_EXPECT_OK(results[0]);
    for (const std::size_t i : {1u, 2u, 3u}) expect_error(results[i]);
    HBMUX_EXPECT_OK(results[4]);
  }
  HBMUX_EXPECT_OK(table.put(Put("fits").add("f", "q", std::string(65000, 'x'))));
  EXPECT_EQ(table.get(Get("fits"))->value("f", "q").value_or("").size(), 65000u);
}

// All cells of a mutation are of its row; those of another can only be put into a mutation of their own.
TEST_F(Unusual, FamiliesThatAreNotThere) {
  const auto table = connection().table(make_table());
  HBMUX_EXPECT_ERROR(table.put(Put("r").add("none", "q", "v")), Errc::no_such_column_family);
  HBMUX_EXPECT_ERROR(table.remove(Delete("r").add_family("none")), Errc::no_such_column_family);
  HBMUX_EXPECT_ERROR(table.get(Get("r").family("none")), Errc::no_such_column_family);
  HBMUX_EXPECT_ERROR(table.scan(Scan().family("none")).next(), Errc::no_such_column_family);
  HBMUX_EXPECT_ERROR(table.mutate_row(RowMutations("r").add(Put("r").add("none", "q", "v"))), Errc::no_such_column_family);
  HBMUX_EXPECT_ERROR(table.check_and_mutate(CheckAndMutate("r").if_not_exists("f", "q").then(
                         RowMutations("r").add(Put("r").add("f", "q", "v")).add(Put("r").add("none", "q", "v")))),
                     Errc::no_such_column_family);
  EXPECT_FALSE(table.exists(Get("r")).value());
}

// A family that is asked for after one of its columns stands for all of them.
TEST_F(Unusual, AColumnAfterItsFamily) {
  EXPECT_EQ(Scan().family("f").column("f", "q").columns().at("f").size(), 1u);
  EXPECT_TRUE(Scan().column("f", "q").family("f").columns().at("f").empty());
  EXPECT_TRUE(Scan().family("f").columns().at("f").empty());
}

TEST_F(Unusual, AnEmptyFilterList) {
  const auto table = connection().table(make_table());
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "q", "v")));
  EXPECT_EQ(first(table, Scan().filter(FilterList(FilterList::Operator::must_pass_all))), "r:q=v");
  EXPECT_EQ(text_of(table.get(Get("r").filter(FilterList(FilterList::Operator::must_pass_all))).value()), "q=v");
}

}  // namespace
}  // namespace hbmux::integration
