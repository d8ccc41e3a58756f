// Which mutations are sent together, and when they may go.
#include "client/write_buffer.h"

#include "client/write_messages.h"

#include <gtest/gtest.h>

namespace hbmux::client {
namespace {

core::LocationsPtr region(const std::string& start, const std::string& server) {
  auto locations = std::make_shared<core::RegionLocations>();
  locations->primary.region = std::make_shared<const RegionInfo>(TableName::parse("t").value(), start, "", 1);
  locations->primary.server = ServerName::parse(server + ",16020,1").value();
  return locations;
}

class Writes : public testing::Test {
 protected:
  bool add(const core::LocationsPtr& where, const Put& put) {
    std::string message;
    encode_mutation(put, 0, message);
    return buffer.add(where, {message, put.cell_block()}, {}, ++sequence);
  }
  static Put put(const std::string& row) { return Put(row).add("f", "q", "value"); }
  static WriteBuffer::Limits limits() {
    WriteBuffer::Limits limits;
    limits.request_rows = 3;
    return limits;
  }
  const core::LocationsPtr a = region("", "one"), b = region("m", "one"), c = region("t", "two");
  WriteBuffer buffer{limits()};
  std::uint64_t sequence = 0;
};

TEST_F(Writes, AreGroupedByServerAndRegion) {
  EXPECT_TRUE(add(a, put("a")));
  EXPECT_TRUE(add(c, put("z")));
  EXPECT_FALSE(add(a, put("b")));
  EXPECT_TRUE(buffer.take(false).empty());
  auto requests = buffer.take(true);
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].count, 2u);
  EXPECT_EQ(requests[0].regions.size(), 1u);
  EXPECT_EQ(requests[0].regions[0].first, 1u);
  EXPECT_EQ(requests[1].regions[0].first, 2u);
  EXPECT_EQ(buffer.bytes(), 0u);
}

TEST_F(Writes, AFullRequestGoesByItself) {
  add(a, put("a"));
  add(b, put("n"));
  EXPECT_FALSE(buffer.has_sealed());
  add(a, put("b"));
  EXPECT_TRUE(buffer.has_sealed());
  const auto requests = buffer.take(false);
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].count, 3u);
  EXPECT_EQ(requests[0].regions.size(), 2u);
}

// What has to wait grows on, and goes in one request.
TEST_F(Writes, OneRequestARegionIsUnderWay) {
  add(a, put("a"));
  const auto first = buffer.take(true);
  ASSERT_EQ(first.size(), 1u);
  add(a, put("b"));
  EXPECT_TRUE(buffer.take(true).empty());
  EXPECT_TRUE(buffer.is_stalled());
  add(a, put("c"));
  add(b, put("n"));
  buffer.finished(first[0]);
  EXPECT_FALSE(buffer.is_stalled());
  const auto second = buffer.take(true);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].count, 3u);
}

TEST_F(Writes, AnotherRegionOfTheServerMayGoBesideIt) {
  add(a, put("a"));
  ASSERT_EQ(buffer.take(true).size(), 1u);
  add(b, put("n"));
  EXPECT_EQ(buffer.take(true).size(), 1u);
  const auto other = region("p", "one");
  add(other, put("q"));
  EXPECT_TRUE(buffer.take(true).empty());  // two are under way at that server
}

// A mutation that goes on elsewhere is the one that was given.
TEST_F(Writes, MutationsComeBackAsTheyWere) {
  const std::vector<RowChange> given = {
      Put("p", 7).add("f", "q", "v").add("g", "r", 9, "w").durability(Durability::async_wal).attribute("a", "b"),
      Delete("d").add_column("f", "q", 3).add_columns("f", "r").add_family("g").add_family_version("h", 5),
      Delete("whole", 12),
      Append("s").add("f", "q", "x").return_results(false).time_range(1, 5),
      Increment("i").add("f", "q", -5)};
  for (const auto& mutation : given) {
    std::string message;
    encode_mutation(mutation, 0, message);
    buffer.add(a, {message, std::visit([](const auto& m) -> std::string_view { return m.cell_block(); }, mutation)}, {}, ++sequence);
  }
  std::vector<WriteRequest> requests;
  for (auto taken = buffer.take(true); !taken.empty(); taken = buffer.take(true)) {
    for (auto& request : taken) {
      buffer.finished(request);
      requests.push_back(std::move(request));
    }
  }
  std::vector<RowChange> back;
  for (const auto& request : requests) {
    for (const auto& writes : request.regions) {
      std::vector<std::uint32_t> places;
      for (std::uint32_t i = 0; i < writes.count; ++i) places.push_back(i);
      for (auto& decoded : decode_mutations(writes, places)) back.push_back(std::move(decoded.mutation));
    }
  }
  ASSERT_EQ(back.size(), given.size());
  for (std::size_t i = 0; i < given.size(); ++i) {
    std::string was, is;
    encode_mutation(given[i], 0, was);
    encode_mutation(back[i], 0, is);
    EXPECT_EQ(was, is) << i;
    const auto cells = [](const RowChange& change) {
      return std::visit([](const auto& m) { return m.cell_block(); }, change);
    };
    EXPECT_EQ(cells(given[i]), cells(back[i])) << i;
  }
}

}  // namespace
}  // namespace hbmux::client
