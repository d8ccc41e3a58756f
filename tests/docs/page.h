// What the examples of a page of the guide are run with.
#pragma once

#include <hbmux/hbmux.h>
#include <hbmux/mini/cluster.h>

#include <gtest/gtest.h>

#include <initializer_list>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::docs {

/// An embedded cluster of its own with the table "users" in two regions; what the examples print is caught.
class Page : public testing::Test {
 protected:
  Page() {
    cluster.create_table("users", {"info", "visits"}, {"m"}).value();
    console_ = std::cout.rdbuf(printed_.rdbuf());
  }
  ~Page() override { std::cout.rdbuf(console_); }

  void expect_printed(const std::vector<std::string>& expected) const {
    std::vector<std::string> lines;
    std::istringstream in(printed_.str());
    for (std::string line; std::getline(in, line);) lines.push_back(line.substr(0, line.find_last_not_of(' ') + 1));
    EXPECT_EQ(lines, expected);
  }

  mini::Cluster cluster = mini::Cluster::start({.region_servers = 2}).value();
  ClusterConnection connection = ClusterConnection::open(cluster.client_configuration()).value();
  Table users = connection.table("users");

 private:
  std::ostringstream printed_;
  std::streambuf* console_;
};

}  // namespace hbmux::docs
