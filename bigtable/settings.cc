#include "bigtable/settings.h"

#include "core/log.h"
#include "core/property_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string_view>

namespace hbmux::bigtable {
namespace {

using std::chrono::milliseconds;

/// Theirs, and heeded here.
constexpr std::array<std::string_view, 35> kHeeded = {
    "google.bigtable.project.id",
    "google.bigtable.instance.id",
    "google.bigtable.app_profile.id",
    "google.bigtable.endpoint.host",
    "google.bigtable.endpoint.port",
    "google.bigtable.admin.endpoint.host",
    "google.bigtable.emulator.endpoint.host",
    "google.bigtable.use.plaintext.negotiation",
    "google.bigtable.custom.user.agent",
    "google.bigtable.auth.service.account.enable",
    "google.bigtable.auth.null.credential.enable",
    "google.bigtable.auth.json.keyfile",
    "google.bigtable.auth.json.value",
    "google.bigtable.grpc.channel.count",
    "google.bigtable.grpc.retry.enable",
    "google.bigtable.grpc.retry.deadlineexceeded.enable",
    "google.bigtable.grpc.retry.initial.elapsed.backoff.ms",
    "google.bigtable.grpc.retry.max.elapsed.backoff.ms",
    "google.bigtable.grpc.read.partial.row.timeout.ms",
    "google.bigtable.alllow.no.timestamp.retries",
    "google.bigtable.rpc.use.timeouts",
    "google.bigtable.rpc.timeout.ms",
    "google.bigtable.rpc.attempt.timeout.ms",
    "google.bigtable.read.rpc.timeout.ms",
    "google.bigtable.read.rpc.attempt.timeout.ms",
    "google.bigtable.mutate.rpc.timeout.ms",
    "google.bigtable.mutate.rpc.attempt.timeout.ms",
    "google.bigtable.long.rpc.timeout.ms",
    "google.bigtable.bulk.max.row.key.count",
    "google.bigtable.bulk.max.request.size.bytes",
    "google.bigtable.bulk.autoflush.ms",
    "google.bigtable.buffered.mutator.max.inflight.rpcs",
    "google.bigtable.buffered.mutator.max.memory",
    "google.bigtable.use.batch",
    "google.bigtable.use.bulk.api",
};

/// Theirs, about the machinery of their client: it makes no difference here whether they are set.
constexpr std::array<std::string_view, 6> kWithoutMeaning = {
    "google.bigtable.use.cached.data.channel.pool",          // every connection has its own pool, which is what they are for
    "google.bigtable.buffered.mutator.async.worker.count",   // nothing blocks a worker
    "google.bigtable.use.gcj.client",
    "google.bigtable.grpc.read.streaming.buffer.size",       // hbmux.scan.prefetch.bytes
    "google.bigtable.snapshot.cluster.id",                   // there are no snapshots, and they say so when asked for
    "google.bigtable.snapshot.default.ttl.secs",
};

/// The first of these that is set.
milliseconds first_of(core::PropertyReader& reader, std::initializer_list<std::string_view> names, milliseconds otherwise) {
  for (const std::string_view name : names) {
    if (reader.word(name)) return reader.millis(name, otherwise);
  }
  return otherwise;
}

std::string required(core::PropertyReader& reader, std::string_view name) {
  std::string value = reader.word(name).value_or("");
  if (value.empty()) {
    reader.refuse(name, "expected a name: a connection to Bigtable needs it");
  } else if (value.find('/') != std::string::npos) {
    reader.refuse(name, "expected a name without '/'");
  }
  return value;
}

bool has_port(std::string_view address) {
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view digits = address.substr(colon + 1);
  int port = 0;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return ec == std::errc() && end == digits.data() + digits.size() && port > 0 && port <= 65535;
}

void read_endpoints(core::PropertyReader& reader, Settings& settings) {
  constexpr std::string_view kEmulator = "google.bigtable.emulator.endpoint.host";
  std::string emulator = reader.word(kEmulator).value_or("");
  if (emulator.empty()) {
    if (const char* variable = std::getenv("BIGTABLE_EMULATOR_HOST"); variable != nullptr) emulator = variable;
    if (!emulator.empty() && !has_port(emulator)) {
      reader.refuse(kEmulator, "$BIGTABLE_EMULATOR_HOST is '" + emulator + "', expected host:port");
    }
  } else if (!has_port(emulator)) {
    reader.refuse(kEmulator, "expected host:port");
  }
  if (!emulator.empty()) {
    settings.data_endpoint = settings.admin_endpoint = emulator;
    settings.plaintext = true;
    settings.credentials = CredentialKind::none;
    return;
  }
  const auto port = std::to_string(reader.integer("google.bigtable.endpoint.port", 443, 1, 65535));
  // Theirs go to another front for batches, when asked for that.
  const bool batch = reader.flag("google.bigtable.use.batch", false);
  const std::string host = reader.word("google.bigtable.endpoint.host").value_or(
      batch ? "batch-bigtable.googleapis.com" : "bigtable.googleapis.com");
  settings.data_endpoint = host + ":" + port;
  settings.admin_endpoint = reader.word("google.bigtable.admin.endpoint.host").value_or("bigtableadmin.googleapis.com") + ":" + port;
  settings.plaintext = reader.flag("google.bigtable.use.plaintext.negotiation", false);
}

void read_credentials(core::PropertyReader& reader, Settings& settings) {
  for (const std::string_view name : {"google.bigtable.auth.service.account.keyfile", "google.bigtable.auth.service.account.email"}) {
    if (reader.word(name)) {
      reader.refuse(name, "not supported by hbmux: keys in the form P12; google.bigtable.auth.json.keyfile takes those in JSON",
                    Errc::unsupported);
    }
  }
  constexpr std::string_view kFile = "google.bigtable.auth.json.keyfile", kValue = "google.bigtable.auth.json.value";
  const std::string path = reader.word(kFile).value_or("");
  settings.credentials_json = reader.text(kValue, "");
  if (!path.empty() && settings.credentials_json.empty()) {
    std::ifstream file(path, std::ios::binary);
    settings.credentials_json.assign(std::istreambuf_iterator<char>(file), {});
    if (!file || settings.credentials_json.empty()) reader.refuse(kFile, "the file cannot be read, or is empty");
  }
  settings.ca_file = reader.word("hbmux.bigtable.tls.ca.file").value_or("");
  if (settings.plaintext || reader.flag("google.bigtable.auth.null.credential.enable", false) ||
      !reader.flag("google.bigtable.auth.service.account.enable", true)) {
    settings.credentials = CredentialKind::none;
  } else if (!settings.credentials_json.empty()) {
    settings.credentials = CredentialKind::json;
  }
}

void read_calls(core::PropertyReader& reader, Settings& settings) {
  core::ClientSettings& client = settings.client;
  settings.attempt_timeout = reader.millis("google.bigtable.rpc.attempt.timeout.ms", client.rpc_timeout);
  settings.operation_timeout = first_of(
      reader, {"google.bigtable.rpc.timeout.ms", "google.bigtable.grpc.retry.max.elapsed.backoff.ms"}, client.operation_timeout);
  settings.read_attempt_timeout = first_of(
      reader, {"google.bigtable.read.rpc.attempt.timeout.ms", "google.bigtable.grpc.read.partial.row.timeout.ms"}, client.scanner_timeout);
  settings.bulk_attempt_timeout = reader.millis("google.bigtable.mutate.rpc.attempt.timeout.ms", settings.attempt_timeout);
  settings.bulk_timeout = first_of(reader, {"google.bigtable.mutate.rpc.timeout.ms", "google.bigtable.long.rpc.timeout.ms"},
                                   settings.operation_timeout);
  client.pause = reader.millis("google.bigtable.grpc.retry.initial.elapsed.backoff.ms", client.pause);
  settings.retries = reader.flag("google.bigtable.grpc.retry.enable", true);
  settings.retries_deadline = reader.flag("google.bigtable.grpc.retry.deadlineexceeded.enable", true);
  if (!reader.flag("google.bigtable.rpc.use.timeouts", true)) {
    settings.attempt_timeout = settings.read_attempt_timeout = settings.bulk_attempt_timeout = milliseconds(0);
  }
  settings.server_timestamps = reader.flag("google.bigtable.alllow.no.timestamp.retries", false);
  settings.user_agent = reader.text("google.bigtable.custom.user.agent", "");
  constexpr std::string_view kBulk = "google.bigtable.use.bulk.api";
  if (!reader.flag(kBulk, true)) {
    reader.refuse(kBulk, "not supported by hbmux: batches and buffers always use MutateRows", Errc::unsupported);
  }
}

void read_bulk(core::PropertyReader& reader, Settings& settings) {
  core::ClientSettings& client = settings.client;
  client.pool_size = reader.integer("google.bigtable.grpc.channel.count", client.pool_size, 1);
  settings.bulk_rows_max = std::min<std::size_t>(
      reader.integer("google.bigtable.bulk.max.row.key.count", client.request_rows_max, 1), 100'000);
  settings.bulk_bytes_max = static_cast<std::size_t>(reader.integer<std::int64_t>(
      "google.bigtable.bulk.max.request.size.bytes", static_cast<std::int64_t>(client.request_bytes_max), 1, 256 << 20));
  client.write_buffer_periodic_flush = reader.millis("google.bigtable.bulk.autoflush.ms", client.write_buffer_periodic_flush);
  client.write_buffer_bytes_max = static_cast<std::size_t>(reader.integer<std::int64_t>(
      "google.bigtable.buffered.mutator.max.memory", static_cast<std::int64_t>(client.write_buffer_bytes_max), 1, INT64_MAX));
  const std::size_t calls = 10 * std::max<std::size_t>(1, client.pool_size);
  settings.bulk_calls_max = reader.integer("google.bigtable.buffered.mutator.max.inflight.rpcs", calls, 1);
}

void look_for_others(core::PropertyReader& reader) {
  constexpr std::string_view kPrefix = "google.bigtable.", kThrottling = "google.bigtable.buffered.mutator.throttling.enable";
  if (reader.flag(kThrottling, false)) reader.refuse(kThrottling, "not supported by hbmux", Errc::unsupported);
  for (const std::string_view name : {"google.bigtable.grpc.retry.codes", "google.bigtable.grpc.retry.max.scan.timeout.retries",
                                      "google.bigtable.enable.bulk.mutation.flow.control", "google.bigtable.tracing.cookie"}) {
    if (reader.word(name)) reader.refuse(name, "not supported by hbmux", Errc::unsupported);
  }
  if (reader.error()) return;
  for (const auto& [name, value] : reader.configuration().properties()) {
    if (!name.starts_with(kPrefix) || name.starts_with(kThrottling.substr(0, kThrottling.rfind('.')))) continue;
    if (name == "google.bigtable.namespace.warnings" || std::ranges::find(kHeeded, name) != kHeeded.end()) continue;
    if (std::ranges::find(kWithoutMeaning, name) != kWithoutMeaning.end()) continue;
    core::log(LogLevel::warning, [&] { return "the property " + name + " is not known to hbmux, and not heeded"; });
  }
}

/// The properties of HBase's client hold here too, but for those that say where HBase is.
Result<core::ClientSettings> client_settings_of(const Configuration& configuration) {
  Configuration without = configuration;
  for (std::string_view name : {"hbase.client.connection.impl", "hbase.client.async.connection.impl"}) without.set(name, "native");
  without.set("hbase.client.registry.impl", "ZKConnectionRegistry");
  return core::ClientSettings::from(without);
}

}  // namespace

Result<Settings> Settings::from(const Configuration& configuration) {
  auto client = client_settings_of(configuration);
  if (!client) return client.error();
  Settings settings;
  settings.client = std::move(*client);
  core::PropertyReader reader(configuration);
  settings.project = required(reader, "google.bigtable.project.id");
  settings.instance = required(reader, "google.bigtable.instance.id");
  settings.app_profile = reader.word("google.bigtable.app_profile.id").value_or("");
  read_endpoints(reader, settings);
  read_credentials(reader, settings);
  read_calls(reader, settings);
  read_bulk(reader, settings);
  look_for_others(reader);
  if (reader.error()) return *reader.error();
  return settings;
}

}  // namespace hbmux::bigtable
