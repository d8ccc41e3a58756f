// How long operations of an Admin wait, and what a real master adds to what it is told.
#include "tests/integration/cluster.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <chrono>
#include <future>
#include <thread>

namespace hbmux::integration {
namespace {

class Master : public ClusterTest {
 protected:
  /// For what the master goes on with after nobody waits for it.
  void wait_until_enabled(const TableName& name) {
    for (int i = 0; i < 300; ++i) {
      const auto state = admin().table_state(name);
      if (state && *state == TableState::enabled) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    ADD_FAILURE() << name.to_string() << " is still not enabled";
  }
};

// A procedure that is waited for is given up at once; the master carries it through all the same.
TEST_F(Master, Cancel) {
  const auto name = new_name();
  boost::asio::cancellation_signal signal;
  std::promise<Result<void>> promise;
  std::vector<std::string> keys;
  for (int i = 100; i < 150; ++i) keys.push_back(std::to_string(i));
  admin().async_create_table(
      TableDescriptor(name).family("f"), keys,
      boost::asio::bind_cancellation_slot(signal.slot(), [&](Result<void> result) { promise.set_value(result); }));
  auto future = promise.get_future();
  EXPECT_EQ(future.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  signal.emit(boost::asio::cancellation_type::total);
  ASSERT_EQ(future.wait_for(std::chrono::seconds(5)), std::future_status::ready);
  HBMUX_EXPECT_ERROR(future.get(), Errc::cancelled);
  wait_until_enabled(name);  // not left half made at the end of the test
}

TEST_F(Master, ADeadlineIsKept) {
  connect({{"hbase.client.operation.timeout", "300"}});
  const auto name = new_name();
  std::vector<std::string> keys;
  for (int i = 1000; i < 1060; ++i) keys.push_back(std::to_string(i));
  const auto began = std::chrono::steady_clock::now();
  const auto created = admin().create_table(TableDescriptor(name).family("f"), keys);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(800));
  HBMUX_EXPECT_ERROR(created, Errc::timed_out);
  connect();
  wait_until_enabled(name);
}

TEST_F(Master, FillsInWhatIsNotTold) {
  const auto name = make_table();
  const auto found = admin().describe_table(name);
  HBMUX_ASSERT_OK(found);
  EXPECT_EQ(found->families.front().values.at("VERSIONS"), "1");
  for (const auto& server : admin().cluster_status().value().live_servers) EXPECT_GT(server.max_heap_mb, 0u);
}

}  // namespace
}  // namespace hbmux::integration
