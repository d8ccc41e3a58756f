// Operations on single rows, in each of their forms.
#include "tests/loopback/mini_test.h"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <atomic>
#include <future>
#include <latch>
#include <thread>

namespace hbmux::loopback {
namespace {

namespace asio = boost::asio;

class Operations : public MiniTest {};

TEST_F(Operations, Blocking) {
  auto table = make_table("t", {"m"});
  for (const char* row : {"a", "z"}) {
    HBMUX_ASSERT_OK(table.put(Put(row).add("f", "q", std::string("value of ") + row).add("g", "q", "2")));
    EXPECT_EQ(text_of(table.get(Get(row)).value()), std::string(row) + " f:q=value of " + row + " g:q=2");
    EXPECT_TRUE(table.exists(Get(row)).value());
    EXPECT_FALSE(table.exists(Get(row).column("f", "other")).value());
    EXPECT_EQ(text_of(table.append(Append(row).add("g", "q", "3")).value()), std::string(row) + " g:q=23");
    EXPECT_EQ(table.increment(Increment(row).add("f", "n", 5)).value().value("f", "n"), std::string_view("\0\0\0\0\0\0\0\5", 8));
    HBMUX_ASSERT_OK(table.remove(Delete(row).add_columns("f", "n")));
    EXPECT_FALSE(table.exists(Get(row).column("f", "n")).value());
    // An append's cell is at least a millisecond newer than the one before: perhaps newer than "now".
    const auto newest = table.get(Get(row)).value().latest("g", "q")->timestamp();
    HBMUX_ASSERT_OK(table.remove(Delete(row, newest)));
    EXPECT_EQ(text_of(table.get(Get(row).family("g")).value()), "");
    HBMUX_ASSERT_OK(table.put(Put(row).add("f", "q", newest, "last")));
    HBMUX_ASSERT_OK(table.remove(Delete(row, newest + 1)));
    EXPECT_FALSE(table.get(Get(row)).value().exists());
  }
}

TEST_F(Operations, Futures) {
  auto table = make_table();
  HBMUX_ASSERT_OK(table.async_put(Put("r").add("f", "q", "1"), asio::use_future).get());
  EXPECT_EQ(text_of(table.async_get(Get("r"), asio::use_future).get().value()), "r f:q=1");
  EXPECT_TRUE(table.async_exists(Get("r"), asio::use_future).get().value());
  EXPECT_EQ(text_of(table.async_append(Append("r").add("f", "q", "2"), asio::use_future).get().value()), "r f:q=12");
  HBMUX_ASSERT_OK(table.async_increment(Increment("r").add("g", "n", 1), asio::use_future).get());
  // An append within the millisecond of what was there gets the next millisecond: "now" may be too early for it.
  const Row row = table.async_get(Get("r"), asio::use_future).get().value();
  const auto newest = std::max(row.latest("f", "q")->timestamp(), row.latest("g", "n")->timestamp());
  HBMUX_ASSERT_OK(table.async_remove(Delete("r", newest), asio::use_future).get());
  std::vector<Action> actions;
  actions.emplace_back(Get("r"));
  const auto results = table.async_batch(std::move(actions), asio::use_future).get();
  ASSERT_EQ(results.size(), 1u);
  EXPECT_FALSE(results[0].value().exists());
}

// A handler without an executor of its own runs on a lane, after the initiating function has returned.
TEST_F(Operations, Callbacks) {
  auto table = make_table();
  std::promise<std::thread::id> ran_on;
  std::mutex initiating;
  {
    std::lock_guard lock(initiating);
    table.async_put(Put("r").add("f", "q", "1"), [&](Result<void> put) {
      HBMUX_EXPECT_OK(put);
      std::lock_guard wait(initiating);
      ran_on.set_value(std::this_thread::get_id());
    });
    // An error that is known at once comes no earlier.
    table.async_put(Put(""), [&](Result<void> put) {
      HBMUX_EXPECT_ERROR(put, Errc::invalid_argument);
      std::lock_guard wait(initiating);
    });
  }
  EXPECT_NE(ran_on.get_future().get(), std::this_thread::get_id());
  auto done = std::make_shared<std::promise<std::string>>();
  table.async_get(Get("r"), [table, done](Result<Row> row) {
    // A handler may go on with another operation.
    table.async_append(Append(row.value().row()).add("f", "q", "+"),
                       [done](Result<Row> appended) { done->set_value(text_of(appended.value())); });
  });
  EXPECT_EQ(done->get_future().get(), "r f:q=1+");
}

asio::awaitable<std::string> use_all(Table table) {
  auto put = Put("r").add("f", "q", "1");
  auto stored = co_await table.async_put(std::move(put));
  if (!stored) co_return stored.error().to_string();
  auto read = co_await table.async_get(Get("r"));
  if (!read) co_return read.error().to_string();
  auto appended = co_await table.async_append(Append("r").add("f", "q", "2"));
  if (!appended) co_return appended.error().to_string();
  auto removed = co_await table.async_remove(Delete("r").add_columns("f", "none"));
  if (!removed) co_return removed.error().to_string();
  std::string text = text_of(*read) + ", " + text_of(*appended) + ",";
  auto scanner = table.scan(Scan());
  for (;;) {
    auto row = co_await scanner.async_next();
    if (!row) co_return row.error().to_string();
    if (!*row) co_return text;
    text += " " + text_of(**row);
  }
}

TEST_F(Operations, Coroutines) {
  auto table = make_table();
  asio::io_context context;
  auto text = asio::co_spawn(context, use_all(table), asio::use_future);
  context.run();
  EXPECT_EQ(text.get(), "r f:q=1, r f:q=12, r f:q=12");
}

// Handlers with an executor run there and nowhere else.
TEST_F(Operations, HandlersRunOnTheirExecutor) {
  auto table = make_table();
  asio::io_context context;
  int ran = 0;
  for (int i = 0; i < 100; ++i) {
    table.async_put(Put(key(i)).add("f", "q", "1"), asio::bind_executor(context, [&](Result<void> put) {
                      HBMUX_EXPECT_OK(put);
                      EXPECT_TRUE(context.get_executor().running_in_this_thread());
                      ++ran;
                    }));
  }
  context.run();
  EXPECT_EQ(ran, 100);
}

TEST_F(Operations, BlockingInAHandlerIsAnError) {
  auto table = make_table();
  std::promise<Error> got, batched, scanned;
  table.async_get(Get("r"), [&](Result<Row>) {
    got.set_value(table.get(Get("r")).error());
    std::vector<Action> actions(2, Get("r"));
    batched.set_value(table.batch(std::move(actions)).at(1).error());
    scanned.set_value(table.scan(Scan()).next().error());
  });
  EXPECT_EQ(got.get_future().get().code(), Errc::blocking_call_on_lane);
  EXPECT_EQ(batched.get_future().get().code(), Errc::blocking_call_on_lane);
  EXPECT_EQ(scanned.get_future().get().code(), Errc::blocking_call_on_lane);
}

TEST_F(Operations, WhatCanNeverWork) {
  auto table = make_table();
  connect({{"hbase.client.keyvalue.maxsize", "1000"}});
  table = connection().table("t");
  HBMUX_EXPECT_ERROR(table.get(Get("")), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(table.put(Put("r")), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(table.append(Append("r")), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(table.increment(Increment("r")), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(table.put(Put("r").add("", "q", "v")), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(table.put(Put("r").add("f", "q", -1, "v")), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(table.get(Get(std::string(40000, 'x'))), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(table.scan(Scan().limit(-1)).next(), Errc::invalid_argument);
  const auto oversized = table.put(Put("r").add("f", "q", std::string(1000, 'x')));
  HBMUX_EXPECT_ERROR(oversized, Errc::invalid_argument);
  EXPECT_NE(oversized.error().message().find("hbase.client.keyvalue.maxsize"), std::string::npos) << oversized.error();
  HBMUX_EXPECT_OK(table.put(Put("r").add("f", "q", std::string(900, 'x'))));
  EXPECT_THROW((void)connection().table("no such: name"), Exception);
  EXPECT_EQ(connection().statistics().retries, 0u);
}

TEST_F(Operations, WhatIsNotThere) {
  auto table = make_table();
  HBMUX_EXPECT_ERROR(connection().table("other").get(Get("r")), Errc::table_not_found);
  HBMUX_EXPECT_ERROR(connection().table("other").scan(Scan()).next(), Errc::table_not_found);
  HBMUX_EXPECT_ERROR(connection().table("ns:other").put(Put("r").add("f", "q", "v")), Errc::table_not_found);
  const auto put = table.put(Put("r").add("none", "q", "v"));
  HBMUX_EXPECT_ERROR(put, Errc::no_such_column_family);
  EXPECT_FALSE(put.error().server().empty());
  EXPECT_FALSE(put.error().region().empty());
  EXPECT_EQ(put.error().attempts(), 1);
  HBMUX_EXPECT_ERROR(table.get(Get("r").family("none")), Errc::no_such_column_family);
  EXPECT_EQ(connection().statistics().retries, 0u);
}

TEST_F(Operations, ADisabledTable) {
  auto table = make_table();
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "q", "v")));
  const auto name = table.name();
  HBMUX_ASSERT_OK(connection().admin().disable_table(name));
  HBMUX_EXPECT_ERROR(table.get(Get("r")), Errc::table_not_enabled);
  HBMUX_EXPECT_ERROR(table.scan(Scan()).next(), Errc::table_not_enabled);
  std::vector<Action> actions;
  actions.emplace_back(Get("r"));
  const auto results = table.batch(std::move(actions));
  HBMUX_EXPECT_ERROR(results.at(0), Errc::table_not_enabled);
  HBMUX_ASSERT_OK(connection().admin().enable_table(name));
  EXPECT_TRUE(table.get(Get("r")).value().exists());
}

TEST_F(Operations, BytesOfAllKinds) {
  auto table = make_table();
  const std::string all = [] {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
    return bytes;
  }();
  const std::string longest(32767, '\xff');
  HBMUX_ASSERT_OK(table.put(Put(all).add("f", all, all).add("f", "", "")));
  EXPECT_EQ(table.get(Get(all)).value().value("f", all), all);
  EXPECT_EQ(table.get(Get(all).column("f", "")).value().value("f", ""), "");
  HBMUX_ASSERT_OK(table.put(Put(longest).add("f", "q", std::string(3 << 20, 'v'))));
  EXPECT_EQ(table.get(Get(longest)).value().value("f", "q")->size(), std::size_t{3} << 20);
}

// The same with the settings that change how calls travel.
class Travel : public MiniTest, public testing::WithParamInterface<Settings> {};

TEST_P(Travel, EverythingWorks) {
  auto table = make_table("t", {"m"});
  connect(GetParam());
  table = connection().table("t");
  for (const char* row : {"a", "z"}) {
    HBMUX_ASSERT_OK(table.put(Put(row).add("f", "q", 7, "old").add("f", "q", 8, "new").add("g", "x", std::string(5000, 'x'))));
    EXPECT_EQ(table.get(Get(row)).value().value("f", "q"), "new");
    EXPECT_EQ(table.get(Get(row)).value().value("g", "x")->size(), 5000u);
    EXPECT_TRUE(table.exists(Get(row)).value());
    EXPECT_EQ(text_of(table.append(Append(row).add("f", "q", "+")).value()), std::string(row) + " f:q=new+");
    EXPECT_TRUE(table.append(Append(row).add("f", "q", "+").return_results(false)).value().empty());
    EXPECT_EQ(table.increment(Increment(row).add("f", "n", 5)).value().value("f", "n"), std::string_view("\0\0\0\0\0\0\0\5", 8));
    HBMUX_ASSERT_OK(table.remove(Delete(row).add_family("g").add_column("f", "q")));
    EXPECT_FALSE(table.exists(Get(row).family("g")).value());
  }
  EXPECT_EQ(keys_of(table.scan(Scan())), (std::vector<std::string>{"a", "z"}));
  EXPECT_EQ(keys_of(table.scan(Scan().reversed(true))), (std::vector<std::string>{"z", "a"}));
  std::vector<Action> actions;
  actions.emplace_back(Get("a").column("f", "n"));
  actions.emplace_back(Put("k").add("f", "q", "v"));
  actions.emplace_back(Delete("z"));
  actions.emplace_back(Increment("a").add("f", "n", 1));
  actions.emplace_back(Append("k2").add("f", "q", "w"));
  const auto results = table.batch(std::move(actions));
  for (const auto& result : results) HBMUX_EXPECT_OK(result);
  EXPECT_EQ(results[0].value().size(), 1u);
  EXPECT_TRUE(results[1].value().empty());
  EXPECT_EQ(results[3].value().value("f", "n"), std::string_view("\0\0\0\0\0\0\0\6", 8));
  EXPECT_EQ(results[4].value().value("f", "q"), "w");
}

std::string name_of(const testing::TestParamInfo<Settings>& info) {
  std::string name;
  for (const auto& [property, value] : info.param) {
    for (const char c : property.substr(property.rfind('.') + 1) + value.substr(value.rfind('.') + 1)) {
      if (std::isalnum(static_cast<unsigned char>(c))) name += c;
    }
  }
  return name.empty() ? "Defaults" : name;
}

INSTANTIATE_TEST_SUITE_P(
    , Travel,
    testing::Values(Settings{}, Settings{{"hbase.client.rpc.codec", ""}},
                    Settings{{"hbase.client.rpc.codec", "org.apache.hadoop.hbase.codec.KeyValueCodecWithTags"}},
                    Settings{{"hbase.client.rpc.compressor", "org.apache.hadoop.io.compress.GzipCodec"}},
                    Settings{{"hbase.client.ipc.pool.type", "Reusable"}, {"hbase.client.ipc.pool.size", "2"}},
                    Settings{{"hbase.client.ipc.pool.type", "ThreadLocal"}}, Settings{{"hbase.client.nonces.enabled", "false"}}),
    name_of);

TEST_F(Operations, AsAnotherUser) {
  auto table = make_table();
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "q", "v")));
  auto other = connection().as("somebody");
  EXPECT_EQ(other.user().effective, "somebody");
  EXPECT_EQ(text_of(other.table("t").get(Get("r")).value()), "r f:q=v");
  bool seen = false;
  for (const auto& pool : connection().statistics().pools) seen = seen || pool.user == "somebody";
  EXPECT_TRUE(seen);
}

// Many threads, one connection, and every value names its row.
TEST_F(Operations, ManyThreads) {
  auto table = make_table("t", {key(200), key(400), key(600)});
  std::vector<std::jthread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      auto mine = connection().table("t");
      for (int i = 0; i < 100; ++i) {
        const std::string row = key(t * 100 + i);
        if (!mine.put(Put(row).add("f", "q", row))) ++wrong;
        const auto got = mine.get(Get(row));
        if (!got || got->value("f", "q") != row) ++wrong;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(keys_of(table.scan(Scan())).size(), 800u);
}

}  // namespace
}  // namespace hbmux::loopback
