#include "rpc/wire/response_frame.h"

#include "rpc/wire/delimited.h"

#include <hbmux/pb/RPC.pb.h>

#include <gtest/gtest.h>

#include <random>

namespace hbmux::rpc::wire {
namespace {

std::string frame(std::uint32_t id, std::string_view message, std::string_view cells) {
  pb::ResponseHeader header;
  header.set_call_id(id);
  if (!cells.empty()) header.mutable_cell_block_meta()->set_length(static_cast<std::uint32_t>(cells.size()));
  std::string out;
  append_delimited(out, header);
  append_varint(out, message.size());
  return out.append(message).append(cells);
}

TEST(ResponseFrame, ReadsWhatProtobufWrote) {
  const auto bytes = frame(123456, "message", "cells");
  const auto response = parse_response(bytes);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->call_id, 123456);
  EXPECT_EQ(response->message, "message");
  EXPECT_EQ(response->cells, "cells");
  EXPECT_FALSE(response->has_exception);
}

TEST(ResponseFrame, ReadsTheIdOfAnswersToNoCall) {
  const auto response = parse_response(frame(0xffffffff, "", ""));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->call_id, -1);
}

TEST(ResponseFrame, RefusesACellBlockOfAnotherLength) {
  auto bytes = frame(1, "m", "cells");
  EXPECT_FALSE(parse_response(bytes + "x"));
  bytes.pop_back();
  EXPECT_FALSE(parse_response(bytes));
}

TEST(ResponseFrame, RefusesEveryTruncation) {
  const auto bytes = frame(1, "message", "cells");
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(parse_response(bytes.substr(0, size))) << size;
}

TEST(ResponseFrame, SurvivesAnyBytes) {
  std::mt19937 random(1);
  const auto good = frame(77, "message", "cells");
  for (int i = 0; i < 200000; ++i) {
    std::string bytes = good;
    for (unsigned n = random() % 4; n-- > 0;) bytes[random() % bytes.size()] = static_cast<char>(random());
    const auto response = parse_response(bytes);
    if (!response) continue;
    const auto inside = [&](std::string_view view) {
      return view.empty() || (view.data() >= bytes.data() && view.data() + view.size() <= bytes.data() + bytes.size());
    };
    ASSERT_TRUE(inside(response->message) && inside(response->cells) && inside(response->exception));
  }
}

}  // namespace
}  // namespace hbmux::rpc::wire
