#include <hbmux/error.h>

#include <gtest/gtest.h>

#include <set>
#include <sstream>

namespace hbmux {
namespace {

TEST(Error, TellsCodeAndMessage) {
  const Error error(Errc::timed_out, "get of row a");
  EXPECT_EQ(error.code(), Errc::timed_out);
  EXPECT_EQ(error.message(), "get of row a");
  EXPECT_EQ(error.to_string(), "timed_out: get of row a");
  std::ostringstream out;
  out << error << " " << error.code();
  EXPECT_EQ(out.str(), "timed_out: get of row a timed_out");
}

TEST(Error, HasNoDetailsUnlessGiven) {
  const Error empty;
  EXPECT_EQ(empty.message(), "");
  const Error error(Errc::closed, "closed");
  for (const Error* e : {&empty, &error}) {
    EXPECT_EQ(e->exception_class(), "");
    EXPECT_EQ(e->exception_message(), "");
    EXPECT_EQ(e->server(), "");
    EXPECT_EQ(e->region(), "");
    EXPECT_EQ(e->attempts(), 0);
    EXPECT_FALSE(e->do_not_retry());
    EXPECT_FALSE(e->server_overloaded());
  }
}

TEST(Error, CarriesWhatTheServerSaid) {
  const Error error = Error(Errc::not_serving_region, "get failed")
                          .with_exception("org.apache.hadoop.hbase.NotServingRegionException", "t,,1.x.")
                          .with_server("rs1:16020")
                          .with_region("t,,1.x.")
                          .with_attempts(3)
                          .with_flags(true, true);
  EXPECT_EQ(error.exception_class(), "org.apache.hadoop.hbase.NotServingRegionException");
  EXPECT_EQ(error.exception_message(), "t,,1.x.");
  EXPECT_EQ(error.server(), "rs1:16020");
  EXPECT_EQ(error.region(), "t,,1.x.");
  EXPECT_EQ(error.attempts(), 3);
  EXPECT_TRUE(error.do_not_retry());
  EXPECT_TRUE(error.server_overloaded());
  EXPECT_EQ(error.to_string(),
            "not_serving_region: get failed (server rs1:16020, region t,,1.x., exception "
            "org.apache.hadoop.hbase.NotServingRegionException, attempts 3)");
}

TEST(Error, DoesNotRepeatWhatTheMessageNames) {
  const Error error = Error(Errc::cannot_connect, "cannot connect to rs1:16020").with_server("rs1:16020");
  EXPECT_EQ(error.to_string(), "cannot_connect: cannot connect to rs1:16020");
}

TEST(Error, ContextGoesInFront) { EXPECT_EQ(Error(Errc::closed, "b").with_context("a").message(), "a: b"); }

// A copy that is decorated must not change the error that somebody else holds.
TEST(Error, CopiesAreIndependent) {
  const Error first(Errc::closed, "first");
  const Error second = Error(first).with_context("second").with_attempts(2);
  EXPECT_EQ(first.message(), "first");
  EXPECT_EQ(first.attempts(), 0);
  EXPECT_EQ(second.message(), "second: first");
}

TEST(Error, EveryCodeHasItsOwnName) {
  std::set<std::string_view> names;
  for (int code = 1; code <= static_cast<int>(Errc::server_exception); ++code) {
    const auto name = to_string(static_cast<Errc>(code));
    EXPECT_NE(name, "unknown") << code;
    EXPECT_TRUE(names.insert(name).second) << name;
  }
  EXPECT_EQ(to_string(static_cast<Errc>(255)), "unknown");
}

TEST(Result, ValueThrowsTheError) {
  const Result<int> good = 1;
  EXPECT_EQ(good.value(), 1);
  const Result<int> bad = Error(Errc::table_not_found, "no table t");
  try {
    bad.value();
    FAIL();
  } catch (const Exception& exception) {
    EXPECT_EQ(exception.error().code(), Errc::table_not_found);
    EXPECT_STREQ(exception.what(), "table_not_found: no table t");
  }
  const Result<void> done = Error(Errc::closed, "closed");
  EXPECT_THROW(done.value(), Exception);
}

}  // namespace
}  // namespace hbmux
