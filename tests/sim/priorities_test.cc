// The priority of each call, as it stands in its header: what the operation says, else what its table is worth.
#include "tests/sim/simulated_world.h"

#include "rpc/wire/delimited.h"

#include <hbmux/pb/Client.pb.h>
#include <hbmux/pb/RPC.pb.h>

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace hbmux::sim {
namespace {

using std::chrono::seconds;

constexpr std::uint64_t kRequest = 1;  // how ServerConnection traces the frames that it serves
constexpr std::uint32_t kNormal = 0, kHigh = 200;
constexpr std::array kTables{"t", "hbase:system", "hbase:meta"};

class Priorities : public testing::Test {
 protected:
  Priorities() : world_(WorldOptions{}) {
    world_.create_table("t", {"f"}, {});
    world_.create_table("hbase:system", {"f"}, {});
    for (const char* other : {"u", "v", "w"}) world_.create_table(other, {"f"}, {});  // rows of hbase:meta
    world_.scheduler().on_trace = [this](std::string_view what, std::uint64_t number) {
      if (number == kRequest) record(what);
    };
    for (const char* name : kTables) {
      calls_of(name, [](const Table& table, auto done) { table.async_get(Get("r"), done); });  // its region is known from now on
    }
    EXPECT_EQ(world_.failure(), "");
  }
  ~Priorities() override {
    world_.close_client();
    world_.run_for(seconds(5));
  }

  struct Call {
    std::string what;  ///< The method; for scans also which kind of call.
    std::uint32_t priority = 0;
    bool operator==(const Call&) const = default;
    friend std::ostream& operator<<(std::ostream& out, const Call& call) { return out << call.what << '/' << call.priority; }
  };

  /// What is sent while `begin` starts an operation and its handler has not been called. Whether it succeeds does not matter.
  template <class Begin>
  std::vector<Call> calls_of(const char* name, Begin begin) {
    calls_.clear();
    bool ended = false;
    begin(world_.table(name), [&ended](const auto&) { ended = true; });
    EXPECT_TRUE(world_.run_until([&] { return ended; }, seconds(60)));
    return calls_;
  }
  /// It is one call of `method`, with the given priority for table `t`, where it is set, and with that of the table where it is not.
  template <class Operation, class Begin>
  void expect(const char* method, const Operation& plain, const Operation& urgent, std::uint32_t urgency, Begin begin) {
    const auto run = [&](const char* name, const Operation& operation) {
      return calls_of(name, [&](const Table& table, auto done) { begin(table, operation, done); });
    };
    using Calls = std::vector<Call>;
    EXPECT_EQ(run("t", urgent), (Calls{{method, urgency}}));
    EXPECT_EQ(run("t", plain), (Calls{{method, kNormal}}));
    EXPECT_EQ(run("hbase:system", plain), (Calls{{method, kHigh}}));
    EXPECT_EQ(run("hbase:meta", plain), (Calls{{method, kHigh}}));
  }

  SimulatedWorld world_;
  std::vector<Call> calls_;

 private:
  void record(std::string_view frame) {
    frame.remove_prefix(4);
    std::string_view part, param;
    pb::RequestHeader header;
    ASSERT_TRUE(rpc::wire::read_delimited(frame, part) && header.ParseFromArray(part.data(), static_cast<int>(part.size())));
    ASSERT_TRUE(rpc::wire::read_delimited(frame, param));
    std::string what = header.method_name();
    if (what == "Scan") {
      pb::ScanRequest scan;
      ASSERT_TRUE(scan.ParseFromArray(param.data(), static_cast<int>(param.size())));
      what += scan.close_scanner() ? " close" : scan.renew() ? " renew" : scan.has_scanner_id() ? " next" : " open";
    }
    calls_.push_back({what, header.priority()});
  }
};

TEST_F(Priorities, Get) {
  expect("Get", Get("r"), Get("r").priority(11), 11,
         [](const Table& table, const Get& get, auto done) { table.async_get(get, done); });
}

// A family that no table here has: what is refused has travelled all the same.
TEST_F(Priorities, PutDeleteAppendIncrement) {
  const auto put = Put("r").add("none", "q", "v");
  expect("Mutate", put, Put(put).priority(12), 12, [](const Table& table, const Put& p, auto done) { table.async_put(p, done); });
  const auto del = Delete("r").add_family("none");
  expect("Mutate", del, Delete(del).priority(13), 13, [](const Table& table, const Delete& d, auto done) { table.async_remove(d, done); });
  const auto append = Append("r").add("none", "q", "v");
  expect("Mutate", append, Append(append).priority(14), 14,
         [](const Table& table, const Append& a, auto done) { table.async_append(a, done); });
  const auto increment = Increment("r").add("none", "q", 1);
  expect("Mutate", increment, Increment(increment).priority(15), 15,
         [](const Table& table, const Increment& i, auto done) { table.async_increment(i, done); });
}

TEST_F(Priorities, CheckAndMutate) {
  const auto begin = [](const Table& table, const CheckAndMutate& check, auto done) { table.async_check_and_mutate(check, done); };
  const auto when = CheckAndMutate("r").if_not_exists("none", "q");
  const auto then = [&](const CheckAndMutate::Consequence& consequence) { return CheckAndMutate(when).then(consequence); };
  const auto put = Put("r").add("none", "q", "v");
  expect("Mutate", then(put), then(Put(put).priority(16)), 16, begin);
  expect("Mutate", then(Delete("r")), then(Delete("r").priority(17)), 17, begin);
  expect("Multi", then(RowMutations("r").add(put)), then(RowMutations("r").add(put).add(Put(put).priority(18))), 18, begin);
}

TEST_F(Priorities, Batch) {
  expect("Multi", std::vector<Action>{Delete("r").add_family("none")},
         std::vector<Action>{Delete("r").add_family("none"), Get("r").priority(21), Get("s").priority(20)}, 21,
         [](const Table& table, const std::vector<Action>& actions, auto done) { table.async_batch(actions, done); });
}

// Opening, going on and renewing have the scan's; closing never waits in line.
TEST_F(Priorities, Scan) {
  for (int i = 0; i < 30; ++i) {
    const auto put = Put("r" + std::to_string(i)).add("f", "q", "v");
    calls_of("t", [&](const Table& table, auto done) { table.async_put(put, done); });
    calls_of("hbase:system", [&](const Table& table, auto done) { table.async_put(put, done); });
  }
  const auto expect_scan = [&](const char* name, Scan scan, std::uint32_t priority) {
    std::optional<Scanner> scanner(world_.table(name).scan(scan.caching(1)));
    calls_.clear();
    for (int row = 0; row < 3; ++row) {
      bool ended = false;
      scanner->async_next([&](const Scanner::NextResult&) { ended = true; });
      EXPECT_TRUE(world_.run_until([&] { return ended; }, seconds(60)));
    }
    world_.run_for(seconds(50));  // the consumer does nothing: the lease is renewed
    scanner.reset();
    world_.run_for(seconds(1));
    int renewals = 0;
    std::erase_if(calls_, [](const Call& call) { return !call.what.starts_with("Scan"); });  // the registry is asked beside it
    for (const Call& call : calls_) {
      EXPECT_EQ(call.priority, call.what == "Scan close" ? kHigh : priority) << name << ": " << call;
      renewals += call.what == "Scan renew" ? 1 : 0;
    }
    EXPECT_GT(renewals, 0);
    ASSERT_GE(calls_.size(), 4u);
    EXPECT_EQ(calls_.front().what, "Scan open");
    EXPECT_EQ(calls_.back().what, "Scan close");
  };
  expect_scan("t", Scan().priority(19), 19);
  expect_scan("t", Scan(), kNormal);
  expect_scan("hbase:system", Scan(), kHigh);
  expect_scan("hbase:meta", Scan(), kHigh);
}

}  // namespace
}  // namespace hbmux::sim
