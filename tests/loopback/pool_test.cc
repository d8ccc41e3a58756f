// The pools of ClusterConnections: warm before they are needed, changed while they run, probed, watched, and closed under load.
#include "tests/loopback/mini_test.h"

#include <boost/asio/use_future.hpp>

#include <atomic>
#include <future>
#include <mutex>
#include <thread>

namespace hbmux::loopback {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

class Pools : public MiniTest {
 protected:
  /// A table with a region on each of the three servers.
  Table spread_table() {
    auto table = make_table("t", {"m", "s"});
    move("t", "a", 0);
    move("t", "n", 1);
    move("t", "z", 2);
    return table;
  }
  std::vector<PoolEntryStatistics> client_pools() {
    std::vector<PoolEntryStatistics> found;
    for (auto& pool : connection().statistics().pools) {
      if (pool.service == "ClientService" && pool.address != cluster().master().address.to_string()) found.push_back(pool);
    }
    return found;
  }
  std::uint64_t closed_by(CloseReason reason) {
    std::uint64_t sum = 0;
    for (const auto& pool : client_pools()) sum += pool.closed_by[static_cast<std::size_t>(reason)];
    return sum;
  }
  std::size_t open_to(const std::string& table, const char* row) {
    const auto address = cluster().region_servers()[static_cast<std::size_t>(region_of(table, row).server)].address.to_string();
    for (const auto& pool : client_pools()) {
      if (pool.address == address) return pool.open;
    }
    return 0;
  }
};

// ---------------------------------------------------------------- warm-up

TEST_F(Pools, WarmUpReachesAllServersOfATable) {
  spread_table();
  for (const char* type : {"RoundRobin", "ThreadLocal", "Reusable"}) {
    connect({{"hbase.client.ipc.pool.type", type}, {"hbase.client.ipc.pool.size", "3"}, {"hbmux.pool.size.min", "2"}});
    HBMUX_ASSERT_OK(connection().table("t").warm_up());
    const std::size_t least = type == std::string("ThreadLocal") ? 1 : 2;
    for (const char* row : {"a", "n", "z"}) EXPECT_GE(open_to("t", row), least) << type << ' ' << row;
    const auto opened = connection().statistics().sockets_opened;
    for (const char* row : {"a", "n", "z"}) HBMUX_EXPECT_OK(connection().table("t").get(Get(row)));
    if (type == std::string("Reusable")) EXPECT_EQ(connection().statistics().sockets_opened, opened) << "nothing had to be opened";
  }
}

// A program that wants to fail at its start looks at the result; another one goes on, and connects when it can.
TEST_F(Pools, WarmUpTellsWhatCannotBeReached) {
  spread_table();
  connect({{"hbase.client.operation.timeout", "1500"}, {"hbase.ipc.client.socket.timeout.connect", "300"}});
  const auto table = connection().table("t");
  HBMUX_ASSERT_OK(table.get(Get("a")));  // where the regions are is known
  const int fault = cluster().inject("refuse server=rs1").value();
  const auto warm = table.warm_up();
  ASSERT_FALSE(warm);
  EXPECT_NE(warm.error().to_string().find(cluster().region_servers()[1].address.to_string()), std::string::npos) << warm.error();
  cluster().heal(fault);
  HBMUX_EXPECT_OK(table.with(TableOptions().operation_timeout(20s)).get(Get("n")));
}

TEST_F(Pools, WarmUpHasItsTime) {
  spread_table();
  connect();
  const auto table = connection().table("t");
  HBMUX_ASSERT_OK(table.get(Get("a")));
  const int fault = cluster().inject("stall server=rs1").value();
  const auto began = Clock::now();
  HBMUX_EXPECT_ERROR(table.with(TableOptions().operation_timeout(200ms)).warm_up(), Errc::timed_out);
  EXPECT_LT(Clock::now() - began, 5s);
  cluster().heal(fault);
  HBMUX_EXPECT_ERROR(connection().table("not_there").warm_up(), Errc::table_not_found);
  const auto healed = connect().table("t");  // the stalled connection stays as it is
  auto future = healed.async_warm_up(asio::use_future);
  HBMUX_EXPECT_OK(future.get());
  connection().close();
  HBMUX_EXPECT_ERROR(healed.async_warm_up(asio::use_future).get(), Errc::closed);
}

// ---------------------------------------------------------------- changes while it runs

TEST_F(Pools, GrowAndShrinkUnderLoad) {
  auto table = make_table();
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "q", "v")));
  table = connect().table("t");
  std::atomic<bool> over{false};
  std::atomic<int> failed{0}, calls{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (!over) {
        if (!table.get(Get("r"))) ++failed;
        ++calls;
      }
    });
  }
  const auto resize = [&](const char* size) {
    HBMUX_EXPECT_OK(connection().reconfigure_pools(configuration({{"hbase.client.ipc.pool.size", size}})));
  };
  wait_until([&] { return open_to("t", "r") == 1; }, "the first socket");
  resize("5");
  wait_until([&] { return open_to("t", "r") == 5; }, "five sockets");
  resize("2");
  // The load never pauses, so a socket that has no call at the moment is found by looking again.
  wait_until([&] { resize("2"); return open_to("t", "r") == 2; }, "two sockets");
  over = true;
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failed, 0) << "of " << calls;
  EXPECT_GE(closed_by(CloseReason::shrunk), 3u);
  HBMUX_EXPECT_ERROR(connection().reconfigure_pools(configuration({{"hbase.client.ipc.pool.type", "Reusable"}})),
                     Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(connection().reconfigure_pools(configuration({{"hbase.client.ipc.pool.size", "none"}})),
                     Errc::invalid_configuration);
}

// Who waits is served by what a larger size lets be opened.
TEST_F(Pools, ALargerSizeServesThoseWhoWait) {
  make_table();
  connect({{"hbase.client.ipc.pool.type", "Reusable"}, {"hbase.client.ipc.pool.size", "1"}});
  const auto table = connection().table("t");
  RequestScope scope;
  HBMUX_ASSERT_OK(table.in(scope).get(Get("r")));
  auto waits = table.async_get(Get("r"), asio::use_future);
  wait_until([&] { return client_pools().at(0).waiting == 1; }, "the one who waits");
  HBMUX_EXPECT_OK(connection().reconfigure_pools(
      configuration({{"hbase.client.ipc.pool.type", "Reusable"}, {"hbase.client.ipc.pool.size", "2"}})));
  HBMUX_EXPECT_OK(waits.get());
}

// ---------------------------------------------------------------- probes

// A server that keeps the connection and says nothing: nobody has to make a call to find out.
TEST_F(Pools, IdleConnectionsAreProbed) {
  make_table();
  for (const char* type : {"RoundRobin", "Reusable"}) {
    connect({{"hbase.client.ipc.pool.type", type}, {"hbmux.pool.probe.period", "20"}, {"hbmux.pool.probe.timeout", "200"}});
    const auto table = connection().table("t");
    HBMUX_ASSERT_OK(table.get(Get("r")));
    const auto calls = connection().statistics().calls;
    wait_until([&] { return connection().statistics().calls > calls + 3; }, "some probes");
    EXPECT_EQ(closed_by(CloseReason::probe), 0u) << "they are answered";
    EXPECT_EQ(open_to("t", "r"), 1u);
    const int fault = cluster().inject("stall method=Multi").value();  // which is what the probe is
    wait_until([&] { return closed_by(CloseReason::probe) > 0; }, "the end of a silent one");
    cluster().heal(fault);
    HBMUX_EXPECT_OK(table.get(Get("r")));
  }
}

// ---------------------------------------------------------------- metrics

class Counting final : public MetricsSink {
 public:
  void pool_event(const PoolName& pool, const PoolEvent& event) noexcept override {
    std::lock_guard lock(mutex);
    if (pool.service != "ClientService") return;
    ++events[std::string(to_string(event.kind)) +
             (event.kind == PoolEvent::Kind::closed ? " " + std::string(to_string(event.reason)) : "")];
    if (event.kind == PoolEvent::Kind::waited) waited = event.time;
    if (event.error != nullptr) last_error = event.error->code();
    named = named && pool.address.starts_with("127.0.0.1:") && !pool.user.empty();
  }
  void pool_leak(const PoolName&, const PoolLeak& leak) noexcept override {
    std::lock_guard lock(mutex);
    if (leak.scope) ++leaks;
  }
  int count(const std::string& event) {
    std::lock_guard lock(mutex);
    return events[event];
  }
  std::mutex mutex;
  std::map<std::string, int> events;
  std::chrono::nanoseconds waited{0};
  std::optional<Errc> last_error;
  int leaks = 0;
  bool named = true;
};

TEST_F(Pools, ASinkIsToldWhatHappens) {
  make_table();
  connect({{"hbase.client.ipc.pool.type", "Reusable"},
           {"hbmux.pool.reusable.borrow.timeout", "50"},
           {"hbase.client.retries.number", "0"},
           {"hbmux.pool.leak.time", "10"}});
  const auto sink = std::make_shared<Counting>();
  connection().set_metrics_sink(sink);
  const auto table = connection().table("t");
  HBMUX_ASSERT_OK(table.get(Get("r")));
  const int opened = sink->count("opened");
  EXPECT_GT(opened, 0);
  const int waited_for_openings = sink->count("waited");
  const auto waits = client_pools().at(0).waits.total();
  {
    RequestScope scope;
    HBMUX_ASSERT_OK(table.in(scope).get(Get("r")));
    HBMUX_EXPECT_ERROR(table.get(Get("r")), Errc::timed_out);
    EXPECT_EQ(sink->count("gave_up"), 1);
    EXPECT_EQ(sink->last_error, Errc::timed_out);
    wait_until([&] { std::lock_guard lock(sink->mutex); return sink->leaks > 0; }, "the leak");
    HBMUX_EXPECT_OK(connection().reconfigure_pools(configuration(
        {{"hbase.client.ipc.pool.type", "Reusable"}, {"hbmux.pool.reusable.borrow.timeout", "20000"}})));
    auto waiting = table.async_get(Get("r"), asio::use_future);
    wait_until([&] { return client_pools().at(0).waiting == 1; }, "the one who waits");
    scope.end();
    HBMUX_EXPECT_OK(waiting.get());
  }
  EXPECT_EQ(sink->count("waited"), waited_for_openings + 1);
  EXPECT_GT(sink->waited.count(), 0);
  EXPECT_EQ(client_pools().at(0).waits.total(), waits + 1);
  EXPECT_TRUE(sink->named);
  connection().set_metrics_sink(nullptr);
  connection().close();
  EXPECT_EQ(sink->count("closed closed"), 0) << "nobody is told any more";
}

// ---------------------------------------------------------------- the end

// Borrowers, waiters, openings and calls in flight, when somebody closes it all.
TEST_F(Pools, ClosingUnderLoad) {
  for (const char* type : {"RoundRobin", "ThreadLocal", "Reusable"}) {
    spread_table();
    connect({{"hbase.client.ipc.pool.type", type}, {"hbase.client.ipc.pool.size", "2"}});
    const auto table = connection().table("t");
    for (const char* row : {"a", "n"}) HBMUX_ASSERT_OK(table.get(Get(row)));
    HBMUX_ASSERT_OK(table.region_locator().all_region_locations());  // so that nobody waits for hbase:meta
    // rs0 keeps its calls, rs1 does not read, and rs2 was never spoken to and does not answer.
    for (const char* fault : {"drop server=rs0", "stall server=rs1 method=Get", "stall server=rs2"}) cluster().inject(fault).value();
    RequestScope scope;
    const auto scoped = table.in(scope);
    std::vector<std::future<Result<Row>>> calls;
    std::atomic<int> blocking{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 60; ++i) {
      const char* const rows[] = {"a", "n", "z"};
      calls.push_back((i % 10 == 0 ? scoped : table).async_get(Get(rows[i % 3]), asio::use_future));
    }
    for (int i = 0; i < 6; ++i) {
      threads.emplace_back([&, i] {
        const char* const rows[] = {"a", "n", "z"};
        HBMUX_EXPECT_ERROR(table.get(Get(rows[i % 3])), Errc::closed);
        ++blocking;
      });
    }
    if (type == std::string("Reusable")) {
      wait_until([&] { return client_pools().size() == 3 && client_pools()[0].waiting > 0; }, "those who wait");
    } else {
      wait_until([&] { return connection().statistics().calls_in_flight >= 60; }, "calls in flight");
    }
    const auto began = Clock::now();
    connection().close();
    EXPECT_LT(Clock::now() - began, 3s) << type;
    for (auto& call : calls) {
      ASSERT_EQ(call.wait_for(3s), std::future_status::ready) << type;
      HBMUX_EXPECT_ERROR(call.get(), Errc::closed);
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(blocking, 6);
    cluster().heal_all();
    wait_until([&] { return cluster().stats().connections_open == 0; }, "the end of all sockets");
    stop();
    start({.region_servers = 3});
  }
}

}  // namespace
}  // namespace hbmux::loopback
