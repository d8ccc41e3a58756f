// What is on the other side is not HBase, not there, or tells nonsense: every call ends within its configured time,
// with an error that names what and where.
#include "core/bytes.h"
#include "tests/support/fake_server.h"

#include <hbmux/hbmux.h>
#include <hbmux/pb/Registry.pb.h>

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

namespace hbmux {
namespace {

using namespace std::chrono_literals;
using test::FakeServer;

constexpr auto kOperation = 1000ms;
// A name that no resolver would even ask for: a label is at most 63 bytes.
const std::string kNoSuchHost = std::string(64, 'x') + ".invalid";

class BadPeers : public testing::Test {
 protected:
  static Configuration configuration() {
    Configuration configuration;
    configuration.set("hbase.client.operation.timeout", std::to_string(kOperation.count()));
    configuration.set("hbase.client.meta.operation.timeout", std::to_string(kOperation.count()));
    configuration.set("hbase.rpc.timeout", "400");
    configuration.set("hbase.client.pause", "50");
    configuration.set("hbase.ipc.client.failed.servers.expiry", "100");
    return configuration;
  }
  static Configuration asking(const std::string& server) {
    auto with = configuration();
    with.set("hbase.client.registry.impl", "RpcConnectionRegistry");
    with.set("hbase.client.bootstrap.servers", server);
    return with;
  }

  template <class Call>
  static void check(const std::string& what, const Call& call, const std::string& part) {
    const auto began = std::chrono::steady_clock::now();
    auto result = call();
    const auto took = std::chrono::steady_clock::now() - began;
    ASSERT_FALSE(result) << what;
    EXPECT_LT(took, kOperation + 500ms) << what;
    EXPECT_NE(result.error().to_string().find(part), std::string::npos) << what << ": " << result.error();
  }
  /// The same of a get, a scan and a call to the master: it fails in time, and names `part`.
  static void expect_errors(const Configuration& configuration, const std::string& part) {
    auto connection = ClusterConnection::open(configuration);
    ASSERT_TRUE(connection) << connection.error();
    auto table = connection->table("t");
    std::vector<std::jthread> threads;  // all at once: each takes the whole time
    const auto attempt = [&](std::string what, auto call) {
      threads.emplace_back([&, what = std::move(what), call = std::move(call)] { check(what, call, part); });
    };
    attempt("get", [&] { return table.get(Get("r")); });
    attempt("put", [&] { return table.put(Put("r").add("f", "q", "v")); });
    attempt("batch", [&] { return std::move(table.batch({Get("r")}).front()); });
    attempt("admin", [&] { return connection->admin().list_tables(); });
    attempt("meta", [&] { return connection->admin().table_exists(TableName::parse("t").value()); });
    attempt("regions", [&] { return connection->admin().regions(TableName::parse("t").value()); });
    threads.clear();
    const auto began = std::chrono::steady_clock::now();
    connection->close();
    EXPECT_LT(std::chrono::steady_clock::now() - began, 1s);
  }
};

TEST_F(BadPeers, NobodyListens) { expect_errors(asking("127.0.0.1:1"), "127.0.0.1:1"); }

TEST_F(BadPeers, AHostThatDoesNotExist) { expect_errors(asking(kNoSuchHost + ":16000"), kNoSuchHost); }

TEST_F(BadPeers, AZooKeeperThatIsNotThere) {
  auto with = configuration();
  with.set("hbase.zookeeper.quorum", "127.0.0.1:1");
  expect_errors(with, "127.0.0.1:1");
}

TEST_F(BadPeers, AZooKeeperHostThatDoesNotExist) {
  auto with = configuration();
  with.set("hbase.zookeeper.quorum", kNoSuchHost);
  expect_errors(with, kNoSuchHost);
}

TEST_F(BadPeers, AnHttpServer) {
  FakeServer server([](int fd) {
    FakeServer::send(fd, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    FakeServer::swallow(fd);
  });
  expect_errors(asking(server.name()), server.name());
  auto with = configuration();
  with.set("hbase.zookeeper.quorum", server.name());
  expect_errors(with, server.name());
}

TEST_F(BadPeers, AServerThatHangsUp) {
  FakeServer server([](int) {});
  expect_errors(asking(server.name()), server.name());
}

TEST_F(BadPeers, AServerThatSaysNothing) {
  FakeServer server(FakeServer::swallow);
  expect_errors(asking(server.name()), server.name());
}

TEST_F(BadPeers, AServerThatSaysNothingForZooKeeper) {
  FakeServer server(FakeServer::swallow);
  auto with = configuration();
  with.set("hbase.zookeeper.quorum", server.name());
  expect_errors(with, server.name());
}

// Frames of the right size with nonsense in them.
TEST_F(BadPeers, AServerThatTalksNonsense) {
  for (const auto& nonsense :
       {std::string("\0\0\0\4\xff\xff\xff\xff", 8), std::string("\0\0\0\0", 4), std::string("\x7f\xff\xff\xff", 4),
        std::string("\0\0\0\2\0\0", 6), std::string("\xff\xff\xff\xff", 4)}) {
    FakeServer server([nonsense](int fd) {
      char byte;
      if (::read(fd, &byte, 1) == 1) FakeServer::send(fd, nonsense);
      FakeServer::swallow(fd);
    });
    expect_errors(asking(server.name()), server.name());
  }
}

// The answers are well formed, and empty.
TEST_F(BadPeers, AServerThatKnowsNothing) {
  FakeServer server(FakeServer::rpc([](const test::ServerRequest& request) {
    return test::ServerSide::answer(request.id, pb::GetClusterIdRequest());
  }));
  expect_errors(asking(server.name()), server.name());
}

/// Knows where hbase:meta and the master are, or says so.
FakeServer registry_that_names(const std::string& host, std::uint32_t port) {
  return FakeServer(FakeServer::rpc([host, port](const test::ServerRequest& request) -> std::optional<std::string> {
    const auto name = [&](pb::ServerName& server) {
      server.set_host_name(host);
      server.set_port(port);
      server.set_start_code(1);
    };
    if (request.method == "GetMetaRegionLocations") {
      pb::GetMetaRegionLocationsResponse response;
      auto& location = *response.add_meta_locations();
      location.mutable_region_info()->set_region_id(1);
      location.mutable_region_info()->mutable_table_name()->set_namespace_("hbase");
      location.mutable_region_info()->mutable_table_name()->set_qualifier("meta");
      location.set_seq_num(1);
      name(*location.mutable_server_name());
      return test::ServerSide::answer(request.id, response);
    }
    if (request.method == "GetActiveMaster") {
      pb::GetActiveMasterResponse response;
      name(*response.mutable_server_name());
      return test::ServerSide::answer(request.id, response);
    }
    return std::nullopt;
  }));
}

// A client outside of the cluster's own network: it reaches the registry, but the names that it is told are not for it.
TEST_F(BadPeers, MetaOnAHostThatDoesNotResolve) {
  auto registry = registry_that_names(kNoSuchHost, 16020);
  expect_errors(asking(registry.name()), kNoSuchHost);
}

TEST_F(BadPeers, MetaWhereNobodyListens) {
  auto registry = registry_that_names("127.0.0.1", 1);
  expect_errors(asking(registry.name()), "127.0.0.1:1");
}

TEST_F(BadPeers, MetaOnAServerThatTalksNonsense) {
  FakeServer server([](int fd) {
    FakeServer::send(fd, std::string("\0\0\0\4\xff\xff\xff\xff", 8));
    FakeServer::swallow(fd);
  });
  auto registry = registry_that_names("127.0.0.1", server.address().port);
  expect_errors(asking(registry.name()), server.name());
}

}  // namespace
}  // namespace hbmux
