// What the tests have in common; which cluster it is, the executable says.
#include "tests/integration/cluster.h"

#include <unistd.h>

namespace hbmux::integration {

void ClusterTest::SetUp() {
  std::string problem;
  cluster_ = Cluster::find(problem);
  if (!cluster_) GTEST_SKIP() << problem;
  connect();
}

void ClusterTest::TearDown() {
  if (tables_.empty()) return;
  connect();  // with the usual settings, whatever the test used
  for (const auto& table : tables_) {
    auto state = admin().table_state(table);
    if (!state) continue;
    if (*state == TableState::enabled) HBMUX_EXPECT_OK(admin().disable_table(table));
    HBMUX_EXPECT_OK(admin().delete_table(table));
  }
}

void ClusterTest::connect(const std::vector<std::pair<std::string, std::string>>& settings) {
  connection_.reset();
  auto configuration = cluster_->configuration();
  for (const auto& [name, value] : settings) configuration.set(name, value);
  auto opened = ClusterConnection::open(configuration);
  HBMUX_ASSERT_OK(opened);
  connection_.emplace(std::move(*opened));
}

TableName ClusterTest::new_name() {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  std::string name = std::string(test->test_suite_name()) + "_" + test->name();
  for (char& c : name) {
    if (c == '/') c = '_';
  }
  name += "_" + std::to_string(::getpid()) + "_" + std::to_string(tables_.size());
  return tables_.emplace_back(TableName::parse(name).value());
}

TableName ClusterTest::make_table(std::vector<std::string> split_keys) {
  const auto name = new_name();
  auto created = admin().create_table(
      TableDescriptor(name).family("f").family(ColumnFamilyDescriptor("g").max_versions(5)), std::move(split_keys));
  EXPECT_TRUE(created) << created.error();
  return name;
}

std::string text_of(const Row& row) {
  std::string text;
  for (const auto& cell : row) {
    if (!text.empty()) text += ' ';
    text += std::string(cell.qualifier()) + '=' + std::string(cell.value());
  }
  return text;
}

}  // namespace hbmux::integration
