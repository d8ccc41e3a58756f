#include "core/table_prefix.h"

#include "tests/support/result_assertions.h"

#include <gtest/gtest.h>

namespace hbmux::core {
namespace {

TableName name(std::string_view text) { return TableName::parse(text).value(); }

TEST(TablePrefix, StandsBeforeTheQualifierOfUsersTables) {
  const TablePrefix prefix = TablePrefix::parse("shop_").value();
  EXPECT_EQ(prefix.apply(name("t")), name("shop_t"));
  EXPECT_EQ(prefix.apply(name("ns:t")), name("ns:shop_t"));
  EXPECT_EQ(prefix.apply(TableName::meta()), TableName::meta());
  EXPECT_EQ(prefix.apply(TableName()), TableName());
  for (const char* known_as : {"t", "ns:t", "shop_t", "hbase:meta"}) EXPECT_EQ(prefix.strip(prefix.apply(name(known_as))), name(known_as));
}

TEST(TablePrefix, KnowsWhatIsNotIts) {
  const TablePrefix prefix = TablePrefix::parse("shop_").value();
  for (const char* other : {"t", "shop", "shop_", "Shop_t", "shop_-t", "ns:t"}) EXPECT_EQ(prefix.strip(name(other)), std::nullopt) << other;
}

TEST(TablePrefix, EmptyChangesNothing) {
  const TablePrefix prefix = TablePrefix::parse("").value();
  EXPECT_TRUE(prefix.empty());
  EXPECT_EQ(prefix.apply(name("ns:t")), name("ns:t"));
  EXPECT_EQ(prefix.strip(name("ns:t")), name("ns:t"));
}

TEST(TablePrefix, RefusesWhatNoNameBeginsWith) {
  for (const char* bad : {"ns:", "a b", "-a", ".a", "\xff", "zoo", "zookeeper"}) {
    HBMUX_EXPECT_ERROR(TablePrefix::parse(bad), Errc::invalid_argument);
  }
}

}  // namespace
}  // namespace hbmux::core
