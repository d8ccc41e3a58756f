// Files that HBase's own writer made, taken over by regions.
#include "tests/integration/cluster.h"

#include <boost/asio/use_future.hpp>

#include <unistd.h>

#include <filesystem>

namespace hbmux::integration {
namespace {

class BulkLoadTest : public ClusterTest {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    if (IsSkipped()) return;
    if (!cluster().has_tool()) GTEST_SKIP() << "files are written by tests/peers/hbase";
    name_.emplace(make_table({"m"}));
    place_ = std::filesystem::temp_directory_path() / ("hbmux-bulk-" + std::to_string(::getpid()) + "-" + name_->qualifier());
    std::filesystem::create_directories(place_);
  }
  void TearDown() override {
    if (!place_.empty()) std::filesystem::remove_all(place_);
    ClusterTest::TearDown();
  }
  /// A file with a cell in each of these rows ("a=1").
  std::string file(const std::string& label, const std::string& rows, const std::string& family = "f") {
    const auto path = place_ / label;
    cluster().tool("java " HBMUX_PEERS_DIR "/hbase/WriteHFile.java " + path.string() + " " + family + " q " + rows);
    return "file://" + path.string();
  }
  Table table() { return connection().table(*name_); }
  std::string value(const std::string& row, const std::string& family = "f") {
    const auto got = table().get(Get(row).family(family));
    return got ? std::string(got->value(family, "q").value_or("nothing")) : got.error().to_string();
  }
  std::optional<TableName> name_;
  std::filesystem::path place_;
};

TEST_F(BulkLoadTest, ARegionTakesFilesOver) {
  BulkLoad load;
  load.files = {{"f", file("one", "a=1 b=2")}, {"g", file("two", "a=3", "g")}};
  HBMUX_ASSERT_OK(table().bulk_load("a", load));
  EXPECT_EQ(value("a"), "1");
  EXPECT_EQ(value("b"), "2");
  EXPECT_EQ(value("a", "g"), "3");

  load.files = {{"f", file("three", "n=4")}};
  load.copy_files = true;
  load.assign_sequence_numbers = false;
  HBMUX_ASSERT_OK(table().async_bulk_load("x", load, boost::asio::use_future).get());
  EXPECT_EQ(value("n"), "4");
  EXPECT_TRUE(std::filesystem::exists(place_ / "three")) << "copied, as from any file system that is not HDFS";
}

TEST_F(BulkLoadTest, WhatDoesNotFitIsRefused) {
  BulkLoad load;
  HBMUX_EXPECT_ERROR(table().bulk_load("a", load), Errc::invalid_argument);
  load.files = {{"", "file:///none"}};
  HBMUX_EXPECT_ERROR(table().bulk_load("a", load), Errc::invalid_argument);
  auto once = table().with(TableOptions().max_attempts(1));
  load.files = {{"f", file("wide", "a=1 z=2")}};
  EXPECT_FALSE(once.bulk_load("a", load)) << "beyond the region's end";
  EXPECT_EQ(value("a"), "nothing");
  load.files = {{"f", "file://" + (place_ / "none").string()}};
  EXPECT_FALSE(once.bulk_load("a", load));
  load.files = {{"none", file("other", "a=1", "none")}};
  EXPECT_FALSE(once.bulk_load("a", load));
}

}  // namespace
}  // namespace hbmux::integration
