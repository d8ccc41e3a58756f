#include "gateway/gateway.h"

#include "gateway/drop_row_range.h"
#include "gateway/instance_calls.h"
#include "gateway/mutate_row.h"
#include "gateway/mutate_rows.h"
#include "gateway/paths.h"
#include "gateway/read_rows.h"
#include "gateway/service.h"
#include "gateway/table_calls.h"

#include <grpcpp/ext/health_check_service_server_builder_option.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

namespace hbmux::gateway {
namespace {

class DataService final : public Service {
 public:
  explicit DataService(GatewayState& state) : Service(state) {
    add_stream<ReadRowsCall>(path::kReadRows);
    add_stream<SampleRowKeysCall>(path::kSampleRowKeys);
    add_unary<MutateRowCall>(path::kMutateRow);
    add_stream<MutateRowsCall>(path::kMutateRows);
    add_unary<CheckAndMutateRowCall>(path::kCheckAndMutateRow);
    add_unary<ReadModifyWriteRowCall>(path::kReadModifyWriteRow);
    add_unary<PingAndWarmCall>(path::kPingAndWarm);
  }
};

class TableAdminService final : public Service {
 public:
  explicit TableAdminService(GatewayState& state) : Service(state) {
    add_unary<CreateTableCall>(path::kCreateTable);
    add_unary<ListTablesCall>(path::kListTables);
    add_unary<GetTableCall>(path::kGetTable);
    add_unary<UpdateTableCall>(path::kUpdateTable);
    add_unary<DeleteTableCall>(path::kDeleteTable);
    add_unary<ModifyColumnFamiliesCall>(path::kModifyColumnFamilies);
    add_unary<DropRowRangeCall>(path::kDropRowRange);
    add_unary<GenerateConsistencyTokenCall>(path::kGenerateConsistencyToken);
    add_unary<CheckConsistencyCall>(path::kCheckConsistency);
  }
};

/// Calls of any other name.
class UnservedCall final : public grpc::ServerGenericBidiReactor {
 public:
  explicit UnservedCall(const std::string& method) {
    Finish(grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "hbmux's gateway does not serve " + method));
  }
  void OnDone() override { delete this; }
};
class UnservedCalls final : public grpc::CallbackGenericService {
 public:
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override {
    return new UnservedCall(context->method());
  }
};

}  // namespace

struct Gateway::Impl {
  Impl(ClusterConnection& connection, NameRules names) : state(connection, std::move(names)), data(state), table_admin(state) {}

  GatewayState state;
  DataService data;
  TableAdminService table_admin;
  UnservedCalls unserved;
  std::unique_ptr<grpc::Server> server;  // ends before what it serves
  std::string address;
};

Gateway::Gateway(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Gateway::Gateway(Gateway&&) noexcept = default;
Gateway& Gateway::operator=(Gateway&&) noexcept = default;
Gateway::~Gateway() {
  if (impl_ != nullptr) stop(std::chrono::milliseconds(0));
}

Result<Gateway> Gateway::start(ClusterConnection& connection, const GatewayOptions& options) {
  auto impl = std::make_unique<Impl>(connection, options.names);
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(options.listen, grpc::InsecureServerCredentials(), &port);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // a second gateway on the port is an error
  builder.SetMaxReceiveMessageSize(static_cast<int>(options.request_bytes_max));
  builder.RegisterService(&impl->data);
  builder.RegisterService(&impl->table_admin);
  builder.RegisterCallbackGenericService(&impl->unserved);
  impl->server = builder.BuildAndStart();
  if (impl->server == nullptr || port == 0) return Error(Errc::cannot_connect, "cannot listen on " + options.listen);
  impl->address = options.listen.substr(0, options.listen.rfind(':') + 1) + std::to_string(port);
  return Gateway(std::move(impl));
}

const std::string& Gateway::address() const noexcept { return impl_->address; }

void Gateway::stop(std::chrono::milliseconds grace) {
  if (impl_->server == nullptr) return;
  impl_->server->Shutdown(std::chrono::system_clock::now() + grace);
  impl_->server->Wait();
  impl_->server.reset();
}

}  // namespace hbmux::gateway
