#include "client/admin_schema.h"

#include <hbmux/pb/HBase.pb.h>

#include <gtest/gtest.h>

namespace hbmux::client {
namespace {

TableName name(std::string_view text) { return TableName::parse(text).value(); }

TEST(AdminSchema, ADescriptorSurvivesTheWay) {
  TableDescriptor table(name("ns:t"));
  table.values["DURABILITY"] = "SKIP_WAL";
  ColumnFamilyDescriptor family("f");
  family.max_versions(3).time_to_live(60);
  family.configuration["hbase.hstore.blockingStoreFiles"] = "20";
  table.family(family).family("g");

  pb::TableSchema message;
  fill(message, table);
  const auto back = table_descriptor_from(message);
  ASSERT_TRUE(back) << back.error();
  EXPECT_EQ(*back, table);
}

// What is not set is not sent: the server has defaults of its own.
TEST(AdminSchema, NothingIsAdded) {
  pb::TableSchema message;
  fill(message, TableDescriptor(name("t")).family("f"));
  EXPECT_EQ(message.table_name().namespace_(), "default");
  EXPECT_EQ(message.column_families_size(), 1);
  EXPECT_EQ(message.column_families(0).attributes_size(), 0);
  EXPECT_EQ(message.attributes_size(), 0);
}

TEST(AdminSchema, AttributesAreBytes) {
  TableDescriptor table(name("t"));
  table.values[std::string("\0\xff", 2)] = std::string("\x80\0", 2);
  pb::TableSchema message;
  fill(message, table);
  EXPECT_EQ(table_descriptor_from(message).value().values, table.values);
}

TEST(AdminSchema, ANameThatCannotBe) {
  pb::TableSchema message;
  message.mutable_table_name()->set_namespace_("default");
  message.mutable_table_name()->set_qualifier("-t/");
  EXPECT_EQ(table_descriptor_from(message).error().code(), Errc::protocol_error);
}

// The server answers these with an IllegalArgumentException, on which a client would try again and again.
TEST(AdminSchema, FamiliesThatCannotBe) {
  EXPECT_EQ(check(TableDescriptor(name("t"))).error().code(), Errc::invalid_argument);
  EXPECT_EQ(check(TableDescriptor()).error().code(), Errc::invalid_argument);
  for (const std::string family : {"", ".f", "a:b", "a/b", "a\\b", "a\nb", "recovered.edits"}) {
    const auto checked = check(TableDescriptor(name("t")).family(family));
    ASSERT_FALSE(checked) << family;
    EXPECT_EQ(checked.error().code(), Errc::invalid_argument);
  }
  EXPECT_FALSE(check(TableDescriptor(name("t")).family("f").family("f")));
  EXPECT_TRUE(check(TableDescriptor(name("t")).family("f.").family("\xc3\xa4")));
}

TEST(AdminSchema, SplitKeys) {
  std::vector<std::string> keys{"c", "a", "b"};
  ASSERT_TRUE(sort_split_keys(keys));
  EXPECT_EQ(keys, (std::vector<std::string>{"a", "b", "c"}));
  keys = {"a", ""};
  EXPECT_EQ(sort_split_keys(keys).error().code(), Errc::invalid_argument);
  keys = {"a", "b", "a"};
  EXPECT_EQ(sort_split_keys(keys).error().message(), "split key 'a' is there twice");
  keys = {};
  EXPECT_TRUE(sort_split_keys(keys));
}

}  // namespace
}  // namespace hbmux::client
