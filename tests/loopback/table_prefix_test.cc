// hbmux.table.prefix: two programs on one cluster, each with its own tables.
#include "tests/loopback/mini_test.h"

#include <boost/asio/use_future.hpp>

namespace hbmux::loopback {
namespace {

class TablePrefixOnMini : public MiniTest {
 protected:
  static TableName name(const std::string& text) { return TableName::parse(text).value(); }
  static TableDescriptor descriptor(const std::string& text) { return TableDescriptor(name(text)).family("f"); }
};

TEST_F(TablePrefixOnMini, HidesTheNamesOfOthers) {
  make_table("users");  // by a program without a prefix
  connect({{"hbmux.table.prefix", "shop_"}});
  const Admin admin = connection().admin();
  EXPECT_FALSE(admin.table_exists(name("users")).value());
  EXPECT_EQ(admin.list_tables().value(), std::vector<TableName>());

  HBMUX_ASSERT_OK(admin.create_table(descriptor("users"), {"m"}));
  EXPECT_EQ(admin.list_tables().value(), std::vector{name("users")});
  EXPECT_EQ(admin.describe_table(name("users")).value().name, name("users"));
  const auto regions = admin.regions(name("users"));
  ASSERT_EQ(regions.value().size(), 2u);
  EXPECT_EQ(regions.value()[0].region->table(), name("shop_users")) << "regions are told of as they are";

  const Table users = connection().table("users");
  EXPECT_EQ(users.name(), name("users"));
  EXPECT_EQ(users.region_locator().name(), name("users"));
  EXPECT_EQ(users.buffered_mutator().name(), name("users"));
  EXPECT_EQ(users.with(TableOptions().max_attempts(1)).name(), name("users"));
  HBMUX_ASSERT_OK(users.put(Put("r").add("f", "q", "v")));
  HBMUX_ASSERT_OK(connection().as("somebody").table("users").put(Put("s").add("f", "q", "v")));
  EXPECT_EQ(keys_of(users.scan(Scan())), (std::vector<std::string>{"r", "s"}));
  HBMUX_ASSERT_OK(admin.flush_table(name("users")));
  HBMUX_ASSERT_OK(admin.major_compact_table(name("users")));
  HBMUX_ASSERT_OK(admin.add_column_family(name("users"), ColumnFamilyDescriptor("g")));
  HBMUX_ASSERT_OK(admin.modify_column_family(name("users"), ColumnFamilyDescriptor("g").max_versions(3)));
  HBMUX_ASSERT_OK(admin.modify_table(admin.describe_table(name("users")).value()));
  HBMUX_ASSERT_OK(admin.delete_column_family(name("users"), "g"));
  EXPECT_EQ(admin.list_namespace_tables("default").value(), admin.list_tables().value());
  HBMUX_ASSERT_OK(admin.disable_table(name("users")));
  EXPECT_EQ(admin.table_state(name("users")).value(), TableState::disabled);
  HBMUX_ASSERT_OK(admin.truncate_table(name("users"), true));
  HBMUX_ASSERT_OK(admin.disable_table(name("users")));
  HBMUX_ASSERT_OK(admin.delete_table(name("users")));

  const auto absent = users.get(Get("r"));
  HBMUX_EXPECT_ERROR(absent, Errc::table_not_found);
  ASSERT_FALSE(absent);
  EXPECT_NE(absent.error().message().find("shop_users"), std::string::npos) << absent.error();
  connect();
  EXPECT_EQ(connection().admin().list_tables().value(), std::vector{name("users")});
  EXPECT_TRUE(keys_of(connection().table("users").scan(Scan())).empty());
}

TEST_F(TablePrefixOnMini, LeavesHBasesOwnTablesAlone) {
  make_table();
  connect({{"hbmux.table.prefix", "shop_"}});
  EXPECT_FALSE(keys_of(connection().table("hbase:meta").scan(Scan())).empty());
}

TEST_F(TablePrefixOnMini, IsCheckedWhenTheConnectionIsOpened) {
  const auto opened = ClusterConnection::open(configuration({{"hbmux.table.prefix", "a:b"}}));
  HBMUX_EXPECT_ERROR(opened, Errc::invalid_configuration);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message().find("hbmux.table.prefix"), std::string::npos) << opened.error();
  EXPECT_NE(opened.error().message().find("a:b"), std::string::npos) << opened.error();
}

}  // namespace
}  // namespace hbmux::loopback
