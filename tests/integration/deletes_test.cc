// What each kind of Delete leaves, alone and beside others, for gets, scans and reversed scans.
#include "tests/integration/cluster.h"

#include <functional>

namespace hbmux::integration {
namespace {

class Deletes : public ClusterTest {
 protected:
  Table make(const std::vector<std::string>& families, int versions) {
    TableDescriptor descriptor(new_name());
    for (const auto& name : families) descriptor.family(ColumnFamilyDescriptor(name).max_versions(versions));
    EXPECT_TRUE(admin().create_table(descriptor));
    return connection().table(descriptor.name);
  }
  /// "q@timestamp q@timestamp": what a get, a scan and a reversed scan see of a row, which must be the same.
  static std::string left(const Table& table, const std::string& row, const std::vector<std::string>& families = {}) {
    Get get(row);
    Scan scan = Scan().start_row(row).stop_row(row, true);
    get.all_versions();
    scan.all_versions();
    for (const auto& family : families) {
      get.family(family);
      scan.family(family);
    }
    const std::string got = cells_of(table.get(get).value());
    for (const bool reversed : {false, true}) {
      const auto scanned = table.scan(Scan(scan).reversed(reversed)).next().value();
      EXPECT_EQ(scanned ? cells_of(*scanned) : "", got) << (reversed ? "reversed" : "forwards");
    }
    return got;
  }
  static std::string cells_of(const Row& row) {
    std::string text;
    for (const Cell& cell : row) text += (text.empty() ? "" : " ") + std::string(cell.qualifier()) + "@" + std::to_string(cell.timestamp());
    return text;
  }
  void before_and_after_a_flush(const Table& table, const std::function<void()>& check) {
    check();
    HBMUX_ASSERT_OK(admin().flush_table(table.name()));
    check();
  }
};

// The long way of HBase's own test: what was deleted up to a time stays deleted, also when it is written again.
TEST_F(Deletes, OneAfterAnother) {
  const auto table = make({"f", "g", "h"}, 3);
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "q", 1, "").add("f", "q", 2, "")));
  HBMUX_ASSERT_OK(table.remove(Delete("r").add_family("f", 1)));
  EXPECT_EQ(left(table, "r", {"f"}), "q@2");
  Put more("r");
  for (const int time : {5, 3, 4}) more.add("f", "q", time, "").add("f", "", time, "");
  HBMUX_ASSERT_OK(table.put(more));
  HBMUX_ASSERT_OK(table.remove(Delete("r").add_column("f", "q")));
  EXPECT_EQ(text_of(table.get(Get("r").column("f", "q").timestamp(5)).value()), "");
  HBMUX_ASSERT_OK(table.remove(Delete("r").add_column("f", "")));
  EXPECT_EQ(left(table, "r", {"f"}), "@4 @3 q@4 q@3 q@2");
  HBMUX_ASSERT_OK(table.remove(Delete("r").add_columns("f", "")));
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "q", 1, "").add("f", "q", 5, "")));
  before_and_after_a_flush(table, [&] { EXPECT_EQ(left(table, "r", {"f"}), "q@4 q@3 q@2"); });
}

TEST_F(Deletes, OfAFamilyAColumnOrVersions) {
  const auto table = make({"f", "g", "h"}, 3);
  for (const char* row : {"a", "b", "c"}) {
    HBMUX_ASSERT_OK(table.put(Put(row).add("g", "q", 1, "").add("g", "q", 2, "").add("h", "q", 3, "").add("h", "q", 4, "")));
  }
  HBMUX_ASSERT_OK(table.remove(Delete("a").add_family("h")));
  HBMUX_ASSERT_OK(table.remove(Delete("b").add_columns("g", "q")));
  HBMUX_ASSERT_OK(table.remove(Delete("c").add_column("g", "q").add_column("g", "q").add_column("h", "q")));
  before_and_after_a_flush(table, [&] {
    EXPECT_EQ(left(table, "a", {"g", "h"}), "q@2 q@1");
    EXPECT_EQ(left(table, "b", {"g", "h"}), "q@4 q@3");
    EXPECT_EQ(left(table, "c", {"g", "h"}), "q@3");
  });
  // A row of which only another family was deleted, and the one behind it.
  HBMUX_ASSERT_OK(table.remove(Delete("d").add_family("g")));
  HBMUX_ASSERT_OK(table.put(Put("d").add("h", "q", "0")));
  HBMUX_ASSERT_OK(table.put(Put("e").add("g", "q", "1").add("h", "q", "2")));
  for (const bool reversed : {false, true}) {
    auto scanner = table.scan(Scan().start_row(reversed ? "e" : "d").family("g").family("h").all_versions().reversed(reversed));
    EXPECT_EQ(text_of(scanner.next()->value()), reversed ? "q=1 q=2" : "q=0");
    EXPECT_EQ(text_of(scanner.next()->value()), reversed ? "q=0" : "q=1 q=2");
  }
}

TEST_F(Deletes, OfOneVersionOfAFamily) {
  const auto table = make({"f"}, 5);
  for (const char* row : {"r", "s"}) {
    Put put(row);
    for (const char* column : {"a", "b", "c", "d", "e"}) {
      for (int time = 1; time <= 5; ++time) put.add("f", column, time, "");
    }
    HBMUX_ASSERT_OK(table.put(put));
  }
  HBMUX_ASSERT_OK(admin().flush_table(table.name()));
  HBMUX_ASSERT_OK(table.remove(Delete("s").add_family_version("f", 2).add_family_version("f", 4)));
  HBMUX_ASSERT_OK(table.remove(
      Delete("r").add_family("f", 2).add_family_version("f", 4).add_columns("f", "a", 3).add_columns("f", "c", 5).add_column("f", "e", 5)));
  before_and_after_a_flush(table, [&] {
    EXPECT_EQ(left(table, "s"), "a@5 a@3 a@1 b@5 b@3 b@1 c@5 c@3 c@1 d@5 d@3 d@1 e@5 e@3 e@1");
    EXPECT_EQ(left(table, "r"), "a@5 b@5 b@3 d@5 d@3 e@3");
  });
}

TEST_F(Deletes, OfWhatIsNotThere) {
  const auto table = make({"f", "g"}, 5);
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "q", 1, "").add("f", "q", 2, "").add("f", "q", 3, "").add("f", "q", 4, "")));
  HBMUX_ASSERT_OK(table.remove(Delete("r").add_family("g", 1)));
  EXPECT_EQ(left(table, "r"), "q@4 q@3 q@2 q@1");
  HBMUX_ASSERT_OK(table.remove(Delete("r").add_column("f", "q", 3)));
  EXPECT_EQ(left(table, "r"), "q@4 q@2 q@1");
  HBMUX_ASSERT_OK(table.remove(Delete("r").add_column("f", "q", 5)));
  EXPECT_EQ(left(table, "r"), "q@4 q@2 q@1") << "no version has this timestamp";
  HBMUX_EXPECT_OK(table.remove(Delete("nothing")));
}

TEST_F(Deletes, OfTheNewestVersionOnceAndTwice) {
  const auto table = make({"f"}, 5);
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "q", 1, "").add("f", "q", 2, "").add("f", "q", 3, "").add("f", "q", 4, "")));
  HBMUX_ASSERT_OK(table.remove(Delete("r").add_column("f", "q")));
  EXPECT_EQ(left(table, "r"), "q@3 q@2 q@1");
  HBMUX_ASSERT_OK(table.remove(Delete("r").add_column("f", "q").add_column("f", "q")));
  EXPECT_EQ(left(table, "r"), "q@1");
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "q", 5, "")));
  EXPECT_EQ(left(table, "r"), "q@5 q@1");
}

TEST_F(Deletes, OfManyRowsAtOnce) {
  const auto table = connection().table(make_table({"5"}));
  std::vector<Action> puts, deletes;
  for (int i = 0; i < 10; ++i) {
    puts.emplace_back(Put(std::to_string(i)).add("f", "q", "v").durability(Durability::skip_wal));
    deletes.emplace_back(Delete(std::to_string(i)).add_family("f"));
  }
  for (const auto& result : table.batch(puts)) HBMUX_ASSERT_OK(result);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(table.get(Get(std::to_string(i)).family("f"))->size(), 1u) << i;
  for (const auto& result : table.batch(deletes)) HBMUX_ASSERT_OK(result);
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(table.exists(Get(std::to_string(i))).value()) << i;
}

// What is written after a Delete is seen; what was before it is not.
TEST_F(Deletes, AndWritesAfterThem) {
  const auto table = connection().table(make_table());
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "q", 1, "old")));
  HBMUX_ASSERT_OK(table.remove(Delete("r", 2)));
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "", 3, "new")));
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "", 4, "newest")));
  before_and_after_a_flush(table, [&] {
    EXPECT_EQ(text_of(table.scan(Scan()).next()->value()), "=newest");
    EXPECT_EQ(text_of(table.scan(Scan().family("f")).next()->value()), "=newest");
    EXPECT_FALSE(table.scan(Scan().column("f", "q")).next().value());
  });
  HBMUX_ASSERT_OK(table.remove(Delete("s", 10)));
  HBMUX_ASSERT_OK(table.put(Put("s").add("f", "", 11, "0")));
  HBMUX_ASSERT_OK(table.put(Put("s").add("f", "b", 12, "1")));
  HBMUX_ASSERT_OK(table.put(Put("s").add("f", "a", 13, "2")));
  before_and_after_a_flush(table, [&] { EXPECT_EQ(text_of(table.get(Get("s")).value()), "=0 a=2 b=1"); });
}

// Rows chosen by a value in several columns, overwritten, then deleted column by column: no value comes back.
TEST_F(Deletes, ColumnsOfRowsThatWereOverwritten) {
  const auto table = make({"a", "b", "c"}, 1);
  const auto write = [&](const std::string& value, std::int64_t time) {
    for (const char* prefix : {"x", "y", "z"}) {
      for (int i = 0; i < 3; ++i) {
        HBMUX_ASSERT_OK(table.put(Put(prefix + std::to_string(i)).add("a", prefix, time, value).add("b", prefix, time, "b")));
      }
    }
  };
  const auto rows_with = [&](const std::string& prefix, const std::string& value) {
    int rows = 0;
    const FilterList both({PrefixFilter(prefix), ValueFilter(CompareOperator::equal, BinaryComparator(value))});
    for (const auto& row : table.scan(Scan().column("a", prefix).filter(both))) rows += row ? 1 : 1000;
    return rows;
  };
  write("first", 1);
  write("second", 2);
  for (const char* prefix : {"x", "y", "z"}) {
    EXPECT_EQ(rows_with(prefix, "second"), 3) << prefix;
    EXPECT_EQ(rows_with(prefix, "first"), 0) << prefix;
    for (int i = 0; i < 3; ++i) HBMUX_ASSERT_OK(table.remove(Delete(prefix + std::to_string(i)).add_columns("a", prefix)));
    EXPECT_EQ(rows_with(prefix, "second"), 0) << prefix;
    EXPECT_EQ(table.get(Get(prefix + std::string("0")))->size(), 1u) << "the other family stays";
  }
}

// Ten families, in each what was put there and nothing else, whatever is asked for.
TEST_F(Deletes, InOneRowWithManyFamilies) {
  std::vector<std::string> families;
  for (int i = 0; i < 10; ++i) families.push_back("f" + std::to_string(i));
  const auto table = make(families, 3);
  HBMUX_ASSERT_OK(table.put(Put("r").add("f4", "0", "0")));
  EXPECT_EQ(left(table, "s") + left(table, "r", {"f3", "f5"}), "");
  const auto ask = [&](std::string_view family, std::string_view column) {
    return text_of(table.get(Get("r").column(family, column)).value());
  };
  EXPECT_EQ(ask("f4", "0"), "0=0");
  EXPECT_EQ(ask("f4", "1") + ask("f3", "0"), "");
  Put put("r");
  for (const auto& [family, column] : std::vector<std::pair<const char*, const char*>>{
           {"f2", "2"}, {"f2", "4"}, {"f4", "4"}, {"f6", "6"}, {"f6", "7"}, {"f7", "7"}, {"f9", "0"}}) {
    put.add(family, column, column);
  }
  HBMUX_ASSERT_OK(table.put(put));
  before_and_after_a_flush(table, [&] {
    EXPECT_EQ(text_of(table.get(Get("r")).value()), "2=2 4=4 0=0 4=4 6=6 7=7 7=7 0=0");
    EXPECT_EQ(text_of(table.get(Get("r").family("f4").column("f6", "7")).value()), "0=0 4=4 7=7");
    EXPECT_EQ(text_of(table.scan(Scan().family("f2").column("f7", "7").column("f7", "8")).next()->value()), "2=2 4=4 7=7");
    EXPECT_EQ(ask("f6", "5"), "");
  });
  HBMUX_ASSERT_OK(table.put(Put("r").add("f6", "5", "5").add("f6", "8", "8").add("f6", "9", "9").add("f4", "3", "3")));
  HBMUX_ASSERT_OK(table.remove(Delete("r").add_columns("f6", "7")));
  EXPECT_EQ(text_of(table.get(Get("r").family("f6")).value()), "5=5 6=6 8=8 9=9");
  HBMUX_ASSERT_OK(table.remove(Delete("r").add_columns("f6", "8")));
  HBMUX_ASSERT_OK(table.remove(Delete("r").add_family("f4")));
  before_and_after_a_flush(table, [&] {
    EXPECT_EQ(text_of(table.get(Get("r")).value()), "2=2 4=4 5=5 6=6 9=9 7=7 0=0");
    EXPECT_EQ(ask("f4", "4") + ask("f4", "3") + ask("f6", "8"), "");
    EXPECT_EQ(ask("f6", "9"), "9=9");
    EXPECT_FALSE(table.scan(Scan().family("f4")).next().value());
  });
}

}  // namespace
}  // namespace hbmux::integration
