// The data calls, over sockets, in front of an embedded cluster.
#include "tests/gateway/gateway_test.h"

#include <hbmux/bytes.h>

#include <grpcpp/support/byte_buffer.h>

#include <atomic>
#include <random>
#include <thread>

namespace hbmux::gateway {
namespace {

using DataCallsTest = GatewayTest;

bt::CheckAndMutateRowRequest insert_if_absent(const std::string& table, const std::string& row, const std::string& value) {
  bt::CheckAndMutateRowRequest request;
  request.set_table_name(table);
  request.set_row_key(row);
  auto& cell = *request.add_false_mutations()->mutable_set_cell();
  cell.set_family_name("f");
  cell.set_column_qualifier("owner");
  cell.set_timestamp_micros(-1);
  cell.set_value(value);
  return request;
}

// ---------------------------------------------------------------- reading

TEST_F(DataCallsTest, WritesAndReads) {
  make_table();
  auto request = mutation("r1");
  add_cell(request, "f", "q", 2000, "new");
  add_cell(request, "f", "q", 1000, "old");
  add_cell(request, "g", "", 5000, std::string("\0\xff", 2));
  EXPECT_EQ(text_of(mutate(request)), "ok");
  EXPECT_EQ(row("r1"), "r1 f:q@2000=new f:q@1000=old g:@5000=" + std::string("\0\xff", 2) + "\n");
  EXPECT_EQ(row("none"), "");
}

TEST_F(DataCallsTest, ServerTimeIsNow) {
  make_table();
  const auto before = std::chrono::system_clock::now();
  put("r", "q", -1, "v");
  std::vector<bt::ReadRowsResponse> messages;
  ASSERT_TRUE(client_->read_all(path::kReadRows, read_request(), messages).ok());
  const std::chrono::microseconds stored(messages.at(0).chunks(0).timestamp_micros());
  EXPECT_NEAR(std::chrono::duration<double>(stored - before.time_since_epoch()).count(), 0, 10);
}

TEST_F(DataCallsTest, RangesKeysReverseAndLimits) {
  make_table("t", {"c", "f"});
  for (const char* key : {"a", "b", "c", "d", "e", "f", "g"}) put(key, "q", 0, key);
  const auto keys = [&](const bt::ReadRowsRequest& request) {
    std::string out;
    for (const char c : rows(request)) {
      if (c >= 'a' && c <= 'g') out += c;
    }
    return out;  // each key, then the family's "f"
  };
  auto request = read_request();
  *request.mutable_filter() = filter([](auto& f) { f.set_strip_value_transformer(true); });
  EXPECT_EQ(keys(request), "afbfcfdfefffgf");
  request.set_reversed(true);
  EXPECT_EQ(keys(request), "gfffefdfcfbfaf");
  request.set_rows_limit(2);
  EXPECT_EQ(keys(request), "gfff");
  request.set_reversed(false);
  request.mutable_rows()->add_row_keys("g");
  request.mutable_rows()->add_row_keys("a");
  request.mutable_rows()->add_row_keys("none");
  request.mutable_rows()->add_row_keys("b");
  auto& range = *request.mutable_rows()->add_row_ranges();
  range.set_start_key_open("c");
  range.set_end_key_closed("e");
  request.set_rows_limit(0);
  EXPECT_EQ(keys(request), "afbfdfefgf");
  request.set_reversed(true);
  EXPECT_EQ(keys(request), "gfefdfbfaf");
  request.set_rows_limit(3);
  EXPECT_EQ(keys(request), "gfefdf");
}

TEST_F(DataCallsTest, ManyKeysInOneRequest) {
  make_table("t", {"k0500"});
  auto all = read_request();
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    char key[8];
    std::snprintf(key, sizeof(key), "k%04d", i);
    if (i % 3 != 0) put(key, "q", 0, "v");
    if (i % 3 != 0) expected += std::string(key) + " f:q@0=v\n";
    all.mutable_rows()->add_row_keys(key);
  }
  EXPECT_EQ(rows(all), expected);
}

TEST_F(DataCallsTest, FiltersAndLimitsOfRowsThatPass) {
  make_table();
  for (int i = 0; i < 40; ++i) put("r" + std::to_string(10 + i), "q", 0, i % 10 == 0 ? "yes" : "no");
  auto request = read_request();
  *request.mutable_filter() = value("yes");
  request.set_rows_limit(2);
  EXPECT_EQ(rows(request), "r10 f:q@0=yes\nr20 f:q@0=yes\n");
  request.set_rows_limit(0);
  request.set_request_stats_view(bt::ReadRowsRequest::REQUEST_STATS_FULL);
  std::vector<bt::ReadRowsResponse> messages;
  ASSERT_TRUE(client_->read_all(path::kReadRows, request, messages).ok());
  const auto& counts = messages.back().request_stats().full_read_stats_view().read_iteration_stats();
  EXPECT_EQ(counts.rows_seen_count(), 40);
  EXPECT_EQ(counts.rows_returned_count(), 4);
  EXPECT_EQ(counts.cells_seen_count(), 40);
  EXPECT_EQ(counts.cells_returned_count(), 4);
}

TEST_F(DataCallsTest, LargeCellsAndManyRows) {
  make_table();
  const std::string large(5 << 20, 'x');
  put("large", "q", 0, large);
  EXPECT_EQ(row("large"), "large f:q@0=" + large + "\n");
  bt::MutateRowsRequest request;
  request.set_table_name(table_name());
  for (int i = 0; i < 3000; ++i) {
    auto& entry = *request.add_entries();
    entry.set_row_key("row" + std::to_string(10000 + i));
    auto& cell = *entry.add_mutations()->mutable_set_cell();
    cell.set_family_name("f");
    cell.set_column_qualifier("q");
    cell.set_value(std::string(300, 'y'));
  }
  std::vector<bt::MutateRowsResponse> messages;
  ASSERT_TRUE(client_->read_all(path::kMutateRows, request, messages).ok());
  auto read = read_request();
  read.mutable_rows()->add_row_ranges()->set_start_key_closed("row");
  const std::string all = rows(read);
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 3000);
  put("huge", "q", 0, "v");
  auto too_large = mutation("huge");
  add_cell(too_large, "f", "q", 0, std::string(11 << 20, 'x'));
  EXPECT_EQ(mutate(too_large).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

// A client that takes no more than one message: what is read for it is bounded, and it is told to HBase when it goes.
TEST_F(DataCallsTest, ASlowReaderStopsTheScanAndAVanishedOneEndsIt) {
  make_table();
  for (int i = 0; i < 60; ++i) put("r" + std::to_string(100 + i), "q", 0, std::string(1 << 20, 'x'));
  {
    grpc::ClientContext context;
    auto reader = client_->stream<bt::ReadRowsResponse>(path::kReadRows, context, read_request());
    bt::ReadRowsResponse first;
    ASSERT_TRUE(reader->Read(&first));
    std::uint64_t calls = 0;
    do {  // until it stands still
      calls = cluster_->stats().calls;
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
    } while (cluster_->stats().calls != calls);
    EXPECT_LT(calls, 150u) << "the puts took 60 and a few";
    EXPECT_EQ(cluster_->stats().scanners_open, 1u);
    context.TryCancel();
    while (reader->Read(&first)) {
    }
    EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  for (int i = 0; i < 200 && cluster_->stats().scanners_open != 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(cluster_->stats().scanners_open, 0u);
}

TEST_F(DataCallsTest, ADeadlineEndsTheCall) {
  make_table();
  put("r", "q", 0, "v");
  ASSERT_TRUE(cluster_->inject("stall method=Get"));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(300));
  auto request = read_request();
  request.mutable_rows()->add_row_keys("r");
  const auto began = std::chrono::steady_clock::now();
  auto reader = client_->stream<bt::ReadRowsResponse>(path::kReadRows, context, request);
  bt::ReadRowsResponse message;
  EXPECT_FALSE(reader->Read(&message));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
  cluster_->heal_all();
  gateway_->stop(std::chrono::seconds(0));  // no call is left that HBase would have to answer
}

// ---------------------------------------------------------------- the order of mutations

TEST_F(DataCallsTest, LaterMutationsOfARequestWin) {
  make_table();
  put("r", "old", 9000, "old");
  auto request = mutation("r");
  add_cell(request, "f", "q", 1000, "gone");
  request.add_mutations()->mutable_delete_from_row();
  add_cell(request, "f", "q", 1000, "kept");
  add_cell(request, "f", "now", -1, "kept");
  EXPECT_EQ(text_of(mutate(request)), "ok");
  const std::string left = row("r");
  EXPECT_NE(left.find("f:q@1000=kept"), std::string::npos) << left;
  EXPECT_NE(left.find("f:now"), std::string::npos) << left;
  EXPECT_EQ(left.find("old"), std::string::npos) << left;
  EXPECT_EQ(left.find("gone"), std::string::npos) << left;
}

TEST_F(DataCallsTest, WhatIsWrittenAfterADeleteIsThere) {
  make_table();
  for (int round = 0; round < 3; ++round) {
    put("r", "q", 5000, "first");
    for (int kind = 0; kind < 3; ++kind) {
      auto deletes = mutation("r");
      if (kind == 0) deletes.add_mutations()->mutable_delete_from_row();
      if (kind == 1) deletes.add_mutations()->mutable_delete_from_family()->set_family_name("f");
      if (kind == 2) {
        deletes.add_mutations()->mutable_delete_from_column()->set_family_name("f");
        deletes.mutable_mutations(0)->mutable_delete_from_column()->set_column_qualifier("q");
      }
      ASSERT_EQ(text_of(mutate(deletes)), "ok");
      EXPECT_EQ(row("r"), "");
      put("r", "q", 5000, "again");
      put("r", "q", 3000, "older");
      EXPECT_EQ(row("r"), "r f:q@5000=again f:q@3000=older\n");
      put("r", "q", -1, "now");
      EXPECT_TRUE(row("r").ends_with("=now f:q@5000=again f:q@3000=older\n")) << row("r");
    }
  }
}

TEST_F(DataCallsTest, DeletesOfTimeRanges) {
  make_table();
  for (int i = 1; i <= 6; ++i) put("r", "q", i * 1000, std::to_string(i));
  auto deletes = mutation("r");
  auto& column = *deletes.add_mutations()->mutable_delete_from_column();
  column.set_family_name("f");
  column.set_column_qualifier("q");
  column.mutable_time_range()->set_start_timestamp_micros(2000);
  column.mutable_time_range()->set_end_timestamp_micros(4000);
  EXPECT_EQ(text_of(mutate(deletes)), "ok");
  EXPECT_EQ(row("r"), "r f:q@6000=6 f:q@5000=5 f:q@4000=4 f:q@1000=1\n");
  column.mutable_time_range()->set_start_timestamp_micros(5000);
  column.mutable_time_range()->set_end_timestamp_micros(0);
  EXPECT_EQ(text_of(mutate(deletes)), "ok");
  EXPECT_EQ(row("r"), "r f:q@4000=4 f:q@1000=1\n");
  column.mutable_time_range()->set_start_timestamp_micros(0);
  column.mutable_time_range()->set_end_timestamp_micros(2000);
  EXPECT_EQ(text_of(mutate(deletes)), "ok");
  EXPECT_EQ(row("r"), "r f:q@4000=4\n");
}

// A table that somebody else made, without ordered deletes.
TEST_F(DataCallsTest, DeletesInATableOfHBasesOwnKind) {
  HBMUX_ASSERT_OK(connection_->admin().create_table(TableDescriptor(TableName::parse("t").value()).family(ColumnFamilyDescriptor("f"))));
  put("r", "q", 1000, "one");
  put("r", "q", 3000, "three");
  EXPECT_EQ(row("r"), "r f:q@3000=three\n") << "it keeps one version";
  auto deletes = mutation("r");
  deletes.add_mutations()->mutable_delete_from_row();
  EXPECT_EQ(text_of(mutate(deletes)), "ok");
  EXPECT_EQ(row("r"), "") << "the older version must not come back";
  put("r", "q", 2000, "between");
  put("r", "now", -1, "v");
  EXPECT_TRUE(row("r").starts_with("r f:now@")) << row("r");
  EXPECT_TRUE(row("r").ends_with("f:q@2000=between\n")) << row("r");
}

// ---------------------------------------------------------------- bulk

TEST_F(DataCallsTest, EachEntryHasItsStatus) {
  make_table();
  put("c", "q", 3000, "old");
  bt::MutateRowsRequest request;
  request.set_table_name(table_name());
  const auto add = [&](const std::string& row, const std::string& family) -> bt::Mutation& {
    auto& entry = *request.add_entries();
    entry.set_row_key(row);
    auto& cell = *entry.add_mutations()->mutable_set_cell();
    cell.set_family_name(family);
    cell.set_column_qualifier("q");
    cell.set_value(row);
    return *entry.add_mutations();
  };
  add("a", "f").mutable_delete_from_family()->set_family_name("g");
  add("b", "unknown").mutable_delete_from_row();
  auto& third = *request.add_entries();
  third.set_row_key("c");
  third.add_mutations()->mutable_delete_from_row();
  auto& cell = *third.add_mutations()->mutable_set_cell();
  cell.set_family_name("f");
  cell.set_column_qualifier("p");
  cell.set_value("new");
  request.add_entries()->set_row_key("d");
  std::vector<bt::MutateRowsResponse> messages;
  ASSERT_TRUE(client_->read_all(path::kMutateRows, request, messages).ok());
  std::map<std::int64_t, int> codes;
  for (const auto& message : messages) {
    for (const auto& entry : message.entries()) codes[entry.index()] = entry.status().code();
  }
  EXPECT_EQ(codes, (std::map<std::int64_t, int>{{0, 0}, {1, 5}, {2, 0}, {3, 3}}));
  EXPECT_EQ(rows(read_request()), "a f:q@0=a\nc f:p@0=new\n");
}

// ---------------------------------------------------------------- read, modify, write

TEST_F(DataCallsTest, IncrementsAndAppends) {
  make_table();
  bt::ReadModifyWriteRowRequest request;
  request.set_table_name(table_name());
  request.set_row_key("r");
  const auto add = [&](const char* qualifier) -> bt::ReadModifyWriteRule& {
    auto& rule = *request.add_rules();
    rule.set_family_name("f");
    rule.set_column_qualifier(qualifier);
    return rule;
  };
  add("n").set_increment_amount(5);
  add("t").set_append_value("ab");
  add("n").set_increment_amount(2);
  bt::ReadModifyWriteRowResponse response;
  ASSERT_EQ(text_of(client_->call(path::kReadModifyWriteRow, request, response)), "ok");
  ASSERT_EQ(response.row().key(), "r");
  ASSERT_EQ(response.row().families_size(), 1);
  EXPECT_EQ(response.row().families(0).columns(0).cells(0).value(), std::string("\0\0\0\0\0\0\0\7", 8));
  EXPECT_EQ(response.row().families(0).columns(1).cells(0).value(), "ab");
  ASSERT_EQ(text_of(client_->call(path::kReadModifyWriteRow, request, response)), "ok");
  EXPECT_EQ(response.row().families(0).columns(0).cells(0).value().back(), '\x0e');
  EXPECT_EQ(response.row().families(0).columns(1).cells(0).value(), "abab");
  put("r", "n", 4102444800000000, "no number");  // the increments' times may be ahead of now
  request.mutable_rules()->Clear();
  add("n").set_increment_amount(1);
  EXPECT_EQ(client_->call(path::kReadModifyWriteRow, request, response).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
}

// ---------------------------------------------------------------- conditional changes

TEST_F(DataCallsTest, BothBranchesOfACondition) {
  make_table();
  put("r", "state", 1000, "old");
  put("r", "state", 2000, "open");
  bt::CheckAndMutateRowRequest request;
  request.set_table_name(table_name());
  request.set_row_key("r");
  *request.mutable_predicate_filter() = chain({family("f"), qualifier("state"), column_limit(1), value("open")});
  auto& yes = *request.add_true_mutations()->mutable_set_cell();
  yes.set_family_name("f");
  yes.set_column_qualifier("state");
  yes.set_timestamp_micros(3000);
  yes.set_value("closed");
  request.add_false_mutations()->mutable_delete_from_row();
  bt::CheckAndMutateRowResponse response;
  ASSERT_EQ(text_of(client_->call(path::kCheckAndMutateRow, request, response)), "ok");
  EXPECT_TRUE(response.predicate_matched());
  EXPECT_EQ(row("r"), "r f:state@3000=closed f:state@2000=open f:state@1000=old\n");
  ASSERT_EQ(text_of(client_->call(path::kCheckAndMutateRow, request, response)), "ok");
  EXPECT_FALSE(response.predicate_matched());
  EXPECT_EQ(row("r"), "");
  request.clear_false_mutations();
  ASSERT_EQ(text_of(client_->call(path::kCheckAndMutateRow, request, response)), "ok") << "a branch without mutations";
  EXPECT_FALSE(response.predicate_matched());
}

TEST_F(DataCallsTest, AnOlderVersionOrAnEmptyValueMayBeWhatCounts) {
  make_table();
  put("r", "q", 1000, "");
  put("r", "p", 1000, "old");
  put("r", "p", 2000, "new");
  bt::CheckAndMutateRowRequest request;
  request.set_table_name(table_name());
  request.set_row_key("r");
  auto& yes = *request.add_true_mutations()->mutable_set_cell();
  yes.set_family_name("g");
  yes.set_column_qualifier("seen");
  yes.set_value("1");
  bt::CheckAndMutateRowResponse response;
  for (const auto& predicate : {value("old"), chain({qualifier("q"), value("")})}) {
    *request.mutable_predicate_filter() = predicate;
    ASSERT_EQ(text_of(client_->call(path::kCheckAndMutateRow, request, response)), "ok");
    EXPECT_TRUE(response.predicate_matched());
  }
}

// Who is told that the row was not there owns it: of many at once just one, also through two gateways.
TEST_F(DataCallsTest, OneOfManyInsertsARow) {
  make_table();
  GatewayOptions options;
  options.listen = "127.0.0.1:0";
  options.names = NameRules::parse("i=default").value();
  auto other = Gateway::start(*connection_, options).value();
  GatewayClient other_client(other.address());
  for (int round = 0; round < 20; ++round) {
    const std::string key = "row" + std::to_string(round);
    std::atomic<int> owners = 0;
    std::string owner;
    std::mutex mutex;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        bt::CheckAndMutateRowResponse response;
        GatewayClient& client = i % 2 == 0 ? *client_ : other_client;
        const auto status = client.call(path::kCheckAndMutateRow, insert_if_absent(table_name(), key, std::to_string(i)), response);
        ASSERT_TRUE(status.ok()) << status.error_message();
        if (response.predicate_matched()) return;
        ++owners;
        const std::lock_guard lock(mutex);
        owner = std::to_string(i);
      });
    }
    threads.clear();
    EXPECT_EQ(owners, 1);
    EXPECT_TRUE(row(key).ends_with("=" + owner + "\n")) << row(key);
  }
}

// Replies that are lost, connections that break, a server that is killed: what was acknowledged is there.
TEST_F(DataCallsTest, AcknowledgedWritesOutliveTroubles) {
  make_table("t", {"1", "2", "3"});
  ASSERT_TRUE(cluster_->inject("mix rate=0.05 seed=3"));
  std::atomic<int> counted = 0;
  std::vector<std::vector<std::string>> acknowledged(4);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < 60; ++n) {
        auto request = mutation(std::to_string(i) + "row" + std::to_string(n));
        if (n % 5 == 0) request.add_mutations()->mutable_delete_from_row();
        add_cell(request, "f", "q", 1000 * n, "v" + std::to_string(n));
        if (mutate(request).ok()) acknowledged[static_cast<std::size_t>(i)].push_back(request.row_key());
        bt::ReadModifyWriteRowRequest count;
        count.set_table_name(table_name());
        count.set_row_key("counter");
        count.add_rules()->set_family_name("f");
        count.mutable_rules(0)->set_increment_amount(1);
        bt::ReadModifyWriteRowResponse response;
        if (client_->call(path::kReadModifyWriteRow, count, response).ok()) ++counted;
      }
    });
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  HBMUX_EXPECT_OK(cluster_->kill_region_server(0));
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  HBMUX_EXPECT_OK(cluster_->start_region_server(0));
  threads.clear();
  cluster_->heal_all();
  std::size_t written = 0;
  for (const auto& rows : acknowledged) {
    written += rows.size();
    for (const std::string& key : rows) {
      const std::string number = key.substr(4);
      EXPECT_EQ(row(key), key + " f:q@" + std::to_string(1000 * std::stoi(number)) + "=v" + number + "\n");
    }
  }
  EXPECT_GT(written, 200u);
  auto request = read_request();
  request.mutable_rows()->add_row_keys("counter");
  *request.mutable_filter() = column_limit(1);
  std::vector<bt::ReadRowsResponse> messages;
  ASSERT_TRUE(client_->read_all(path::kReadRows, request, messages).ok());
  const auto value = bytes::to<std::int64_t>(messages.at(0).chunks(0).value());
  ASSERT_TRUE(value);
  EXPECT_GE(*value, counted);  // more: without an answer; and a killed server of the embedded cluster forgets nonces
}

// ---------------------------------------------------------------- what is wrong

TEST_F(DataCallsTest, ErrorsHaveTheCodesOfTheApi) {
  make_table();
  EXPECT_EQ(mutate(mutation("r")).error_code(), grpc::StatusCode::INVALID_ARGUMENT) << "no mutations";
  auto request = mutation("r", "unknown");
  add_cell(request, "f", "q", 0, "");
  EXPECT_EQ(mutate(request).error_code(), grpc::StatusCode::NOT_FOUND);
  request = mutation("r");
  add_cell(request, "unknown", "q", 0, "");
  EXPECT_EQ(mutate(request).error_code(), grpc::StatusCode::NOT_FOUND);
  request = mutation("");
  add_cell(request, "f", "q", 0, "");
  EXPECT_EQ(mutate(request).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  request = mutation(std::string(40000, 'r'));
  add_cell(request, "f", "q", 0, "");
  EXPECT_EQ(mutate(request).error_code(), grpc::StatusCode::INVALID_ARGUMENT) << "a row's key is too long";
  request = mutation("r");
  request.set_table_name("no name");
  add_cell(request, "f", "q", 0, "");
  EXPECT_EQ(mutate(request).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_TRUE(rows(read_request("unknown")).starts_with("error 5")) << rows(read_request("unknown"));
  auto read = read_request();
  *read.mutable_filter() = value("(");
  EXPECT_TRUE(rows(read).starts_with("error 3")) << rows(read);
  read = read_request();
  read.set_rows_limit(-1);
  EXPECT_TRUE(rows(read).starts_with("error 3"));
  read = read_request();
  read.set_authorized_view_name("v");
  EXPECT_TRUE(rows(read).starts_with("error 12"));
}

// Valid requests with bytes changed, cut or added: whatever they are answered, the gateway lives on.
TEST_F(DataCallsTest, MalformedRequestsLeaveItAlive) {
  make_table();
  put("r", "q", 1000, "v");
  bt::ReadRowsRequest read = read_request();
  read.mutable_rows()->add_row_keys("r");
  *read.mutable_filter() = chain({interleave({family("f"), sink()}), column_limit(2), label("l")});
  bt::CheckAndMutateRowRequest check = insert_if_absent(table_name(), "r", "v");
  *check.mutable_predicate_filter() = read.filter();
  bt::MutateRowsRequest bulk;
  bulk.set_table_name(table_name());
  auto row = mutation("r");
  add_cell(row, "f", "q", 1000, "v");
  row.add_mutations()->mutable_delete_from_column()->set_family_name("f");
  bulk.add_entries()->set_row_key("r");
  *bulk.mutable_entries(0)->mutable_mutations() = row.mutations();
  const std::vector<std::pair<const char*, std::string>> requests = {{path::kReadRows, read.SerializeAsString()},
                                                                     {path::kCheckAndMutateRow, check.SerializeAsString()},
                                                                     {path::kMutateRows, bulk.SerializeAsString()},
                                                                     {path::kMutateRow, row.SerializeAsString()}};
  std::mt19937 random(1);
  for (int i = 0; i < 1200; ++i) {
    auto [path, bytes] = requests[static_cast<std::size_t>(i) % requests.size()];
    for (unsigned changes = 1 + random() % 3; changes > 0; --changes) {
      const std::size_t at = random() % bytes.size();
      switch (random() % 3) {
        case 0: bytes[at] = static_cast<char>(random()); break;
        case 1: bytes.insert(at, 1, static_cast<char>(random())); break;
        default: bytes.erase(at, 1 + random() % 4); break;
      }
      if (bytes.empty()) bytes = "x";
    }
    const grpc::Slice slice(bytes);
    grpc::ByteBuffer answer;
    client_->call(path, grpc::ByteBuffer(&slice, 1), answer);
  }
  put("r", "alive", 1000, "v");
  EXPECT_NE(this->row("r").find("f:alive@1000=v"), std::string::npos);
}

TEST_F(DataCallsTest, OtherMethodsAreNotServedAndSaySo) {
  bt::PingAndWarmRequest request;
  bt::PingAndWarmResponse response;
  const auto status = client_->call("/google.bigtable.v2.Bigtable/ExecuteQuery", request, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_NE(status.error_message().find("ExecuteQuery"), std::string::npos);
}

TEST_F(DataCallsTest, PingAndWarmTellsWhetherTheClusterIsThere) {
  bt::PingAndWarmRequest request;
  request.set_name(kParent);
  bt::PingAndWarmResponse response;
  EXPECT_EQ(text_of(client_->call(path::kPingAndWarm, request, response)), "ok");
}

TEST_F(DataCallsTest, SampleKeysAreWhereRegionsEnd) {
  make_table("t", {"c", "f"});
  bt::SampleRowKeysRequest request;
  request.set_table_name(table_name());
  std::vector<bt::SampleRowKeysResponse> messages;
  ASSERT_TRUE(client_->read_all(path::kSampleRowKeys, request, messages).ok());
  ASSERT_EQ(messages.size(), 3u);
  EXPECT_EQ(messages[0].row_key(), "c");
  EXPECT_EQ(messages[2].row_key(), "");
  EXPECT_GT(messages[2].offset_bytes(), messages[0].offset_bytes());
}

// A read that finds nothing says how far it has come, when the client can make use of it (bit 4: last_scanned_row_responses).
TEST_F(DataCallsTest, TellsWhereItIs) {
  make_table();
  for (int i = 0; i < 30; ++i) put("r" + std::to_string(10 + i), "q", 0, "v");
  ASSERT_TRUE(cluster_->inject("delay method=Scan.next min=300ms max=300ms"));
  auto request = read_request();
  *request.mutable_filter() = value("none");
  std::vector<bt::ReadRowsResponse> messages;
  ASSERT_TRUE(client_->read_all(path::kReadRows, request, messages, "IAE=").ok());
  for (const auto& message : messages) EXPECT_FALSE(message.last_scanned_row_key().empty());
}

}  // namespace
}  // namespace hbmux::gateway
