// Every property of the client on Bigtable, read and checked once.
#pragma once

#include "core/client_settings.h"

#include <hbmux/configuration.h>
#include <hbmux/error.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace hbmux::bigtable {

/// Who the client says that it is.
enum class CredentialKind : std::uint8_t {
  none,                 ///< Nobody: plaintext, the emulator, and google.bigtable.auth.null.credential.enable
  application_default,  ///< As Google's libraries find them: $GOOGLE_APPLICATION_CREDENTIALS, gcloud's file, the metadata server
  json,                 ///< A service account's or a user's key
};

/// A value. Each line names the property and its default.
struct Settings {
  /// Errc::invalid_configuration and Errc::unsupported name the property and its value.
  static Result<Settings> from(const Configuration& configuration);

  /// What is not about where and how: time-outs, retries, pools, buffers; under HBase's names.
  core::ClientSettings client;

  std::string project;      ///< google.bigtable.project.id
  std::string instance;     ///< google.bigtable.instance.id
  std::string app_profile;  ///< google.bigtable.app_profile.id: the instance's default
  /// "host:port": google.bigtable.endpoint.host (bigtable.googleapis.com) and google.bigtable.endpoint.port (443); that of an emulator is
  /// google.bigtable.emulator.endpoint.host, else $BIGTABLE_EMULATOR_HOST.
  std::string data_endpoint;
  /// google.bigtable.admin.endpoint.host (bigtableadmin.googleapis.com), and the same port
  std::string admin_endpoint;
  bool plaintext = false;  ///< google.bigtable.use.plaintext.negotiation: false; always with an emulator
  std::string ca_file;     ///< hbmux.bigtable.tls.ca.file: gRPC's own list of authorities
  CredentialKind credentials = CredentialKind::application_default;
  std::string credentials_json;  ///< google.bigtable.auth.json.value, or what is in the file google.bigtable.auth.json.keyfile
  std::string user_agent;        ///< google.bigtable.custom.user.agent: nothing; in front of our own name

  /// google.bigtable.rpc.attempt.timeout.ms and google.bigtable.rpc.timeout.ms: as hbase.rpc.timeout and hbase.client.operation.timeout are
  std::chrono::milliseconds attempt_timeout{0}, operation_timeout{0};
  /// google.bigtable.read.rpc.attempt.timeout.ms: as hbase.client.scanner.timeout.period; how long a scan waits for its next message
  std::chrono::milliseconds read_attempt_timeout{0};
  /// google.bigtable.mutate.rpc.attempt.timeout.ms and google.bigtable.mutate.rpc.timeout.ms: of bulk writes; as attempt_timeout and
  /// operation_timeout
  std::chrono::milliseconds bulk_attempt_timeout{0}, bulk_timeout{0};
  bool retries = true;           ///< google.bigtable.grpc.retry.enable: true
  bool retries_deadline = true;  ///< google.bigtable.grpc.retry.deadlineexceeded.enable: true; an attempt that took too long is repeated
  /// google.bigtable.alllow.no.timestamp.retries (three l, as theirs): false. Cells without a timestamp get the server's, and are written
  /// twice when an attempt is repeated; else this client's clock decides.
  bool server_timestamps = false;
  std::size_t bulk_rows_max = 0;   ///< google.bigtable.bulk.max.row.key.count: as hbase.client.max.perrequest.rows
  std::size_t bulk_bytes_max = 0;  ///< google.bigtable.bulk.max.request.size.bytes: as hbase.client.max.perrequest.heapsize
  std::size_t bulk_calls_max = 0;  ///< google.bigtable.buffered.mutator.max.inflight.rpcs: 10 for each channel

  std::string instance_name() const { return "projects/" + project + "/instances/" + instance; }
};

}  // namespace hbmux::bigtable
