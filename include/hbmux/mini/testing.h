// The embedded cluster in GoogleTest: a fixture, and results as assertions. For test programs that link hbmux::mini and
// GoogleTest; see docs/testing.md.
#pragma once

#include <hbmux/hbmux.h>
#include <hbmux/mini/cluster.h>

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hbmux::mini {

/// `EXPECT_TRUE(ok(table.put(put)))`: a failure prints the error.
template <class T>
::testing::AssertionResult ok(const Result<T>& result) {
  if (result) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << result.error().to_string();
}
inline ::testing::AssertionResult ok(const BatchResult& results) {
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i]) return ::testing::AssertionFailure() << "action " << i << ": " << results[i].error().to_string();
  }
  return ::testing::AssertionSuccess();
}

/// `EXPECT_TRUE(fails_with(table.get(get), Errc::timed_out))`.
template <class T>
::testing::AssertionResult fails_with(const Result<T>& result, Errc code) {
  if (!result && result.error().code() == code) return ::testing::AssertionSuccess();
  auto failure = ::testing::AssertionFailure() << "expected " << to_string(code) << ", ";
  if (result) return failure << "but it succeeded";
  return failure << "got " << result.error().to_string();
}

/// A row as a test writes it down: its key, and "family:qualifier" with values.
struct TestRow {
  std::string key;
  std::vector<std::pair<std::string, std::string>> cells;
};

/// Each test has a cluster of its own, empty and on free ports, and one connection to it. That takes some milliseconds,
/// and nothing of one test is left for the next. Members throw hbmux::Exception where they cannot do what they say: the
/// test has failed then.
class ClusterTest : public ::testing::Test {
 protected:
  /// Called once, before the test. Override them to have another cluster, or another client. The defaults suit tests of
  /// failures: they wait less long than HBase's do.
  virtual Options cluster_options() const { return {}; }
  virtual Configuration client_configuration() const {
    Configuration configuration;
    configuration.set("hbase.client.pause", "5");
    configuration.set("hbase.client.operation.timeout", "30000");
    configuration.set("hbase.rpc.timeout", "2000");
    configuration.set("hbase.ipc.client.failed.servers.expiry", "100");
    return configuration;
  }

  void SetUp() override {
    cluster_ = std::make_unique<Cluster>(Cluster::start(cluster_options()).value());
    Configuration configuration = cluster_->client_configuration();
    configuration.merge(client_configuration());
    connection_ = std::make_unique<ClusterConnection>(ClusterConnection::open(configuration).value());
  }
  void TearDown() override {
    connection_.reset();
    cluster_.reset();
  }

  Cluster& cluster() { return *cluster_; }
  ClusterConnection& connection() { return *connection_; }
  Table table(std::string_view name) { return connection_->table(name); }

  /// Makes a table; `split_keys` in order.
  Table create_table(std::string_view name, std::vector<std::string> families,
                     std::vector<std::string> split_keys = {}) {
    cluster_->create_table(name, std::move(families), std::move(split_keys)).value();
    return table(name);
  }
  /// Writes rows.
  void load(const Table& table, const std::vector<TestRow>& rows) {
    std::vector<Action> puts;
    for (const TestRow& row : rows) {
      Put put(row.key);
      for (const auto& [column, value] : row.cells) {
        const std::size_t colon = column.find(':');
        if (colon == std::string::npos)
          throw Exception(Error(Errc::invalid_argument, column + " is no family:qualifier"));
        put.add(std::string_view(column).substr(0, colon), std::string_view(column).substr(colon + 1), value);
      }
      puts.emplace_back(std::move(put));
    }
    for (const auto& result : table.batch(std::move(puts))) (void)result.value();
  }
  /// All rows of a scan.
  std::vector<Row> rows(const Table& table, Scan scan = {}) {
    std::vector<Row> all;
    Scanner scanner = table.scan(std::move(scan));
    for (const Result<Row>& row : scanner) all.push_back(row.value());
    return all;
  }
  /// A value, or nothing where there is none.
  std::optional<std::string> value(const Table& table, std::string_view row, std::string_view family,
                                   std::string_view qualifier) {
    const Row found = table.get(Get(row).column(family, qualifier)).value();
    const auto value = found.value(family, qualifier);
    return value ? std::optional<std::string>(*value) : std::nullopt;
  }

  /// From now on this goes wrong ("drop method=Mutate rate=0.1", docs/mini.md); returns its number.
  int inject(std::string_view fault) { return cluster_->inject(fault).value(); }
  void heal(int fault) { cluster_->heal(fault); }
  void heal_all() { cluster_->heal_all(); }
  /// How often a fault has happened: a test that means to show what happens then should see that it did.
  std::uint64_t happened(int fault) const {
    for (const FaultCount& count : cluster_->fault_counts()) {
      if (count.id == fault) return count.happened;
    }
    return 0;
  }

 private:
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<ClusterConnection> connection_;
};

}  // namespace hbmux::mini
