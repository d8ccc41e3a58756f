// Properties of the client on Bigtable.
#include "bigtable/settings.h"
#include "tests/support/result_assertions.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <string>

namespace hbmux::bigtable {
namespace {

using namespace std::chrono_literals;
using Pairs = std::map<std::string, std::string>;

class BigtableSettings : public testing::Test {
 protected:
  void SetUp() override { ::unsetenv("BIGTABLE_EMULATOR_HOST"); }
  void TearDown() override { ::unsetenv("BIGTABLE_EMULATOR_HOST"); }

  static Result<Settings> read(const Pairs& pairs) {
    Configuration configuration;
    configuration.set("hbase.client.connection.impl", "bigtable");
    configuration.set("google.bigtable.project.id", "p");
    configuration.set("google.bigtable.instance.id", "i");
    for (const auto& [name, value] : pairs) configuration.set(name, value);
    return Settings::from(configuration);
  }
  static void expect_refused(const std::string& name, const std::string& value, Errc code) {
    const auto settings = read({{name, value}});
    HBMUX_EXPECT_ERROR(settings, code);
    if (!settings) EXPECT_NE(settings.error().message().find(name), std::string::npos) << settings.error();
  }
};

TEST_F(BigtableSettings, Defaults) {
  const auto settings = read({});
  HBMUX_ASSERT_OK(settings);
  EXPECT_EQ(settings->instance_name(), "projects/p/instances/i");
  EXPECT_EQ(settings->data_endpoint, "bigtable.googleapis.com:443");
  EXPECT_EQ(settings->admin_endpoint, "bigtableadmin.googleapis.com:443");
  EXPECT_FALSE(settings->plaintext);
  EXPECT_EQ(settings->credentials, CredentialKind::application_default);
  EXPECT_EQ(settings->attempt_timeout, 60s);
  EXPECT_TRUE(settings->retries);
}

TEST_F(BigtableSettings, WhereTheServiceIs) {
  const auto own = read({{"google.bigtable.endpoint.host", "data.example"},
                         {"google.bigtable.admin.endpoint.host", "admin.example"},
                         {"google.bigtable.endpoint.port", "8443"},
                         {"google.bigtable.use.plaintext.negotiation", "true"}});
  HBMUX_ASSERT_OK(own);
  EXPECT_EQ(own->data_endpoint, "data.example:8443");
  EXPECT_EQ(own->admin_endpoint, "admin.example:8443");
  EXPECT_TRUE(own->plaintext);
  EXPECT_EQ(own->credentials, CredentialKind::none);
  EXPECT_EQ(read({{"google.bigtable.use.batch", "true"}})->data_endpoint, "batch-bigtable.googleapis.com:443");
}

TEST_F(BigtableSettings, AnEmulator) {
  const auto named = read({{"google.bigtable.emulator.endpoint.host", "127.0.0.1:8086"}});
  HBMUX_ASSERT_OK(named);
  EXPECT_EQ(named->data_endpoint, "127.0.0.1:8086");
  EXPECT_EQ(named->admin_endpoint, "127.0.0.1:8086");
  EXPECT_EQ(named->credentials, CredentialKind::none);
  ::setenv("BIGTABLE_EMULATOR_HOST", "localhost:1", 1);
  EXPECT_EQ(read({})->data_endpoint, "localhost:1");
  EXPECT_EQ(read({{"google.bigtable.emulator.endpoint.host", "h:2"}})->data_endpoint, "h:2");
  ::setenv("BIGTABLE_EMULATOR_HOST", "nonsense", 1);
  HBMUX_EXPECT_ERROR(read({}), Errc::invalid_configuration);
  ::unsetenv("BIGTABLE_EMULATOR_HOST");
  expect_refused("google.bigtable.emulator.endpoint.host", "host", Errc::invalid_configuration);
}

TEST_F(BigtableSettings, Credentials) {
  const std::string path = testing::TempDir() + "hbmux_key.json";
  std::ofstream(path) << "{\"type\": \"service_account\"}";
  const auto file = read({{"google.bigtable.auth.json.keyfile", path}});
  HBMUX_ASSERT_OK(file);
  EXPECT_EQ(file->credentials, CredentialKind::json);
  EXPECT_EQ(file->credentials_json, "{\"type\": \"service_account\"}");
  EXPECT_EQ(read({{"google.bigtable.auth.json.value", "{}"}})->credentials, CredentialKind::json);
  EXPECT_EQ(read({{"google.bigtable.auth.null.credential.enable", "true"}})->credentials, CredentialKind::none);
  EXPECT_EQ(read({{"google.bigtable.auth.service.account.enable", "false"}})->credentials, CredentialKind::none);
  expect_refused("google.bigtable.auth.json.keyfile", "/nowhere/key.json", Errc::invalid_configuration);
  expect_refused("google.bigtable.auth.service.account.keyfile", "/key.p12", Errc::unsupported);
}

TEST_F(BigtableSettings, TimesAndSizes) {
  const auto settings = read({{"google.bigtable.rpc.timeout.ms", "7000"},
                              {"google.bigtable.rpc.attempt.timeout.ms", "3000"},
                              {"google.bigtable.read.rpc.attempt.timeout.ms", "4000"},
                              {"google.bigtable.mutate.rpc.timeout.ms", "9000"},
                              {"google.bigtable.grpc.channel.count", "4"},
                              {"google.bigtable.bulk.max.row.key.count", "125"},
                              {"google.bigtable.grpc.retry.enable", "false"},
                              {"hbase.client.write.buffer", "1000"}});
  HBMUX_ASSERT_OK(settings);
  EXPECT_EQ(settings->operation_timeout, 7s);
  EXPECT_EQ(settings->attempt_timeout, 3s);
  EXPECT_EQ(settings->read_attempt_timeout, 4s);
  EXPECT_EQ(settings->bulk_timeout, 9s);
  EXPECT_EQ(settings->client.pool_size, 4u);
  EXPECT_EQ(settings->bulk_rows_max, 125u);
  EXPECT_EQ(settings->bulk_calls_max, 40u);
  EXPECT_FALSE(settings->retries);
  EXPECT_EQ(settings->client.write_buffer_size, 1000u);
}

TEST_F(BigtableSettings, WhatCannotBeHeededIsNamed) {
  expect_refused("google.bigtable.project.id", "", Errc::invalid_configuration);
  expect_refused("google.bigtable.instance.id", "a/b", Errc::invalid_configuration);
  expect_refused("google.bigtable.endpoint.port", "0", Errc::invalid_configuration);
  expect_refused("google.bigtable.use.bulk.api", "false", Errc::unsupported);
  expect_refused("google.bigtable.grpc.retry.codes", "UNAVAILABLE", Errc::unsupported);
  expect_refused("google.bigtable.buffered.mutator.throttling.enable", "true", Errc::unsupported);
  HBMUX_EXPECT_OK(read({{"google.bigtable.buffered.mutator.throttling.enable", "false"}}));
}

}  // namespace
}  // namespace hbmux::bigtable
