// Which versions of a cell come back: by timestamps, ranges, limits and filters, before and after a flush.
#include "tests/integration/cluster.h"

#include <chrono>
#include <functional>
#include <map>
#include <thread>

namespace hbmux::integration {
namespace {

using enum CompareOperator;

class Versions : public ClusterTest {
 protected:
  /// A table with these families, each with so many versions.
  Table make(const std::map<std::string, int>& families = {{"f", 10}}) {
    TableDescriptor descriptor(new_name());
    for (const auto& [name, versions] : families) descriptor.family(ColumnFamilyDescriptor(name).max_versions(versions));
    EXPECT_TRUE(admin().create_table(descriptor));
    return connection().table(descriptor.name);
  }
  /// "v" and the timestamp are the value, unless another is given.
  static Put put(std::initializer_list<std::int64_t> times, const std::string& family = "f") {
    Put put("r");
    for (const auto time : times) put.add(family, "q", time, "v" + std::to_string(time));
    return put;
  }
  /// "timestamp:value timestamp:value"
  static std::string stamped(const Result<Row>& row) {
    if (!row) return row.error().message();
    std::string text;
    for (const Cell& cell : *row) {
      text += (text.empty() ? "" : " ") + std::to_string(cell.timestamp()) + ":" + std::string(cell.value());
    }
    return text;
  }
  static std::string first(const Table& table, Scan scan) {
    const auto row = table.scan(std::move(scan)).next();
    return row ? (*row ? stamped(**row) : "") : row.error().message();
  }
  /// A Get and a Scan of the same cells, which must say the same.
  template <class Configure>
  static std::string read(const Table& table, Configure configure) {
    Get get("r");
    Scan scan;
    configure(get);
    configure(scan);
    const std::string got = stamped(table.get(std::move(get))), scanned = first(table, std::move(scan));
    return got == scanned ? got : "got " + got + ", scanned " + scanned;
  }
  static std::string at(const Table& table, std::int64_t time) {
    return read(table, [&](auto& query) { query.column("f", "q").timestamp(time); });
  }
  static std::string newest(const Table& table, int count) {
    return read(table, [&](auto& query) { query.column("f", "q").versions(count); });
  }
  static std::string all(const Table& table) {
    return read(table, [&](auto& query) { query.all_versions(); });
  }
  static std::string between(const Table& table, std::int64_t min, std::int64_t max) {
    return read(table, [&](auto& query) { query.column("f", "q").all_versions().time_range(min, max); });
  }
  void before_and_after_a_flush(const Table& table, const std::function<void()>& check) {
    check();
    HBMUX_ASSERT_OK(admin().flush_table(table.name()));
    check();
  }
};

TEST_F(Versions, OneTheNewestOrAll) {
  const auto table = make();
  HBMUX_ASSERT_OK(table.put(put({1, 2, 4, 5})));
  before_and_after_a_flush(table, [&] {
    for (const int there : {1, 2, 4, 5}) EXPECT_EQ(at(table, there), std::to_string(there) + ":v" + std::to_string(there));
    for (const int missing : {0, 3, 6}) EXPECT_EQ(at(table, missing), "");
    EXPECT_EQ(newest(table, 2), "5:v5 4:v4");
  });
  HBMUX_ASSERT_OK(table.put(put({3, 6, 7, 8})));
  EXPECT_EQ(all(table), "8:v8 7:v7 6:v6 5:v5 4:v4 3:v3 2:v2 1:v1");
  HBMUX_ASSERT_OK(admin().flush_table(table.name()));
  HBMUX_ASSERT_OK(table.put(put({9, 11, 13, 15})));
  EXPECT_EQ(all(table), "15:v15 13:v13 11:v11 9:v9 8:v8 7:v7 6:v6 5:v5 4:v4 3:v3") << "ten, as the family says";
  HBMUX_ASSERT_OK(table.remove(Delete("r").add_column("f", "q", 11).add_column("f", "q", 7)));
  EXPECT_EQ(all(table), "15:v15 13:v13 9:v9 8:v8 6:v6 5:v5 4:v4 3:v3 2:v2 1:v1") << "older ones come up again";
}

TEST_F(Versions, TheSameTimestampAgainReplaces) {
  const auto table = make();
  HBMUX_ASSERT_OK(table.put(put({1, 2, 4, 5})));
  HBMUX_ASSERT_OK(admin().flush_table(table.name()));
  HBMUX_ASSERT_OK(table.put(put({3, 6, 7, 8}).add("f", "q", 4, "another")));
  before_and_after_a_flush(table, [&] {
    EXPECT_EQ(newest(table, 7), "8:v8 7:v7 6:v6 5:v5 4:another 3:v3 2:v2");
    EXPECT_EQ(at(table, 4), "4:another");
    EXPECT_EQ(at(table, 9), "");
  });
  HBMUX_ASSERT_OK(table.put(put({9, 11, 13, 15})));
  HBMUX_ASSERT_OK(table.remove(Delete("r").add_column("f", "q", 11).add_column("f", "q", 7)));
  EXPECT_EQ(all(table), "15:v15 13:v13 9:v9 8:v8 6:v6 5:v5 4:another 3:v3 2:v2 1:v1");
}

TEST_F(Versions, UpdatesOfOldOnes) {
  const auto table = make();
  for (const int time : {1, 2, 3}) HBMUX_ASSERT_OK(table.put(put({time})));
  EXPECT_EQ(all(table), "3:v3 2:v2 1:v1");
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "q", 1, "one")));
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "q", 2, "two")));
  before_and_after_a_flush(table, [&] { EXPECT_EQ(all(table), "3:v3 2:two 1:one"); });
}

TEST_F(Versions, EachFamilyHasItsLimit) {
  const auto table = make({{"a", 1}, {"b", 3}, {"c", 5}});
  HBMUX_ASSERT_OK(table.put(put({0, 1}, "a")));
  HBMUX_ASSERT_OK(table.put(put({0, 1, 2, 3}, "b")));
  HBMUX_ASSERT_OK(table.put(put({0, 1, 2, 3, 4, 5, 6}, "c")));
  const std::map<std::string, std::string> expected{{"a", "1:v1"}, {"b", "3:v3 2:v2 1:v1"}, {"c", "6:v6 5:v5 4:v4 3:v3 2:v2"}};
  for (const auto& [family, versions] : expected) {
    EXPECT_EQ(read(table, [&](auto& query) { query.family(family).all_versions(); }), versions);
    EXPECT_EQ(read(table, [&](auto& query) { query.column(family, "q").all_versions(); }), versions);
  }
  const std::string everything = expected.at("a") + " " + expected.at("b") + " " + expected.at("c");
  EXPECT_EQ(all(table), everything);
  EXPECT_EQ(read(table, [](auto& query) { query.family("a").family("b").family("c").all_versions(); }), everything);
  EXPECT_EQ(read(table, [](auto& query) { query.column("a", "q").column("b", "q").column("c", "q").all_versions(); }), everything);
}

// What was written later may be older (HBASE-861), and a timestamp may be any number (HBASE-1014).
TEST_F(Versions, InAnyOrder) {
  const auto table = make();
  HBMUX_ASSERT_OK(table.put(put({3}).add("f", "q", 2, "v2").add("f", "q", 4, "v4")));
  before_and_after_a_flush(table, [&] {
    EXPECT_EQ(at(table, 2), "2:v2");
    EXPECT_EQ(at(table, 1), "");
    EXPECT_EQ(at(table, 5), "");
  });
  HBMUX_ASSERT_OK(table.put(put({0, 6})));
  before_and_after_a_flush(table, [&] { EXPECT_EQ(all(table), "6:v6 4:v4 3:v3 2:v2 0:v0"); });
  HBMUX_ASSERT_OK(table.put(put({12345})));
  EXPECT_EQ(at(table, 12345), "12345:v12345");
  EXPECT_EQ(at(table, 12344) + at(table, 12346), "");
}

TEST_F(Versions, RangesOfTime) {
  const auto table = make();
  HBMUX_ASSERT_OK(table.put(put({0, 1, 2, 3, 4, 5})));
  before_and_after_a_flush(table, [&] {
    EXPECT_EQ(between(table, 0, 6), "5:v5 4:v4 3:v3 2:v2 1:v1 0:v0");
    EXPECT_EQ(between(table, 0, 3), "2:v2 1:v1 0:v0");
    EXPECT_EQ(between(table, 4, 6), "5:v5 4:v4");
    EXPECT_EQ(between(table, 2, 4), "3:v3 2:v2");
    EXPECT_EQ(between(table, 3, kLatestTimestamp), "5:v5 4:v4 3:v3");
    EXPECT_EQ(all(table), "5:v5 4:v4 3:v3 2:v2 1:v1 0:v0");
  });
}

TEST_F(Versions, RawScansKeepToTheNumber) {
  const auto table = make({{"f", 1}});
  for (const int time : {10, 11, 12, 13}) HBMUX_ASSERT_OK(table.put(put({time})));
  const auto raw = [&](int versions) { return first(table, Scan().raw(true).versions(versions)); };
  EXPECT_EQ(first(table, Scan().raw(true).all_versions()), "13:v13 12:v12 11:v11 10:v10");
  EXPECT_EQ(raw(2), "13:v13 12:v12");
  EXPECT_EQ(raw(3), "13:v13 12:v12 11:v11");
  EXPECT_EQ(first(table, Scan().all_versions()), "13:v13");
}

// A filter sees what the family keeps; versions are counted behind it.
TEST_F(Versions, AreCountedBehindFilters) {
  const auto table = make({{"f", 3}});
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "q", 1, "a").add("f", "q", 2, "a").add("f", "q", 3, "b").add("f", "q", 4, "b")));
  for (const int versions : {1, 3, 5}) {
    EXPECT_EQ(read(table, [&](auto& query) { query.versions(versions).filter(ValueFilter(equal, SubstringComparator("a"))); }), "2:a")
        << versions;
  }
  EXPECT_EQ(read(table,
                 [](auto& query) { query.column("f", "q").versions(2).filter(QualifierFilter(equal, BinaryComparator("q"))); }),
            "4:b 3:b");
}

// KEEP_DELETED_CELLS: the past can still be seen in a time range.
TEST_F(Versions, DeletedOnesThatAreKept) {
  TableDescriptor descriptor(new_name());
  ColumnFamilyDescriptor family("f");
  family.max_versions(3).values["KEEP_DELETED_CELLS"] = "TRUE";
  HBMUX_ASSERT_OK(admin().create_table(descriptor.family(family)));
  const auto table = connection().table(descriptor.name);
  for (const int time : {100, 102, 104}) HBMUX_ASSERT_OK(table.put(put({time})));
  HBMUX_ASSERT_OK(table.remove(Delete("r", 103)));
  HBMUX_ASSERT_OK(table.remove(Delete("r").add_columns("f", "q", 103)));
  EXPECT_EQ(all(table), "104:v104");
  EXPECT_EQ(between(table, 0, 103), "102:v102 100:v100");
  const auto raw = table.scan(Scan().raw(true).all_versions()).next().value();
  ASSERT_TRUE(raw && raw->size() == 5u);
  const std::vector<CellType> types{CellType::delete_family, CellType::put, CellType::delete_column, CellType::put, CellType::put};
  for (std::size_t i = 0; i < types.size(); ++i) EXPECT_EQ((*raw)[i].type(), types[i]) << i;
}

// Without timestamps of their own, cells have those of the server's clock, which goes on.
TEST_F(Versions, OfTheServersClock) {
  const auto table = connection().table(make_table());
  for (const auto& [family, column] : {std::pair{"f", "letters"}, {"f", "numbers"}, {"g", "letters"}}) {
    HBMUX_ASSERT_OK(table.put(Put("r").add(family, column, "v")));
    std::this_thread::sleep_for(std::chrono::milliseconds(5));  // time passing is what is tested
  }
  const auto row = table.scan(Scan().family("f").family("g")).next()->value();
  ASSERT_EQ(row.size(), 3u);
  EXPECT_LT(row[0].timestamp(), row[1].timestamp());
  EXPECT_LT(row[1].timestamp(), row[2].timestamp());
}

// Whatever connections a pool hands out, who has written sees what was written.
TEST_F(Versions, ThroughEachTypeOfPool) {
  const auto table = make({{"f", 100}});
  int versions = 0;
  for (const auto& [type, size] : {std::pair{"round-robin", "3"}, {"ThreadLocal", "1"}, {"Reusable", "2"}}) {
    connect({{"hbase.client.ipc.pool.type", type}, {"hbase.client.ipc.pool.size", size}});
    const auto pooled = connection().table(table.name());
    for (int i = 0; i < 6; ++i) {
      HBMUX_ASSERT_OK(pooled.put(put({++versions})));
      const auto row = pooled.get(Get("r").column("f", "q").all_versions()).value();
      ASSERT_EQ(row.size(), static_cast<std::size_t>(versions)) << type;
      EXPECT_EQ(row[0].value(), "v" + std::to_string(versions)) << type;
    }
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&pooled, t] {
        const std::string row = "thread" + std::to_string(t);
        for (int i = 0; i < 20; ++i) {
          HBMUX_EXPECT_OK(pooled.put(Put(row).add("f", "q", std::to_string(i))));
          EXPECT_EQ(pooled.get(Get(row)).value().value("f", "q"), std::to_string(i));
        }
      });
    }
  }
}

TEST_F(Versions, OfTheFuture) {
  const auto table = make({{"f", 1}});
  constexpr std::int64_t kFarFuture = 4102444800000;
  HBMUX_ASSERT_OK(table.put(put({kFarFuture})));
  EXPECT_EQ(table.get(Get("r"))->size(), 1u);
  HBMUX_ASSERT_OK(table.remove(Delete("r").add_column("f", "q", kFarFuture)));
  EXPECT_FALSE(table.get(Get("r"))->exists());
}

}  // namespace
}  // namespace hbmux::integration
