// Many threads, one connection, one socket: replies delayed and out of order, calls cancelled and timed out under way. Each value names its
// key, so that a reply which reached the wrong caller shows.
//
// HBMUX_STORM_CALLS sets how many calls are made (default 300000).
#include "client/connection_state.h"
#include "client/table_context.h"

#include <hbmux/get.h>
#include <hbmux/log.h>
#include <hbmux/mini/cluster.h>
#include <hbmux/table.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <random>
#include <thread>

namespace hbmux {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr int kThreads = 64;
constexpr int kInFlight = 8;  // of each thread
constexpr int kKeys = 4096;

std::uint64_t calls_wanted(std::uint64_t otherwise) {
  const char* text = std::getenv("HBMUX_STORM_CALLS");
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

std::string key_of(unsigned n) { return "key-" + std::to_string(n % kKeys); }
std::string value_of(const std::string& key) { return "the value of " + key; }

struct Counts {
  std::atomic<std::uint64_t> begun{0}, ended{0}, right{0}, wrong{0}, timed_out{0}, cancelled{0}, other{0};
};

class Storm : public ::testing::Test {
 protected:
  void start(rpc::CallIdPolicy call_ids) {
    cluster_.emplace(mini::Cluster::start().value());
    cluster_->create_table("storm", {"f"}).value();
    auto configuration = cluster_->client_configuration();
    configuration.set("hbase.client.ipc.pool.size", "1");
    configuration.set("hbase.client.pause", "1");
    state_ = client::ConnectionState::open(configuration, call_ids).value();
    table_.emplace(client::TableContext::make(state_, TableName::parse("storm").value(), state_->user()));
    std::vector<Action> puts;
    for (unsigned i = 0; i < kKeys; ++i) puts.emplace_back(Put(key_of(i)).add("f", "q", value_of(key_of(i))));
    for (auto& result : table_->batch(std::move(puts))) ASSERT_TRUE(result) << result.error();
  }
  void TearDown() override {
    table_.reset();
    if (state_) state_->close(Error(Errc::closed, "the test is over"));
  }

  void judge(const std::string& key, const Result<Row>& row) {
    ++counts_.ended;
    if (row) {
      const auto value = row->value("f", "q");
      ++(value && *value == value_of(key) ? counts_.right : counts_.wrong);
    } else if (row.error().code() == Errc::timed_out) {
      ++counts_.timed_out;
    } else if (row.error().code() == Errc::cancelled) {
      ++counts_.cancelled;
    } else {
      ++counts_.other;
      if (first_error_.empty()) first_error_ = row.error().to_string();
    }
  }

  void run_thread(unsigned number, std::uint64_t calls) {
    std::mt19937 random(number);
    const Table patient = *table_;
    const Table hasty = table_->with(TableOptions().operation_timeout(milliseconds(3)).rpc_timeout(milliseconds(3)));
    std::array<boost::asio::cancellation_signal, kInFlight> signals;
    for (std::uint64_t i = 0; i < calls; i += kInFlight) {
      std::atomic<int> open{kInFlight};
      for (int slot = 0; slot < kInFlight; ++slot) {
        const std::string key = key_of(static_cast<unsigned>(random()));
        const Table& table = random() % 100 == 0 ? hasty : patient;
        ++counts_.begun;
        table.async_get(Get(key).column("f", "q"),
                        boost::asio::bind_cancellation_slot(
                            signals[static_cast<std::size_t>(slot)].slot(), [this, key, &open](Result<Row> row) {
                              judge(key, row);
                              if (open.fetch_sub(1) == 1) open.notify_one();
                            }));
        if (random() % 50 == 0) signals[static_cast<std::size_t>(slot)].emit(boost::asio::cancellation_type::terminal);
      }
      for (int left = open.load(); left != 0; left = open.load()) open.wait(left);
      if (i % 64 == 0) {  // and a blocking one
        const std::string key = key_of(static_cast<unsigned>(random()));
        ++counts_.begun;
        judge(key, patient.get(Get(key)));
      }
    }
  }

  void run(std::uint64_t calls) {
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < kThreads; ++t) threads.emplace_back([this, t, calls] { run_thread(t, calls / kThreads); });
    for (auto& thread : threads) thread.join();
    const auto statistics = state_->statistics();
    std::printf("%llu calls: %llu right, %llu wrong, %llu timed out, %llu cancelled; %llu late replies, %llu sockets, %llu writes\n",
                static_cast<unsigned long long>(counts_.begun), static_cast<unsigned long long>(counts_.right),
                static_cast<unsigned long long>(counts_.wrong), static_cast<unsigned long long>(counts_.timed_out),
                static_cast<unsigned long long>(counts_.cancelled),
                static_cast<unsigned long long>(statistics.late_replies),
                static_cast<unsigned long long>(statistics.sockets_opened),
                static_cast<unsigned long long>(statistics.writes));
  }

  Counts counts_;
  std::string first_error_;
  std::optional<mini::Cluster> cluster_;
  std::shared_ptr<client::ConnectionState> state_;
  std::optional<Table> table_;
};

mini::ReplyFaults faults() {
  mini::ReplyFaults faults;
  faults.delay_max = microseconds(2000);
  faults.reorder_window = 32;
  faults.drop_one_in = 20000;
  return faults;
}

TEST_F(Storm, EveryReplyReachesItsCaller) {
  start(rpc::CallIdPolicy::rising);
  cluster_->set_reply_faults(faults());
  *table_ = table_->with(TableOptions().rpc_timeout(milliseconds(500)));
  run(calls_wanted(300000));
  EXPECT_EQ(counts_.ended, counts_.begun) << "every call ends once";
  EXPECT_EQ(counts_.wrong, 0u);
  EXPECT_EQ(counts_.other, 0u) << first_error_;
  EXPECT_GT(counts_.timed_out, 0u);
  EXPECT_GT(counts_.cancelled, 0u);
  EXPECT_GT(state_->statistics().late_replies, 0u);
}

// The same with a call table that gives an id out again at once: it must be found out, or the test above proves nothing.
TEST_F(Storm, ACallTableThatReusesIdsAtOnceIsFoundOut) {
  set_log_sink({}, LogLevel::off);  // it complains about what this test does to it
  start(rpc::CallIdPolicy::reuse_at_once);
  cluster_->set_reply_faults(faults());
  *table_ = table_->with(TableOptions().rpc_timeout(milliseconds(500)));
  run(60000);
  EXPECT_GT(counts_.wrong, 0u);
}

}  // namespace
}  // namespace hbmux
