#include "tests/gateway/gateway_test.h"

#include <hbmux/log.h>

namespace hbmux::gateway {

GatewayClient::GatewayClient(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetMaxSendMessageSize(-1);
  channel_ = grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

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

void GatewayTest::SetUp() {
  set_log_sink({}, LogLevel::error);
  cluster_ = mini::Cluster::start({.region_servers = 2}).value();
  Configuration configuration = cluster_->client_configuration();
  configuration.set("hbase.client.operation.timeout", "15000");
  configuration.set("hbase.rpc.timeout", "1500");
  configuration.set("hbase.client.pause", "20");
  connection_ = ClusterConnection::open(configuration).value();
  GatewayOptions options;
  options.listen = "127.0.0.1:0";
  options.names = NameRules::parse("i=default").value();
  auto started = Gateway::start(*connection_, options);
  ASSERT_TRUE(started) << started.error();
  gateway_.emplace(std::move(*started));
  client_.emplace(gateway_->address());
}

void GatewayTest::make_table(const std::string& id, const std::vector<std::string>& splits) {
  bt::admin::CreateTableRequest request;
  request.set_parent(kParent);
  request.set_table_id(id);
  for (const char* family : {"f", "g"}) (*request.mutable_table()->mutable_column_families())[family];
  for (const std::string& split : splits) request.add_initial_splits()->set_key(split);
  bt::admin::Table table;
  const auto status = client_->call(path::kCreateTable, request, table);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(table.name(), table_name(id));
}

bt::MutateRowRequest GatewayTest::mutation(const std::string& row, const std::string& table) {
  bt::MutateRowRequest request;
  request.set_table_name(table_name(table));
  request.set_row_key(row);
  return request;
}

void GatewayTest::add_cell(bt::MutateRowRequest& request, const std::string& family, const std::string& qualifier,
                           std::int64_t micros, const std::string& value) {
  auto& cell = *request.add_mutations()->mutable_set_cell();
  cell.set_family_name(family);
  cell.set_column_qualifier(qualifier);
  cell.set_timestamp_micros(micros);
  cell.set_value(value);
}

grpc::Status GatewayTest::mutate(const bt::MutateRowRequest& request) {
  bt::MutateRowResponse response;
  return client_->call(path::kMutateRow, request, response);
}

void GatewayTest::put(const std::string& row, const std::string& qualifier, std::int64_t micros, const std::string& value) {
  auto request = mutation(row);
  add_cell(request, "f", qualifier, micros, value);
  const auto status = mutate(request);
  ASSERT_TRUE(status.ok()) << status.error_message();
}

bt::ReadRowsRequest GatewayTest::read_request(const std::string& table) {
  bt::ReadRowsRequest request;
  request.set_table_name(table_name(table));
  return request;
}

std::string GatewayTest::rows(const bt::ReadRowsRequest& request) {
  std::vector<bt::ReadRowsResponse> messages;
  const auto status = client_->read_all(path::kReadRows, request, messages);
  if (!status.ok()) return text_of(status);
  std::string out, key, family, qualifier, value;
  for (const auto& message : messages) {
    for (const auto& chunk : message.chunks()) {
      if (!chunk.row_key().empty()) out += chunk.row_key();
      if (chunk.has_family_name()) family = chunk.family_name().value();
      if (chunk.has_qualifier()) qualifier = chunk.qualifier().value();
      value += chunk.value();
      if (chunk.value_size() != 0) continue;
      out += " " + family + ":" + qualifier + "@" + std::to_string(chunk.timestamp_micros()) + "=" + value;
      value.clear();
      if (chunk.commit_row()) out += "\n";
    }
  }
  return out;
}

std::string GatewayTest::row(const std::string& key) {
  auto request = read_request();
  request.mutable_rows()->add_row_keys(key);
  return rows(request);
}

std::string GatewayTest::text_of(const grpc::Status& status) {
  return status.ok() ? "ok" : "error " + std::to_string(status.error_code()) + ": " + status.error_message();
}

}  // namespace hbmux::gateway
