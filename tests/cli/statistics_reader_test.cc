#include "cli/statistics_reader.h"

#include "client/statistics_text.h"

#include <gtest/gtest.h>

namespace hbmux::cli {
namespace {

// Writer and reader are held against each other: what one writes, the other finds.
TEST(StatisticsReader, ReadsWhatIsWritten) {
  ConnectionStatistics written;
  written.calls = 42;
  written.retries = 3;
  PoolEntryStatistics pool;
  pool.address = "127.0.0.1:16020";
  pool.user = "o'brien =x%";
  pool.service = "ClientService";
  pool.type = "RoundRobin";
  pool.size_max = 4;
  pool.open = 2;
  pool.in_use = 1;
  pool.calls_in_flight = 7;
  pool.created = 5;
  pool.closed = 3;
  pool.idle = 1;
  pool.borrowed = 90;
  pool.given_up = 2;
  pool.closed_by[static_cast<std::size_t>(CloseReason::idle)] = 2;
  pool.closed_by[static_cast<std::size_t>(CloseReason::dead)] = 1;
  pool.waits.add(std::chrono::milliseconds(3));
  written.pools.push_back(pool);
  written.failed_servers.push_back("dead:16020");

  auto read = parse_statistics(client::format_statistics(written)).value();
  EXPECT_EQ(read.counters["calls"], 42u);
  EXPECT_EQ(read.counters["retries"], 3u);
  ASSERT_EQ(read.pools.size(), 1u);
  EXPECT_EQ(read.pools[0].address, pool.address);
  EXPECT_EQ(read.pools[0].user, pool.user);
  EXPECT_EQ(read.pools[0].service, pool.service);
  EXPECT_EQ(read.pools[0].type, pool.type);
  EXPECT_EQ(read.pools[0].size_max, 4u);
  EXPECT_EQ(read.pools[0].open, 2u);
  EXPECT_EQ(read.pools[0].in_use, 1u);
  EXPECT_EQ(read.pools[0].calls_in_flight, 7u);
  EXPECT_EQ(read.pools[0].created, 5u);
  EXPECT_EQ(read.pools[0].closed, 3u);
  EXPECT_EQ(read.pools[0].idle, 1u);
  EXPECT_EQ(read.pools[0].borrowed, 90u);
  EXPECT_EQ(read.pools[0].given_up, 2u);
  EXPECT_EQ(read.pools[0].closed_by, pool.closed_by);
  EXPECT_EQ(read.pools[0].waits.counts, pool.waits.counts);
  EXPECT_EQ(read.failed_servers, std::vector<std::string>{"dead:16020"});
}

TEST(StatisticsReader, SkipsWhatALaterVersionAdds) {
  auto read = parse_statistics("hbmux 1\nnew thing\ncalls=1\npool address=a:1 colour=blue\nmore=x\n").value();
  EXPECT_EQ(read.counters["calls"], 1u);
  EXPECT_EQ(read.pools.at(0).address, "a:1");
}

TEST(StatisticsReader, RefusesWhatIsSomethingElse) {
  for (std::string_view text : {"", "HTTP/1.1 400 Bad Request\r\n", "hbmux 2\ncalls=1\n", "calls=1\nhbmux 1\n"}) {
    EXPECT_EQ(parse_statistics(text).error().code(), Errc::protocol_error) << text;
  }
}

TEST(StatisticsReader, TellsThatNobodyIsThere) {
  EXPECT_EQ(read_statistics_text("/no/such/socket").error().code(), Errc::cannot_connect);
  EXPECT_EQ(read_statistics_text(std::string(200, 'x')).error().code(), Errc::invalid_argument);
}

}  // namespace
}  // namespace hbmux::cli
