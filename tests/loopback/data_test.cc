// What the embedded cluster keeps on disk.
#include "tests/loopback/mini_test.h"
#include "tests/loopback/raw_client.h"

#include <hbmux/pb/Admin.pb.h>
#include <hbmux/pb/Master.pb.h>

#include "core/bytes.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <thread>

extern char** environ;

namespace hbmux::loopback {
namespace {

namespace fs = std::filesystem;

class KeptData : public MiniTest {
 protected:
  KeptData() { fs::remove_all(directory_); }
  ~KeptData() override { fs::remove_all(directory_); }

  mini::Options options(std::uint64_t log_bytes = 1 << 20) {
    mini::Options options;
    options.region_servers = 2;
    options.scanner_lease = 100ms;
    options.data_directory = directory_;
    options.data_log_bytes = log_bytes;
    return options;
  }
  /// Ends the cluster, if any, and begins another one on its data.
  void restart(std::uint64_t log_bytes = 1 << 20) {
    stop();
    start(options(log_bytes));
    connect();
  }
  void put(const std::string& row, const std::string& value = "v", const std::string& table = "t") {
    connection().table(table).put(Put(row).add("f", "q", value)).value();
  }
  /// Gives up soon: its server is killed.
  static Configuration configuration_for_kill() {
    Configuration configuration;
    configuration.set("hbase.client.retries.number", "1");
    configuration.set("hbase.client.pause", "5");
    configuration.set("hbase.rpc.timeout", "5000");
    configuration.set("hbase.client.operation.timeout", "10000");
    return configuration;
  }
  static void ask(const ServerAddress& address, std::string_view service, std::string_view method,
                  const google::protobuf::MessageLite& request) {
    RawClient client(address);
    client.send(RawClient::hello(service) + RawClient::call(1, method, request));
    RawClient::End end{};
    const std::string reply = client.receive(5s, end);
    pb::ResponseHeader header;
    std::string_view frame = std::string_view(reply).substr(4), part;
    ASSERT_TRUE(rpc::wire::read_delimited(frame, part) &&
                header.ParseFromArray(part.data(), static_cast<int>(part.size())));
    EXPECT_FALSE(header.has_exception()) << header.exception().stack_trace();
  }
  static std::string read_file(const fs::path& path) {
    std::ostringstream out;
    out << std::ifstream(path, std::ios::binary).rdbuf();
    return out.str();
  }
  static void write_file(const fs::path& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }

  const std::string directory_ = testing::TempDir() + "hbmux-data-" + std::to_string(::getpid());
};

TEST_F(KeptData, TablesRowsAndRegionsComeBack) {
  restart();
  auto admin = connection().admin();
  const auto id = admin.cluster_status().value().cluster_id;
  pb::CreateNamespaceRequest space;
  space.mutable_namespacedescriptor()->set_name("space");
  ask(cluster().master().address, "MasterService", "CreateNamespace", space);
  cluster().create_table("t", {"f", "g"}, {"r0050"}).value();
  cluster().create_table("space:u", {"f"}).value();
  cluster().create_table("gone", {"f"}).value();
  cluster().create_table("off", {"f"}).value();
  for (int i = 0; i < 100; ++i) put(key(i), std::to_string(i));
  auto table = connection().table("t");
  HBMUX_ASSERT_OK(table.remove(Delete(key(3))));
  HBMUX_ASSERT_OK(table.put(Put(key(4)).add("f", "q", 5, "at 5").add("g", "", "")));
  HBMUX_ASSERT_OK(table.increment(Increment(key(5)).add("f", "n", 7)));
  HBMUX_ASSERT_OK(table.append(Append(key(5)).add("f", "a", "xy")));
  HBMUX_ASSERT_OK(cluster().split_region(region_of("t", key(20)).encoded_name, key(20)));
  put(key(21), "after the split");
  put("row", "in a space", "space:u");
  put("row", "off", "off");
  HBMUX_ASSERT_OK(admin.disable_table(TableName::parse("off").value()));
  HBMUX_ASSERT_OK(admin.disable_table(TableName::parse("gone").value()));
  HBMUX_ASSERT_OK(admin.delete_table(TableName::parse("gone").value()));
  std::vector<std::string> before;
  for (const auto& row : table.scan(Scan().versions(5))) before.push_back(text_of(*row));

  for (const std::uint64_t log_bytes : {std::uint64_t{1} << 20, std::uint64_t{1000}, std::uint64_t{1000}}) {
    restart(log_bytes);
    admin = connection().admin();
    EXPECT_EQ(admin.cluster_status().value().cluster_id, id);
    std::vector<std::string> after;
    for (const auto& row : connection().table("t").scan(Scan().versions(5))) after.push_back(text_of(*row));
    EXPECT_EQ(after, before);
    EXPECT_EQ(cluster().regions("t").size(), 3u);
    EXPECT_EQ(connection().table("space:u").get(Get("row")).value().value("f", "q"), "in a space");
    EXPECT_TRUE(cluster().regions("gone").empty());
    EXPECT_EQ(admin.table_state(TableName::parse("off").value()).value(), TableState::disabled);
    put(key(21), "after the split");  // it goes on
    if (log_bytes == 1000) {
      wait_until([&] { return fs::exists(directory_ + "/snapshot-1"); }, "a snapshot");
    }
  }
  HBMUX_ASSERT_OK(admin.enable_table(TableName::parse("off").value()));
  EXPECT_EQ(connection().table("off").get(Get("row")).value().value("f", "q"), "off");
}

TEST_F(KeptData, WhatACompactionForgotStaysForgotten) {
  restart();
  cluster().create_table("t", {"f"}).value();
  auto table = connection().table("t");
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "q", 10, "old")));
  HBMUX_ASSERT_OK(table.remove(Delete("r").add_family("f", 20)));
  const auto region = region_of("t", "r");
  pb::CompactRegionRequest compact;
  compact.mutable_region()->set_type(pb::RegionSpecifier::REGION_NAME);
  compact.mutable_region()->set_value(region.name);
  compact.set_major(true);
  for (int i = 0; i < 2; ++i) {
    ask(cluster().region_servers().at(static_cast<std::size_t>(region.server)).address, "AdminService", "CompactRegion",
        compact);
  }
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "q", 5, "below the mark that is gone")));
  const auto before = text_of(table.get(Get("r")).value());
  restart();
  EXPECT_EQ(text_of(connection().table("t").get(Get("r")).value()), before);
}

TEST_F(KeptData, TheLogCutAtEveryByteOfItsLastRecord) {
  restart();
  cluster().create_table("t", {"f"}).value();
  for (int i = 0; i < 5; ++i) put(key(i));
  const std::size_t before = fs::file_size(directory_ + "/log-0");
  put("last");
  stop();
  const std::string log = read_file(directory_ + "/log-0");
  ASSERT_GT(log.size(), before);
  for (std::size_t size = before; size <= log.size(); ++size) {
    write_file(directory_ + "/log-0", std::string_view(log).substr(0, size));
    restart();
    std::vector<std::string> expected{key(0), key(1), key(2), key(3), key(4)};
    if (size == log.size()) expected.insert(expected.begin(), "last");
    EXPECT_EQ(keys_of(connection().table("t").scan(Scan())), expected) << size << " of " << log.size();
    stop();
  }
}

TEST_F(KeptData, ADamagedMiddleIsAClearError) {
  restart();
  cluster().create_table("t", {"f"}).value();
  for (int i = 0; i < 5; ++i) put(key(i));
  stop();
  const std::string log = read_file(directory_ + "/log-0");
  for (std::size_t at = 3; at < log.size() / 2; at += 7) {
    std::string damaged = log;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    write_file(directory_ + "/log-0", damaged);
    const auto started = mini::Cluster::start(options());
    ASSERT_FALSE(started) << at;
    EXPECT_EQ(started.error().code(), Errc::invalid_argument);
    EXPECT_NE(started.error().message().find("log-0 is damaged at byte"), std::string::npos) << started.error();
  }
  write_file(directory_ + "/log-0", log);
  write_file(directory_ + "/snapshot-1", "");
  EXPECT_FALSE(mini::Cluster::start(options())) << "a snapshot without its end";
  fs::remove(directory_ + "/snapshot-1");
  write_file(directory_ + "/log-2", "");
  EXPECT_FALSE(mini::Cluster::start(options())) << "log-1 is missing";
}

TEST_F(KeptData, OneProcessAtATime) {
  restart();
  const auto second = mini::Cluster::start(options());
  HBMUX_EXPECT_ERROR(second, Errc::unavailable);
  stop();
  HBMUX_EXPECT_ERROR(mini::Cluster::start({.data_directory = "/proc/none"}), Errc::unavailable);
}

/// A cluster in a process of its own.
class Server {
 public:
  Server(const std::string& directory, std::uint64_t log_bytes) {
    int out[2];
    if (::pipe2(in_, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in_[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    std::string program = HBMUX_DATA_SERVER, bytes = std::to_string(log_bytes), where = directory;
    char* argv[] = {program.data(), where.data(), bytes.data(), nullptr};
    if (::posix_spawn(&pid_, program.c_str(), &actions, nullptr, argv, environ) != 0) throw std::runtime_error("spawn");
    posix_spawn_file_actions_destroy(&actions);
    ::close(out[1]);
    for (char c = 0; ::read(out[0], &c, 1) == 1 && c != '\n';) uri_ += c;
    ::close(out[0]);
  }
  ~Server() { kill(); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    ::close(in_[0]);
    ::close(in_[1]);
    pid_ = -1;
  }
  const std::string& uri() const { return uri_; }

 private:
  pid_t pid_ = -1;
  int in_[2];
  std::string uri_;
};

TEST_F(KeptData, KillNineLosesNothingThatWasAcknowledged) {
  constexpr std::uint64_t kSeed = 20;
  constexpr int kRounds = 8, kThreads = 3;
  std::mt19937_64 random(kSeed);
  std::map<std::string, int> acknowledged[kThreads];  // row to the number that was written last
  std::map<std::string, int> tried[kThreads];
  std::atomic<int> sum_known{0}, sum_tried{0};
  int written = 0;
  for (int round = 0; round < kRounds; ++round) {
    // Small logs: snapshots are being written when it is killed.
    auto server = std::make_unique<Server>(directory_, round % 2 == 0 ? 20'000 : std::uint64_t{1} << 30);
    ASSERT_TRUE(server->uri().starts_with("hbase+rpc://")) << server->uri();
    auto connection = ClusterConnection::open(server->uri(), configuration_for_kill()).value();
    if (round == 0) {
      TableDescriptor table(TableName::parse("t").value());
      table.family("f");
      HBMUX_ASSERT_OK(connection.admin().create_table(table, {"1", "2"}));
    }
    auto table = connection.table("t");
    for (int t = 0; t < kThreads; ++t) {
      for (const auto& [row, number] : acknowledged[t]) {
        const auto found = table.get(Get(row));
        ASSERT_TRUE(found) << found.error();
        ASSERT_TRUE(found->exists()) << row << " is lost in round " << round << ", seed " << kSeed;
        const int now = std::stoi(std::string(found->value("f", "q").value()));
        EXPECT_GE(now, number) << row << " in round " << round << ", seed " << kSeed;
        EXPECT_LE(now, tried[t][row]) << row;
      }
    }
    if (sum_tried > 0) {
      const auto sum = table.get(Get("sum")).value();
      const auto now = sum.exists() ? core::load_be<std::int64_t>(sum.value("f", "n").value().data()) : 0;
      EXPECT_GE(now, sum_known.load());
      EXPECT_LE(now, sum_tried.load());
    }
    std::vector<std::thread> threads;
    std::atomic<bool> over{false};
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; !over; ++i) {
          const std::string row = std::to_string(t) + "-" + std::to_string(i % 50);
          const int number = tried[t][row] + 1;
          tried[t][row] = number;
          if (!table.put(Put(row).add("f", "q", std::to_string(number)))) return;
          acknowledged[t][row] = number;
          if (t != 0) continue;
          ++sum_tried;
          if (!table.increment(Increment("sum").add("f", "n", 1))) return;
          ++sum_known;
        }
      });
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 250));
    server->kill();
    over = true;
    for (auto& thread : threads) thread.join();
    written = 0;
    for (const auto& each : acknowledged) {
      for (const auto& [row, number] : each) written += number;
    }
  }
  EXPECT_GT(written, 100);
  std::printf("%d acknowledged puts and %d increments over %d kills, seed %d\n", written, sum_known.load(), kRounds,
              static_cast<int>(kSeed));
}

}  // namespace
}  // namespace hbmux::loopback
