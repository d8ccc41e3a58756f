#include "bigtable/channel.h"

#include "core/log.h"

#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>
#include <hbmux/version.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <limits>
#include <string_view>
#include <utility>

namespace hbmux::bigtable {
namespace {

std::string agent_of(const Settings& settings) {
  const std::string own = "hbmux/" HBMUX_VERSION_STRING;
  return settings.user_agent.empty() ? own : settings.user_agent + " " + own;
}

Error bad_credentials(const char* property, const char* what) {
  return Error(Errc::invalid_configuration, std::string(property) + ": " + what);
}

Result<grpc::SslCredentialsOptions> tls_options(const Settings& settings) {
  grpc::SslCredentialsOptions options;
  if (settings.ca_file.empty()) return options;
  std::ifstream file(settings.ca_file, std::ios::binary);
  options.pem_root_certs.assign(std::istreambuf_iterator<char>(file), {});
  if (!file || options.pem_root_certs.empty()) return bad_credentials("hbmux.bigtable.tls.ca.file", "the file cannot be read, or is empty");
  return options;
}

/// A service account's key signs a token for each call; a user's is exchanged for one.
std::shared_ptr<grpc::CallCredentials> json_credentials(const std::string& json) {
  constexpr long kTokenSeconds = 3600;
  if (json.find("\"authorized_user\"") != std::string::npos) return grpc::GoogleRefreshTokenCredentials(json);
  return grpc::ServiceAccountJWTAccessCredentials(json, kTokenSeconds);
}

Result<std::shared_ptr<grpc::ChannelCredentials>> credentials_of(const Settings& settings) {
  if (settings.plaintext) return grpc::InsecureChannelCredentials();
  auto options = tls_options(settings);
  if (!options) return options.error();
  if (settings.credentials == CredentialKind::none) return grpc::SslCredentials(*options);
  if (settings.credentials == CredentialKind::json) {
    auto caller = json_credentials(settings.credentials_json);
    if (!caller) return bad_credentials("google.bigtable.auth.json.keyfile", "this is no key of a service account or a user, in JSON");
    return grpc::CompositeChannelCredentials(grpc::SslCredentials(*options), caller);
  }
  auto found = grpc::GoogleDefaultCredentials();
  if (!found) {
    return bad_credentials("google.bigtable.auth.json.keyfile",
                           "not set, and this machine has no default credentials ($GOOGLE_APPLICATION_CREDENTIALS)");
  }
  return found;
}

}  // namespace

std::string_view to_string(Service service) noexcept { return service == Service::data ? "Bigtable" : "BigtableTableAdmin"; }

Channel::Channel(std::shared_ptr<grpc::Channel> channel)
    : channel_(std::move(channel)), stub_(std::make_unique<Stub>(channel_)) {}
Channel::~Channel() = default;

bool Channel::is_alive() const noexcept { return channel_->GetState(false) != GRPC_CHANNEL_SHUTDOWN; }

ChannelConnector::ChannelConnector(const Settings& settings, std::shared_ptr<grpc::ChannelCredentials> credentials)
    : user_agent_(agent_of(settings)),
      user_(settings.client.user.effective),
      message_bytes_max_(static_cast<int>(std::min<std::size_t>(settings.client.frame_bytes_max, std::numeric_limits<int>::max()))),
      connect_millis_(static_cast<int>(std::clamp<std::int64_t>(settings.client.connect_timeout.count(), 1, 600'000))),
      credentials_(std::move(credentials)) {}

Result<std::shared_ptr<ChannelConnector>> ChannelConnector::make(const Settings& settings) {
  auto credentials = credentials_of(settings);
  if (!credentials) return credentials.error();
  return std::shared_ptr<ChannelConnector>(new ChannelConnector(settings, std::move(*credentials)));
}

void ChannelConnector::open(const ChannelKey& key, TimePoint /*deadline*/, Opened done) {
  grpc::ChannelArguments arguments;
  // Channels that are alike share a socket.
  arguments.SetInt("hbmux.channel", next_.fetch_add(1, std::memory_order_relaxed));
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);  // they are made here
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);  // as long as a failed server is left alone with HBase
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, connect_millis_);  // how long connecting may take
  arguments.SetMaxReceiveMessageSize(message_bytes_max_);
  arguments.SetMaxSendMessageSize(-1);
  arguments.SetUserAgentPrefix(user_agent_);
  done(std::make_shared<Channel>(grpc::CreateCustomChannel(key.endpoint, credentials_, arguments)));
}

void ChannelConnector::set_metrics_sink(std::shared_ptr<MetricsSink> sink) {
  std::lock_guard lock(sink_mutex_);
  sink_.swap(sink);  // the old one goes without the lock
}

std::shared_ptr<MetricsSink> ChannelConnector::metrics_sink() const {
  std::lock_guard lock(sink_mutex_);
  return sink_;
}

void ChannelConnector::happened(const ChannelKey& key, const PoolEvent& event) noexcept {
  if (const auto sink = metrics_sink()) sink->pool_event({key.endpoint, user_, to_string(key.service)}, event);
}

void ChannelConnector::leaked(const ChannelKey& key, const PoolLeak& leak) {
  if (const auto sink = metrics_sink()) sink->pool_leak({key.endpoint, user_, to_string(key.service)}, leak);
  core::log(LogLevel::warning, [&] {
    return "a channel to " + key.endpoint + " is held for " + std::to_string(leak.held.count()) + " ms by " +
           (leak.scope ? "a request scope that is still open: " : "one call: ") + leak.where;
  });
}

}  // namespace hbmux::bigtable
