// Thousands of runs of client and cluster on virtual time, each from a seed. What fails prints its seed; `--seed N`
// plays that run again.
//
//   hbmux_sim_tests [--seeds N] [--first N] [--seed N] [--trace] [GoogleTest's options]
//
// HBMUX_SIM_SEEDS and HBMUX_SIM_FIRST in the environment do the same as --seeds and --first.
#include "tests/sim/workload.h"

#include <hbmux/log.h>

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>
#include <string>

namespace hbmux::sim {
namespace {

std::uint64_t seeds = 0;  // 0: each test's own number
std::uint64_t first_seed = 1;
bool verbose = false;

struct Totals {
  std::uint64_t runs = 0, events = 0, calls = 0;
  double virtual_seconds = 0;
  std::map<std::string, std::uint64_t> outcomes;
  CallCounts counts;

  void add(const RunReport& report) {
    ++runs;
    events += report.events;
    calls += report.calls;
    virtual_seconds += static_cast<double>(report.virtual_ms) / 1000;
    for (const auto& [outcome, count] : report.outcomes) outcomes[outcome] += count;
    counts.served += report.counts.served;
    counts.exceptions += report.counts.exceptions;
    counts.requests_lost += report.counts.requests_lost;
    counts.replies_lost += report.counts.replies_lost;
    counts.resets += report.counts.resets;
    counts.replies_cut += report.counts.replies_cut;
  }

  void print() const {
    std::cout << runs << " runs, " << events << " events, " << static_cast<std::uint64_t>(virtual_seconds)
              << " s of virtual time, " << calls << " operations;";
    for (const auto& [outcome, count] : outcomes) std::cout << ' ' << outcome << ' ' << count;
    std::cout << '\n'
              << counts.served << " calls served, " << counts.exceptions << " answered with exceptions, "
              << counts.requests_lost << " requests and " << counts.replies_lost << " replies lost, "
              << counts.replies_cut << " replies cut, " << counts.resets << " resets" << std::endl;
  }
};

using Run = RunReport (*)(std::uint64_t);

Totals run_all(Run run, std::uint64_t count) {
  Totals totals;
  if (seeds != 0) count = seeds;
  for (std::uint64_t seed = first_seed; seed < first_seed + count; ++seed) {
    const RunReport report = run(seed);
    totals.add(report);
    if (report.failure.empty()) continue;
    ADD_FAILURE() << "seed " << seed << ": " << report.failure << "\nreplay: --seed " << seed
                  << " --gtest_filter=" << testing::UnitTest::GetInstance()->current_test_info()->test_suite_name()
                  << "." << testing::UnitTest::GetInstance()->current_test_info()->name();
    if (testing::Test::HasFailure() && totals.runs > 20000) break;
  }
  totals.print();
  return totals;
}

// No acknowledged write is lost, no increment counts twice, every value is its row's, and every call ends once and in
// time.
TEST(Simulation, MutationsKeepTheirPromises) {
  const Totals totals = run_all(run_mutations, 2000);
  if (totals.runs < 1000) return;
  // The runs must not be so bad that they show nothing.
  EXPECT_GT(totals.outcomes.at("ok"), totals.calls / 2);
  EXPECT_GT(totals.counts.replies_lost, 100u);
  EXPECT_GT(totals.counts.exceptions, 100u);
  EXPECT_GT(totals.counts.resets, 100u);
}

// No scan loses, doubles or tears a row.
TEST(Simulation, ScansGiveEachRowOnce) {
  const Totals totals = run_all(run_scans, 2000);
  if (totals.runs < 1000) return;
  EXPECT_GT(totals.outcomes.at("ok"), totals.calls / 2);
}

// Ten thousand troubles, each with 64 repeatable calls in flight: none of these fails.
TEST(Simulation, RepeatableCallsOutliveTheirConnections) {
  const Totals totals = run_all(run_links_in_trouble, 10'000 / kTroublesInARun);
  std::cout << totals.runs * kTroublesInARun << " troubles" << std::endl;
  EXPECT_EQ(totals.outcomes.at("ok"), totals.calls);
}

void expect_equal_runs(Run run) {
  for (std::uint64_t seed = first_seed; seed < first_seed + 40; ++seed) {
    const RunReport one = run(seed), other = run(seed);
    EXPECT_EQ(one.trace_hash, other.trace_hash) << "seed " << seed;
    EXPECT_EQ(one.events, other.events) << "seed " << seed;
    EXPECT_EQ(one.failure, other.failure) << "seed " << seed;
  }
}

TEST(Simulation, OneSeedIsOneRun) {
  expect_equal_runs(run_mutations);
  expect_equal_runs(run_scans);
  expect_equal_runs(run_links_in_trouble);
  EXPECT_NE(run_mutations(1).trace_hash, run_mutations(2).trace_hash);
}

void read_environment() {
  if (const char* text = std::getenv("HBMUX_SIM_SEEDS")) seeds = std::strtoull(text, nullptr, 10);
  if (const char* text = std::getenv("HBMUX_SIM_FIRST")) first_seed = std::strtoull(text, nullptr, 10);
}

bool read_arguments(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--trace") == 0) {
      verbose = true;
      continue;
    }
    const bool one = std::strcmp(argv[i], "--seed") == 0;
    const bool many = std::strcmp(argv[i], "--seeds") == 0;
    const bool first = std::strcmp(argv[i], "--first") == 0;
    if ((!one && !many && !first) || i + 1 == argc) return false;
    const std::uint64_t number = std::strtoull(argv[++i], nullptr, 10);
    if (many || one) seeds = one ? 1 : number;
    if (first || one) first_seed = number;
  }
  return true;
}

}  // namespace
}  // namespace hbmux::sim

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  hbmux::sim::read_environment();
  if (!hbmux::sim::read_arguments(argc, argv)) {
    std::fprintf(stderr, "usage: %s [--seeds N] [--first N] [--seed N] [--trace] [--gtest_...]\n", argv[0]);
    return 2;
  }
  hbmux::set_log_sink([](hbmux::LogLevel, std::string_view line) { hbmux::sim::Scheduler::print(line); },
                      hbmux::sim::verbose ? hbmux::LogLevel::trace : hbmux::LogLevel::off);
  hbmux::sim::Scheduler::set_verbose(hbmux::sim::verbose);
  return RUN_ALL_TESTS();
}
