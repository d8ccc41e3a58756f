#include "core/region_name.h"

#include <gtest/gtest.h>

namespace hbmux::core {
namespace {

TEST(RegionNameTest, CarriesTheMd5OfWhatStandsBeforeIt) {
  const std::string name = make_region_name("TestTable", "0094429456", 1289497600452);
  EXPECT_EQ(name, "TestTable,0094429456,1289497600452.527db22f95c8a9e0116f0cc13c680396.");
  EXPECT_EQ(encoded_region_name(name), "527db22f95c8a9e0116f0cc13c680396");
}

TEST(RegionNameTest, AReplicaHasItsNumberInFourHexDigits) {
  const std::string name = make_region_name("t", "", 5, 26);
  EXPECT_TRUE(name.starts_with("t,,5_001A."));
  RegionNameParts parts;
  ASSERT_TRUE(parse_region_name(name, parts));
  EXPECT_EQ(parts.replica, 26);
  EXPECT_EQ(parts.id, 5u);
}

TEST(RegionNameTest, ParsesStartKeysWithCommasAndDots) {
  const std::string name = make_region_name("ns:t", "a,b.c,.", 77);
  RegionNameParts parts;
  ASSERT_TRUE(parse_region_name(name, parts));
  EXPECT_EQ(parts.table, "ns:t");
  EXPECT_EQ(parts.start_key, "a,b.c,.");
  EXPECT_EQ(parts.id, 77u);
  EXPECT_EQ(parts.encoded.size(), 32u);
}

TEST(RegionNameTest, MetaHasFixedNames) {
  EXPECT_EQ(make_region_name("hbase:meta", "", 1), kMetaRegionName);
  EXPECT_EQ(encoded_region_name(kMetaRegionName), kMetaEncodedName);
  // As HBase 2.6.4 names the replicas.
  EXPECT_EQ(make_region_name("hbase:meta", "", 1, 1), "hbase:meta,,1_0001");
  EXPECT_EQ(encoded_region_name("hbase:meta,,1_0001"), "534574363");
  EXPECT_EQ(encoded_region_name("hbase:meta,,1_0002"), "1657623790");
  EXPECT_EQ(encoded_region_name("hbase:meta,,1_0003"), "1072483532");
  EXPECT_EQ(encoded_region_name("hbase:meta,,1_1000"), "");
  RegionNameParts parts;
  ASSERT_TRUE(parse_region_name(kMetaRegionName, parts));
  EXPECT_EQ(parts.table, kMetaTable);
}

TEST(RegionNameTest, RefusesWhatIsNoName) {
  RegionNameParts parts;
  for (const char* bad :
       {"", ",", "t", "t,", "t,x", ",a,1", "t,a,", "t,a,1x", "t,a,1_", "t,a,99999999999999999999999", "t,a,1_zz"}) {
    EXPECT_FALSE(parse_region_name(bad, parts)) << bad;
  }
}

TEST(MetaRowsTest, ComparesTablesThenStartKeysThenIds) {
  EXPECT_LT(compare_meta_rows("t", "t,,1"), 0);
  EXPECT_LT(compare_meta_rows("t,,1", "t,a,1"), 0);
  EXPECT_LT(compare_meta_rows("t,a,1", "t,a\x01,1"), 0) << "by plain bytes the comma would come after 01";
  EXPECT_LT(compare_meta_rows("t,a,1", "t,a,2"), 0);
  EXPECT_LT(compare_meta_rows("t,z,9", "t1,,1"), 0) << "by plain bytes t1 would also be greater";
  EXPECT_LT(compare_meta_rows("t,z,9", "t!,,1"), 0) << "by plain bytes ! comes before the comma";
  EXPECT_EQ(compare_meta_rows("t,a,1", "t,a,1"), 0);
}

}  // namespace
}  // namespace hbmux::core
