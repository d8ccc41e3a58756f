// An Admin and a master that takes its time, disappears, or is asked for nonsense.
#include "tests/loopback/mini_test.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/use_future.hpp>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <future>

namespace hbmux::loopback {
namespace {

using Clock = std::chrono::steady_clock;

class AdminOnMini : public MiniTest {
 protected:
  void start_slow(std::chrono::milliseconds procedure_time) {
    mini::Options options;
    options.region_servers = 2;
    options.procedure_time = procedure_time;
    start(options);
  }
  static TableName name(const std::string& text) { return TableName::parse(text).value(); }
  static TableDescriptor table(const std::string& text) { return TableDescriptor(name(text)).family("f"); }
};

TEST_F(AdminOnMini, WaitsForProcedures) {
  start_slow(500ms);
  connect();
  const auto began = Clock::now();
  HBMUX_ASSERT_OK(connection().admin().create_table(table("t")));
  EXPECT_GE(Clock::now() - began, 500ms);
  EXPECT_LT(Clock::now() - began, 2s);
}

TEST_F(AdminOnMini, KeepsItsDeadline) {
  start_slow(60s);
  connect({{"hbase.client.operation.timeout", "700"}});
  const auto began = Clock::now();
  const auto created = connection().admin().create_table(table("t"));
  const auto took = Clock::now() - began;
  HBMUX_EXPECT_ERROR(created, Errc::timed_out);
  EXPECT_LT(took, 900ms);
  EXPECT_NE(created.error().message().find("creating table 't': procedure "), std::string::npos) << created.error();
}

// Before it began, while it waits, and after its end: it completes once, and never within the initiating call.
TEST_F(AdminOnMini, Cancelling) {
  start_slow(60s);
  connect();
  for (const auto pause : {0ms, 1ms, 20ms, 300ms}) {
    boost::asio::cancellation_signal signal;
    std::promise<Result<void>> ended;
    auto future = ended.get_future();
    bool inside = true;
    connection().admin().async_create_table(
        table("t" + std::to_string(pause.count())), std::vector<std::string>{},
        boost::asio::bind_cancellation_slot(signal.slot(), [&](Result<void> result) {
          EXPECT_FALSE(inside);
          ended.set_value(std::move(result));
        }));
    inside = false;
    std::this_thread::sleep_for(pause);
    signal.emit(boost::asio::cancellation_type::total);
    ASSERT_EQ(future.wait_for(5s), std::future_status::ready);
    HBMUX_EXPECT_ERROR(future.get(), Errc::cancelled);
  }
  EXPECT_EQ(connection().statistics().calls_in_flight, 0u);
}

TEST_F(AdminOnMini, EndsWithItsConnection) {
  start_slow(60s);
  connect();
  auto created =
      connection().admin().async_create_table(table("t"), std::vector<std::string>{}, boost::asio::use_future);
  auto described = connection().admin().async_describe_table(name("nothing"), boost::asio::use_future);
  std::this_thread::sleep_for(100ms);
  const auto began = Clock::now();
  connection().close();
  EXPECT_LT(Clock::now() - began, 1s);
  HBMUX_EXPECT_ERROR(created.get(), Errc::closed);
  HBMUX_EXPECT_ERROR(described.get(), Errc::table_not_found);
}

TEST_F(AdminOnMini, BlockingCallsInHandlersAreErrors) {
  start_slow(0ms);
  connect();
  std::promise<Errc> code;
  connection().admin().async_list_tables(
      [&](Result<std::vector<TableName>>) { code.set_value(connection().admin().list_tables().error().code()); });
  EXPECT_EQ(code.get_future().get(), Errc::blocking_call_on_lane);
}

TEST_F(AdminOnMini, NonsenseIsRefusedBeforeItIsSent) {
  start_slow(0ms);
  connect();
  const auto admin = connection().admin();
  HBMUX_EXPECT_ERROR(admin.create_table(TableDescriptor(name("t"))), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(admin.create_table(TableDescriptor()), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(admin.create_table(table("t"), {"a", "a"}), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(admin.create_table(table("t"), {""}), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(admin.create_table(TableDescriptor(name("t")).family("a:b")), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(admin.create_table(TableDescriptor(name("t")).family("")), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(admin.move_region("nothing"), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(admin.modify_table(TableDescriptor(name("t"))), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(admin.add_column_family(name("t"), ColumnFamilyDescriptor("a/b")), Errc::invalid_argument);
  HBMUX_EXPECT_ERROR(admin.modify_column_family(name("t"), ColumnFamilyDescriptor()), Errc::invalid_argument);
  for (const auto* bad : {"", "a:b", "a-b", "a b", "\xff"}) {
    HBMUX_EXPECT_ERROR(admin.create_namespace(NamespaceDescriptor(bad)), Errc::invalid_argument);
    HBMUX_EXPECT_ERROR(admin.delete_namespace(bad), Errc::invalid_argument);
  }
  EXPECT_EQ(connection().statistics().calls, 0u);
}

// Many at once over one connection and one master socket.
TEST_F(AdminOnMini, ManyAtOnce) {
  start_slow(50ms);
  connect();
  std::vector<std::future<Result<void>>> created;
  for (int i = 0; i < 64; ++i) {
    created.push_back(connection().admin().async_create_table(table("t" + std::to_string(i)),
                                                              std::vector<std::string>{"m"}, boost::asio::use_future));
  }
  for (auto& one : created) HBMUX_EXPECT_OK(one.get());
  EXPECT_EQ(connection().admin().list_tables().value().size(), 64u);
  std::size_t masters = 0;
  for (const auto& pool : connection().statistics().pools) {
    if (pool.service == "MasterService") masters += pool.open;
  }
  EXPECT_EQ(masters, 1u);
}

// Several at once, each until its procedure has ended.
TEST_F(AdminOnMini, ChangesWaitForProcedures) {
  start_slow(300ms);
  connect();
  const auto admin = connection().admin();
  HBMUX_ASSERT_OK(admin.create_table(table("t")));
  const auto began = Clock::now();
  std::vector<std::future<Result<void>>> changes;
  using boost::asio::use_future;
  changes.push_back(admin.async_add_column_family(name("t"), ColumnFamilyDescriptor("g"), use_future));
  changes.push_back(admin.async_create_namespace(NamespaceDescriptor("n"), use_future));
  for (auto& change : changes) HBMUX_EXPECT_OK(change.get());
  EXPECT_GE(Clock::now() - began, 300ms);
  auto described = admin.async_describe_namespace("n", use_future);
  auto listed = admin.async_list_namespaces(use_future);
  EXPECT_EQ(described.get().value(), NamespaceDescriptor("n"));
  EXPECT_EQ(listed.get().value(), (std::vector<std::string>{"default", "hbase", "n"}));
  changes.clear();
  changes.push_back(admin.async_modify_column_family(name("t"), ColumnFamilyDescriptor("g").max_versions(3), use_future));
  changes.push_back(admin.async_modify_namespace(NamespaceDescriptor("n"), use_future));
  changes.push_back(admin.async_compact_table(name("t"), std::string(), use_future));
  changes.push_back(admin.async_major_compact_table(name("t"), "f", use_future));
  for (auto& change : changes) HBMUX_EXPECT_OK(change.get());
  HBMUX_EXPECT_OK(admin.async_modify_table(table("t"), use_future).get());
  HBMUX_EXPECT_OK(admin.async_delete_namespace("n", use_future).get());
  EXPECT_EQ(admin.async_list_namespace_tables("default", use_future).get().value(), std::vector{name("t")});
  EXPECT_EQ(admin.describe_table(name("t")).value().families.size(), 1u);
  HBMUX_EXPECT_ERROR(admin.async_delete_column_family(name("t"), "f", use_future).get(), Errc::do_not_retry);
}

std::string read_socket(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  std::string text;
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
    char bytes[4096];
    for (ssize_t count; (count = ::read(fd, bytes, sizeof bytes)) > 0;)
      text.append(bytes, static_cast<std::size_t>(count));
  }
  ::close(fd);
  return text;
}

TEST_F(AdminOnMini, StatisticsOnASocket) {
  start_slow(0ms);
  connect();
  const std::string path = testing::TempDir() + "hbmux-" + std::to_string(::getpid()) + ".sock";
  HBMUX_ASSERT_OK(connection().expose_statistics(path));
  HBMUX_EXPECT_ERROR(connection().expose_statistics(path), Errc::invalid_argument);
  HBMUX_ASSERT_OK(connection().admin().list_tables());
  const auto text = read_socket(path);
  EXPECT_EQ(text.substr(0, 8), "hbmux 1\n");
  EXPECT_NE(text.find("\npool address=" + cluster().master().address.to_string()), std::string::npos) << text;
  connection().close();
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace hbmux::loopback
