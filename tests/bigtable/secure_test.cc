// TLS and credentials.
#include "proto/hbmux/bt/paths.h"
#include "tests/bigtable/scripted_server.h"
#include "tests/support/result_assertions.h"

#include <hbmux/bt/bigtable.pb.h>
#include <hbmux/cluster_connection.h>

#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

namespace hbmux::bigtable {
namespace {

std::string text_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A server with a certificate of its own.
class Secure : public testing::Test {
 protected:
  void SetUp() override {
    ::unsetenv("BIGTABLE_EMULATOR_HOST");
    directory_ = testing::TempDir() + "hbmux_tls_" + std::to_string(::getpid()) + "_";
    const std::string request = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1";
    const std::string command = request + " -keyout '" + directory_ + "key' -out '" + directory_ + "cert' 2>/dev/null";
    if (std::system(command.c_str()) != 0) GTEST_SKIP() << "no openssl command here";
    grpc::SslServerCredentialsOptions options;
    options.pem_key_cert_pairs.push_back({text_of_file(directory_ + "key"), text_of_file(directory_ + "cert")});
    server_ = std::make_unique<ScriptedServer>(grpc::SslServerCredentials(options));
  }

  Configuration configuration() const {
    Configuration out;
    out.set("hbase.client.connection.impl", "bigtable");
    out.set("google.bigtable.project.id", "p");
    out.set("google.bigtable.instance.id", "i");
    out.set("google.bigtable.endpoint.host", "127.0.0.1");
    out.set("google.bigtable.endpoint.port", server_->address().substr(server_->address().rfind(':') + 1));
    out.set("hbmux.bigtable.tls.ca.file", directory_ + "cert");
    out.set("hbase.client.operation.timeout", "5000");
    out.set("hbase.client.retries.number", "3");
    out.set("hbase.client.pause", "10");
    return out;
  }
  void play_an_empty_row() { server_->play(bt::path::kReadRows, Script()); }
  Result<Row> get(const Configuration& configuration) {
    auto connection = ClusterConnection::open(configuration);
    if (!connection) return connection.error();
    return connection->table("t").get(Get("r"));
  }

  std::string directory_;
  std::unique_ptr<ScriptedServer> server_;
};

TEST_F(Secure, WithoutCredentials) {
  play_an_empty_row();
  HBMUX_EXPECT_OK(get(configuration().set("google.bigtable.auth.null.credential.enable", "true")));
  ASSERT_EQ(server_->seen().size(), 1u);
  EXPECT_EQ(server_->seen()[0].header("authorization"), "");
}

TEST_F(Secure, AnAuthorityThatIsNotKnownIsNotTrusted) {
  auto stranger = configuration().set("google.bigtable.auth.null.credential.enable", "true");
  stranger.unset("hbmux.bigtable.tls.ca.file");
  HBMUX_EXPECT_ERROR(get(stranger), Errc::unavailable);
  EXPECT_TRUE(server_->seen().empty());
}

TEST_F(Secure, PlaintextFindsNoOneThere) {
  HBMUX_EXPECT_ERROR(get(configuration().set("google.bigtable.use.plaintext.negotiation", "true")), Errc::unavailable);
}

TEST_F(Secure, AServiceAccountSignsItsCalls) {
  std::string key = text_of_file(directory_ + "key");
  for (std::size_t at = 0; (at = key.find('\n', at)) != std::string::npos; at += 2) key.replace(at, 1, "\\n");
  const std::string who = R"({"type": "service_account", "client_id": "1", "client_email": "me@example.com", "private_key_id": "k")";
  const std::string json = who + R"(, "private_key": ")" + key + "\"}";
  play_an_empty_row();
  HBMUX_EXPECT_OK(get(configuration().set("google.bigtable.auth.json.value", json)));
  ASSERT_EQ(server_->seen().size(), 1u);
  EXPECT_TRUE(server_->seen()[0].header("authorization").starts_with("Bearer ")) << server_->seen()[0].header("authorization");
}

TEST_F(Secure, AKeyThatIsNoneIsSaidSo) {
  const auto connection = ClusterConnection::open(configuration().set("google.bigtable.auth.json.value", "nonsense"));
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().code(), Errc::invalid_configuration);
}

}  // namespace
}  // namespace hbmux::bigtable
