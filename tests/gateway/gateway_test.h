// A test with a gateway over an embedded cluster, and a plain client of it.
#pragma once

#include "gateway/gateway.h"
#include "gateway/paths.h"
#include "tests/gateway/cells.h"
#include "tests/support/result_assertions.h"

#include <hbmux/bt/admin/table_admin.pb.h>
#include <hbmux/bt/bigtable.pb.h>
#include <hbmux/mini/cluster.h>

#include <google/protobuf/empty.pb.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/impl/codegen/client_unary_call.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/sync_stream.h>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hbmux::gateway {

/// Calls by path, with our own messages.
class GatewayClient {
 public:
  explicit GatewayClient(const std::string& address);

  template <class Response, class Request>
  grpc::Status call(const char* path, const Request& request, Response& response) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    const grpc::internal::RpcMethod method(path, grpc::internal::RpcMethod::NORMAL_RPC, channel_);
    return grpc::internal::BlockingUnaryCall(channel_.get(), method, &context, request, &response);
  }
  template <class Response, class Request>
  std::unique_ptr<grpc::ClientReader<Response>> stream(const char* path, grpc::ClientContext& context, const Request& request) {
    const grpc::internal::RpcMethod method(path, grpc::internal::RpcMethod::SERVER_STREAMING, channel_);
    return std::unique_ptr<grpc::ClientReader<Response>>(
        grpc::internal::ClientReaderFactory<Response>::Create(channel_.get(), method, &context, request));
  }
  /// All messages of a stream.
  template <class Response, class Request>
  grpc::Status read_all(const char* path, const Request& request, std::vector<Response>& responses,
                        const std::string& features = {}) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    if (!features.empty()) context.AddMetadata("bigtable-features", features);
    auto reader = stream<Response>(path, context, request);
    for (Response response; reader->Read(&response);) responses.push_back(response);
    return reader->Finish();
  }

 private:
  std::shared_ptr<grpc::Channel> channel_;
};

/// Writes `value` to "f:owner" when the row is not there.
bt::CheckAndMutateRowRequest insert_if_absent(const std::string& table, const std::string& row, const std::string& value);

class GatewayTest : public testing::Test {
 protected:
  static constexpr const char* kParent = "projects/p/instances/i";
  static std::string table_name(const std::string& id = "t") { return std::string(kParent) + "/tables/" + id; }

  void SetUp() override;
  /// Families "f" and "g", made through the gateway.
  void make_table(const std::string& id = "t", const std::vector<std::string>& splits = {});

  bt::MutateRowRequest mutation(const std::string& row, const std::string& table = "t");
  static void add_cell(bt::MutateRowRequest& request, const std::string& family, const std::string& qualifier,
                       std::int64_t micros, const std::string& value);
  grpc::Status mutate(const bt::MutateRowRequest& request);
  void put(const std::string& row, const std::string& qualifier, std::int64_t micros, const std::string& value);

  bt::ReadRowsRequest read_request(const std::string& table = "t");
  /// "row f:q@5=value ..." a line; or the error.
  std::string rows(const bt::ReadRowsRequest& request);
  std::string row(const std::string& key);

  static std::string text_of(const grpc::Status& status);

  std::optional<mini::Cluster> cluster_;
  std::optional<ClusterConnection> connection_;
  std::optional<Gateway> gateway_;
  std::optional<GatewayClient> client_;
};

}  // namespace hbmux::gateway
