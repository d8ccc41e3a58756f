// The client against a server that does what real ones do on bad days.
#include "bigtable/rows.h"
#include "proto/hbmux/bt/paths.h"
#include "tests/bigtable/proxy.h"
#include "tests/bigtable/scripted_server.h"
#include "tests/support/result_assertions.h"

#include <hbmux/bt/bigtable.pb.h>
#include <hbmux/bt/headers.pb.h>
#include <hbmux/bt/rpc/details.pb.h>
#include <hbmux/bt/rpc/status.pb.h>
#include <hbmux/cluster_connection.h>

#include <boost/asio/use_future.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace hbmux::bigtable {
namespace {

using namespace std::chrono_literals;
namespace path = bt::path;

bt::ReadRowsResponse cells(const std::string& row, const std::vector<std::pair<std::string, std::string>>& columns, bool commit = true) {
  bt::ReadRowsResponse message;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    auto& chunk = *message.add_chunks();
    if (i == 0) chunk.set_row_key(row);
    chunk.mutable_family_name()->set_value("f");
    chunk.mutable_qualifier()->set_value(columns[i].first);
    chunk.set_timestamp_micros(5000);
    chunk.set_value(columns[i].second);
    if (commit && i + 1 == columns.size()) chunk.set_commit_row(true);
  }
  return message;
}
bt::ReadRowsResponse whole(const std::string& row, const std::string& value = "v") { return cells(row, {{"q", value}}); }

/// What asks for a pause.
std::string retry_info(std::chrono::milliseconds pause) {
  bt::rpc::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(pause.count() / 1000);
  info.mutable_retry_delay()->set_nanos(static_cast<int>(pause.count() % 1000) * 1'000'000);
  bt::rpc::Status status;
  auto& detail = *status.add_details();
  detail.set_type_url("type.googleapis.com/google.rpc.RetryInfo");
  detail.set_value(info.SerializeAsString());
  return status.SerializeAsString();
}

bt::MutateRowsResponse answers(const std::vector<std::pair<int, int>>& entries) {
  bt::MutateRowsResponse message;
  for (const auto& [index, code] : entries) {
    auto& entry = *message.add_entries();
    entry.set_index(index);
    entry.mutable_status()->set_code(code);
  }
  return message;
}

class Scripted : public testing::Test {
 protected:
  void SetUp() override { open({}); }

  void open(const std::map<std::string, std::string>& properties) {
    table_.reset();
    connection_.reset();
    Configuration configuration;
    configuration.set("hbase.client.connection.impl", "bigtable");
    configuration.set("google.bigtable.project.id", "p");
    configuration.set("google.bigtable.instance.id", "i");
    configuration.set("google.bigtable.app_profile.id", "a b");
    configuration.set("google.bigtable.emulator.endpoint.host", server_.address());
    configuration.set("hbase.client.pause", "5");
    configuration.set("hbase.client.operation.timeout", "10000");
    for (const auto& [name, value] : properties) configuration.set(name, value);
    auto opened = ClusterConnection::open(configuration);
    ASSERT_TRUE(opened) << opened.error();
    connection_.emplace(std::move(*opened));
    table_.emplace(connection_->table("t"));
  }

  std::vector<ScriptedServer::Seen> seen(const std::string& path) const {
    std::vector<ScriptedServer::Seen> out;
    for (auto& one : server_.seen()) {
      if (one.path == path) out.push_back(std::move(one));
    }
    return out;
  }
  template <class Request>
  Request request(const std::string& path, std::size_t index) const {
    Request message;
    const auto all = seen(path);
    EXPECT_LT(index, all.size());
    if (index < all.size()) EXPECT_TRUE(message.ParseFromString(all[index].request));
    return message;
  }
  /// "row=value row=value", and the error's code at the end.
  static std::string rows_of(Scanner scanner) {
    std::string out;
    for (const auto& row : scanner) {
      if (!row) return out + to_string_of(row.error());
      out += std::string(row->row()) + "=" + std::string(row->value("f", "q").value_or("-")) + " ";
    }
    return out;
  }
  static std::string to_string_of(const Error& error) { return std::string(to_string(error.code())); }

  ScriptedServer server_;
  std::optional<ClusterConnection> connection_;
  std::optional<Table> table_;
};

TEST_F(Scripted, HeadersSayWhereToAndWhatIsUnderstood) {
  server_.play(path::kReadRows, Script().message(whole("r")));
  HBMUX_ASSERT_OK(table_->get(Get("r")));
  const auto calls = seen(path::kReadRows);
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].header("x-goog-request-params"), "table_name=projects%2Fp%2Finstances%2Fi%2Ftables%2Ft&app_profile_id=a%20b");
  EXPECT_FALSE(calls[0].header("bigtable-features").empty());
  const auto asked = request<bt::ReadRowsRequest>(path::kReadRows, 0);
  EXPECT_EQ(asked.table_name(), "projects/p/instances/i/tables/t");
  EXPECT_EQ(asked.app_profile_id(), "a b");
}

TEST_F(Scripted, ARowInManyMessages) {
  Script script;
  bt::ReadRowsResponse first;
  auto& chunk = *first.add_chunks();
  chunk.set_row_key("r");
  chunk.mutable_family_name()->set_value("f");
  chunk.mutable_qualifier()->set_value("q");
  chunk.set_value("hel");
  chunk.set_value_size(5);
  bt::ReadRowsResponse second, third;
  second.add_chunks()->set_value("l");
  second.mutable_chunks(0)->set_value_size(5);
  third.add_chunks()->set_value("o");
  third.mutable_chunks(0)->set_commit_row(true);
  server_.play(path::kReadRows, script.message(first).message(second).message(third));
  const auto row = table_->get(Get("r"));
  HBMUX_ASSERT_OK(row);
  EXPECT_EQ(row->value("f", "q"), "hello");
}

TEST_F(Scripted, ARowThatIsResetComesOnce) {
  bt::ReadRowsResponse reset;
  reset.add_chunks()->set_reset_row(true);
  const auto old = cells("b", {{"q", "old"}}, false);
  server_.play(path::kReadRows, Script().message(whole("a")).message(old).message(reset).message(whole("b", "new")));
  EXPECT_EQ(rows_of(table_->scan(Scan())), "a=v b=new ");
}

TEST_F(Scripted, ABrokenScanGoesOnBehindItsLastRow) {
  const auto half = cells("b", {{"q", "half"}}, false);
  server_.play(path::kReadRows, Script().message(whole("a")).message(half).ends(grpc::StatusCode::UNAVAILABLE));
  server_.play(path::kReadRows, Script().message(whole("b")).ends(grpc::StatusCode::INTERNAL, "Received RST_STREAM with error code 2"));
  server_.play(path::kReadRows, Script().message(whole("c")));
  EXPECT_EQ(rows_of(table_->scan(Scan().start_row("a").stop_row("x").limit(5))), "a=v b=v c=v ");
  const auto second = request<bt::ReadRowsRequest>(path::kReadRows, 1), third = request<bt::ReadRowsRequest>(path::kReadRows, 2);
  ASSERT_EQ(second.rows().row_ranges_size(), 1);
  EXPECT_EQ(second.rows().row_ranges(0).start_key_open(), "a");
  EXPECT_EQ(second.rows().row_ranges(0).end_key_open(), "x");
  EXPECT_EQ(second.rows_limit(), 4);
  EXPECT_EQ(third.rows().row_ranges(0).start_key_open(), "b");
  EXPECT_EQ(third.rows_limit(), 3);
}

TEST_F(Scripted, RowsThatWerePassedOverAreNotAskedForAgain) {
  bt::ReadRowsResponse passed;
  passed.set_last_scanned_row_key("m");
  server_.play(path::kReadRows, Script().message(whole("a")).message(passed).ends(grpc::StatusCode::UNAVAILABLE));
  server_.play(path::kReadRows, Script().message(whole("n")));
  EXPECT_EQ(rows_of(table_->scan(Scan())), "a=v n=v ");
  EXPECT_EQ(request<bt::ReadRowsRequest>(path::kReadRows, 1).rows().row_ranges(0).start_key_open(), "m");
}

TEST_F(Scripted, CursorsTellWhereAScanIs) {
  bt::ReadRowsResponse passed;
  passed.set_last_scanned_row_key("m");
  server_.play(path::kReadRows, Script().message(passed).message(whole("n")));
  auto scanner = table_->scan(Scan().cursor_results(true));
  const auto first = scanner.next();
  HBMUX_ASSERT_OK(first);
  ASSERT_TRUE(first->has_value());
  EXPECT_EQ((*first)->cursor(), "m");
}

TEST_F(Scripted, AScanWhoseLimitIsReachedIsNotTriedAgain) {
  server_.play(path::kReadRows, Script().message(whole("a")).message(whole("b")).ends(grpc::StatusCode::UNAVAILABLE));
  EXPECT_EQ(rows_of(table_->scan(Scan().limit(2))), "a=v b=v ");
  EXPECT_EQ(seen(path::kReadRows).size(), 1u);
}

TEST_F(Scripted, AReversedScanGoesOnBelow) {
  server_.play(path::kReadRows, Script().message(whole("c")).ends(grpc::StatusCode::UNAVAILABLE));
  server_.play(path::kReadRows, Script().message(whole("b")));
  EXPECT_EQ(rows_of(table_->scan(Scan().reversed(true).start_row("x").stop_row("a"))), "c=v b=v ");
  const auto second = request<bt::ReadRowsRequest>(path::kReadRows, 1);
  EXPECT_TRUE(second.reversed());
  EXPECT_EQ(second.rows().row_ranges(0).end_key_open(), "c");
  EXPECT_EQ(second.rows().row_ranges(0).start_key_open(), "a");
}

TEST_F(Scripted, ChunksThatMakeNoSenseEndTheScan) {
  server_.play(path::kReadRows, Script().message(whole("b")).message(whole("a")));
  EXPECT_EQ(rows_of(table_->scan(Scan())), "b=v protocol_error");
  server_.play(path::kReadRows, Script().message(cells("a", {{"q", "half"}}, false)));
  EXPECT_EQ(rows_of(table_->scan(Scan())), "protocol_error");
  Script garbage;
  garbage.messages.push_back("\xff\xff\xff");
  server_.play(path::kReadRows, std::move(garbage));
  EXPECT_EQ(rows_of(table_->scan(Scan())), "protocol_error");
}

TEST_F(Scripted, TheServerSaysHowLongToWait) {
  server_.play(path::kMutateRow, Script().ends(grpc::StatusCode::RESOURCE_EXHAUSTED, "slow down", retry_info(300ms)));
  server_.play(path::kMutateRow, Script().message(bt::MutateRowResponse()));
  HBMUX_ASSERT_OK(table_->put(Put("r").add("f", "q", "v")));
  const auto calls = seen(path::kMutateRow);
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_GE(calls[1].at - calls[0].at, 300ms);
}

TEST_F(Scripted, WithoutAWordAboutItAnExhaustedResourceIsAnError) {
  server_.play(path::kMutateRow, Script().ends(grpc::StatusCode::RESOURCE_EXHAUSTED));
  HBMUX_EXPECT_ERROR(table_->put(Put("r").add("f", "q", "v")), Errc::throttled);
}

TEST_F(Scripted, CookiesComeBackWithTheNextAttempt) {
  server_.play(path::kReadRows,
               Script().ends(grpc::StatusCode::UNAVAILABLE).trailer("x-goog-cbt-cookie-routing", "one").trailer("other", "no"));
  server_.play(path::kReadRows, Script()
                                    .ends(grpc::StatusCode::UNAVAILABLE)
                                    .trailer("x-goog-cbt-cookie-routing", "two")
                                    .trailer("x-goog-cbt-cookie-more", "three"));
  server_.play(path::kReadRows, Script().message(whole("r")));
  HBMUX_ASSERT_OK(table_->get(Get("r")));
  const auto calls = seen(path::kReadRows);
  ASSERT_EQ(calls.size(), 3u);
  EXPECT_EQ(calls[0].header("x-goog-cbt-cookie-routing"), "");
  EXPECT_EQ(calls[1].header("x-goog-cbt-cookie-routing"), "one");
  EXPECT_EQ(calls[1].header("other"), "");
  EXPECT_EQ(calls[2].header("x-goog-cbt-cookie-routing"), "two");
  EXPECT_EQ(calls[2].header("x-goog-cbt-cookie-more"), "three");
}

TEST_F(Scripted, WhatCountsOrComparesIsNeverRepeated) {
  for (const auto* details : {"", "with a pause"}) {
    const std::string info = *details ? retry_info(1ms) : std::string();
    server_.play(path::kReadModifyWriteRow, Script().ends(grpc::StatusCode::UNAVAILABLE, "down", info));
    HBMUX_EXPECT_ERROR(table_->increment(Increment("r").add("f", "q", 1)), Errc::unavailable);
    server_.play(path::kReadModifyWriteRow, Script().ends(grpc::StatusCode::ABORTED, "busy", info));
    HBMUX_EXPECT_ERROR(table_->append(Append("r").add("f", "q", "x")), Errc::server_exception);
    server_.play(path::kCheckAndMutateRow, Script().ends(grpc::StatusCode::UNAVAILABLE, "down", info));
    HBMUX_EXPECT_ERROR(table_->check_and_mutate(CheckAndMutate("r").if_equals("f", "q", "v").then(Put("r").add("f", "q", "w"))),
                       Errc::unavailable);
  }
  EXPECT_EQ(seen(path::kReadModifyWriteRow).size(), 4u);
  EXPECT_EQ(seen(path::kCheckAndMutateRow).size(), 2u);
}

TEST_F(Scripted, AWriteGetsItsTimeHereSoThatItMayBeRepeated) {
  server_.play(path::kMutateRow, Script().ends(grpc::StatusCode::UNAVAILABLE));
  server_.play(path::kMutateRow, Script().message(bt::MutateRowResponse()));
  HBMUX_ASSERT_OK(table_->put(Put("r").add("f", "q", "v")));
  const auto first = request<bt::MutateRowRequest>(path::kMutateRow, 0), second = request<bt::MutateRowRequest>(path::kMutateRow, 1);
  EXPECT_GT(first.mutations(0).set_cell().timestamp_micros(), 0);
  EXPECT_EQ(first.mutations(0).set_cell().timestamp_micros() % 1000, 0);
  EXPECT_EQ(first.SerializeAsString(), second.SerializeAsString());
}

TEST_F(Scripted, OnlyEntriesThatFailedAreSentAgain) {
  server_.play(path::kMutateRows, Script().message(answers({{0, 0}, {2, 14}})).message(answers({{1, 3}})));
  server_.play(path::kMutateRows, Script().message(answers({{0, 0}})));
  std::vector<Action> actions;
  for (const char* row : {"a", "b", "c", "d"}) actions.emplace_back(Put(row).add("f", "q", "v"));
  // d was not answered at all.
  server_.play(path::kMutateRows, Script().message(answers({{0, 0}})));
  const auto results = table_->batch(std::move(actions));
  ASSERT_EQ(results.size(), 4u);
  EXPECT_TRUE(results[0]);
  HBMUX_EXPECT_ERROR(results[1], Errc::invalid_argument);
  EXPECT_TRUE(results[2]) << results[2].error();
  EXPECT_TRUE(results[3]) << results[3].error();
  const auto second = request<bt::MutateRowsRequest>(path::kMutateRows, 1);
  ASSERT_EQ(second.entries_size(), 2);
  EXPECT_EQ(second.entries(0).row_key(), "c");
  EXPECT_EQ(second.entries(1).row_key(), "d");
  const auto third = request<bt::MutateRowsRequest>(path::kMutateRows, 2);
  ASSERT_EQ(third.entries_size(), 1);
  EXPECT_EQ(third.entries(0).row_key(), "d");
}

TEST_F(Scripted, ABrokenBulkKeepsWhatWasAnswered) {
  server_.play(path::kMutateRows, Script().message(answers({{1, 0}})).ends(grpc::StatusCode::UNAVAILABLE));
  server_.play(path::kMutateRows, Script().message(answers({{0, 0}})));
  auto mutator = table_->buffered_mutator();
  HBMUX_ASSERT_OK(mutator.mutate(Put("a").add("f", "q", "v")));
  HBMUX_ASSERT_OK(mutator.mutate(Put("b").add("f", "q", "v")));
  HBMUX_ASSERT_OK(mutator.close());
  const auto second = request<bt::MutateRowsRequest>(path::kMutateRows, 1);
  ASSERT_EQ(second.entries_size(), 1);
  EXPECT_EQ(second.entries(0).row_key(), "a");
}

TEST_F(Scripted, AnAnswerToAnEntryThatWasNotSentIsAnError) {
  server_.play(path::kMutateRows, Script().message(answers({{7, 0}})));
  auto mutator = table_->buffered_mutator();
  HBMUX_ASSERT_OK(mutator.mutate(Put("a").add("f", "q", "v")));
  HBMUX_EXPECT_ERROR(mutator.close(), Errc::protocol_error);
}

TEST_F(Scripted, ACallThatHangsEndsByItsDeadline) {
  open({{"hbase.rpc.timeout", "200"}, {"hbase.client.operation.timeout", "700"}, {"hbase.client.retries.number", "20"}});
  for (int i = 0; i < 20; ++i) server_.play(path::kReadRows, Script().hanging());
  const auto start = std::chrono::steady_clock::now();
  HBMUX_EXPECT_ERROR(table_->get(Get("r")), Errc::timed_out);
  const auto took = std::chrono::steady_clock::now() - start;
  EXPECT_LT(took, 3s);
  EXPECT_GE(seen(path::kReadRows).size(), 2u) << "attempts have time-outs of their own";
}

TEST_F(Scripted, AScanThatFallsSilentIsAskedForAgain) {
  open({{"hbase.client.scanner.timeout.period", "200"}});
  server_.play(path::kReadRows, Script().message(whole("a")).hanging());
  server_.play(path::kReadRows, Script().message(whole("b")));
  EXPECT_EQ(rows_of(table_->scan(Scan())), "a=v b=v ");
}

TEST_F(Scripted, AScanIsNoFasterThanItsConsumer) {
  open({{"hbmux.scan.prefetch.bytes", "100000"}});
  Script script;
  const std::string large(50'000, 'x');
  for (int i = 100; i < 400; ++i) script.message(whole("r" + std::to_string(i), large));
  server_.play(path::kReadRows, std::move(script));
  auto scanner = table_->scan(Scan());
  int rows = 0;
  for (; rows < 3; ++rows) HBMUX_ASSERT_OK(scanner.next());
  std::this_thread::sleep_for(200ms);
  for (auto row = scanner.next(); row && *row; row = scanner.next()) ++rows;
  EXPECT_EQ(rows, 300);
}

TEST_F(Scripted, CancellingAndClosingEndWhatHangs) {
  server_.play(path::kReadRows, Script().hanging());
  server_.play(path::kMutateRow, Script().hanging());
  auto get = table_->async_get(Get("r"), boost::asio::use_future);
  auto put = table_->async_put(Put("r").add("f", "q", "v"), boost::asio::use_future);
  std::this_thread::sleep_for(100ms);
  const auto start = std::chrono::steady_clock::now();
  connection_->close();
  EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
  HBMUX_EXPECT_ERROR(get.get(), Errc::closed);
  HBMUX_EXPECT_ERROR(put.get(), Errc::closed);
  HBMUX_EXPECT_ERROR(table_->get(Get("r")), Errc::closed);
}

TEST_F(Scripted, AScannerThatIsDroppedLeavesNothingBehind) {
  server_.play(path::kReadRows, Script().message(whole("a")).hanging());
  {
    auto scanner = table_->scan(Scan());
    HBMUX_ASSERT_OK(scanner.next());
  }
  for (int i = 0; i < 100 && connection_->statistics().calls_in_flight != 0; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(connection_->statistics().calls_in_flight, 0u);
}

TEST_F(Scripted, CodesAreErrorsThatProgramsKnow) {
  const std::vector<std::pair<grpc::StatusCode, Errc>> codes = {
      {grpc::StatusCode::NOT_FOUND, Errc::table_not_found},          {grpc::StatusCode::INVALID_ARGUMENT, Errc::invalid_argument},
      {grpc::StatusCode::PERMISSION_DENIED, Errc::access_denied},    {grpc::StatusCode::UNAUTHENTICATED, Errc::access_denied},
      {grpc::StatusCode::UNIMPLEMENTED, Errc::unsupported},          {grpc::StatusCode::FAILED_PRECONDITION, Errc::do_not_retry},
      {grpc::StatusCode::UNKNOWN, Errc::server_exception},           {grpc::StatusCode::DATA_LOSS, Errc::protocol_error},
  };
  for (const auto& [code, expected] : codes) {
    server_.play(path::kReadRows, Script().ends(code, "because"));
    const auto row = table_->get(Get("r"));
    HBMUX_EXPECT_ERROR(row, expected);
    EXPECT_NE(row.error().message().find("because"), std::string::npos) << row.error();
  }
}

TEST_F(Scripted, ChannelsAreAsManyAsConfigured) {
  open({{"google.bigtable.grpc.channel.count", "3"}});
  for (int i = 0; i < 9; ++i) {
    server_.play(path::kReadRows, Script().message(whole("r")));
    HBMUX_ASSERT_OK(table_->get(Get("r")));
  }
  EXPECT_EQ(connection_->statistics().sockets_open(), 3u);
  EXPECT_EQ(connection_->statistics().pools.size(), 1u);
  std::set<std::string> peers;
  for (const auto& call : seen(path::kReadRows)) peers.insert(call.peer);
  EXPECT_EQ(peers.size(), 3u) << "each has a socket of its own";
}

TEST_F(Scripted, AScanWhoseConnectionIsLostGoesOnOverANewOne) {
  Proxy proxy(server_.address());
  open({{"google.bigtable.emulator.endpoint.host", proxy.address()}});
  server_.play(path::kReadRows, Script().message(whole("a")).hanging());
  server_.play(path::kReadRows, Script().message(whole("b")));
  auto scanner = table_->scan(Scan());
  const auto first = scanner.next();
  HBMUX_ASSERT_OK(first);
  EXPECT_EQ((*first)->row(), "a");
  proxy.cut();
  EXPECT_EQ(rows_of(std::move(scanner)), "b=v ");
  EXPECT_EQ(request<bt::ReadRowsRequest>(path::kReadRows, 1).rows().row_ranges(0).start_key_open(), "a");
}

TEST_F(Scripted, AnIncrementWhoseConnectionIsLostIsNotSentAgain) {
  Proxy proxy(server_.address());
  open({{"google.bigtable.emulator.endpoint.host", proxy.address()}});
  server_.play(path::kReadModifyWriteRow, Script().hanging());
  server_.play(path::kReadModifyWriteRow, Script().message(bt::ReadModifyWriteRowResponse()));
  auto increment = table_->async_increment(Increment("r").add("f", "q", 1), boost::asio::use_future);
  for (int i = 0; i < 500 && seen(path::kReadModifyWriteRow).empty(); ++i) std::this_thread::sleep_for(10ms);
  proxy.cut();
  HBMUX_EXPECT_ERROR(increment.get(), Errc::unavailable);
  EXPECT_EQ(seen(path::kReadModifyWriteRow).size(), 1u);
}

TEST_F(Scripted, AServerThatIsNotThere) {
  open({{"google.bigtable.emulator.endpoint.host", "127.0.0.1:1"},
        {"hbase.client.operation.timeout", "500"},
        {"hbase.client.retries.number", "3"}});
  HBMUX_EXPECT_ERROR(table_->get(Get("r")), Errc::unavailable);
}

}  // namespace
}  // namespace hbmux::bigtable
