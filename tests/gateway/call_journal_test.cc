// What the gateway keeps of its calls, and how it tells it.
#include "gateway/access_log.h"
#include "gateway/call_journal.h"
#include "gateway/pages.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <unistd.h>

namespace hbmux::gateway {
namespace {

using namespace std::chrono_literals;

CallReport report(std::chrono::nanoseconds duration, Code code = Code::ok, std::int64_t rows = 1) {
  CallReport out;
  out.peer = "ipv4:127.0.0.1:1";
  out.table = "projects/p/instances/i/tables/t";
  out.rows = rows;
  out.bytes_in = 10;
  out.bytes_out = 20;
  out.code = code;
  out.began = std::chrono::system_clock::time_point(1'000'000s);
  out.duration = duration;
  return out;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(CallJournalTest, CountsByMethodAndStatus) {
  CallJournal journal;
  const auto read = journal.add_method("/google.bigtable.v2.Bigtable/ReadRows");
  const auto write = journal.add_method("/google.bigtable.v2.Bigtable/MutateRow");
  for (int i = 0; i < 4; ++i) journal.begin(read);
  journal.begin(write);
  for (const auto duration : {1ms, 2ms, 2000ms}) journal.end(read, report(duration, Code::ok, 5));
  journal.end(write, report(100us, Code::not_found, 0));
  const auto seen = journal.snapshot(std::chrono::system_clock::time_point(1'000'010s));
  EXPECT_EQ(seen.methods[0].name, "ReadRows");
  EXPECT_EQ(seen.methods[0].in_flight, 1);
  EXPECT_EQ(seen.methods[0].calls(), 3u);
  EXPECT_EQ(seen.methods[0].rows, 15u);
  EXPECT_EQ(seen.methods[0].quantile_millis(0.5), 2.5);
  EXPECT_EQ(seen.methods[0].quantile_millis(0.99), 2500);
  EXPECT_EQ(seen.methods[1].by_code[5], 1u);
  ASSERT_EQ(seen.slow.size(), 1u) << "a second or more";
  EXPECT_EQ(seen.slow[0].method, "ReadRows");
  ASSERT_EQ(seen.seconds.size(), CallJournal::kSeconds);
  EXPECT_EQ(seen.seconds[50].second, 1'000'000);
  EXPECT_EQ(seen.seconds[50].calls, 3u);
  EXPECT_EQ(seen.seconds[50].failed, 1u);
  EXPECT_EQ(seen.seconds[52].calls, 1u) << "when it ended";
  EXPECT_EQ(seen.seconds[51].calls, 0u);
}

TEST(CallJournalTest, WhatIsLongAgoIsForgotten) {
  CallJournal journal(0ms);
  const auto method = journal.add_method("m");
  for (int i = 0; i < 200; ++i) {
    journal.begin(method);
    journal.end(method, report(std::chrono::seconds(i)));
  }
  const auto seen = journal.snapshot(std::chrono::system_clock::time_point(1'000'400s));
  EXPECT_EQ(seen.slow.size(), CallJournal::kSlowMax);
  EXPECT_EQ(seen.slow[0].duration, 199s);
  for (const auto& second : seen.seconds) EXPECT_EQ(second.calls, 0u);
}

TEST(AccessLogTest, LinesAreJson) {
  auto call = report(1250us, Code::unavailable, 12);
  call.method = "ReadRows";
  EXPECT_EQ(AccessLog::line_of(call),
            "{\"time\":\"1970-01-12T13:46:40.000Z\",\"peer\":\"ipv4:127.0.0.1:1\",\"method\":\"ReadRows\",\"table\":"
            "\"projects/p/instances/i/tables/t\",\"rows\":12,\"bytes_in\":10,\"bytes_out\":20,\"status\":\"UNAVAILABLE\",\"millis\":1.250}\n");
  EXPECT_EQ(json_quoted("a\"b\\c\n\x01\xff\xc3\xa9\xe2\x82"), "\"a\\\"b\\\\c\\u000a\\u0001\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST(AccessLogTest, GoesOnInAnotherFileWhenTheFirstWasMovedAway) {
  const std::string path = testing::TempDir() + "access-" + std::to_string(::getpid()) + ".log";
  {
    const auto log = AccessLog::open(path).value();
    log->add(report(1ms));
    while (read_file(path).empty()) std::this_thread::yield();
    std::filesystem::rename(path, path + ".1");
    ASSERT_TRUE(log->reopen());
    log->add(report(2ms));
    EXPECT_EQ(log->lost(), 0u);
  }
  EXPECT_NE(read_file(path + ".1").find("\"millis\":1.000"), std::string::npos);
  EXPECT_NE(read_file(path).find("\"millis\":2.000"), std::string::npos);
  EXPECT_FALSE(AccessLog::open(testing::TempDir() + "no/such/folder/log"));
  std::filesystem::remove(path);
  std::filesystem::remove(path + ".1");
}

// A pipe that nobody reads stands for a disk that does not keep up.
TEST(AccessLogTest, DoesNotHoldUpCalls) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  {
    AccessLog log("-", ends[1]);
    auto large = report(1ms);
    large.table = std::string(10'000, 't');
    for (int i = 0; i < 1000; ++i) log.add(large);
    EXPECT_GT(log.lost(), 0u);
    ::close(ends[0]);
  }
}

GatewayView view() {
  CallJournal journal(0ms);
  journal.begin(journal.add_method("/s/ReadRows"));
  auto call = report(3ms);
  call.table = "<b>&\"\n";
  journal.end(0, call);
  GatewayView out;
  out.address = "127.0.0.1:8086";
  out.calls = journal.snapshot(std::chrono::system_clock::time_point(1'000'001s));
  PoolEntryStatistics pool;
  pool.address = "rs\"1:16020";
  pool.service = "ClientService";
  pool.open = 2;
  out.cluster.pools.push_back(pool);
  out.cluster.failed_servers = {"rs2:16020"};
  return out;
}

TEST(MetricsPageTest, IsPrometheusText) {
  const std::string text = metrics_page(view());
  for (const char* line : {"# TYPE hbmux_gateway_calls_total counter\n", "\nhbmux_gateway_calls_total{method=\"ReadRows\",status=\"OK\"} 1\n",
                           "\nhbmux_gateway_call_duration_seconds_bucket{method=\"ReadRows\",le=\"0.0025\"} 0\n",
                           "\nhbmux_gateway_call_duration_seconds_bucket{method=\"ReadRows\",le=\"0.005\"} 1\n",
                           "\nhbmux_gateway_call_duration_seconds_bucket{method=\"ReadRows\",le=\"+Inf\"} 1\n",
                           "\nhbmux_gateway_call_duration_seconds_sum{method=\"ReadRows\"} 0.003\n",
                           "\nhbmux_pool_connections_open{address=\"rs\\\"1:16020\",user=\"\",service=\"ClientService\"} 2\n",
                           "\nhbmux_failed_servers 1\n"}) {
    EXPECT_NE(("\n" + text).find(line), std::string::npos) << line << "\n" << text;
  }
}

TEST(StatusPageTest, SaysWhatTheClientsSaidWithoutBelievingIt) {
  const std::string html = status_page(view());
  EXPECT_EQ(html.find("<b>&\""), std::string::npos);
  EXPECT_NE(html.find("&lt;b&gt;&amp;&quot;"), std::string::npos);
  EXPECT_NE(html.find("rs2:16020"), std::string::npos);
  EXPECT_NE(html.find("ReadRows"), std::string::npos);
  EXPECT_EQ(html.find("http://"), std::string::npos) << "nothing from elsewhere";
  EXPECT_EQ(html.find("<script"), std::string::npos);
}

}  // namespace
}  // namespace hbmux::gateway
