// What holds for all data calls: troubles of the cluster, errors, requests that are none.
#include "tests/gateway/gateway_test.h"

#include <hbmux/bytes.h>

#include <grpcpp/support/byte_buffer.h>

#include <atomic>
#include <random>
#include <thread>

namespace hbmux::gateway {
namespace {

using DataCallsTest = GatewayTest;

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

}  // namespace
}  // namespace hbmux::gateway
