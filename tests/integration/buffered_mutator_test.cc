// Many writes with few calls.
#include "tests/integration/cluster.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

namespace hbmux::integration {
namespace {

namespace asio = boost::asio;

class Buffered : public ClusterTest {
 protected:
  static Put put(int i) { return Put("r" + std::to_string(1000000 + i)).add("f", "q", "value" + std::to_string(i)); }
  int rows_of(const Table& table) {
    int rows = 0;
    for (const auto& row : table.scan(Scan())) {
      EXPECT_TRUE(row) << row.error();
      if (!row) break;
      EXPECT_EQ(row->value("f", "q"), "value" + std::to_string(std::stoi(std::string(row->row().substr(1))) - 1000000));
      ++rows;
    }
    return rows;
  }
};

TEST_F(Buffered, WritesManyRowsToManyRegionsWithFewCalls) {
  auto table = connection().table(make_table({"r1002000", "r1004000", "r1006000"}));
  auto mutator = table.buffered_mutator(BufferedMutatorParams().write_buffer_size(64 * 1024));
  const auto before = connection().statistics().calls;
  for (int i = 0; i < 8000; ++i) HBMUX_ASSERT_OK(mutator.mutate(put(i)));
  HBMUX_ASSERT_OK(mutator.flush());
  EXPECT_EQ(mutator.mutations_held(), 0u);
  EXPECT_EQ(mutator.bytes_held(), 0u);
  EXPECT_LT(connection().statistics().calls - before, 200u);
  EXPECT_EQ(rows_of(table), 8000);
  HBMUX_EXPECT_OK(mutator.close());
  HBMUX_EXPECT_ERROR(mutator.mutate(put(1)), Errc::closed);
  HBMUX_EXPECT_OK(mutator.close());
}

TEST_F(Buffered, NothingIsSentBeforeItsTime) {
  auto table = connection().table(make_table());
  auto mutator = table.buffered_mutator();
  HBMUX_ASSERT_OK(mutator.mutate(put(1)));
  EXPECT_EQ(mutator.mutations_held(), 1u);
  EXPECT_EQ(table.exists(Get("r1000001")).value(), false);
  HBMUX_ASSERT_OK(mutator.flush());
  EXPECT_EQ(table.exists(Get("r1000001")).value(), true);
}

TEST_F(Buffered, ATimeOrANumberOfMutationsSendsToo) {
  auto table = connection().table(make_table());
  auto by_time = table.buffered_mutator(BufferedMutatorParams().write_buffer_periodic_flush(std::chrono::milliseconds(20)));
  std::promise<Result<void>> written;
  HBMUX_ASSERT_OK(by_time.mutate(put(1), [&](const Result<void>& result) { written.set_value(result); }));
  HBMUX_EXPECT_OK(written.get_future().get());
  auto by_number = table.buffered_mutator(BufferedMutatorParams().max_mutations(3));
  std::atomic<int> told{0};
  std::promise<void> third;
  for (int i = 0; i < 3; ++i) {
    HBMUX_ASSERT_OK(by_number.mutate(put(i), [&](const Result<void>& result) {
      EXPECT_TRUE(result) << result.error();
      if (++told == 3) third.set_value();
    }));
  }
  third.get_future().get();
}

// What was sent before its time was up, because there was enough of it, or by flush() or close(), is not sent again.
TEST_F(Buffered, ATimerThatIsNotNeededAnyMore) {
  using std::chrono::milliseconds;
  auto table = connection().table(make_table());
  std::atomic<int> told{0};
  const auto count = [&](const Result<void>& result) {
    EXPECT_TRUE(result) << result.error();
    ++told;
  };
  const auto params = BufferedMutatorParams().write_buffer_periodic_flush(milliseconds(100)).max_mutations(3);
  auto mutator = table.buffered_mutator(params);
  for (int i = 0; i < 3; ++i) HBMUX_ASSERT_OK(mutator.mutate(Increment("size").add("f", "n", 1), count));
  HBMUX_ASSERT_OK(mutator.mutate(Increment("flush").add("f", "n", 1), count));
  HBMUX_ASSERT_OK(mutator.flush());
  EXPECT_EQ(told, 4);
  auto closed = table.buffered_mutator(params);
  HBMUX_ASSERT_OK(closed.mutate(Increment("close").add("f", "n", 1), count));
  HBMUX_ASSERT_OK(closed.close());
  EXPECT_EQ(told, 5);
  const auto calls = connection().statistics().calls;
  std::this_thread::sleep_for(milliseconds(300));  // time passing is what is tested
  EXPECT_EQ(connection().statistics().calls, calls);
  EXPECT_EQ(told, 5);
  for (const auto& [row, value] : std::map<std::string, char>{{"size", '\3'}, {"flush", '\1'}, {"close", '\1'}}) {
    EXPECT_EQ(table.get(Get(row))->value("f", "n"), std::string(7, '\0') + value) << row;
  }
}

TEST_F(Buffered, EveryKindOfMutation) {
  auto table = connection().table(make_table({"m"}));
  HBMUX_ASSERT_OK(table.put(Put("a").add("f", "q", "1").add("f", "p", "2")));
  auto mutator = table.buffered_mutator();
  HBMUX_ASSERT_OK(table.put(Put("z").add("f", "q", "1")));  // both regions are known now
  HBMUX_ASSERT_OK(mutator.mutate(Delete("a").add_columns("f", "q")));
  for (int i = 0; i < 10; ++i) HBMUX_ASSERT_OK(mutator.mutate(Increment("z").add("f", "n", 3)));
  HBMUX_ASSERT_OK(mutator.mutate(Append("z").add("f", "s", "abc")));
  HBMUX_ASSERT_OK(mutator.mutate(Delete("y")));
  HBMUX_ASSERT_OK(mutator.close());
  EXPECT_EQ(text_of(table.get(Get("a")).value()), "p=2");
  EXPECT_EQ(text_of(table.get(Get("z")).value()), std::string("n=\0\0\0\0\0\0\0\x1e q=1 s=abc", 20));
}

// What fails is told to its handler, else to the listener, else to the next flush.
TEST_F(Buffered, FailuresAreToldOnce) {
  auto table = connection().table(make_table({"m"}));
  std::mutex mutex;
  std::vector<std::string> listened, handled;
  auto listening = table.buffered_mutator(BufferedMutatorParams().listener([&](const RowChange& mutation, const Error& error) {
    std::lock_guard lock(mutex);
    EXPECT_EQ(error.code(), Errc::no_such_column_family) << error;
    const auto& bad = std::get<Put>(mutation);
    EXPECT_EQ(bad.cell_count(), 1u);
    listened.push_back(bad.row());
  }));
  HBMUX_ASSERT_OK(table.get(Get("a")));
  HBMUX_ASSERT_OK(table.get(Get("z")));
  for (const char* row : {"a", "b", "z"}) {
    HBMUX_ASSERT_OK(listening.mutate(Put(row).add("f", "q", "v")));
    HBMUX_ASSERT_OK(listening.mutate(Put(row).add("nofamily", "q", "v")));
  }
  HBMUX_ASSERT_OK(listening.mutate(Put("c").add("nofamily", "q", "v"), [&](const Result<void>& result) {
    std::lock_guard lock(mutex);
    handled.push_back(result ? "ok" : result.error().message());
  }));
  HBMUX_EXPECT_OK(listening.flush());
  std::ranges::sort(listened);
  EXPECT_EQ(listened, (std::vector<std::string>{"a", "b", "z"}));
  EXPECT_EQ(handled.size(), 1u);

  auto plain = table.buffered_mutator();
  HBMUX_ASSERT_OK(plain.mutate(Put("d").add("nofamily", "q", "v")));
  HBMUX_ASSERT_OK(plain.mutate(Put("d").add("f", "q", "v")));
  HBMUX_ASSERT_OK(plain.mutate(Put("e").add("nofamily", "q", "v")));
  const auto flushed = plain.flush();
  HBMUX_EXPECT_ERROR(flushed, Errc::no_such_column_family);
  EXPECT_NE(flushed.error().message().find("2 mutations failed"), std::string::npos) << flushed.error();
  HBMUX_EXPECT_OK(plain.flush());
  EXPECT_EQ(table.exists(Get("d")).value(), true);
  HBMUX_EXPECT_ERROR(plain.mutate(Put("d")), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(table.buffered_mutator(BufferedMutatorParams().max_key_value_size(100)).mutate(Put("d").add("f", "q", std::string(200, 'x'))),
                     Errc::invalid_argument);
}

TEST_F(Buffered, AHandlerOrListenerThatThrowsHarmsNobody) {
  auto table = connection().table(make_table());
  auto mutator = table.buffered_mutator(BufferedMutatorParams().listener([](const RowChange&, const Error&) { throw 7; }));
  HBMUX_ASSERT_OK(mutator.mutate(put(1), [](const Result<void>&) { throw std::runtime_error("mine"); }));
  HBMUX_ASSERT_OK(mutator.mutate(Put("a").add("nofamily", "q", "v")));
  HBMUX_EXPECT_OK(mutator.flush());
  EXPECT_EQ(rows_of(table), 1);
}

// Many threads against small bounds: bytes stay within them, and nothing is lost.
TEST_F(Buffered, BytesAreBounded) {
  auto table = connection().table(make_table({"r1005000"}));
  auto mutator = table.buffered_mutator(BufferedMutatorParams().write_buffer_size(8 * 1024).bytes_max(32 * 1024));
  std::atomic<std::size_t> most{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = t; i < 10000; i += 4) {
          EXPECT_TRUE(mutator.mutate(put(i)));
          for (auto held = mutator.bytes_held(), seen = most.load(); held > seen && !most.compare_exchange_weak(seen, held);) {
          }
        }
      });
    }
  }
  HBMUX_ASSERT_OK(mutator.close());
  EXPECT_LE(most.load(), 32u * 1024 + 4 * 256);
  EXPECT_EQ(rows_of(table), 10000);
}

TEST_F(Buffered, CoroutinesAwaitAdmission) {
  auto table = connection().table(make_table());
  auto mutator = table.buffered_mutator(BufferedMutatorParams().write_buffer_size(4 * 1024).bytes_max(16 * 1024));
  asio::io_context context;
  std::atomic<int> written{0};
  for (int c = 0; c < 4; ++c) {
    auto work = [&, c]() -> asio::awaitable<void> {
      for (int i = c; i < 2000; i += 4) {
        auto count = [&](const Result<void>& result) { written += result ? 1 : 0; };
        const auto admitted = co_await mutator.async_mutate(put(i), count, asio::use_awaitable);
        EXPECT_TRUE(admitted) << admitted.error();
      }
    };
    asio::co_spawn(context, std::move(work), asio::detached);
  }
  context.run();
  HBMUX_EXPECT_OK(mutator.async_close(asio::use_future).get());
  EXPECT_EQ(written, 2000);
  EXPECT_EQ(rows_of(table), 2000);
}

TEST_F(Buffered, WhatIsLetGoOfIsStillSent) {
  auto table = connection().table(make_table());
  std::promise<void> all;
  std::atomic<int> written{0};
  {
    auto mutator = table.buffered_mutator();
    for (int i = 0; i < 100; ++i) {
      HBMUX_ASSERT_OK(mutator.mutate(put(i), [&](const Result<void>&) {
        if (++written == 100) all.set_value();
      }));
    }
  }
  all.get_future().get();
  EXPECT_EQ(rows_of(table), 100);
}

TEST_F(Buffered, WithoutACodec) {
  connect({{"hbase.client.default.rpc.codec", ""}});
  auto table = connection().table(make_table());
  auto mutator = table.buffered_mutator();
  for (int i = 0; i < 100; ++i) HBMUX_ASSERT_OK(mutator.mutate(put(i)));
  HBMUX_ASSERT_OK(mutator.mutate(Increment("r1000001").add("g", "n", 1)));
  HBMUX_ASSERT_OK(mutator.close());
  EXPECT_EQ(rows_of(table), 100);
}

TEST_F(Buffered, ATableThatIsNotThere) {
  auto mutator = connection().table("no_such_table").buffered_mutator();
  HBMUX_ASSERT_OK(mutator.mutate(put(1)));
  HBMUX_EXPECT_ERROR(mutator.flush(), Errc::table_not_found);
}

}  // namespace
}  // namespace hbmux::integration
