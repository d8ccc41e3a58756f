#include <hbmux/table_name.h>

#include <gtest/gtest.h>

namespace hbmux {
namespace {

TEST(TableName, OfTheDefaultNamespace) {
  for (std::string text : {"users", "default:users"}) {
    const auto name = TableName::parse(text).value();
    EXPECT_EQ(name.namespace_name(), "default");
    EXPECT_EQ(name.qualifier(), "users");
    EXPECT_EQ(name.to_string(), "users");
    EXPECT_FALSE(name.is_system());
  }
}

TEST(TableName, OfAnotherNamespace) {
  const auto name = TableName::parse("shop:orders-2.x_y").value();
  EXPECT_EQ(name.namespace_name(), "shop");
  EXPECT_EQ(name.qualifier(), "orders-2.x_y");
  EXPECT_EQ(name.to_string(), "shop:orders-2.x_y");
}

TEST(TableName, Meta) {
  EXPECT_EQ(TableName::meta().to_string(), "hbase:meta");
  EXPECT_TRUE(TableName::meta().is_system());
  EXPECT_EQ(TableName::parse("hbase:meta").value(), TableName::meta());
}

TEST(TableName, TakesLettersOfAnyScript) {
  for (std::string text : {"größe", "таблица", "表", "0", "_", "a.b-c_d", "٣"}) {
    EXPECT_TRUE(TableName::parse(text)) << text;
  }
}

TEST(TableName, RefusesWhatHBaseRefuses) {
  for (std::string text : {"",
                           ":",
                           "a:",
                           ":a",
                           ".a",
                           "-a",
                           "ns:.a",
                           "ns:-a",
                           "a b",
                           "a/b",
                           "a,b",
                           "a:b:c",
                           "n-s:a",
                           "n.s:a",
                           "zookeeper",
                           "ns:zookeeper",
                           "zookeeper:a",
                           ".META.",
                           "-ROOT-",
                           "a€",
                           "\xf0\x9d\x94\xb8",
                           "\xff",
                           "a\xc3",
                           "\xc0\x80",
                           "\xed\xa0\x80"}) {
    auto result = TableName::parse(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code(), Errc::invalid_argument);
  }
  EXPECT_FALSE(TableName::parse(std::string_view("a\0b", 3)));
}

TEST(TableName, OrdersByText) {
  EXPECT_LT(TableName::parse("a").value(), TableName::parse("b").value());
  const auto a = TableName::parse("a").value(), also_a = TableName::parse("default:a").value();
  EXPECT_EQ(a, also_a);
  EXPECT_EQ(std::hash<TableName>()(a), std::hash<TableName>()(also_a));
}

}  // namespace
}  // namespace hbmux
