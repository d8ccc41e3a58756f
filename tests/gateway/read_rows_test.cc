// ReadRows, over sockets, in front of an embedded cluster.
#include "tests/gateway/gateway_test.h"

#include <chrono>
#include <thread>

namespace hbmux::gateway {
namespace {

using ReadRowsTest = GatewayTest;

TEST_F(ReadRowsTest, WritesAndReads) {
  make_table();
  auto request = mutation("r1");
  add_cell(request, "f", "q", 2000, "new");
  add_cell(request, "f", "q", 1000, "old");
  add_cell(request, "g", "", 5000, std::string("\0\xff", 2));
  EXPECT_EQ(text_of(mutate(request)), "ok");
  EXPECT_EQ(row("r1"), "r1 f:q@2000=new f:q@1000=old g:@5000=" + std::string("\0\xff", 2) + "\n");
  EXPECT_EQ(row("none"), "");
}

TEST_F(ReadRowsTest, ServerTimeIsNow) {
  make_table();
  const auto before = std::chrono::system_clock::now();
  put("r", "q", -1, "v");
  std::vector<bt::ReadRowsResponse> messages;
  ASSERT_TRUE(client_->read_all(path::kReadRows, read_request(), messages).ok());
  const std::chrono::microseconds stored(messages.at(0).chunks(0).timestamp_micros());
  EXPECT_NEAR(std::chrono::duration<double>(stored - before.time_since_epoch()).count(), 0, 10);
}

TEST_F(ReadRowsTest, RangesKeysReverseAndLimits) {
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

TEST_F(ReadRowsTest, ManyKeysInOneRequest) {
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

TEST_F(ReadRowsTest, FiltersAndLimitsOfRowsThatPass) {
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

TEST_F(ReadRowsTest, LargeCellsAndManyRows) {
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
TEST_F(ReadRowsTest, ASlowReaderStopsTheScanAndAVanishedOneEndsIt) {
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

TEST_F(ReadRowsTest, ADeadlineEndsTheCall) {
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

// A read that finds nothing says how far it has come, when the client can make use of it (bit 4: last_scanned_row_responses).
TEST_F(ReadRowsTest, TellsWhereItIs) {
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
