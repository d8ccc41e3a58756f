// Request scopes on ClusterConnections, where servers and time have to be arranged.
#include "tests/loopback/mini_test.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include <future>
#include <mutex>
#include <thread>

namespace hbmux::loopback {
namespace {

namespace asio = boost::asio;

class Scope : public MiniTest {
 protected:
  void reusable(Settings more = {}) {
    more.emplace_back("hbase.client.ipc.pool.type", "Reusable");
    connect(more);
  }
  std::size_t in_use() {
    std::size_t sum = 0;
    for (const auto& pool : connection().statistics().pools) sum += pool.in_use;
    return sum;
  }
};

// Two requests, two servers, one connection to each, and opposite orders.
TEST_F(Scope, TwoThatWantEachOthersConnections) {
  make_table("t", {"m"});
  move("t", "a", 0);
  move("t", "z", 1);
  reusable({{"hbmux.pool.reusable.borrow.timeout", "1000"}, {"hbase.client.retries.number", "0"}});
  const auto table = connection().table("t");
  RequestScope first, second;
  HBMUX_ASSERT_OK(table.in(first).get(Get("a")));
  HBMUX_ASSERT_OK(table.in(second).get(Get("z")));
  auto of_first = std::async(std::launch::async, [&] { return table.in(first).get(Get("z")); });
  auto of_second = std::async(std::launch::async, [&] { return table.in(second).get(Get("a")); });
  std::string errors;
  for (auto* outcome : {&of_first, &of_second}) {
    const auto told = outcome->get();
    if (told) continue;  // the other one had given up by then
    EXPECT_EQ(told.error().code(), Errc::timed_out);
    errors += told.error().to_string() + "\n";
  }
  EXPECT_NE(errors.find("each may hold what the other wants"), std::string::npos) << errors;
  EXPECT_NE(errors.find("scope_test.cc"), std::string::npos) << errors;
  first.end();
  second.end();
  EXPECT_EQ(in_use(), 0u);
  HBMUX_EXPECT_OK(table.get(Get("a")));
  HBMUX_EXPECT_OK(table.get(Get("z")));
}

TEST_F(Scope, TheLogTellsOfOneThatStaysOpen) {
  make_table();
  reusable({{"hbmux.pool.leak.time", "20"}});
  std::mutex mutex;
  std::string told;
  set_log_sink(
      [&](LogLevel, std::string_view text) {
        std::lock_guard lock(mutex);
        if (text.find("request scope") != text.npos) told = text;
      },
      LogLevel::warning);
  const auto table = connection().table("t");
  RequestScope scope;
  HBMUX_EXPECT_OK(table.in(scope).get(Get("r")));
  wait_until([&] { std::lock_guard lock(mutex); return !told.empty(); }, "the warning");
  set_log_sink([](LogLevel, std::string_view) {}, LogLevel::off);
  EXPECT_NE(told.find("scope_test.cc"), std::string::npos) << told;
  EXPECT_NE(told.find("127.0.0.1"), std::string::npos) << told;
}

// A coroutine that is cancelled in the middle of a call unwinds its scope. The connection had an answer to come: it is not lent again.
TEST_F(Scope, ACancelledCoroutineLeavesNothingBehind) {
  auto made = make_table();
  HBMUX_ASSERT_OK(made.put(Put("r").add("f", "q", "v")));
  reusable();
  const auto table = connection().table("t");
  HBMUX_ASSERT_OK(table.get(Get("r")));
  const auto opened = connection().statistics().sockets_opened;
  cluster().set_reply_faults({.drop_one_in = 1});
  asio::io_context context(1);
  asio::cancellation_signal cancel;
  auto request = [&]() -> asio::awaitable<void> {
    RequestScope scope;
    const auto mine = table.in(scope);
    static_cast<void>(co_await mine.async_get(Get("r")));
  };
  auto ended = asio::co_spawn(context, std::move(request), asio::bind_cancellation_slot(cancel.slot(), asio::use_future));
  std::thread runner([&] { context.run(); });
  wait_until([&] { return in_use() == 1; }, "the call");
  asio::post(context, [&] { cancel.emit(asio::cancellation_type::terminal); });
  runner.join();
  cluster().set_reply_faults({});
  wait_until([&] { return in_use() == 0; }, "the end of the scope");
  EXPECT_EQ(table.get(Get("r")).value().value("f", "q"), "v");
  EXPECT_EQ(connection().statistics().sockets_opened, opened + 1);
}

}  // namespace
}  // namespace hbmux::loopback
