#include "client/statistics_socket.h"

#include "client/statistics_text.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace hbmux::client {
namespace {

class StatisticsSocketTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/hbmux-statistics-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    dir_ = name;
    path_ = dir_ + "/socket";
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  int connect() const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return ::close(fd), -1;
    return fd;
  }
  std::string read_all() const {
    const int fd = connect();
    if (fd < 0) return "(not connected)";
    std::string text;
    char bytes[4096];
    for (ssize_t count; (count = ::read(fd, bytes, sizeof bytes)) > 0;)
      text.append(bytes, static_cast<std::size_t>(count));
    ::close(fd);
    return text;
  }

  std::string dir_, path_;
};

TEST_F(StatisticsSocketTest, WritesTheTextToEachWhoConnects) {
  int asked = 0;
  auto socket = StatisticsSocket::open(path_, [&asked] { return "answer " + std::to_string(++asked); });
  ASSERT_TRUE(socket);
  EXPECT_EQ(read_all(), "answer 1");
  EXPECT_EQ(read_all(), "answer 2");
}

TEST_F(StatisticsSocketTest, IsPrivateAndGoesWithItsOwner) {
  {
    auto socket = StatisticsSocket::open(path_, [] { return std::string("x"); });
    ASSERT_TRUE(socket);
    struct stat found {};
    ASSERT_EQ(::stat(path_.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777, 0600u);
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

// A file of somebody else's stays as it is.
TEST_F(StatisticsSocketTest, AnExistingFileIsAnError) {
  std::ofstream(path_) << "precious";
  auto socket = StatisticsSocket::open(path_, [] { return std::string("x"); });
  ASSERT_FALSE(socket);
  EXPECT_EQ(socket.error().code(), Errc::invalid_argument);
  EXPECT_NE(socket.error().message().find(path_ + ": the file exists already"), std::string::npos);
  EXPECT_EQ(std::filesystem::file_size(path_), 8u);
}

// Replaced while it was open: what is there now is not ours to remove.
TEST_F(StatisticsSocketTest, RemovesOnlyItsOwnFile) {
  auto socket = StatisticsSocket::open(path_, [] { return std::string("x"); });
  ASSERT_TRUE(socket);
  std::filesystem::rename(path_, path_ + ".moved");
  std::ofstream(path_) << "precious";
  socket.value().reset();
  EXPECT_TRUE(std::filesystem::exists(path_));
}

TEST_F(StatisticsSocketTest, PathsThatCannotBe) {
  for (const std::string& path : {std::string(), std::string(200, 'x'), std::string("a\0b", 3)}) {
    auto socket = StatisticsSocket::open(path, [] { return std::string(); });
    ASSERT_FALSE(socket);
    EXPECT_EQ(socket.error().code(), Errc::invalid_argument);
  }
  auto socket = StatisticsSocket::open(dir_ + "/missing/socket", [] { return std::string(); });
  ASSERT_FALSE(socket);
  EXPECT_EQ(socket.error().code(), Errc::unavailable);
}

// Somebody connects, asks for much and reads nothing: closing does not wait for them.
TEST_F(StatisticsSocketTest, AReaderThatDoesNotReadHoldsNothingUp) {
  auto socket = StatisticsSocket::open(path_, [] { return std::string(64 << 20, 'x'); });
  ASSERT_TRUE(socket);
  const int fd = connect();
  ASSERT_GE(fd, 0);
  char first;
  ASSERT_EQ(::read(fd, &first, 1), 1);  // the thread is at it now
  const auto began = std::chrono::steady_clock::now();
  socket.value().reset();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(1));
  ::close(fd);
}

// The function that makes the text may hold the last reference to the socket's owner.
TEST_F(StatisticsSocketTest, MayBeClosedByItsOwnThread) {
  std::unique_ptr<StatisticsSocket> socket;
  auto opened = StatisticsSocket::open(path_, [&socket] {
    socket.reset();
    return std::string("closed");
  });
  ASSERT_TRUE(opened);
  socket = std::move(opened).value();
  read_all();  // what arrives depends on who is first
  EXPECT_EQ(socket, nullptr);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST(StatisticsText, IsOneLineForEachCounterAndPool) {
  ConnectionStatistics statistics;
  statistics.calls = 12;
  statistics.retries = 3;
  statistics.failed_servers = {"lost:1"};
  PoolEntryStatistics pool;
  pool.address = "[::1]:16020";
  pool.user = "a b=c%";
  pool.service = "ClientService";
  pool.type = "RoundRobin";
  pool.size_max = 4;
  pool.open = 2;
  pool.calls_in_flight = 7;
  statistics.pools.push_back(pool);

  const std::string text = format_statistics(statistics);
  EXPECT_EQ(text.substr(0, 8), "hbmux 1\n");
  EXPECT_NE(text.find("\ncalls=12\n"), std::string::npos);
  EXPECT_NE(text.find("\nretries=3\n"), std::string::npos);
  EXPECT_NE(text.find("\nsockets_open=2\n"), std::string::npos);
  EXPECT_NE(
      text.find(
          "\npool address=[::1]:16020 user=a%20b%3Dc%25 service=ClientService type=RoundRobin size=4 open=2 in_use=0 "
          "waiting=0 calls=7 created=0 closed=0 idle=0 borrowed=0 given_up=0\n"),
      std::string::npos)
      << text;
  EXPECT_NE(text.find("\nfailed_server address=lost:1\n"), std::string::npos);
}

}  // namespace
}  // namespace hbmux::client
