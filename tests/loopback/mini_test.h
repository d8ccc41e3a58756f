// A test with an embedded cluster and a connection to it.
#pragma once

#include "tests/support/result_assertions.h"

#include <hbmux/hbmux.h>
#include <hbmux/mini/cluster.h>

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hbmux::loopback {

using namespace std::chrono_literals;
using Settings = std::vector<std::pair<std::string, std::string>>;

class MiniTest : public testing::Test {
 protected:
  void SetUp() override;
  /// Begins anew with so many region servers.
  void start(mini::Options options);
  void stop();
  /// Opens (again) with these settings over the usual ones.
  ClusterConnection& connect(const Settings& settings = {});
  Configuration configuration(const Settings& settings = {});

  mini::Cluster& cluster();
  ClusterConnection& connection();
  /// A table with families "f" and "g", whose regions begin at the split keys.
  Table make_table(const std::string& name = "t", std::vector<std::string> split_keys = {});
  /// The region of a table that holds a row.
  mini::RegionStatus region_of(const std::string& table, std::string_view row);
  void move(const std::string& table, std::string_view row, int server);

 private:
  std::optional<mini::Cluster> cluster_;
  std::optional<ClusterConnection> connection_;
};

/// "row family:qualifier=value family:qualifier=value" for comparing.
std::string text_of(const Row& row);
/// The rows' keys up to the end, and the error if the scan ends with one.
std::vector<std::string> keys_of(Scanner scanner);
/// "r0007"
std::string key(int number);
/// Waits for something that comes from elsewhere; fails after a while.
void wait_until(const std::function<bool()>& condition, const char* what);

}  // namespace hbmux::loopback
