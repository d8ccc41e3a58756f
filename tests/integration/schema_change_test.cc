// Tables that change, namespaces, compactions.
#include "tests/integration/cluster.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace hbmux::integration {
namespace {

using namespace std::chrono_literals;

class SchemaChanges : public ClusterTest {
 protected:
  void TearDown() override {
    if (!name_space_.empty()) {
      const auto tables = admin().list_namespace_tables(name_space_);
      for (const auto& table : tables ? *tables : std::vector<TableName>()) {
        (void)admin().disable_table(table);
        (void)admin().delete_table(table);
      }
      (void)admin().delete_namespace(name_space_);
    }
    ClusterTest::TearDown();
  }
  /// A name that no other test has; what it holds is dropped when the test ends.
  const std::string& new_namespace() {
    name_space_ = "n_" + std::to_string(std::chrono::system_clock::now().time_since_epoch().count());
    return name_space_;
  }
  std::vector<std::string> families(const TableName& table) {
    std::vector<std::string> names;
    const auto found = admin().describe_table(table);
    for (const auto& family : found.value().families) names.push_back(family.name);
    return names;
  }

 private:
  std::string name_space_;
};

using Names = std::vector<std::string>;

TEST_F(SchemaChanges, Families) {
  const auto name = make_table({"m"});
  auto table = connection().table(name);
  HBMUX_ASSERT_OK(table.put(Put("a").add("f", "q", "1")));
  HBMUX_ASSERT_OK(table.put(Put("z").add("f", "q", "2")));
  HBMUX_EXPECT_ERROR(table.put(Put("a").add("h", "q", "1")), Errc::no_such_column_family);

  HBMUX_ASSERT_OK(admin().add_column_family(name, ColumnFamilyDescriptor("h").max_versions(2)));
  EXPECT_EQ(families(name), (Names{"f", "g", "h"}));
  for (const auto* row : {"a", "z"}) HBMUX_EXPECT_OK(table.put(Put(row).add("h", "q", "1")));
  const auto twice = admin().add_column_family(name, ColumnFamilyDescriptor("h"));
  HBMUX_EXPECT_ERROR(twice, Errc::do_not_retry);
  EXPECT_NE(twice.error().to_string().find(name.to_string()), std::string::npos) << twice.error();

  HBMUX_ASSERT_OK(admin().modify_column_family(name, ColumnFamilyDescriptor("h").max_versions(7).time_to_live(86400)));
  const auto changed = admin().describe_table(name).value().families.at(2);
  EXPECT_EQ(changed.values.at("VERSIONS"), "7");
  EXPECT_EQ(changed.values.at("TTL"), "86400");
  EXPECT_EQ(text_of(table.get(Get("z").family("h")).value()), "q=1") << "its cells stay";
  HBMUX_EXPECT_ERROR(admin().modify_column_family(name, ColumnFamilyDescriptor("i")), Errc::do_not_retry);

  HBMUX_ASSERT_OK(admin().delete_column_family(name, "h"));
  EXPECT_EQ(families(name), (Names{"f", "g"}));
  HBMUX_EXPECT_ERROR(admin().delete_column_family(name, "h"), Errc::do_not_retry);
  HBMUX_ASSERT_OK(admin().add_column_family(name, ColumnFamilyDescriptor("h")));
  EXPECT_FALSE(table.get(Get("a").family("h")).value().exists()) << "a new family of an old name is empty";
  EXPECT_EQ(text_of(table.get(Get("a")).value()), "q=1");
  EXPECT_EQ(text_of(table.get(Get("z")).value()), "q=2");
}

TEST_F(SchemaChanges, WholeTables) {
  const auto name = make_table({"m"});
  auto table = connection().table(name);
  HBMUX_ASSERT_OK(table.put(Put("a").add("f", "q", "1").add("g", "q", "1")));
  auto descriptor = admin().describe_table(name).value();
  descriptor.families.erase(descriptor.families.begin());
  descriptor.family(ColumnFamilyDescriptor("new").max_versions(4));
  descriptor.values["MAX_FILESIZE"] = "1073741824";
  HBMUX_ASSERT_OK(admin().modify_table(descriptor));
  const auto found = admin().describe_table(name).value();
  EXPECT_EQ(found.values.at("MAX_FILESIZE"), "1073741824");
  EXPECT_EQ(families(name), (Names{"g", "new"}));
  EXPECT_EQ(found.families[1].values.at("VERSIONS"), "4");
  EXPECT_EQ(text_of(table.get(Get("a")).value()), "q=1");
  HBMUX_EXPECT_OK(table.put(Put("z").add("new", "q", "1")));

  // Also while nobody can use it.
  HBMUX_ASSERT_OK(admin().disable_table(name));
  descriptor.families[0].values["VERSIONS"] = "9";
  HBMUX_ASSERT_OK(admin().modify_table(descriptor));
  EXPECT_EQ(admin().table_state(name).value(), TableState::disabled);
  HBMUX_ASSERT_OK(admin().delete_column_family(name, "new"));
  HBMUX_EXPECT_ERROR(admin().delete_column_family(name, "g"), Errc::do_not_retry);
  HBMUX_ASSERT_OK(admin().enable_table(name));
  EXPECT_EQ(admin().describe_table(name).value().families.at(0).values.at("VERSIONS"), "9");
  EXPECT_EQ(text_of(table.get(Get("a")).value()), "q=1");
}

TEST_F(SchemaChanges, WhatIsNotThere) {
  const auto name = new_name();
  HBMUX_EXPECT_ERROR(admin().modify_table(TableDescriptor(name).family("f")), Errc::table_not_found);
  HBMUX_EXPECT_ERROR(admin().add_column_family(name, ColumnFamilyDescriptor("f")), Errc::table_not_found);
  HBMUX_EXPECT_ERROR(admin().modify_column_family(name, ColumnFamilyDescriptor("f")), Errc::table_not_found);
  HBMUX_EXPECT_ERROR(admin().delete_column_family(name, "f"), Errc::table_not_found);
  HBMUX_EXPECT_ERROR(admin().compact_table(name), Errc::table_not_found);
  HBMUX_EXPECT_ERROR(admin().modify_namespace(NamespaceDescriptor("not_there")), Errc::namespace_not_found);
  HBMUX_EXPECT_ERROR(admin().delete_namespace("not_there"), Errc::namespace_not_found);
  HBMUX_EXPECT_ERROR(admin().describe_namespace("not_there"), Errc::namespace_not_found);
  HBMUX_EXPECT_ERROR(admin().list_namespace_tables("not_there"), Errc::namespace_not_found);
}

TEST_F(SchemaChanges, Namespaces) {
  const auto name = new_namespace();
  NamespaceDescriptor descriptor(name);
  descriptor.configuration["a"] = "1";
  HBMUX_ASSERT_OK(admin().create_namespace(descriptor));
  HBMUX_EXPECT_ERROR(admin().create_namespace(descriptor), Errc::namespace_exists);
  EXPECT_EQ(admin().describe_namespace(name).value(), descriptor);
  const auto all = admin().list_namespaces().value();
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
  for (const auto& one : {name, std::string("default"), std::string("hbase")}) EXPECT_EQ(std::count(all.begin(), all.end(), one), 1) << one;

  descriptor.configuration = {{"b", "2"}};
  HBMUX_ASSERT_OK(admin().modify_namespace(descriptor));
  EXPECT_EQ(admin().describe_namespace(name).value(), descriptor);

  EXPECT_TRUE(admin().list_namespace_tables(name).value().empty());
  const auto first = TableName::parse(name + ":a").value(), second = TableName::parse(name + ":b").value();
  HBMUX_ASSERT_OK(admin().create_table(TableDescriptor(second).family("f")));
  HBMUX_ASSERT_OK(admin().create_table(TableDescriptor(first).family("f")));
  EXPECT_EQ(admin().list_namespace_tables(name).value(), (std::vector<TableName>{first, second}));
  HBMUX_EXPECT_OK(connection().table(first).put(Put("r").add("f", "q", "1")));
  HBMUX_EXPECT_ERROR(admin().delete_namespace(name), Errc::do_not_retry);
  for (const auto& table : {first, second}) {
    HBMUX_ASSERT_OK(admin().disable_table(table));
    HBMUX_ASSERT_OK(admin().delete_table(table));
  }
  HBMUX_ASSERT_OK(admin().delete_namespace(name));
  HBMUX_EXPECT_ERROR(admin().describe_namespace(name), Errc::namespace_not_found);
}

TEST_F(SchemaChanges, Compactions) {
  const auto name = make_table({"m"});
  auto table = connection().table(name);
  for (const auto* row : {"a", "z"}) {
    HBMUX_ASSERT_OK(table.put(Put(row).add("f", "q", 5, "1").add("g", "q", 5, "1")));
    HBMUX_ASSERT_OK(table.remove(Delete(row).add_columns("f", "q", 5).add_columns("g", "q", 5)));
    HBMUX_ASSERT_OK(table.put(Put(row).add("f", "other", 9, "2")));
  }
  HBMUX_ASSERT_OK(admin().flush_table(name));
  HBMUX_EXPECT_OK(admin().compact_table(name));
  HBMUX_EXPECT_OK(admin().compact_table(name, "f"));
  HBMUX_EXPECT_ERROR(admin().major_compact_table(name, "nothing"), Errc::no_such_column_family);
  auto cells = [&] {
    std::size_t count = 0;
    auto scanner = table.scan(Scan().raw(true).all_versions());
    while (auto row = scanner.next().value()) count += row->size();
    return count;
  };
  EXPECT_GT(cells(), 2u);
  // Servers do it when they have time; a server that is compacting passes over what it is asked meanwhile.
  const auto until = std::chrono::steady_clock::now() + 60s;
  do {
    HBMUX_ASSERT_OK(admin().major_compact_table(name));
    std::this_thread::sleep_for(50ms);
  } while (cells() != 2 && std::chrono::steady_clock::now() < until);
  EXPECT_EQ(cells(), 2u) << "delete markers, and what they hide, are gone";
  EXPECT_EQ(text_of(table.get(Get("a")).value()), "other=2");

  HBMUX_ASSERT_OK(admin().disable_table(name));
  HBMUX_EXPECT_ERROR(admin().compact_table(name), Errc::table_not_enabled);
}

}  // namespace
}  // namespace hbmux::integration
