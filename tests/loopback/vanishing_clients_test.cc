// Clients that go away in the middle of something leave nothing behind on the embedded cluster: counted, not hoped.
#include "tests/loopback/raw_client.h"

#include <hbmux/mini/testing.h>

#include <memory>
#include <thread>
#include <vector>

namespace hbmux::loopback {
namespace {

using namespace std::chrono_literals;

class VanishingClients : public mini::ClusterTest {
 protected:
  mini::Options cluster_options() const override {
    mini::Options options;
    options.scanner_lease = 300ms;
    return options;
  }

  template <class Condition>
  static bool soon(Condition condition) {
    const auto until = std::chrono::steady_clock::now() + 30s;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(5ms);
    }
    return true;
  }
};

TEST_F(VanishingClients, LeaveNoScannerAndNoConnection) {
  load(create_table("t", {"f"}), {{"a", {{"f:q", "1"}}}, {"b", {{"f:q", "2"}}}, {"c", {{"f:q", "3"}}}});
  connection().close();
  ASSERT_TRUE(soon([&] { return cluster().stats().connections_open == 0; }));
  const std::string region = cluster().regions("t").front().name;
  pb::ScanRequest open;
  open.mutable_region()->set_type(pb::RegionSpecifier::REGION_NAME);
  open.mutable_region()->set_value(region);
  open.mutable_scan();
  open.set_number_of_rows(1);
  const std::string get = RawClient::get(2, region, "a");
  {
    std::vector<std::unique_ptr<RawClient>> clients;
    for (std::size_t i = 0; i < 50; ++i) {
      clients.push_back(std::make_unique<RawClient>(cluster().region_servers().front().address));
      RawClient& client = *clients.back();
      ASSERT_EQ(client.connect_error(), 0);
      switch (i % 5) {
        case 0: break;  // says nothing
        case 1: ASSERT_TRUE(client.send("HBa")); break;
        case 2: ASSERT_TRUE(client.send(RawClient::hello() + get.substr(0, get.size() / 2))); break;
        case 3:
          ASSERT_TRUE(client.send(RawClient::hello() + std::string("\x0f\xff\xff\xff", 4) + std::string(50'000, 'x')));
          break;
        default: ASSERT_TRUE(client.send(RawClient::hello() + RawClient::call(1, "Scan", open) + get)); break;
      }
    }
    EXPECT_TRUE(soon([&] { return cluster().stats().scanners_open == 10; })) << cluster().stats().scanners_open;
    EXPECT_TRUE(soon([&] { return cluster().stats().connections_open == 50; }));
  }
  EXPECT_TRUE(soon([&] { return cluster().stats().connections_open == 0; }));
  EXPECT_TRUE(soon([&] { return cluster().stats().scanners_open == 0; }));
  auto another = ClusterConnection::open(cluster().client_configuration()).value();
  EXPECT_EQ(value(another.table("t"), "b", "f", "q"), "2");
}

// Who asks for much and reads nothing holds up neither memory nor others.
TEST_F(VanishingClients, ThatDoNotReadHoldNobodyUp) {
  const auto table = create_table("t", {"f"});
  ASSERT_TRUE(mini::ok(table.put(Put("big").add("f", "q", std::string(1 << 20, 'x')))));
  const auto before = cluster().stats();
  const std::string region = cluster().regions("t").front().name;
  {
    RawClient client(cluster().region_servers().front().address);
    ASSERT_TRUE(client.send(RawClient::hello()));
    std::string calls;
    for (std::uint32_t id = 0; id < 300; ++id) calls += RawClient::get(id, region, "big");
    ASSERT_TRUE(client.send(calls));  // 300 MiB of answers
    EXPECT_TRUE(soon([&] { return cluster().stats().calls > before.calls; }));
    EXPECT_TRUE(mini::ok(table.get(Get("big"))));
  }
  connection().close();
  EXPECT_TRUE(soon([&] { return cluster().stats().connections_open == 0; }));
}

}  // namespace
}  // namespace hbmux::loopback
