// gateway: Bigtable's API in front of a cluster, or of an embedded one.
#include "cli/session.h"
#include "cli/text.h"
#include "gateway/gateway.h"

#include <hbmux/mini/cluster.h>

#include <CLI/CLI.hpp>
#include <google/protobuf/stubs/logging.h>

#include <chrono>
#include <csignal>
#include <iostream>
#include <memory>

namespace hbmux::cli {
namespace {

/// Which namespaces instances are, by property.
constexpr const char* kInstancesProperty = "hbmux.gateway.instances";

struct GatewayArguments {
  std::string listen = "127.0.0.1:8086";
  bool embedded = false;
  int region_servers = 1;
  double drain_seconds = 10;
  gateway::TlsFiles tls;
  std::string http;
  std::string access_log;
  int slow_millis = 1000;
};

/// Only sigwait() is to see them: blocked before the first thread starts.
sigset_t block_signals_of_service() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void tell_address(const Session& session, const gateway::Gateway& gateway, bool embedded) {
  const std::string& address = gateway.address();
  if (session.options.format == Format::json) {
    std::cout << "{\"address\":" << json_quoted(address);
    if (!gateway.http_address().empty()) std::cout << ",\"http\":" << json_quoted(gateway.http_address());
    std::cout << "}" << std::endl;
    return;
  }
  std::cout << "Bigtable's API on " << address << (embedded ? ", in front of an embedded cluster; its data are in memory" : "")
            << ".\n\n  export BIGTABLE_EMULATOR_HOST=" << address << "\n\n";
  if (!gateway.http_address().empty()) std::cout << "  http://" << gateway.http_address() << "/ shows how it is.\n\n";
  std::cout << "Ctrl-C ends it." << std::endl;
}

/// What SIGHUP asks for. What cannot be taken stays as it was, and is told.
void reload(Session& session, const GatewayArguments& arguments, ClusterConnection& connection, gateway::Gateway& gateway) {
  const auto tell = [](const char* what, const Result<void>& done) {
    std::cerr << "hbmux gateway: " << what << (done ? " reloaded" : ": " + done.error().to_string()) << std::endl;
  };
  if (!arguments.embedded) {
    const auto configuration = session.configuration();
    tell("pools", configuration ? connection.reconfigure_pools(*configuration) : Result<void>(configuration.error()));
  }
  if (!arguments.access_log.empty() || !arguments.tls.empty()) tell("files", gateway.reload());
}

/// Of a property that must be positive.
std::size_t number_of(const Configuration& configuration, const char* name, std::size_t otherwise) {
  return static_cast<std::size_t>(configuration.get_int(name, static_cast<std::int64_t>(otherwise), 1).value());
}

ExitCode serve_gateway(Session& session, const GatewayArguments& arguments) {
  sigset_t signals = block_signals_of_service();
  google::protobuf::SetLogHandler(nullptr);  // else it has a line for each request that is malformed
  if (arguments.embedded && session.options.names_cluster()) {
    throw Exception(Error(Errc::invalid_argument, "--embedded has a cluster of its own: --conf and --uri name another"));
  }
  std::optional<mini::Cluster> cluster;
  std::optional<ClusterConnection> own_connection;
  Configuration configuration;
  if (arguments.embedded) {
    mini::Options options;
    options.region_servers = arguments.region_servers;
    cluster = mini::Cluster::start(options).value();
    configuration = cluster->client_configuration();
    configuration.set(kInstancesProperty, "*=default");  // any instance will do, as with Bigtable's emulator
    session.apply_command_line(configuration).value();
    own_connection = ClusterConnection::open(configuration).value();
  } else {
    configuration = session.configuration().value();
  }
  ClusterConnection& connection = own_connection ? *own_connection : session.connection();
  gateway::GatewayOptions options;
  options.listen = arguments.listen;
  options.limits.calls = number_of(configuration, "hbmux.gateway.calls.max", options.limits.calls);
  options.limits.reads = number_of(configuration, "hbmux.gateway.reads.max", options.limits.reads);
  options.limits.request_bytes = number_of(configuration, "hbmux.gateway.request.bytes.max", options.limits.request_bytes);
  options.tls = arguments.tls;
  options.http = arguments.http;
  options.access_log = arguments.access_log;
  options.slow_call = std::chrono::milliseconds(arguments.slow_millis);
  options.names = gateway::NameRules::parse(configuration.get_string(kInstancesProperty, "*=*").value()).value();
  auto gateway = gateway::Gateway::start(connection, options).value();
  tell_address(session, gateway, arguments.embedded);
  for (int signal = SIGHUP; signal == SIGHUP;) {
    sigwait(&signals, &signal);
    if (signal == SIGHUP) reload(session, arguments, connection, gateway);
  }
  gateway.stop(std::chrono::milliseconds(static_cast<std::int64_t>(arguments.drain_seconds * 1000)));
  return ExitCode::ok;
}

}  // namespace

void add_gateway_command(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<GatewayArguments>();
  auto* command = app.add_subcommand("gateway", "Serve Bigtable's API (v2, gRPC) in front of HBase");
  command->add_option("--listen", arguments->listen, "Where to listen; port 0: any that is free")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  command->add_flag("--embedded", arguments->embedded, "With an embedded cluster of its own, which any instance stands for");
  command->add_option("--region-servers", arguments->region_servers, "How many the embedded cluster has")
      ->type_name("N")
      ->check(CLI::Range(1, 64).description(""))
      ->capture_default_str();
  command->add_option("--drain", arguments->drain_seconds, "Seconds that calls have to end when the gateway is stopped")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.0, 3600.0).description(""))
      ->capture_default_str();
  auto* certificate = command->add_option("--tls-cert", arguments->tls.certificate, "Encrypt, with this certificate (PEM)")->type_name("FILE");
  auto* key = command->add_option("--tls-key", arguments->tls.key, "The certificate's key (PEM)")->type_name("FILE")->needs(certificate);
  certificate->needs(key);
  command->add_option("--tls-client-ca", arguments->tls.client_authority, "Clients must have a certificate of one of these (PEM)")
      ->type_name("FILE")
      ->needs(certificate);
  command->add_option("--http", arguments->http, "Where a page for the browser, /metrics for Prometheus and /healthz are")->type_name("HOST:PORT");
  command->add_option("--access-log", arguments->access_log, "A line of JSON for each call; - is the standard output")->type_name("FILE");
  command->add_option("--slow-call", arguments->slow_millis, "Calls that last so long are on the page")
      ->type_name("MILLIS")
      ->check(CLI::Range(0, 3600000).description(""))
      ->capture_default_str();
  command->callback([&session, arguments] {
    session.run = [&session, arguments] { return serve_gateway(session, *arguments); };
  });
}

}  // namespace hbmux::cli
