#include "tests/unit/mini/store_fixture.h"

#include <gtest/gtest.h>

namespace hbmux::mini {
namespace {

struct RegionStoreTest : ::testing::Test, StoreFixture {
  void put_all(std::initializer_list<std::int64_t> timestamps, std::string_view family = "w") {
    for (const std::int64_t t : timestamps) ASSERT_TRUE(apply(put("r", family, "q", "v" + std::to_string(t), t)));
  }
};

// --------------------------------------------------------------------------------------------------- versions

TEST_F(RegionStoreTest, TheNewestTimestampIsSeenWhateverTheOrderOfWriting) {
  put_all({5, 9, 7});
  EXPECT_EQ(get("r"), "w:q@9=v9");
  EXPECT_EQ(get("r", 10), "w:q@9=v9 w:q@7=v7 w:q@5=v5");
}

TEST_F(RegionStoreTest, LatestTimestampBecomesTheServersTime) {
  ASSERT_TRUE(apply(put("r", "f", "q", "x")));
  EXPECT_EQ(get("r"), "f:q@1000=x");
}

TEST_F(RegionStoreTest, AFamilyKeepsNoMoreVersionsThanItSays) {
  put_all({1, 2, 3, 4, 5}, "v");
  EXPECT_EQ(get("r", 10), "v:q@5=v5 v:q@4=v4 v:q@3=v3");
  EXPECT_EQ(get("r", 2), "v:q@5=v5 v:q@4=v4");
}

TEST_F(RegionStoreTest, TheSameTimestampAgainReplacesTheVersion) {
  ASSERT_TRUE(apply(put("r", "w", "q", "old", 5)));
  ASSERT_TRUE(apply(put("r", "w", "q", "new", 5)));
  EXPECT_EQ(get("r", 10), "w:q@5=new");
}

TEST_F(RegionStoreTest, OfTwoPutsOfOneChangeTheLastCounts) {
  ASSERT_TRUE(apply({put("r", "w", "q", "first", 5), put("r", "w", "q", "second", 5)}));
  EXPECT_EQ(get("r", 10), "w:q@5=second");
}

// Versions beyond the family's limit are still there until a flush, so that deleting the newest brings one back, as in
// HBase.
TEST_F(RegionStoreTest, ADeletedVersionUncoversTheOneBelow) {
  put_all({1, 2, 3, 4}, "v");
  ASSERT_TRUE(apply(erase("r", "v", "q", CellType::delete_version, 4)));
  EXPECT_EQ(get("r", 10), "v:q@3=v3 v:q@2=v2 v:q@1=v1");
}

// Only markers without a time count: the one at 1 does not push the other a version back.
TEST_F(RegionStoreTest, NewestVersionsBesideAMarkerWithItsOwnTime) {
  put_all({1, 2, 3}, "v");
  Mutation both = erase("r", "v", "q", CellType::delete_version, 1);
  both.cells.push_back(erase("r", "v", "q", CellType::delete_version).cells.front());
  ASSERT_TRUE(apply(std::move(both)));
  EXPECT_EQ(get("r", 10), "v:q@2=v2");
}

TEST_F(RegionStoreTest, AFlushDropsCoveredVersionsAndHiddenCells) {
  put_all({1, 2, 3, 4}, "v");
  store.flush(now);
  ASSERT_TRUE(apply(erase("r", "v", "q", CellType::delete_version, 4)));
  EXPECT_EQ(get("r", 10), "v:q@3=v3 v:q@2=v2");
}

TEST_F(RegionStoreTest, AMajorCompactionDropsMarkersSoThatOldPutsShowAgain) {
  ASSERT_TRUE(apply(erase("r", "w", "q", CellType::delete_column, 10)));
  put_all({7});
  EXPECT_EQ(get("r"), "");
  store.flush(now);
  put_all({8});
  EXPECT_EQ(get("r"), "");
  store.compact(now, true);
  EXPECT_EQ(get("r"), "w:q@8=v8") << "what was not flushed is not compacted, and its marker was";
  ASSERT_TRUE(apply(erase("r", "w", "q", CellType::delete_column, 10)));
  store.flush(now);
  store.compact(now, true);
  EXPECT_EQ(store.rows().size(), 0u);
  put_all({9});
  EXPECT_EQ(get("r"), "w:q@9=v9");
}

// A flush judges what lies in memory by itself, so that more versions than the family's limit may lie in files; they
// show where a time range hides the newer ones.
TEST_F(RegionStoreTest, EachFlushKeepsItsOwnVersions) {
  put_all({1}, "f");
  store.flush(now);
  put_all({2}, "f");
  store.flush(now);
  pb::Get past;
  past.set_row("r");
  past.mutable_time_range()->set_to(2);
  EXPECT_EQ(get(past), "f:q@1=v1");
  EXPECT_EQ(get("r", 10), "f:q@2=v2");
  store.compact(now, false);
  EXPECT_EQ(get(past), "f:q@1=v1") << "two files are too few for a compaction that is not a major one";
  store.compact(now, true);
  EXPECT_EQ(get(past), "");
}

TEST_F(RegionStoreTest, KeptMarkersGoWhenNoPutIsAsOld) {
  families["v"].keep_deleted = FamilySettings::KeepDeleted::yes;
  put_all({5, 6}, "v");
  ASSERT_TRUE(apply(erase("r", "v", "q", CellType::delete_column, 5)));
  ASSERT_TRUE(apply(erase("r", "v", "q", CellType::delete_column, 3)));
  store.flush(now);
  store.compact(now, true);
  pb::Scan raw;
  auto& attribute = *raw.add_attribute();
  attribute.set_name("_raw_");
  attribute.set_value("\xff");
  raw.set_max_versions(100);
  auto scanner = *RegionScanner::open(raw, store, now);
  ScanLimits limits;
  limits.results = 1;
  limits.bytes = 1 << 20;
  ScanBatch batch;
  scanner->next(store, limits, batch);
  EXPECT_EQ(text(batch.cells.cells), "v:q@6=v6 v:q@5!12 v:q@5=v5");
}

// -------------------------------------------------------------------------------------------------- time to live

TEST_F(RegionStoreTest, CellsExpireWithTheirFamily) {
  families["f"].ttl = 100;
  ASSERT_TRUE(apply(put("r", "f", "q", "x", 900)));
  EXPECT_EQ(get("r"), "f:q@900=x");
  now = 1001;
  EXPECT_EQ(get("r"), "");
}

TEST_F(RegionStoreTest, MinVersionsOutliveTheTimeToLive) {
  families["v"].ttl = 100;
  families["v"].min_versions = 1;
  put_all({1, 2, 3}, "v");
  EXPECT_EQ(get("r", 10), "v:q@3=v3");
  pb::Get explicit_column;
  explicit_column.set_row("r");
  explicit_column.set_max_versions(10);
  auto& column = *explicit_column.add_column();
  column.set_family("v");
  column.add_qualifier("q");
  EXPECT_EQ(get(explicit_column), "v:q@3=v3");
}

TEST_F(RegionStoreTest, ACellMayHaveATimeToLiveOfItsOwn) {
  std::string tag = {0, 9, 8};
  core::append_be(tag, std::int64_t{50});
  ASSERT_TRUE(apply(put("r", "f", "q", "x", 1000, tag)));
  EXPECT_EQ(get("r"), "f:q@1000=x");
  now = 1051;
  EXPECT_EQ(get("r"), "");
}

// ----------------------------------------------------------------------------------------------------- deletes

TEST_F(RegionStoreTest, DeleteColumnHidesAllVersionsUpToItsTimestamp) {
  put_all({1, 2, 3});
  ASSERT_TRUE(apply(erase("r", "w", "q", CellType::delete_column, 2)));
  EXPECT_EQ(get("r", 10), "w:q@3=v3");
}

// A marker hides by timestamp: what is put later below it stays hidden.
TEST_F(RegionStoreTest, AMarkerAlsoHidesWhatComesLater) {
  ASSERT_TRUE(apply(erase("r", "w", "q", CellType::delete_column, 5)));
  put_all({5, 4, 6});
  EXPECT_EQ(get("r", 10), "w:q@6=v6");
}

// With NEW_VERSION_BEHAVIOR the order of writing counts: a marker hides what was there before, and what is written in one step with it.
TEST_F(RegionStoreTest, AMarkerThatIsOrderedHidesOnlyWhatCameBefore) {
  add_family("n", 1000).orders_deletes = true;
  const std::int64_t last = kLatestTimestamp - 1;
  for (const auto& [type, stamp] : {std::pair(CellType::delete_family, last), std::pair(CellType::delete_column, last),
                                    std::pair(CellType::delete_version, std::int64_t{5}),
                                    std::pair(CellType::delete_family_version, std::int64_t{5})}) {
    const std::string row = "r" + std::to_string(static_cast<int>(type));
    const std::string_view qualifier = type == CellType::delete_column || type == CellType::delete_version ? "q" : "";
    ASSERT_TRUE(apply(put(row, "n", "q", "before", 5)));
    ASSERT_TRUE(apply(erase(row, "n", qualifier, type, stamp)));
    EXPECT_EQ(get(row, 10), "");
    ASSERT_TRUE(apply(put(row, "n", "q", "after", 5)));
    ASSERT_TRUE(apply(put(row, "n", "p", "other", 5)));
    EXPECT_EQ(get(row, 10), "n:p@5=other n:q@5=after");
    std::vector<Mutation> together;
    together.push_back(erase(row, "n", qualifier, type, stamp));
    together.push_back(put(row, "n", "q", "with it", 5));
    ASSERT_TRUE(apply(std::move(together)));
    EXPECT_EQ(get(row, 10), qualifier.empty() ? "" : "n:p@5=other");
  }
}

// What is hidden goes in a compaction, what came later stays, also at an older timestamp.
TEST_F(RegionStoreTest, ACompactionKeepsWhatWasWrittenBehindAnOrderedMarker) {
  add_family("n", 1000).orders_deletes = true;
  ASSERT_TRUE(apply(put("r", "n", "q", "before", 7)));
  ASSERT_TRUE(apply(erase("r", "n", "q", CellType::delete_column, 9)));
  ASSERT_TRUE(apply(put("r", "n", "q", "after", 3)));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(get("r", 10), "n:q@3=after");
    store.flush(now);
    store.compact(now, true);
  }
}

TEST_F(RegionStoreTest, DeleteVersionHidesOneTimestamp) {
  put_all({1, 2, 3});
  ASSERT_TRUE(apply(erase("r", "w", "q", CellType::delete_version, 2)));
  EXPECT_EQ(get("r", 10), "w:q@3=v3 w:q@1=v1");
}

TEST_F(RegionStoreTest, DeleteVersionWithoutATimestampTakesTheNewest) {
  put_all({1, 2, 3});
  ASSERT_TRUE(apply(erase("r", "w", "q", CellType::delete_version)));
  EXPECT_EQ(get("r", 10), "w:q@2=v2 w:q@1=v1");
}

TEST_F(RegionStoreTest, TwoSuchMarkersInOneDeleteTakeTheTwoNewest) {
  put_all({1, 2, 3});
  Mutation both = erase("r", "w", "q", CellType::delete_version);
  both.cells.push_back(StoredCell::make("r", "w", "q", kLatestTimestamp, CellType::delete_version, {}));
  ASSERT_TRUE(apply(std::move(both)));
  EXPECT_EQ(get("r", 10), "w:q@1=v1");
}

TEST_F(RegionStoreTest, DeleteFamilyHidesItsColumnsOnly) {
  put_all({1, 2, 9});
  ASSERT_TRUE(apply(put("r", "w", "", "empty qualifier", 1)));
  ASSERT_TRUE(apply(put("r", "f", "q", "other family", 1)));
  ASSERT_TRUE(apply(erase("r", "w", "", CellType::delete_family, 5)));
  EXPECT_EQ(get("r", 10), "f:q@1=other family w:q@9=v9");
}

// A put into the empty qualifier above the marker is stored before it; the marker behind it still counts.
TEST_F(RegionStoreTest, DeleteFamilyCountsBehindANewerCellOfTheEmptyQualifier) {
  ASSERT_TRUE(apply(put("r", "w", "", "new", 9)));
  ASSERT_TRUE(apply(put("r", "w", "q", "old", 3)));
  ASSERT_TRUE(apply(erase("r", "w", "", CellType::delete_family, 5)));
  EXPECT_EQ(get("r"), "w:@9=new");
  EXPECT_EQ(get("r", 3), "w:@9=new");
}

TEST_F(RegionStoreTest, DeleteFamilyVersionHidesOneTimestampInAllColumns) {
  put_all({1, 2});
  ASSERT_TRUE(apply(put("r", "w", "s", "x", 2)));
  ASSERT_TRUE(apply(erase("r", "w", "", CellType::delete_family_version, 2)));
  EXPECT_EQ(get("r", 10), "w:q@1=v1");
}

TEST_F(RegionStoreTest, ADeleteWithoutCellsIsOfTheWholeRow) {
  put_all({1, 2});
  ASSERT_TRUE(apply(put("r", "f", "q", "x", 1)));
  Mutation row;
  row.type = pb::MutationProto::DELETE;
  row.row = "r";
  ASSERT_TRUE(apply(std::move(row)));
  EXPECT_EQ(get("r", 10), "");
}

TEST_F(RegionStoreTest, KeepDeletedCellsShowsThePastInATimeRange) {
  families["w"].keep_deleted = FamilySettings::KeepDeleted::yes;
  put_all({1, 2});
  ASSERT_TRUE(apply(erase("r", "w", "q", CellType::delete_column, 5)));
  pb::Get past;
  past.set_row("r");
  past.mutable_time_range()->set_from(0);
  past.mutable_time_range()->set_to(5);
  EXPECT_EQ(get(past), "w:q@2=v2");
  EXPECT_EQ(get("r"), "");
}

// -------------------------------------------------------------------------------------------------- what to read

TEST_F(RegionStoreTest, ColumnsTimeRangesAndLimits) {
  for (const char* q : {"a", "b", "c", "d"}) ASSERT_TRUE(apply(put("r", "w", q, q, 5)));
  ASSERT_TRUE(apply(put("r", "w", "b", "newer", 9)));
  pb::Get get;
  get.set_row("r");
  auto& column = *get.add_column();
  column.set_family("w");
  column.add_qualifier("d");
  column.add_qualifier("b");
  EXPECT_EQ(this->get(get), "w:b@9=newer w:d@5=d");
  get.mutable_time_range()->set_from(5);
  get.mutable_time_range()->set_to(6);
  EXPECT_EQ(this->get(get), "w:b@5=b w:d@5=d");
  get.clear_time_range();
  get.clear_column();
  get.set_store_offset(1);
  get.set_store_limit(2);
  EXPECT_EQ(this->get(get), "w:b@9=newer w:c@5=c");
}

TEST_F(RegionStoreTest, AFamilyMayHaveATimeRangeOfItsOwn) {
  put_all({1, 5});
  ASSERT_TRUE(apply(put("r", "f", "q", "x", 5)));
  pb::Get get;
  get.set_row("r");
  auto& special = *get.add_cf_time_range();
  special.set_column_family("w");
  special.mutable_time_range()->set_to(5);
  EXPECT_EQ(this->get(get), "f:q@5=x w:q@1=v1");
}

TEST_F(RegionStoreTest, AnUnknownFamilyIsAnException) {
  pb::Get get;
  get.set_row("r");
  get.add_column()->set_family("nope");
  EXPECT_EQ(this->get(get), "org.apache.hadoop.hbase.regionserver.NoSuchColumnFamilyException");
  const auto refused = apply({put("r", "f", "q", "x"), put("r", "nope", "q", "x")});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().do_not_retry);
  EXPECT_EQ(this->get("r"), "") << "nothing of a refused change is applied";
}

TEST_F(RegionStoreTest, AWideRowIsSearchedAndNotWalked) {
  Mutation wide = put("r", "f", "q00000", "x");
  for (int i = 1; i < 20000; ++i) {
    std::string name = std::to_string(i);
    name = "q" + std::string(5 - name.size(), '0') + name;
    wide.cells.push_back(StoredCell::make("r", "f", name, kLatestTimestamp, CellType::put, "x"));
  }
  ASSERT_TRUE(apply(std::move(wide)));
  pb::Get get;
  get.set_row("r");
  auto& column = *get.add_column();
  column.set_family("f");
  for (const char* q : {"q19999", "q00500", "q00501", "nope"}) column.add_qualifier(q);
  EXPECT_EQ(this->get(get), "f:q00500@1000=x f:q00501@1000=x f:q19999@1000=x");
}

// ------------------------------------------------------------------------------------------ increments and appends

TEST_F(RegionStoreTest, IncrementsAddUpAndNeverGoBackInTime) {
  ASSERT_TRUE(apply(increment("r", "f", "n", 40)));
  ASSERT_TRUE(apply(increment("r", "f", "n", 2)));
  ASSERT_EQ(results.cells.size(), 1u);
  EXPECT_EQ(core::load_be<std::int64_t>(results.cells[0]->value().data()), 42);
  EXPECT_EQ(results.cells[0]->timestamp(), 1001) << "after the value it replaces, although the clock stood still";
  ASSERT_TRUE(apply(increment("r", "f", "n", -50)));
  EXPECT_EQ(core::load_be<std::int64_t>(results.cells[0]->value().data()), -8);
}

TEST_F(RegionStoreTest, AnIncrementOfAnythingButEightBytesIsRefused) {
  ASSERT_TRUE(apply(put("r", "f", "n", "four")));
  const auto refused = apply(increment("r", "f", "n", 1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "Field is not a long, it's 4 bytes wide");
  EXPECT_TRUE(refused.error().do_not_retry);
}

TEST_F(RegionStoreTest, AppendsGrowAndAnswerTheWholeValue) {
  ASSERT_TRUE(apply(append("r", "f", "q", "ab")));
  ASSERT_TRUE(apply(append("r", "f", "q", "cd")));
  EXPECT_EQ(text(results.cells), "f:q@1001=abcd");
  Mutation quiet = append("r", "f", "q", "ef");
  quiet.return_results = false;
  ASSERT_TRUE(apply(std::move(quiet)));
  EXPECT_TRUE(results.cells.empty());
  EXPECT_EQ(get("r"), "f:q@1002=abcdef");
}

// All parts of a RowMutations read what was there before it.
TEST_F(RegionStoreTest, AnIncrementBesideAPutReadsTheOldValue) {
  ASSERT_TRUE(apply(increment("r", "w", "n", 5)));
  now = 2000;
  std::string hundred;
  core::append_be(hundred, std::int64_t{100});
  ASSERT_TRUE(apply({put("r", "w", "n", hundred, 1500), increment("r", "w", "n", 1)}));
  EXPECT_EQ(core::load_be<std::int64_t>(results.cells[0]->value().data()), 6);
}

// --------------------------------------------------------------------------------------------------- conditions

struct ConditionTest : RegionStoreTest {
  bool holds(pb::CompareType op, std::string_view value, std::string_view qualifier = "q") {
    pb::Condition condition;
    condition.set_row("r");
    condition.set_family("f");
    condition.set_qualifier(std::string(qualifier));
    condition.set_compare_type(op);
    pb::BinaryComparator comparator;
    comparator.mutable_comparable()->set_value(std::string(value));
    condition.mutable_comparator()->set_name("org.apache.hadoop.hbase.filter.BinaryComparator");
    condition.mutable_comparator()->set_serialized_comparator(comparator.SerializeAsString());
    std::int64_t latest = now;
    return *store.check(condition, "r", now, reader, latest);
  }
};

TEST_F(ConditionTest, ComparesTheGivenValueWithTheStoredOne) {
  ASSERT_TRUE(apply(put("r", "f", "q", "m")));
  EXPECT_TRUE(holds(pb::EQUAL, "m"));
  EXPECT_FALSE(holds(pb::EQUAL, "n"));
  EXPECT_TRUE(holds(pb::NOT_EQUAL, "n"));
  EXPECT_TRUE(holds(pb::LESS, "a")) << "a is less than the stored m";
  EXPECT_FALSE(holds(pb::LESS, "m"));
  EXPECT_TRUE(holds(pb::LESS_OR_EQUAL, "m"));
  EXPECT_TRUE(holds(pb::GREATER, "z"));
  EXPECT_TRUE(holds(pb::GREATER_OR_EQUAL, "m"));
}

TEST_F(ConditionTest, AnEmptyValueMeansThatThereIsNone) {
  EXPECT_TRUE(holds(pb::EQUAL, ""));
  EXPECT_FALSE(holds(pb::NOT_EQUAL, ""));
  EXPECT_FALSE(holds(pb::EQUAL, "x")) << "nothing is not equal to something";
  EXPECT_FALSE(holds(pb::NOT_EQUAL, "x")) << "nor unequal";
  ASSERT_TRUE(apply(put("r", "f", "q", "")));
  EXPECT_TRUE(holds(pb::EQUAL, ""));
  ASSERT_TRUE(apply(put("r", "f", "q", "x", 2000)));
  EXPECT_FALSE(holds(pb::EQUAL, ""));
  EXPECT_TRUE(holds(pb::NOT_EQUAL, ""));
}

// ------------------------------------------------------------------------------------------------------- bounds

// Overwriting the same rows for ever must not need memory for ever.
TEST_F(RegionStoreTest, OverwritingDoesNotGrowWithoutBound) {
  const std::string value(1000, 'x');
  for (int i = 0; i < 100'000; ++i) {
    ++now;
    ASSERT_TRUE(apply(put("r" + std::to_string(i % 10), "f", "q", value)));
  }
  std::size_t cells = 0;
  for (auto& row : store.rows()) cells += static_cast<std::size_t>(std::distance(row.cells.begin(), row.cells.end()));
  EXPECT_LT(cells, 20'000u);
}

}  // namespace
}  // namespace hbmux::mini
