// What a refused client is told, and changes that come twice.
#include "gateway/applied_tokens.h"
#include "gateway/refusal.h"

#include <hbmux/bt/rpc/details.pb.h>
#include <hbmux/bt/rpc/status.pb.h>

#include <gtest/gtest.h>

namespace hbmux::gateway {
namespace {

using namespace std::chrono_literals;

TEST(RefusalTest, PausesGrow) {
  EXPECT_EQ(refusal_pause(100ms, 0), 100ms);
  EXPECT_EQ(refusal_pause(100ms, 3), 800ms);
  EXPECT_EQ(refusal_pause(100ms, 20), kRefusalPauseMax);
  EXPECT_EQ(refusal_pause(100ms, 2'000'000'000), kRefusalPauseMax);
  EXPECT_EQ(refusals_in("3"), 3);
  for (const char* cookie : {"", "-1", "x", "3x", "99999999999999999999", " 3"}) EXPECT_EQ(refusals_in(cookie), 0) << cookie;
}

TEST(RefusalTest, TheDetailsHaveThePause) {
  bt::rpc::Status status;
  ASSERT_TRUE(status.ParseFromString(retry_details({Code::unavailable, "too busy", 100ms}, 2500ms)));
  EXPECT_EQ(status.code(), 14);
  EXPECT_EQ(status.message(), "too busy");
  ASSERT_EQ(status.details_size(), 1);
  EXPECT_EQ(status.details(0).type_url(), "type.googleapis.com/google.rpc.RetryInfo");
  bt::rpc::RetryInfo info;
  ASSERT_TRUE(info.ParseFromString(status.details(0).value()));
  EXPECT_EQ(info.retry_delay().seconds(), 2);
  EXPECT_EQ(info.retry_delay().nanos(), 500'000'000);
}

class AppliedTokensTest : public testing::Test {
 protected:
  /// What begin() says, as a number of gRPC; -1: go on.
  int begin(const std::string& key, AppliedTokens::Time now = {}) {
    const auto known = tokens_.begin(key, now);
    return known ? static_cast<int>(known->code) : -1;
  }
  AppliedTokens tokens_;
};

TEST_F(AppliedTokensTest, AChangeIsMadeOnce) {
  EXPECT_EQ(begin("a"), -1);
  EXPECT_EQ(begin("a"), 14) << "it is under way";
  EXPECT_EQ(begin("b"), -1);
  tokens_.end("a", true, false);
  EXPECT_EQ(begin("a"), 0);
  tokens_.end("b", false, false);
  EXPECT_EQ(begin("b"), -1) << "it was refused: it may be tried again";
  tokens_.end("b", false, true);
  EXPECT_EQ(begin("b"), 2) << "nobody knows";
}

TEST_F(AppliedTokensTest, ForAQuarterOfAnHour) {
  const AppliedTokens::Time start{};
  EXPECT_EQ(begin("a", start), -1);
  tokens_.end("a", true, false);
  EXPECT_EQ(begin("a", start + AppliedTokens::kLife), 0);
  EXPECT_EQ(begin("a", start + AppliedTokens::kLife + 1s), -1);
}

TEST_F(AppliedTokensTest, TheirNumberIsBounded) {
  for (std::size_t i = 0; i < AppliedTokens::kTokensMax; ++i) ASSERT_EQ(begin(std::to_string(i)), -1);
  EXPECT_EQ(begin("one more"), 8);
  tokens_.end("7", false, false);
  EXPECT_EQ(begin("one more"), -1);
}

TEST_F(AppliedTokensTest, KeysAreOfTableRowAndToken) {
  bt::Idempotency idempotency;
  EXPECT_EQ(AppliedTokens::key_of("t", "r", idempotency), "");
  idempotency.set_token("x");
  const auto key = AppliedTokens::key_of("t", "r", idempotency);
  idempotency.set_token("rx");
  EXPECT_NE(AppliedTokens::key_of("t", "", idempotency), key);
}

}  // namespace
}  // namespace hbmux::gateway
