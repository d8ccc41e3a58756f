// Gets are written and read by hand: both must mean what protobuf means.
#include "client/reply_rows.h"
#include "client/request_messages.h"

#include <gtest/gtest.h>

#include <random>

namespace hbmux::client {
namespace {

void same_message(const Get& get, bool existence_only) {
  std::string by_hand;
  append_get(by_hand, get, existence_only);
  pb::GetRequest wrapped;
  ASSERT_TRUE(wrapped.ParsePartialFromString(by_hand));
  pb::Get expected;
  fill(expected, get, existence_only);
  EXPECT_EQ(wrapped.get().SerializeAsString(), expected.SerializeAsString());
  EXPECT_GT(expected.ByteSizeLong(), 0u);
}

TEST(AppendGet, WritesWhatProtobufWouldWrite) {
  for (bool existence_only : {false, true}) {
    same_message(Get("row"), existence_only);
    same_message(Get(std::string(1000, 'r')).family("f").family("g"), existence_only);
    same_message(Get("row").column("f", "a").column("f", "b").column("g", ""), existence_only);
    same_message(Get("row").versions(7).time_range(5, 1'000'000'000'000).cache_blocks(false), existence_only);
    same_message(Get("row").all_versions().timestamp(12), existence_only);
  }
}

TEST(ReadRowShape, ReadsWhatServersSay) {
  for (int count : {-1, 0, 1, 300}) {
    for (int exists : {-1, 0, 1}) {
      for (int partial : {-1, 0, 1}) {
        pb::GetResponse message;
        auto& result = *message.mutable_result();
        if (count >= 0) result.set_associated_cell_count(count);
        if (exists >= 0) result.set_exists(exists == 1);
        if (partial >= 0) result.set_partial(partial == 1);
        const auto shape = read_row_shape(message.SerializeAsString());
        ASSERT_TRUE(shape);
        EXPECT_EQ(shape->cells, static_cast<std::uint32_t>(std::max(count, 0)));
        EXPECT_EQ(shape->exists, exists >= 0 ? exists == 1 : count > 0);
        EXPECT_EQ(shape->partial, partial == 1);
      }
    }
  }
  EXPECT_EQ(read_row_shape("")->cells, 0u);
}

TEST(ReadRowShape, LeavesCellsInsideTheMessageToProtobuf) {
  pb::GetResponse message;
  message.mutable_result()->add_cell()->set_row("r");
  EXPECT_FALSE(read_row_shape(message.SerializeAsString()));
}

TEST(ReadRowShape, LeavesNegativeCountsAndGarbageToProtobuf) {
  pb::GetResponse message;
  message.mutable_result()->set_associated_cell_count(-1);
  EXPECT_FALSE(read_row_shape(message.SerializeAsString()));
  std::mt19937 random(3);
  for (int i = 0; i < 100000; ++i) {
    std::string bytes(random() % 12, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    const auto shape = read_row_shape(bytes);
    if (!shape) continue;
    pb::GetResponse parsed;
    ASSERT_TRUE(parsed.ParseFromString(bytes));
    ASSERT_EQ(static_cast<std::uint32_t>(parsed.result().associated_cell_count()), shape->cells);
  }
}

}  // namespace
}  // namespace hbmux::client
