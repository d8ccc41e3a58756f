#include "gateway/gateway.h"

#include "gateway/access_log.h"
#include "gateway/drop_row_range.h"
#include "gateway/http_listener.h"
#include "gateway/instance_calls.h"
#include "gateway/mutate_row.h"
#include "gateway/mutate_rows.h"
#include "gateway/pages.h"
#include "gateway/paths.h"
#include "gateway/read_rows.h"
#include "gateway/reflection.h"
#include "gateway/service.h"
#include "gateway/table_calls.h"

#include <grpcpp/ext/health_check_service_server_builder_option.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <cstdio>
#include <optional>

#include <sys/resource.h>
#include <unistd.h>

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

class ReflectionService final : public Service {
 public:
  explicit ReflectionService(GatewayState& state) : Service(state) {
    add_dialogue<ReflectionCall>(path::kReflectionAlpha);
    add_dialogue<ReflectionCall>(path::kReflection);
  }
};

/// Calls of any other name.
class UnservedCall final : public grpc::ServerGenericBidiReactor {
 public:
  UnservedCall(CallJournal& journal, std::size_t number, grpc::GenericCallbackServerContext& context)
      : journal_(journal), number_(number) {
    journal_.begin(number_);
    report_.code = Code::unimplemented;
    report_.began = std::chrono::system_clock::now();
    if (journal_.wants_names({})) report_.peer = context.peer();
    Finish(grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "hbmux's gateway does not serve " + context.method()));
  }
  void OnDone() override {
    journal_.end(number_, std::move(report_));
    delete this;
  }

 private:
  CallJournal& journal_;
  const std::size_t number_;
  CallReport report_;
};
class UnservedCalls final : public grpc::CallbackGenericService {
 public:
  explicit UnservedCalls(CallJournal& journal) : journal_(journal), number_(journal.add_method("others")) {}
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override {
    return new UnservedCall(journal_, number_, *context);
  }

 private:
  CallJournal& journal_;
  const std::size_t number_;
};

constexpr unsigned kTlsRefreshSeconds = 5;

std::shared_ptr<grpc::ServerCredentials> credentials_of(const TlsFiles& files) {
  if (files.empty()) return grpc::InsecureServerCredentials();
  const auto provider = std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(files.key, files.certificate,
                                                                                            files.client_authority, kTlsRefreshSeconds);
  grpc::experimental::TlsServerCredentialsOptions options(provider);
  options.watch_identity_key_cert_pairs();
  if (!files.client_authority.empty()) {
    options.watch_root_certs();
    options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return grpc::experimental::TlsServerCredentials(options);
}

std::uint64_t resident_bytes() {
  unsigned long pages = 0, resident = 0;
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  const int read = std::fscanf(file, "%lu %lu", &pages, &resident);
  std::fclose(file);
  return read == 2 ? resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

struct Gateway::Impl {
  Impl(ClusterConnection& connection, const GatewayOptions& options)
      : state(connection, options.names, options.limits, options.slow_call), data(state), table_admin(state), reflection(state), unserved(state.journal), tls(options.tls) {}

  HttpAnswer answer(std::string_view path) const {
    if (path == "/healthz") {
      return draining ? HttpAnswer{503, "text/plain; charset=utf-8", "draining\n"} : HttpAnswer{200, "text/plain; charset=utf-8", "ok\n"};
    }
    if (path == "/metrics") return {200, "text/plain; version=0.0.4; charset=utf-8", metrics_page(view())};
    if (path == "/") return {200, "text/html; charset=utf-8", status_page(view())};
    return {404, "text/plain; charset=utf-8", "There are /, /metrics and /healthz.\n"};
  }
  GatewayView view() const {
    GatewayView view;
    view.address = address;
    view.encrypted = !tls.empty();
    view.draining = draining;
    view.up = std::chrono::floor<std::chrono::seconds>(std::chrono::steady_clock::now() - began);
    view.calls = state.journal.snapshot(std::chrono::system_clock::now());
    view.cluster = state.connection.statistics();
    view.log_lines_lost = log != nullptr ? log->lost() : 0;
    view.memory_bytes = resident_bytes();
    view.cpu_seconds = cpu_seconds();
    return view;
  }

  const std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
  GatewayState state;
  DataService data;
  TableAdminService table_admin;
  ReflectionService reflection;
  UnservedCalls unserved;
  TlsFiles tls;
  std::shared_ptr<AccessLog> log;
  std::atomic<bool> draining = false;
  std::unique_ptr<grpc::Server> server;  // ends before what it serves
  std::string address;
  std::optional<HttpListener> http;
};

Gateway::Gateway(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Gateway::Gateway(Gateway&&) noexcept = default;
Gateway& Gateway::operator=(Gateway&&) noexcept = default;
Gateway::~Gateway() {
  if (impl_ != nullptr) stop(std::chrono::milliseconds(0));
}

Result<Gateway> Gateway::start(ClusterConnection& connection, const GatewayOptions& options) {
  if (!options.tls.empty()) {
    if (auto usable = check(options.tls); !usable) return usable.error();
  }
  auto impl = std::make_unique<Impl>(connection, options);
  if (!options.access_log.empty()) {
    auto log = AccessLog::open(options.access_log);
    if (!log) return log.error();
    impl->state.journal.write_to(impl->log = std::move(*log));
  }
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(options.listen, credentials_of(options.tls), &port);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // a second gateway on the port is an error
  builder.SetMaxReceiveMessageSize(static_cast<int>(options.request_bytes_max));
  builder.RegisterService(&impl->data);
  builder.RegisterService(&impl->table_admin);
  builder.RegisterService(&impl->reflection);
  builder.RegisterCallbackGenericService(&impl->unserved);
  impl->server = builder.BuildAndStart();
  if (impl->server == nullptr || port == 0) return Error(Errc::cannot_connect, "cannot listen on " + options.listen);
  impl->address = options.listen.substr(0, options.listen.rfind(':') + 1) + std::to_string(port);
  if (!options.http.empty()) {
    auto http = HttpListener::start(options.http, [self = impl.get()](std::string_view path) { return self->answer(path); });
    if (!http) return http.error();
    impl->http.emplace(std::move(*http));
  }
  return Gateway(std::move(impl));
}

const std::string& Gateway::address() const noexcept { return impl_->address; }

const std::string& Gateway::http_address() const noexcept {
  static const std::string kNone;
  return impl_->http ? impl_->http->address() : kNone;
}

Result<void> Gateway::reload() {
  if (impl_->log != nullptr) {
    if (auto opened = impl_->log->reopen(); !opened) return opened.error();
  }
  return impl_->tls.empty() ? Result<void>() : check(impl_->tls);
}

void Gateway::stop(std::chrono::milliseconds grace) {
  if (impl_->server == nullptr) return;
  impl_->draining = true;
  if (auto* health = impl_->server->GetHealthCheckService()) health->Shutdown();
  impl_->server->Shutdown(std::chrono::system_clock::now() + grace);
  impl_->server->Wait();
  impl_->server.reset();
}

}  // namespace hbmux::gateway
