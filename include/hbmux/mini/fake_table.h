// A table for tests of code that is given one: real in everything but that nothing outside the process is needed.
#pragma once

#include <hbmux/hbmux.h>
#include <hbmux/mini/cluster.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hbmux::mini {

/// A Table on an embedded cluster of its own, which lives as long as this: some milliseconds to make, and nothing to set up. Every operation, option
/// and error is that of the real client; what should go wrong is injected into cluster(). For any test framework; those who use GoogleTest
/// find more in `<hbmux/mini/testing.h>`. Making one throws hbmux::Exception where that fails.
///
///     hbmux::mini::FakeTable accounts({"f"});
///     accounts->put(hbmux::Put("ada").add("f", "city", "London"));
///     EXPECT_EQ(city_of(*accounts, "ada"), "London");
class FakeTable {
 public:
  explicit FakeTable(std::vector<std::string> families, std::vector<std::string> split_keys = {}, const Options& options = {})
      : cluster_(std::make_unique<Cluster>(Cluster::start(options).value())) {
    cluster_->create_table("fake", std::move(families), std::move(split_keys)).value();
    connection_ = std::make_unique<ClusterConnection>(ClusterConnection::open(cluster_->client_configuration()).value());
    table_ = std::make_unique<Table>(connection_->table("fake"));
  }

  const Table& operator*() const noexcept { return *table_; }
  const Table* operator->() const noexcept { return table_.get(); }
  /// To make it fail (docs/mini.md), to move and split its region, to look at what was called.
  Cluster& cluster() noexcept { return *cluster_; }
  ClusterConnection& connection() noexcept { return *connection_; }

 private:
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<ClusterConnection> connection_;
  std::unique_ptr<Table> table_;
};

}  // namespace hbmux::mini
