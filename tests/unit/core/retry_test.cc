#include "core/retry.h"

#include <gtest/gtest.h>

namespace hbmux::core {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using Clock = RetryState::Clock;

Error told(std::string name, std::string text = "text") {
  const std::string class_name = "org.apache.hadoop.hbase." + name;
  const std::string trace = class_name + ": " + text;
  ServerException e;
  e.class_name = class_name;
  e.stack_trace = trace;
  return make_error(e);
}
Error busy() { return told("RegionTooBusyException"); }

class Retry : public ::testing::Test {
 protected:
  Clock::time_point now = Clock::time_point() + 1h;
  RetryPolicy policy;
};

// HBase's pauses: hbase.client.pause times the table, the last entry for ever.
TEST_F(Retry, BackoffTable) {
  RetryState state(policy, now);
  for (int factor : {1, 2, 3, 5, 10, 20, 40, 100, 100, 100, 100, 200, 200, 200, 200}) {
    auto next = state.failed(busy(), now, 0);
    ASSERT_TRUE(next.retry);
    EXPECT_EQ(next.pause, 100ms * factor);
  }
}

TEST_F(Retry, JitterIsAtMostOnePercent) {
  EXPECT_EQ(backoff(100ms, 1, 0.0), 100ms);
  EXPECT_NEAR(static_cast<double>(backoff(100ms, 1, 0.5).count()), 100.5e6, 2);
  EXPECT_LE(backoff(100ms, 13, 0.999999), 20200ms);
  EXPECT_EQ(backoff(100ms, 1000000, 0.0), 20000ms);
  EXPECT_EQ(backoff(100ms, -5, 0.0), 100ms);
  EXPECT_GT(backoff(std::chrono::nanoseconds::max(), 13, 0.9), 0ms);
}

// retries.number = 3 means four attempts; the error is the last one's.
TEST_F(Retry, AttemptsAreRetriesPlusOne) {
  policy.retries = 3;
  RetryState state(policy, now);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(state.failed(busy(), now, 0).retry);
  auto last = state.failed(busy(), now, 0);
  EXPECT_FALSE(last.retry);
  EXPECT_EQ(last.error.code(), Errc::region_too_busy);
  EXPECT_EQ(last.error.attempts(), 4);
  policy.retries = 0;
  EXPECT_FALSE(RetryState(policy, now).failed(busy(), now, 0).retry);
  policy.retries = -7;
  EXPECT_EQ(policy.attempts_max(), 1);
  policy.retries = std::numeric_limits<int>::max();
  EXPECT_EQ(policy.attempts_max(), std::numeric_limits<int>::max());
}

TEST_F(Retry, DoNotRetryEndsAtOnce) {
  RetryState state(policy, now);
  auto next = state.failed(told("TableNotFoundException", "t"), now, 0);
  EXPECT_FALSE(next.retry);
  EXPECT_EQ(next.error.code(), Errc::table_not_found);
  EXPECT_EQ(next.error.attempts(), 1);
}

// A scan goes on after what forbids to repeat the call: with a new scanner.
TEST_F(Retry, ReactionOfTheCaller) {
  RetryState state(policy, now);
  Error error = told("UnknownScannerException");
  Reaction reaction = react(error);
  EXPECT_FALSE(reaction.retry);
  reaction.retry = true;
  EXPECT_TRUE(state.failed(error, reaction, now, 0).retry);
  EXPECT_FALSE(state.failed(error, now, 0).retry);
}

TEST_F(Retry, OverloadedPauseIsItsOwn) {
  policy.pause_overloaded = 500ms;
  RetryState state(policy, now);
  EXPECT_EQ(state.failed(told("CallQueueTooBigException"), now, 0).pause, 500ms);
  EXPECT_EQ(state.failed(busy(), now, 0).pause, 200ms);
  EXPECT_EQ(state.failed(told("CallDroppedException"), now, 0).pause, 1500ms);
}

TEST_F(Retry, ThrottlingWaitsAsTold) {
  RetryState state(policy, now);
  auto next =
      state.failed(told("quotas.RpcThrottlingException", "number of requests exceeded - wait 3sec, 20ms"), now, 0.9);
  EXPECT_TRUE(next.retry);
  EXPECT_EQ(next.pause, 3020ms);
  // Where the text tells no time, the table does.
  EXPECT_EQ(state.failed(told("quotas.RpcThrottlingException", "slower"), now, 0).pause, 200ms);
}

// A pause beyond the deadline would be waited for nothing: the operation ends now, and tells what happened last.
TEST_F(Retry, PauseBeyondTheDeadlineEndsIt) {
  policy.operation_timeout = 1000ms;
  RetryState state(policy, now);
  EXPECT_TRUE(state.failed(busy(), now += 100ms, 0).retry);
  EXPECT_TRUE(state.failed(busy(), now += 100ms, 0).retry);
  EXPECT_TRUE(state.failed(busy(), now += 200ms, 0).retry);
  Error error = told("RegionTooBusyException", "over the limit");
  error = std::move(error).with_server("rs1:16020").with_region("t,,1.");
  auto end = state.failed(error, now += 300ms, 0);
  EXPECT_FALSE(end.retry);
  EXPECT_EQ(end.error.code(), Errc::timed_out);
  EXPECT_EQ(end.error.server(), "rs1:16020");
  EXPECT_EQ(end.error.region(), "t,,1.");
  EXPECT_EQ(end.error.attempts(), 4);
  EXPECT_NE(end.error.message().find("1000 ms"), std::string::npos);
  EXPECT_NE(end.error.message().find("over the limit"), std::string::npos);
}

TEST_F(Retry, ThrottlingBeyondTheDeadlineEndsIt) {
  policy.operation_timeout = 1000ms;
  RetryState state(policy, now);
  EXPECT_EQ(state.failed(told("quotas.RpcThrottlingException", "x - wait 2hrs, 0ms"), now, 0).error.code(),
            Errc::timed_out);
}

// A call that times out says little; the refusal before it is told along.
TEST_F(Retry, TimedOutTellsTheFailureBefore) {
  policy.operation_timeout = 1000ms;
  RetryState state(policy, now);
  EXPECT_TRUE(state.failed(Error(Errc::cannot_connect, "connection refused by rs7"), now, 0).retry);
  auto end = state.failed(Error(Errc::timed_out, "no answer"), now += 1000ms, 0);
  EXPECT_FALSE(end.retry);
  EXPECT_EQ(end.error.code(), Errc::timed_out);
  EXPECT_NE(end.error.message().find("no answer"), std::string::npos);
  EXPECT_NE(end.error.message().find("refused by rs7"), std::string::npos);
}

TEST_F(Retry, AttemptsEndByTheDeadline) {
  policy.operation_timeout = 10s;
  policy.rpc_timeout = 4s;
  RetryState state(policy, now);
  EXPECT_EQ(state.deadline(), now + 10s);
  EXPECT_EQ(state.attempt_deadline(now), now + 4s);
  EXPECT_EQ(state.attempt_deadline(now + 7s), now + 10s);
  EXPECT_FALSE(state.expired(now + 9999ms));
  EXPECT_TRUE(state.expired(now + 10s));
  EXPECT_EQ(state.timed_out().code(), Errc::timed_out);
  // The caller's own deadline counts when it is earlier.
  EXPECT_EQ(RetryState(policy, now, now + 1s).deadline(), now + 1s);
  EXPECT_EQ(RetryState(policy, now, now + 1h).deadline(), now + 10s);
}

TEST_F(Retry, ZeroMeansNoLimit) {
  policy.operation_timeout = 0ms;
  policy.rpc_timeout = 0ms;
  policy.retries = 1000;
  RetryState state(policy, now);
  EXPECT_EQ(state.attempt_deadline(now), Clock::time_point::max());
  EXPECT_TRUE(state.failed(busy(), now + 100h, 0).retry);
  policy.operation_timeout = milliseconds::max();
  EXPECT_EQ(RetryState(policy, now).deadline(), Clock::time_point::max());
}

// The rest of a cut batch is asked for at once, and such rounds are no failures, as long as rows come.
TEST_F(Retry, ImmediateRetriesDoNotCount) {
  policy.retries = 1;
  RetryState state(policy, now);
  for (int i = 0; i < 1000; ++i) {
    auto next = state.failed(told("MultiActionResultTooLarge"), now, 0);
    ASSERT_TRUE(next.retry);
    ASSERT_EQ(next.pause, 0ms);
    ASSERT_TRUE(next.reaction.immediately);
    state.progressed();
  }
  EXPECT_TRUE(state.failed(busy(), now, 0).retry);
  EXPECT_FALSE(state.failed(busy(), now, 0).retry);
}

// A server that only ever says "again" does not keep us spinning.
TEST_F(Retry, ImmediateRetriesWithoutProgressEnd) {
  policy.retries = 2;
  RetryState state(policy, now);
  int rounds = 0;
  while (state.failed(told("RetryImmediatelyException"), now, 0).retry) ASSERT_LT(++rounds, 1000);
  EXPECT_GT(rounds, 50);
}

// Between a failure and its retry the table's state may be asked for; that can take all the time that was left.
TEST_F(Retry, ADecisionThatWaitedIsLookedAtAgain) {
  policy.operation_timeout = 1000ms;
  RetryState state(policy, now);
  const auto decision = state.failed(busy(), now, 0);
  ASSERT_TRUE(decision.retry);
  EXPECT_TRUE(state.revisit(decision, now + 500ms).retry);
  EXPECT_EQ(state.revisit(decision, now + 500ms).pause, decision.pause);
  for (const auto later : {950ms, 1000ms, 1200ms}) {
    const auto late = state.revisit(decision, now + later);
    EXPECT_FALSE(late.retry);
    EXPECT_EQ(late.error.code(), Errc::timed_out);
    EXPECT_EQ(late.error.attempts(), 1);
  }
}

}  // namespace
}  // namespace hbmux::core
