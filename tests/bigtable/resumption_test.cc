// What is asked again when an answer breaks off.
#include "bigtable/resumption.h"

#include "bigtable/key_range.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hbmux::bigtable {
namespace {

bt::ReadRowsRequest asking(const std::vector<KeyRange>& ranges, const std::vector<std::string>& keys = {}, bool reversed = false) {
  bt::ReadRowsRequest request;
  for (const auto& range : ranges) *request.mutable_rows()->add_row_ranges() = message_of(range);
  for (const auto& key : keys) request.mutable_rows()->add_row_keys(key);
  request.set_reversed(reversed);
  return request;
}

std::string text_of(const bt::ReadRowsRequest& request) {
  std::string out;
  for (const auto& range : request.rows().row_ranges()) {
    if (range.has_start_key_closed()) out += "[" + range.start_key_closed();
    if (range.has_start_key_open()) out += "(" + range.start_key_open();
    out += ",";
    if (range.has_end_key_closed()) out += range.end_key_closed() + "]";
    if (range.has_end_key_open()) out += range.end_key_open() + ")";
    out += " ";
  }
  for (const auto& key : request.rows().row_keys()) out += key + " ";
  return out;
}

std::string left(bt::ReadRowsRequest request, const std::string& last, std::int64_t rows = 0) {
  return reduce(request, last, rows) ? text_of(request) : "nothing";
}

TEST(Resumption, EverythingBecomesARange) {
  EXPECT_EQ(left(asking({}), "m"), "(m, ");
  EXPECT_EQ(left(asking({}, {}, true), "m"), ",m) ");
  EXPECT_EQ(left(asking({}), ""), "");
}

TEST(Resumption, RangesAreCut) {
  const std::vector<KeyRange> ranges = {{"a", true, "c", false}, {"e", true, "g", true}, {"k", true, "", false}};
  EXPECT_EQ(left(asking(ranges), "b"), "(b,c) [e,g] [k, ");
  EXPECT_EQ(left(asking(ranges), "d"), "[e,g] [k, ");
  EXPECT_EQ(left(asking(ranges), "g"), "[k, ");
  EXPECT_EQ(left(asking(ranges), "z"), "(z, ");
  EXPECT_EQ(left(asking(ranges, {}, true), "z"), "[a,c) [e,g] [k,z) ");
  EXPECT_EQ(left(asking(ranges, {}, true), "e"), "[a,c) ");
  EXPECT_EQ(left(asking(ranges, {}, true), "a"), "nothing");
}

TEST(Resumption, NothingIsLeftOfADoneRange) {
  EXPECT_EQ(left(asking({{"a", true, "c", true}}), "c"), "nothing");
  EXPECT_EQ(left(asking({{"a", true, std::string("c\0", 2), false}}), "c"), "nothing");
  EXPECT_EQ(left(asking({{"a", true, "d", false}}), "c"), "(c,d) ");
}

TEST(Resumption, KeysAndLimit) {
  EXPECT_EQ(left(asking({}, {"a", "b", "c"}), "b"), "c ");
  EXPECT_EQ(left(asking({}, {"a", "b", "c"}, true), "b"), "a ");
  EXPECT_EQ(left(asking({}, {"a"}), "a"), "nothing");
  auto limited = asking({});
  limited.set_rows_limit(10);
  EXPECT_EQ(left(limited, "m", 10), "nothing");
  ASSERT_TRUE(reduce(limited, "m", 4));
  EXPECT_EQ(limited.rows_limit(), 6);
}

TEST(KeyRanges, WhatTwoShare) {
  const KeyRanges all, low{{{"a", true, "m", false}}}, high{{{"f", false, "", false}}}, point{{{"g", true, "g", true}}};
  EXPECT_EQ(intersect(all, low), low);
  EXPECT_EQ(intersect(low, high), (KeyRanges{{{"f", false, "m", false}}}));
  EXPECT_EQ(intersect(point, high), point);
  EXPECT_EQ(intersect(point, KeyRanges{{{"g", false, "", false}}}), KeyRanges{std::vector<KeyRange>{}});
}

}  // namespace
}  // namespace hbmux::bigtable
