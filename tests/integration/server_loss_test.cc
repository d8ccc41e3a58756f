// Servers that die, hang or start anew under load, on a real HBase with several region servers.
#include "tests/integration/cluster.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <set>
#include <thread>

namespace hbmux::integration {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr int kThreads = 16;
constexpr milliseconds kDeadline = seconds(60);

/// Threads that put, get, increment and scan until they are told to end, and then what came of it.
class Load {
 public:
  Load(ClusterConnection& connection, TableName table) : connection_(connection), name_(std::move(table)) {
    for (int t = 0; t < kThreads; ++t) threads_.emplace_back([this, t] { write(t); });
    threads_.emplace_back([this] { scan(); });
  }
  ~Load() { stop(); }
  void stop() {
    stop_ = true;
    threads_.clear();
  }

  /// No acknowledged write is lost, none counts twice, every call ended by its deadline.
  void verify() {
    stop();
    std::set<std::string> rows;
    int failed = scans_failed_, wrong = wrong_;
    milliseconds longest = scans_longest_;
    for (const auto& writer : writers_) {
      rows.insert(writer.rows.begin(), writer.rows.end());
      failed += writer.failed;
      longest = std::max(longest, writer.longest);
      EXPECT_EQ(writer.failed, 0) << writer.first_error;
    }
    EXPECT_EQ(wrong, 0) << "values read under load that do not belong to their rows, or rows missing";
    EXPECT_EQ(scans_failed_, 0) << scan_error_;
    EXPECT_LE(longest, kDeadline + seconds(1)) << "a call outlived its deadline";
    EXPECT_GT(rows.size(), 500u);

    std::size_t lost = rows.size(), found = 0;
    auto scanner = connection_.table(name_).scan(Scan().family("f"));
    for (const auto& row : scanner) {
      HBMUX_ASSERT_OK(row);
      ++found;
      EXPECT_EQ(row->value("f", "q"), value_of(std::string(row->row())));
      lost -= rows.count(std::string(row->row()));
    }
    EXPECT_EQ(lost, 0u);
    EXPECT_EQ(found, rows.size()) << "each row was written until that succeeded";
    std::int64_t counted = 0;
    for (int t = 0; t < kThreads; ++t) {
      const auto counter = connection_.table(name_).get(Get(counter_row(t)).family("g"));
      HBMUX_ASSERT_OK(counter);
      const auto& writer = writers_[static_cast<std::size_t>(t)];
      const std::int64_t value = number(counter->value("g", "n"));
      counted += value;
      EXPECT_EQ(value, writer.increments) << "of thread " << t;
    }
    const auto statistics = connection_.statistics();
    std::printf(
        "%zu rows and %lld increments acknowledged, %zu lost, %d failed, %d scans, longest call %lld ms, %llu "
        "retries\n",
        rows.size(), static_cast<long long>(counted), lost, failed, scans_, static_cast<long long>(longest.count()),
        static_cast<unsigned long long>(statistics.retries));
  }

 private:
  struct Writer {
    std::vector<std::string> rows;  ///< Acknowledged.
    std::int64_t increments = 0;    ///< Acknowledged.
    int failed = 0;
    milliseconds longest{0};
    std::string first_error;
  };

  // The first letter spreads them over the regions.
  static std::string row_of(int thread, int number) {
    return std::string(1, static_cast<char>('a' + (number * 7 + thread) % 26)) + "-" + std::to_string(thread) + "-" +
           std::to_string(number);
  }
  static std::string counter_row(int thread) { return row_of(thread, thread * 5) + "-counter"; }
  static std::string value_of(const std::string& row) { return "value of " + row; }
  static std::int64_t number(std::optional<std::string_view> bytes) {
    std::uint64_t value = 0;
    for (const char c : bytes.value_or("")) value = value << 8 | static_cast<unsigned char>(c);
    return static_cast<std::int64_t>(value);
  }

  template <class Call>
  static auto timed(milliseconds& longest, const Call& call) {
    const auto began = steady_clock::now();
    auto result = call();
    longest = std::max(longest, std::chrono::duration_cast<milliseconds>(steady_clock::now() - began));
    return result;
  }

  void write(int thread) {
    const Table table = connection_.table(name_);
    Writer& writer = writers_[static_cast<std::size_t>(thread)];
    const auto note = [&](const auto& result) {
      if (result) return true;
      ++writer.failed;
      if (writer.first_error.empty()) writer.first_error = result.error().to_string();
      return false;
    };
    for (int turn = 0; !stop_; ++turn) {
      const std::string row = row_of(thread, static_cast<int>(writer.rows.size()));
      if (note(timed(writer.longest, [&] { return table.put(Put(row).add("f", "q", value_of(row))); }))) {
        writer.rows.push_back(row);
      }
      if (turn % 4 == 0 && !writer.rows.empty()) {
        const auto& known = writer.rows[static_cast<std::size_t>(turn) * 7919 % writer.rows.size()];
        const auto found = timed(writer.longest, [&] { return table.get(Get(known).family("f")); });
        if (note(found) && found->value("f", "q") != value_of(known)) ++wrong_;
      }
      if (turn % 4 == 2) {
        auto increment = Increment(counter_row(thread)).add("g", "n", 1);
        if (note(timed(writer.longest, [&] { return table.increment(std::move(increment)); }))) ++writer.increments;
      }
    }
  }

  // In order, none twice; how many there are changes all the time.
  void scan() {
    const Table table = connection_.table(name_);
    for (; !stop_; ++scans_) {
      auto scanner = table.scan(Scan().family("f").caching(100));
      std::string before;
      for (;;) {
        auto row = timed(scans_longest_, [&] { return scanner.next(); });
        if (!row) {
          ++scans_failed_;
          scan_error_ = row.error().to_string();
          break;
        }
        if (!*row) break;
        const std::string key((*row)->row());
        if (key <= before || (*row)->value("f", "q") != value_of(key)) ++wrong_;
        before = key;
      }
    }
  }

  ClusterConnection& connection_;
  const TableName name_;
  std::atomic<bool> stop_{false};
  std::atomic<int> wrong_{0};
  std::vector<Writer> writers_{kThreads};
  int scans_ = 0, scans_failed_ = 0;
  milliseconds scans_longest_{0};
  std::string scan_error_;
  std::vector<std::jthread> threads_;
};

class ServerLoss : public ClusterTest {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    if (!IsSkipped() && !cluster().can_lose_servers())
      GTEST_SKIP() << "needs several region servers that may be killed";
  }
  void TearDown() override {
    if (is_down_ != 0) cluster().tool("start-rs " + std::to_string(is_down_));
    if (!IsSkipped()) wait_for_all_servers();
    ClusterTest::TearDown();
  }

  /// A server that hung for too long (on a busy machine that may be any time) ends itself when it comes to: it is
  /// started again.
  void wait_for_all_servers() {
    connect();
    for (int i = 0; i < 60; ++i) {
      std::set<std::string> missing(cluster().region_servers().begin(), cluster().region_servers().end());
      const auto status = admin().cluster_status();
      HBMUX_ASSERT_OK(status);
      for (const auto& server : status->live_servers) missing.erase(server.name.address.to_string());
      if (missing.empty()) return;
      for (const auto& server : missing) cluster().tool("start-rs " + std::to_string(number_of(server)));
      std::this_thread::sleep_for(seconds(1));
    }
    ADD_FAILURE() << "not all region servers are back";
  }

  /// Settings with which operations outlast the loss of a server.
  void connect_patiently(std::vector<std::pair<std::string, std::string>> more = {}) {
    more.emplace_back("hbase.client.operation.timeout", std::to_string(kDeadline.count()));
    more.emplace_back("hbase.client.scanner.timeout.period", std::to_string(kDeadline.count()));
    more.emplace_back("hbase.client.retries.number", "60");
    connect(more);
  }
  TableName make_spread_table() { return make_table({"d", "h", "l", "p", "t", "w"}); }

  /// The number by which the tool knows a server.
  int number_of(const std::string& address) {
    const auto& known = cluster().region_servers();
    const auto at = std::find(known.begin(), known.end(), address);
    EXPECT_NE(at, known.end()) << address;
    return static_cast<int>(at - known.begin()) + 1;
  }
  int number_of(const ServerName& server) { return number_of(server.address.to_string()); }
  ServerName server_of_meta() { return admin().regions(TableName::meta()).value().front().server; }
  /// One that has regions of the table, but not hbase:meta.
  ServerName server_of(const TableName& table) {
    const auto meta = server_of_meta();
    for (const auto& location : admin().regions(table).value()) {
      if (location.server != meta) return location.server;
    }
    ADD_FAILURE() << "all regions are where hbase:meta is";
    return meta;
  }
  void kill(const ServerName& server) {
    is_down_ = number_of(server);
    cluster().tool("kill-rs " + std::to_string(is_down_));
  }
  void bring_back() { cluster().tool("start-rs " + std::to_string(std::exchange(is_down_, 0))); }
  /// Until the table's regions are all on servers other than `lost`.
  void wait_for_regions(const TableName& table, const ServerName& lost) {
    for (int i = 0; i < 600; ++i) {
      const auto regions = admin().regions(table);
      if (regions && std::all_of(regions->begin(), regions->end(), [&](const auto& location) {
            return location.is_known() && location.server != lost;
          })) {
        return;
      }
      std::this_thread::sleep_for(milliseconds(100));
    }
    ADD_FAILURE() << "regions are still on " << lost.to_string();
  }
  void lose_under_load(const TableName& table, const ServerName& victim) {
    Load load(connection(), table);
    std::this_thread::sleep_for(seconds(2));  // load, and then trouble in the middle of it
    kill(victim);
    wait_for_regions(table, victim);
    std::this_thread::sleep_for(seconds(1));
    bring_back();
    std::this_thread::sleep_for(seconds(1));
    load.verify();
  }

 private:
  int is_down_ = 0;
};

TEST_F(ServerLoss, KilledUnderLoad) {
  connect_patiently();
  const auto table = make_spread_table();
  lose_under_load(table, server_of(table));
}

TEST_F(ServerLoss, TheServerOfMetaKilledUnderLoad) {
  connect_patiently();
  const auto table = make_spread_table();
  lose_under_load(table, server_of_meta());
}

// Two users and several sockets to each server, with the exclusive pool: what the dead server leaves behind must not be
// used again.
TEST_F(ServerLoss, KilledUnderLoadWithTheReusablePool) {
  connect_patiently({{"hbase.client.ipc.pool.type", "Reusable"}, {"hbase.client.ipc.pool.size", "8"}});
  const auto table = make_spread_table();
  lose_under_load(table, server_of(table));
}

// A server that hangs with its sockets open: calls time out, are tried again, and their late answers disturb nobody.
TEST_F(ServerLoss, HangsForAWhile) {
  connect_patiently({{"hbase.rpc.timeout", "1000"}});
  const auto table = make_spread_table();
  const auto number = std::to_string(number_of(server_of(table)));
  Load load(connection(), table);
  std::this_thread::sleep_for(seconds(1));
  cluster().tool("pause-rs " + number);
  std::this_thread::sleep_for(milliseconds(2500));  // less than its session with ZooKeeper
  cluster().tool("resume-rs " + number);
  std::this_thread::sleep_for(seconds(2));
  load.verify();
  const auto statistics = connection().statistics();
  EXPECT_GT(statistics.timed_out, 0u);
  std::printf("%llu calls timed out, %llu answers came late\n", static_cast<unsigned long long>(statistics.timed_out),
              static_cast<unsigned long long>(statistics.late_replies));
}

// Time is short: calls fail, but each of them in time, and with the server's name.
TEST_F(ServerLoss, EveryCallEndsByItsDeadline) {
  const auto table = make_spread_table();
  connect({{"hbase.client.operation.timeout", "1500"},
           {"hbase.rpc.timeout", "500"},
           {"hbase.client.scanner.timeout.period", "1500"}});
  const auto victim = server_of(table);
  std::atomic<bool> stop{false};
  std::atomic<int> failed{0}, late{0}, nameless{0};
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      const auto handle = connection().table(table);
      for (int i = 0; !stop; ++i) {
        const std::string row(1, static_cast<char>('a' + (i + t) % 26));
        const auto began = steady_clock::now();
        const auto put = handle.put(Put(row).add("f", "q", "1"));
        if (steady_clock::now() - began > milliseconds(2000)) ++late;
        if (put) continue;
        ++failed;
        if (put.error().to_string().find("localhost:") == std::string::npos) ++nameless;
      }
    });
  }
  std::this_thread::sleep_for(seconds(1));
  kill(victim);
  wait_for_regions(table, victim);
  bring_back();
  stop = true;
  threads.clear();
  EXPECT_GT(failed, 0);
  EXPECT_EQ(late, 0);
  EXPECT_EQ(nameless, 0);
  for (char row = 'a'; row <= 'z'; ++row)
    HBMUX_EXPECT_OK(connection().table(table).put(Put(std::string(1, row)).add("f", "q", "2")));
}

// The master is killed while it is asked for something: the new one is found, and nothing is done twice.
TEST_F(ServerLoss, TheMasterStartsAnew) {
  wait_for_all_servers();  // without all of them the new master would not begin
  connect_patiently();
  HBMUX_ASSERT_OK(admin().list_tables());
  std::jthread restart([this] { cluster().tool("restart-master"); });
  for (int i = 0; i < 5; ++i) {
    const auto table = make_table({"m"});
    HBMUX_EXPECT_OK(connection().table(table).put(Put("r").add("f", "q", "1")));
    HBMUX_EXPECT_OK(admin().disable_table(table));
    HBMUX_EXPECT_OK(admin().delete_table(table));
    std::this_thread::sleep_for(milliseconds(500));
  }
  restart.join();
  EXPECT_EQ(admin().cluster_status().value().live_servers.size(), cluster().region_servers().size());
}

}  // namespace
}  // namespace hbmux::integration
