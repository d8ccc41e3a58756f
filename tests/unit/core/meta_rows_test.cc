#include "core/meta_rows.h"

#include "tests/unit/core/meta_row_builder.h"

#include <gtest/gtest.h>

#include <random>

namespace hbmux::core {
namespace {

using namespace test;
using State = MetaRow::State;

TableName table(std::string_view name) { return TableName::parse(name).value(); }

MetaRow parsed(const Row& row) {
  std::shared_ptr<const TableName> name;
  auto meta = parse_meta_row(row, name);
  EXPECT_TRUE(meta) << meta.error();
  return meta ? *meta : MetaRow();
}

void expect_broken(const Row& row) {
  std::shared_ptr<const TableName> name;
  auto meta = parse_meta_row(row, name);
  ASSERT_FALSE(meta);
  EXPECT_EQ(meta.error().code(), Errc::protocol_error);
  EXPECT_NE(meta.error().message().find("hbase:meta row '"), std::string::npos);
}

TEST(MetaRows, RegionAndItsPlace) {
  MetaRow meta = parsed(meta_row({.table = "ns:users", .start = "a,b", .end = "m", .server = "rs1.example.com:16020"}));
  ASSERT_EQ(meta.state, State::usable);
  EXPECT_EQ(meta.region->table().to_string(), "ns:users");
  EXPECT_EQ(meta.region->start_key(), "a,b");
  EXPECT_EQ(meta.region->end_key(), "m");
  EXPECT_EQ(meta.region->name(), make_region_name("ns:users", "a,b", 1700000000000));
  EXPECT_EQ(meta.region->encoded_name().size(), 32u);
  ASSERT_NE(meta.locations->get(), nullptr);
  EXPECT_EQ(meta.locations->get()->server.to_string(), "rs1.example.com,16020,100");
  EXPECT_EQ(meta.locations->get()->seqnum, 7);
  EXPECT_EQ(meta.locations->get(1), nullptr);
}

// Replica numbers are hexadecimal and may have holes; a replica has a name of its own.
TEST(MetaRows, Replicas) {
  MetaRow meta = parsed(meta_row({.replicas = {{1, "rs2:2"}, {2, ""}, {26, "rs3:3"}}}));
  ASSERT_EQ(meta.state, State::usable);
  EXPECT_EQ(meta.locations->secondaries.size(), 2u);
  ASSERT_NE(meta.locations->get(1), nullptr);
  EXPECT_EQ(meta.locations->get(1)->server.to_string(), "rs2,2,101");
  EXPECT_EQ(meta.locations->get(1)->seqnum, 8);
  EXPECT_EQ(meta.locations->get(2), nullptr);
  ASSERT_NE(meta.locations->get(26), nullptr);
  EXPECT_EQ(meta.locations->get(26)->region->name(), make_region_name("t", "", 1700000000000, 26));
}

// The target of an assignment (info:sn) is not where the region is.
TEST(MetaRows, NeverRoutedBySn) {
  MetaRow meta = parsed(meta_row({.server = ""}));
  EXPECT_EQ(meta.state, State::no_server);
  EXPECT_EQ(meta.locations, nullptr);
  EXPECT_NE(meta.region, nullptr);
}

TEST(MetaRows, StatesThatCannotBeRoutedTo) {
  EXPECT_EQ(parsed(meta_row({.split = true, .offline = true})).state, State::split_parent);
  EXPECT_EQ(parsed(meta_row({.offline = true})).state, State::offline);
  EXPECT_EQ(parsed(RowBuilder("t").add("table", "state", "x").build()).state, State::no_region);
  EXPECT_EQ(parsed(Row()).state, State::no_region);
}

// An older version of a column, or another family, is not looked at.
TEST(MetaRows, NewestVersionCounts) {
  RowBuilder row("t,,1.");
  row.add("info", "regioninfo", region_info_bytes({}), 5).add("info", "regioninfo", "garbage", 4);
  row.add("info", "server", "new:1", 5).add("info", "server", "old:1", 4).add("info", "serverstartcode", long_bytes(9));
  row.add("other", "server", "wrong:1");
  EXPECT_EQ(parsed(row.build()).locations->get()->server.address.host, "new");
}

TEST(MetaRows, GarbageIsAnError) {
  const std::string info = region_info_bytes({});
  expect_broken(RowBuilder("r").add("info", "regioninfo", "garbage").build());
  expect_broken(RowBuilder("r").add("info", "regioninfo", info.substr(0, info.size() - 1)).build());
  expect_broken(RowBuilder("r").add("info", "regioninfo", "PBUF").build());
  expect_broken(RowBuilder("r").add("info", "regioninfo", region_info_bytes({.table = "bad name!"})).build());
  expect_broken(RowBuilder("r").add("info", "regioninfo", region_info_bytes({.start = "b", .end = "a"})).build());
  expect_broken(
      RowBuilder("r").add("info", "regioninfo", region_info_bytes({.start = std::string(40000, 'x')})).build());
  auto with = [&info](std::string_view qualifier, std::string_view value) {
    RowBuilder row("r");
    row.add("info", "regioninfo", info);
    if (qualifier < "server") row.add("info", qualifier, value);
    row.add("info", "server", qualifier == "server" ? value : "h:1");
    row.add("info", "serverstartcode", qualifier == "serverstartcode" ? value : long_bytes(1));
    return row.build();
  };
  expect_broken(with("seqnumDuringOpen", "1234"));
  expect_broken(with("serverstartcode", "123456789"));
  for (const char* server : {"h", "h:", ":1", "h:0", "h:65536", "h:x", " :1", "a\nb:1"})
    expect_broken(with("server", server));
}

TEST(MetaRows, BitFlipsAreSurvived) {
  const Row good = meta_row({.start = "abc", .end = "def", .replicas = {{1, "rs2:2"}}});
  std::mt19937 random(7);
  for (int round = 0; round < 20000; ++round) {
    RowBuilder row("row");
    for (const Cell& cell : good) {
      std::string value(cell.value()), qualifier(cell.qualifier());
      if (random() % 3 == 0 && !value.empty()) value[random() % value.size()] ^= static_cast<char>(1 << random() % 8);
      if (random() % 8 == 0) qualifier[random() % qualifier.size()] ^= static_cast<char>(1 << random() % 8);
      row.add("info", qualifier, value);
    }
    std::shared_ptr<const TableName> name;
    auto meta = parse_meta_row(row.build(), name);
    if (!meta) {
      EXPECT_EQ(meta.error().code(), Errc::protocol_error);
    }
  }
}

// The rows of one table share its name: ten thousand regions do not cost ten thousand names.
TEST(MetaRows, TableNameIsShared) {
  std::shared_ptr<const TableName> name;
  auto a = parse_meta_row(meta_row({}), name).value(), b = parse_meta_row(meta_row({.start = "b"}), name).value();
  EXPECT_EQ(a.region->shared_table(), b.region->shared_table());
}

TEST(MetaKeys, AsHBaseMakesThem) {
  EXPECT_EQ(meta_lookup_row(table("t"), "row", LocateType::current), "t,row,99999999999999");
  EXPECT_EQ(meta_lookup_row(table("ns:t"), "", LocateType::current), "ns:t,,99999999999999");
  EXPECT_EQ(meta_lookup_row(table("t"), "row", LocateType::before), "t,row,00000000000000");
  EXPECT_EQ(meta_lookup_row(table("t"), "", LocateType::before), std::string("t\0", 2));
  EXPECT_EQ(meta_first_row(table("t")), "t,,");
}

// The keys enclose the regions of their table, and of no other one, in the order of hbase:meta.
TEST(MetaKeys, EncloseTheTable) {
  const std::string first = make_region_name("t", "", 1700000000000),
                    later = make_region_name("t", "\x01,\xff", 1700000000000);
  const std::string next_table = make_region_name("t2", "", 1700000000000),
                    before = make_region_name("s", "z", 1700000000000);
  const std::string start = meta_first_row(table("t")), stop = meta_stop_row(table("t"));
  const std::string last = meta_lookup_row(table("t"), "", LocateType::before);
  for (const auto& inside : {first, later}) {
    EXPECT_LE(compare_meta_rows(start, inside), 0);
    EXPECT_LT(compare_meta_rows(inside, stop), 0);
    EXPECT_LT(compare_meta_rows(inside, last), 0);
  }
  EXPECT_LT(compare_meta_rows(stop, next_table), 0);
  EXPECT_LT(compare_meta_rows(last, next_table), 0);
  EXPECT_LT(compare_meta_rows(before, start), 0);
}

class Lookup : public ::testing::Test {
 protected:
  // What a reversed scan of these rows, already in that order, leads to.
  Result<LocationsPtr> look_up(std::string row, LocateType type, const std::vector<MetaRowSpec>& rows) {
    MetaLookup lookup(table("t"), std::move(row), type);
    for (const auto& spec : rows) {
      if (lookup.add(meta_row(spec))) break;
    }
    return lookup.finish();
  }
};

TEST_F(Lookup, FirstRowIsTheRegion) {
  auto found = look_up("m", LocateType::current, {{.start = "k", .end = "p"}, {.start = "a", .end = "k"}});
  ASSERT_TRUE(found);
  EXPECT_EQ((*found)->region->start_key(), "k");
}

// The parent stands behind its first daughter, which has the same start key and a higher id; its other daughter is met
// before it.
TEST_F(Lookup, SplitParentIsPassedOver) {
  auto found = look_up("m", LocateType::current,
                       {{.start = "k", .end = "z", .split = true, .offline = true}, {.start = "a", .end = "n"}});
  ASSERT_TRUE(found);
  EXPECT_EQ((*found)->region->start_key(), "a");
}

TEST_F(Lookup, NoRowMeansNoTable) {
  EXPECT_EQ(look_up("m", LocateType::current, {}).error().code(), Errc::table_not_found);
  EXPECT_EQ(look_up("m", LocateType::current, {{.table = "another"}}).error().code(), Errc::table_not_found);
}

TEST_F(Lookup, WhatCannotBeRoutedToIsTriedAgain) {
  for (const auto& spec : {MetaRowSpec{.server = ""}, MetaRowSpec{.offline = true},
                           MetaRowSpec{.start = "a", .end = "b"}, MetaRowSpec{.split = true}}) {
    auto found = look_up("m\x01", LocateType::current, {spec});
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code(), Errc::not_serving_region);
    EXPECT_NE(found.error().message().find("m\\x01"), std::string::npos);
    EXPECT_NE(found.error().message().find("'t'"), std::string::npos);
  }
}

TEST_F(Lookup, Before) {
  EXPECT_TRUE(look_up("k", LocateType::before, {{.start = "a", .end = "k"}}));
  EXPECT_TRUE(look_up("m", LocateType::before, {{.start = "k", .end = "p"}}));
  EXPECT_TRUE(look_up("", LocateType::before, {{.start = "k", .end = ""}}));
  EXPECT_FALSE(look_up("", LocateType::before, {{.start = "k", .end = "p"}}));
  EXPECT_FALSE(look_up("k", LocateType::before, {{.start = "a", .end = "j"}}));
  EXPECT_FALSE(look_up("k", LocateType::before, {{.start = "k", .end = "p"}}));
}

// The rows that came with the same answer are worth keeping: that is the prefetch.
TEST_F(Lookup, RowsThatCameAlong) {
  MetaLookup lookup(table("t"), "m", LocateType::current);
  EXPECT_EQ(lookup.start_row(), "t,m,99999999999999");
  EXPECT_EQ(lookup.stop_row(), "t,,");
  EXPECT_TRUE(lookup.add(meta_row({.start = "k", .end = "p"})));
  EXPECT_TRUE(lookup.add(meta_row({.start = "g", .end = "k", .server = ""})));
  EXPECT_TRUE(lookup.add(RowBuilder("x").add("info", "regioninfo", "garbage").build()));
  EXPECT_TRUE(lookup.add(meta_row({.start = "a", .end = "g"})));
  EXPECT_TRUE(lookup.finish());
  ASSERT_EQ(lookup.seen().size(), 2u);
  EXPECT_EQ(lookup.seen()[1]->region->start_key(), "a");
}

TEST_F(Lookup, GarbageInTheWayIsAnError) {
  MetaLookup lookup(table("t"), "m", LocateType::current);
  EXPECT_TRUE(lookup.add(RowBuilder("x").add("info", "regioninfo", "garbage").build()));
  EXPECT_EQ(lookup.finish().error().code(), Errc::protocol_error);
}

TEST(TableState, IsRead) {
  pb::TableState state;
  state.set_state(pb::TableState::DISABLED);
  EXPECT_EQ(parse_table_state(RowBuilder("t").add("table", "state", state.SerializeAsString()).build()).value(),
            TableStateCode::disabled);
  EXPECT_EQ(parse_table_state(RowBuilder("t").add("table", "other", "x").build()).value(), std::nullopt);
  EXPECT_EQ(parse_table_state(Row()).value(), std::nullopt);
  EXPECT_EQ(parse_table_state(RowBuilder("t").add("table", "state", "\xff\xff").build()).error().code(),
            Errc::protocol_error);
  EXPECT_EQ(parse_table_state(RowBuilder("t").add("table", "state", "\x08\x63").build()).error().code(),
            Errc::protocol_error);
}

TEST(RegionInfos, Meta) {
  EXPECT_EQ(RegionInfo::meta()->name(), "hbase:meta,,1");
  EXPECT_EQ(RegionInfo::meta()->encoded_name(), "1588230740");
  EXPECT_TRUE(RegionInfo::meta()->contains("anything"));
}

TEST(RegionInfos, CopiesStandAlone) {
  auto original = std::make_unique<RegionInfo>(table("t"), "short", "t", 5);
  RegionInfo copy = *original;
  original.reset();
  EXPECT_EQ(copy.start_key(), "short");
  EXPECT_TRUE(copy.contains("short"));
  EXPECT_FALSE(copy.contains("t"));
  RegionInfo moved = std::move(copy);
  EXPECT_EQ(moved.start_key(), "short");
}

}  // namespace
}  // namespace hbmux::core
