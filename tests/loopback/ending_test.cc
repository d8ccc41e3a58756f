// How operations end when they do not succeed: cancelled, too late, closed under them, in a forked child.
#include "tests/loopback/mini_test.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_future.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <mutex>
#include <thread>

namespace hbmux::loopback {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

/// No reply comes.
constexpr mini::ReplyFaults kSilent{.drop_one_in = 1};

class Ending : public MiniTest {
 protected:
  Table table_with_row() {
    auto table = make_table();
    table.put(Put("r").add("f", "q", "v")).value();
    return table;
  }
};

TEST_F(Ending, TimeOuts) {
  auto table = table_with_row();
  cluster().set_reply_faults(kSilent);
  auto begin = Clock::now();
  HBMUX_EXPECT_ERROR(table.with(TableOptions().operation_timeout(100ms)).put(Put("r").add("f", "q", "w")), Errc::timed_out);
  EXPECT_LT(Clock::now() - begin, 2s);
  cluster().set_reply_faults({});
  EXPECT_EQ(table.get(Get("r")).value().value("f", "q"), "w");  // a time-out does not take it back

  cluster().set_reply_faults(kSilent);
  begin = Clock::now();
  const auto attempts = table.with(TableOptions().operation_timeout(500ms).rpc_timeout(100ms)).get(Get("r"));
  EXPECT_LT(Clock::now() - begin, 2s);
  HBMUX_EXPECT_ERROR(attempts, Errc::timed_out);
  EXPECT_GT(attempts.error().attempts(), 1) << attempts.error();
  EXPECT_FALSE(attempts.error().server().empty());
  std::vector<Action> actions(3, Get("r"));
  for (const auto& result : table.with(TableOptions().operation_timeout(100ms)).batch(std::move(actions))) {
    HBMUX_EXPECT_ERROR(result, Errc::timed_out);
  }
  EXPECT_LT(Clock::now() - begin, 2s);
  EXPECT_GT(connection().statistics().timed_out, 0u);
}

// Looking regions up counts against the operation's time.
TEST_F(Ending, TimeOutsWhileLocating) {
  table_with_row();
  cluster().set_reply_faults(kSilent);
  auto table = connect({{"hbase.client.operation.timeout", "300"}}).table("t");
  const auto begin = Clock::now();
  const auto got = table.get(Get("r"));
  HBMUX_EXPECT_ERROR(got, Errc::timed_out);
  EXPECT_LT(Clock::now() - begin, 2s);
  std::vector<std::future<Result<Row>>> many;
  for (int i = 0; i < 100; ++i) many.push_back(table.async_get(Get(key(i)), asio::use_future));
  for (auto& one : many) HBMUX_EXPECT_ERROR(one.get(), Errc::timed_out);
  EXPECT_LT(Clock::now() - begin, 4s);
}

TEST_F(Ending, ScansTimeOut) {
  table_with_row();
  auto table = connect({{"hbase.client.scanner.timeout.period", "300"}}).table("t");
  HBMUX_ASSERT_OK(table.get(Get("r")));
  cluster().set_reply_faults(kSilent);
  const auto begin = Clock::now();
  auto scanner = table.scan(Scan());
  HBMUX_EXPECT_ERROR(scanner.next(), Errc::timed_out);
  EXPECT_LT(Clock::now() - begin, 2s);
  EXPECT_FALSE(scanner.next().value());  // told once
}

// An increment whose reply is lost is sent again, and counts once: it has a nonce.
TEST_F(Ending, LostRepliesOfIncrements) {
  make_table();
  auto table = connect({{"hbase.rpc.timeout", "150"}}).table("t");
  cluster().set_reply_faults({.drop_one_in = 4});
  for (int i = 0; i < 30; ++i) HBMUX_ASSERT_OK(table.increment(Increment("r").add("f", "n", 1)));
  cluster().set_reply_faults({});
  EXPECT_EQ(table.get(Get("r")).value().value("f", "n"), std::string_view("\0\0\0\0\0\0\0\x1e", 8));
  EXPECT_GT(connection().statistics().retries, 0u);
}

// Without nonces nobody knows: it is not sent again.
TEST_F(Ending, LostRepliesWithoutNonces) {
  table_with_row();
  auto table = connect({{"hbase.client.nonces.enabled", "false"}}).table("t");
  HBMUX_ASSERT_OK(table.get(Get("r")));
  cluster().set_reply_faults(kSilent);
  const auto added = table.with(TableOptions().rpc_timeout(100ms)).increment(Increment("r").add("f", "n", 1));
  HBMUX_EXPECT_ERROR(added, Errc::timed_out);
  EXPECT_EQ(added.error().attempts(), 1);
  cluster().set_reply_faults({});
  HBMUX_ASSERT_OK(table.get(Get("r")));  // where it is was forgotten with the time-out
  cluster().set_reply_faults(kSilent);
  std::vector<Action> actions;
  actions.emplace_back(Append("r").add("f", "n", "+"));
  const auto results = table.with(TableOptions().rpc_timeout(100ms)).batch(std::move(actions));
  HBMUX_EXPECT_ERROR(results.at(0), Errc::timed_out);
  cluster().set_reply_faults({});
  EXPECT_EQ(table.get(Get("r").column("f", "n")).value().value("f", "n"), std::string("\0\0\0\0\0\0\0\1+", 9));
}

/// Starts an operation, and cancels it a moment later.
template <class T, class Start>
Result<T> cancelled_after(std::chrono::milliseconds time, Start start) {
  asio::io_context context;
  asio::cancellation_signal signal;
  asio::steady_timer timer(context, time);
  std::optional<Result<T>> outcome;
  timer.async_wait([&](boost::system::error_code) { signal.emit(asio::cancellation_type::total); });
  start(asio::bind_cancellation_slot(signal.slot(), asio::bind_executor(context, [&](Result<T> result) { outcome.emplace(std::move(result)); })));
  context.run();
  return *outcome;
}

TEST_F(Ending, Cancelling) {
  auto table = table_with_row();
  cluster().set_reply_faults(kSilent);
  const auto begin = Clock::now();
  HBMUX_EXPECT_ERROR(cancelled_after<Row>(20ms, [&](auto token) { table.async_get(Get("r"), token); }), Errc::cancelled);
  HBMUX_EXPECT_ERROR(cancelled_after<void>(20ms, [&](auto token) { table.async_put(Put("r").add("f", "q", "2"), token); }),
                     Errc::cancelled);
  auto scanner = table.scan(Scan());
  HBMUX_EXPECT_ERROR(cancelled_after<std::optional<Row>>(20ms, [&](auto token) { scanner.async_next(token); }), Errc::cancelled);
  // While it is being located, and in the pause after a failure.
  auto fresh = connect().table("t");
  HBMUX_EXPECT_ERROR(cancelled_after<Row>(20ms, [&](auto token) { fresh.async_get(Get("r"), token); }), Errc::cancelled);
  EXPECT_LT(Clock::now() - begin, 5s);
  cluster().set_reply_faults({});
  EXPECT_EQ(connect().table("t").get(Get("r")).value().value("f", "q"), "2");
}

TEST_F(Ending, CancellingABatchKeepsWhatHasEnded) {
  auto table = table_with_row();
  cluster().set_reply_faults(kSilent);
  asio::io_context context;
  asio::cancellation_signal signal;
  std::vector<Action> actions;
  actions.emplace_back(Put(""));
  actions.emplace_back(Get("r"));
  BatchResult results;
  table.async_batch(std::move(actions),
                    asio::bind_cancellation_slot(
                        signal.slot(), asio::bind_executor(context, [&](BatchResult result) { results = std::move(result); })));
  asio::steady_timer timer(context, 50ms);
  timer.async_wait([&](boost::system::error_code) { signal.emit(asio::cancellation_type::terminal); });
  context.run();
  ASSERT_EQ(results.size(), 2u);
  HBMUX_EXPECT_ERROR(results[0], Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(results[1], Errc::cancelled);
}

// Cancelling races with the reply: exactly one of them ends the operation, and nobody else on the connection is harmed.
TEST_F(Ending, CancellingAtAnyMoment) {
  for (const char* pool : {"RoundRobin", "Reusable"}) {
    cluster().set_reply_faults({});
    if (cluster().regions("t").empty()) make_table();
    auto table = connect({{"hbase.client.ipc.pool.type", pool}, {"hbase.client.ipc.pool.size", "2"}}).table("t");
    HBMUX_ASSERT_OK(table.put(Put("r").add("f", "q", "v")));
    cluster().set_reply_faults({.delay_min = 0us, .delay_max = 40ms, .reorder_window = 8});
    asio::io_context context;
    int cancelled = 0, succeeded = 0;
    constexpr int kCalls = 2000;
    struct Call {
      asio::cancellation_signal signal;
      asio::steady_timer timer;
      explicit Call(asio::io_context& c) : timer(c) {}
    };
    std::vector<std::unique_ptr<Call>> calls;
    for (int i = 0; i < kCalls; ++i) {
      calls.push_back(std::make_unique<Call>(context));
      Call& call = *calls.back();
      table.async_get(Get("r"), asio::bind_cancellation_slot(call.signal.slot(), asio::bind_executor(context, [&](Result<Row> row) {
                        call.timer.cancel();
                        if (row) {
                          EXPECT_EQ(row->value("f", "q"), "v");
                          ++succeeded;
                        } else {
                          EXPECT_EQ(row.error().code(), Errc::cancelled) << row.error();
                          ++cancelled;
                        }
                      })));
      call.timer.expires_after(std::chrono::microseconds(i % 50 * 1000));
      call.timer.async_wait([&](boost::system::error_code ec) {
        if (!ec) call.signal.emit(asio::cancellation_type::partial);
      });
    }
    context.run();
    EXPECT_EQ(cancelled + succeeded, kCalls);
    EXPECT_GT(cancelled, 0) << pool;
    cluster().set_reply_faults({});
    EXPECT_EQ(table.get(Get("r")).value().value("f", "q"), "v");
  }
}

TEST_F(Ending, ClosingEndsWhatIsPending) {
  auto table = table_with_row();
  cluster().set_reply_faults(kSilent);
  std::vector<std::future<Result<Row>>> gets;
  for (int i = 0; i < 50; ++i) gets.push_back(table.async_get(Get(key(i)), asio::use_future));
  auto other = connection().table("other");
  for (int i = 0; i < 50; ++i) gets.push_back(other.async_get(Get(key(i)), asio::use_future));  // being located
  std::vector<Action> actions(3, Get("r"));
  auto batch = table.async_batch(std::move(actions), asio::use_future);
  auto scanner = table.scan(Scan());
  auto row = scanner.async_next(asio::use_future);
  std::thread blocked([&] { HBMUX_EXPECT_ERROR(table.get(Get("r")), Errc::closed); });
  std::this_thread::sleep_for(20ms);
  const auto begin = Clock::now();
  connection().close();
  EXPECT_LT(Clock::now() - begin, 1s);
  blocked.join();
  for (auto& get : gets) HBMUX_EXPECT_ERROR(get.get(), Errc::closed);
  for (const auto& result : batch.get()) HBMUX_EXPECT_ERROR(result, Errc::closed);
  HBMUX_EXPECT_ERROR(row.get(), Errc::closed);
  EXPECT_LT(Clock::now() - begin, 2s);

  EXPECT_TRUE(connection().is_closed());
  HBMUX_EXPECT_ERROR(table.get(Get("r")), Errc::closed);
  HBMUX_EXPECT_ERROR(table.async_put(Put("r").add("f", "q", "v"), asio::use_future).get(), Errc::closed);
  HBMUX_EXPECT_ERROR(table.scan(Scan()).next(), Errc::closed);
  EXPECT_EQ(table.batch(std::vector<Action>(2, Get("r"))).size(), 2u);
  connection().close();  // again
}

// In the pause between two attempts.
TEST_F(Ending, ClosingInAPause) {
  table_with_row();
  auto table = connect({{"hbase.client.pause", "30000"}, {"hbase.client.operation.timeout", "600000"}}).table("t");
  HBMUX_ASSERT_OK(table.get(Get("r")));
  for (int server = 0; server < 3; ++server) cluster().kill_region_server(server, 1h).value();
  auto get = table.async_get(Get("r"), asio::use_future);
  auto scanner = table.scan(Scan());
  auto row = scanner.async_next(asio::use_future);
  EXPECT_EQ(get.wait_for(300ms), std::future_status::timeout);
  connection().close();
  HBMUX_EXPECT_ERROR(get.get(), Errc::closed);
  HBMUX_EXPECT_ERROR(row.get(), Errc::closed);
}

TEST_F(Ending, AbortTellsWhy) {
  auto table = table_with_row();
  cluster().set_reply_faults(kSilent);
  auto get = table.async_get(Get("r"), asio::use_future);
  connection().abort(Error(Errc::closed, "the operator pulled the plug"));
  const auto result = get.get();
  HBMUX_EXPECT_ERROR(result, Errc::closed);
  EXPECT_NE(result.error().message().find("pulled the plug"), std::string::npos) << result.error();
}

// Operations that begin while another thread closes: all of them end.
TEST_F(Ending, ClosingWhileOthersBegin) {
  make_table();
  for (int round = 0; round < 30; ++round) {
    auto opened = ClusterConnection::open(configuration()).value();
    std::atomic<bool> stop{false};
    std::vector<std::jthread> threads;
    for (int t = 0; t < 3; ++t) {
      threads.emplace_back([&, table = opened.table("t")] {
        while (!stop) {
          const auto got = table.get(Get("r"));
          EXPECT_TRUE(got || got.error().code() == Errc::closed) << got.error();
          auto put = table.async_put(Put("r").add("f", "q", "v"), asio::use_future);
          const auto stored = put.get();
          EXPECT_TRUE(stored || stored.error().code() == Errc::closed) << stored.error();
        }
      });
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(round % 7));
    opened.close();
    std::this_thread::sleep_for(1ms);
    stop = true;
  }
}

// The handler that drops the last hold on the connection runs on the connection's own thread.
TEST_F(Ending, ClosedByAHandler) {
  make_table();
  for (int i = 0; i < 20; ++i) {
    auto opened = std::make_shared<ClusterConnection>(ClusterConnection::open(configuration()).value());
    auto table = std::make_shared<Table>(opened->table("t"));
    std::promise<void> done;
    table->async_get(Get("r"), [opened, table, &done](Result<Row> row) mutable {
      HBMUX_EXPECT_OK(row);
      opened->close();
      EXPECT_TRUE(opened->is_closed());
      opened.reset();
      table.reset();
      done.set_value();
    });
    opened.reset();
    table.reset();
    done.get_future().get();
  }
}

TEST_F(Ending, TablesOutliveTheirConnection) {
  make_table();
  std::optional<Table> table;
  std::optional<Scanner> scanner;
  {
    auto opened = ClusterConnection::open(configuration()).value();
    table.emplace(opened.table("t"));
    scanner.emplace(table->scan(Scan().caching(1)));
    HBMUX_ASSERT_OK(table->put(Put("r").add("f", "q", "v")));
    HBMUX_ASSERT_OK(scanner->next());
  }
  HBMUX_EXPECT_ERROR(table->get(Get("r")), Errc::closed);
}

TEST_F(Ending, AForkedChildIsToldSo) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "the thread sanitizer does not let a forked child start threads";
#endif
  auto table = table_with_row();
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    // No gtest here: the exit status tells.
    int status = 0;
    const auto got = table.get(Get("r"));
    if (got || got.error().code() != Errc::forked) status |= 1;
    const auto put = table.async_put(Put("r").add("f", "q", "v"), asio::use_future).get();
    if (put || put.error().code() != Errc::forked) status |= 2;
    const auto row = table.scan(Scan()).next();
    if (row || row.error().code() != Errc::forked) status |= 4;
    if (!connection().is_closed()) status |= 8;
    connection().close();
    {
      auto own = ClusterConnection::open(configuration());
      if (!own || !own->table("t").get(Get("r"))) status |= 16;
    }
    ::_exit(status);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_TRUE(table.get(Get("r")).value().exists());  // the parent goes on
}

TEST_F(Ending, SharedConnections) {
  make_table();
  const auto settings = configuration();
  auto first = ClusterConnection::shared(settings).value();
  auto second = ClusterConnection::shared(settings).value();
  EXPECT_EQ(first, second);
  EXPECT_NE(ClusterConnection::shared(configuration({{"hbase.client.pause", "7"}})).value(), first);
  HBMUX_EXPECT_OK(first->table("t").get(Get("r")));
  first->close();
  auto third = ClusterConnection::shared(settings).value();
  EXPECT_NE(third, first);
  HBMUX_EXPECT_OK(third->table("t").get(Get("r")));
}

TEST_F(Ending, ASecondConnectionIsWarnedAbout) {
  connection();
  std::mutex mutex;
  std::string messages;
  set_log_sink(
      [&](LogLevel, std::string_view message) {
        std::lock_guard lock(mutex);
        messages += message;
      },
      LogLevel::warning);
  auto second = ClusterConnection::open(configuration());
  set_log_sink([](LogLevel, std::string_view) {}, LogLevel::off);
  HBMUX_ASSERT_OK(second);
  std::lock_guard lock(mutex);
  EXPECT_NE(messages.find("2 open connections"), std::string::npos) << messages;
  EXPECT_NE(messages.find("shared"), std::string::npos) << messages;
}

}  // namespace
}  // namespace hbmux::loopback
