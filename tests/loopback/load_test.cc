// Servers that tell of load, and writes that hold back (hbase.client.backpressure.enabled).
#include "tests/loopback/mini_test.h"

#include <future>

namespace hbmux::loopback {
namespace {

using Clock = std::chrono::steady_clock;

class LoadOnMini : public MiniTest {
 protected:
  // 97 % of the heap is 0.7 between the marks: to the fourth power 0.24, of two seconds 480 ms.
  static constexpr auto kPause = 480ms;

  void SetUp() override {
    MiniTest::SetUp();
    start({.region_servers = 1});
    for (const char* table : {"loaded", "calm"}) make_table(table, {"m"});
    ASSERT_TRUE(cluster().inject("load table=loaded heap=97 memory=40 compactions=7"));
  }
  void connect_politely(const Settings& more = {}) {
    Settings settings{{"hbase.client.backpressure.enabled", "true"},
                      {"hbase.client.statistics.backoff-policy", "org.apache.hadoop.hbase.client.backoff.ExponentialClientBackoffPolicy"},
                      {"hbase.client.exponential-backoff.max", "2000"}};
    settings.insert(settings.end(), more.begin(), more.end());
    connect(settings);
  }
  Clock::duration time_of_batch(const std::string& table, const std::string& row = "r") {
    std::vector<Action> actions;
    actions.emplace_back(Put(row).add("f", "q", "v"));
    const auto began = Clock::now();
    for (const auto& result : connection().table(table).batch(std::move(actions))) HBMUX_EXPECT_OK(result);
    return Clock::now() - began;
  }
};

TEST_F(LoadOnMini, BatchesHoldBackFromALoadedRegion) {
  connect_politely();
  EXPECT_LT(time_of_batch("loaded"), kPause) << "nobody has told of the load yet";
  EXPECT_GE(time_of_batch("loaded"), kPause);
  EXPECT_LT(time_of_batch("loaded", "a"), kPause) << "another region, of which nothing is known";
  EXPECT_LT(time_of_batch("calm"), kPause);
  EXPECT_LT(time_of_batch("calm"), kPause);
}

TEST_F(LoadOnMini, OnlyThePartForTheLoadedRegionIsHeldBack) {
  connect_politely();
  time_of_batch("loaded");
  std::vector<Action> actions;
  for (const char* row : {"a", "r"}) actions.emplace_back(Put(row).add("f", "q", "v"));
  std::vector<Clock::duration> took(2);
  const auto began = Clock::now();
  connection().table("loaded").batch(std::move(actions), [&](std::size_t index, const Result<ActionResult>&) { took[index] = Clock::now() - began; });
  EXPECT_LT(took[0], kPause);
  EXPECT_GE(took[1], kPause);
}

TEST_F(LoadOnMini, BufferedWritesHoldBackToo) {
  connect_politely();
  auto mutator = connection().table("loaded").buffered_mutator();
  for (const auto least : {0ms, 480ms}) {
    HBMUX_ASSERT_OK(connection().table("loaded").get(Get("r")));  // its region is known
    const auto began = Clock::now();
    HBMUX_ASSERT_OK(mutator.mutate(Put("r").add("f", "q", "v")));
    HBMUX_ASSERT_OK(mutator.flush());
    EXPECT_GE(Clock::now() - began, least);
  }
  HBMUX_EXPECT_OK(mutator.close());
}

TEST_F(LoadOnMini, NobodyWaitsBeyondTheirTime) {
  connect_politely({{"hbase.client.exponential-backoff.max", "300000"}, {"hbase.client.operation.timeout", "2000"}});
  time_of_batch("loaded");
  std::vector<Action> actions;
  actions.emplace_back(Put("r").add("f", "q", "v"));
  const auto began = Clock::now();
  const auto results = connection().table("loaded").batch(std::move(actions));
  EXPECT_LT(Clock::now() - began, 10s);
  HBMUX_EXPECT_ERROR(results.front(), Errc::timed_out);
}

TEST_F(LoadOnMini, ClosingEndsTheWait) {
  connect_politely({{"hbase.client.exponential-backoff.max", "300000"}});
  time_of_batch("loaded");
  std::vector<Action> actions;
  actions.emplace_back(Put("r").add("f", "q", "v"));
  std::promise<BatchResult> ended;
  auto future = ended.get_future();
  connection().table("loaded").async_batch(std::move(actions), [&](BatchResult results) { ended.set_value(std::move(results)); });
  connection().close();
  const BatchResult results = future.get();
  HBMUX_EXPECT_ERROR(results.front(), Errc::closed);
}

TEST_F(LoadOnMini, ItIsOffByDefault) {
  for (const Settings& settings : {Settings{}, Settings{{"hbase.client.backpressure.enabled", "true"}},
                                   Settings{{"hbase.client.statistics.backoff-policy", "ExponentialClientBackoffPolicy"}}}) {
    connect(settings);
    time_of_batch("loaded");
    EXPECT_LT(time_of_batch("loaded"), kPause);
  }
}

TEST_F(LoadOnMini, WrongSettingsAreRefused) {
  const auto refused = [&](const std::string& name, const std::string& value) {
    const auto opened = ClusterConnection::open(configuration({{name, value}}));
    ASSERT_FALSE(opened) << name;
    EXPECT_NE(opened.error().message().find(name), std::string::npos) << opened.error();
    EXPECT_NE(opened.error().message().find(value), std::string::npos) << opened.error();
  };
  refused("hbase.client.statistics.backoff-policy", "com.example.MyPolicy");
  refused("hbase.client.exponential-backoff.max", "-1");
  refused("hbase.heap.occupancy.low_water_mark", "0.99");  // above the high one
  refused("hbase.heap.occupancy.high_water_mark", "1.5");
}

}  // namespace
}  // namespace hbmux::loopback
