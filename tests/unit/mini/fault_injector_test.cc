// Which calls meet which fault.
#include "mini/faults/fault_injector.h"
#include "mini/faults/fault_script.h"

#include <gtest/gtest.h>

namespace hbmux::mini {
namespace {

using namespace std::chrono_literals;
using Call = FaultInjector::Call;

struct FaultInjectorTest : testing::Test {
  FaultInjectorTest() : faults(7, [this] { return now; }) {}

  int add(std::string_view text) { return faults.add(Fault::parse(text).value()); }
  FaultInjector::Verdict meet(std::string_view method = "Get", int server = 0, std::string_view table = "t",
                              std::string_view part = {}) {
    return faults.on_call({server, "h,1,2", method, part, table, "t,,1.0123456789abcdef0123456789abcdef."});
  }
  std::uint64_t count(int id) {
    for (const FaultCount& each : faults.counts()) {
      if (each.id == id) return each.happened;
    }
    return 0;
  }

  FaultInjector::Time now{1h};
  FaultInjector faults;
};

TEST_F(FaultInjectorTest, TakesFaultsOnlyWhereTheyAreMeant) {
  EXPECT_FALSE(faults.wants_calls());
  const int id = add("drop server=rs1 table=t method=Scan.next");
  EXPECT_TRUE(faults.wants_calls());
  EXPECT_TRUE(faults.wants_tables());
  EXPECT_EQ(meet("Scan", 0, "t", "next").fate, Fate::send);
  EXPECT_EQ(meet("Scan", 1, "u", "next").fate, Fate::send);
  EXPECT_EQ(meet("Scan", 1, "t", "open").fate, Fate::send);
  EXPECT_EQ(meet("Get", 1, "t").fate, Fate::send);
  EXPECT_EQ(meet("Scan", 1, "t", "next").fate, Fate::drop);
  EXPECT_EQ(count(id), 1u);
  ASSERT_TRUE(faults.heal(id));
  EXPECT_FALSE(faults.heal(id));
  EXPECT_FALSE(faults.wants_calls());
  EXPECT_EQ(meet("Scan", 1, "t", "next").fate, Fate::send);
  EXPECT_EQ(count(id), 1u) << "counts outlive their fault";
}

TEST_F(FaultInjectorTest, FaultsOfSingleRegionsMeetOnlyTheirPart) {
  const int id = add("region-exception table=t row=h class=java.io.IOException message=no after=1 times=1");
  EXPECT_TRUE(faults.wants_regions());
  EXPECT_FALSE(faults.wants_calls()) << "the call as a whole meets nothing";
  EXPECT_FALSE(meet("Multi").exception);
  auto part = [&](std::string_view table, std::string_view start, std::string_view end) {
    return faults.on_region({0, table, start, end});
  };
  EXPECT_FALSE(part("u", "", "").exception);
  EXPECT_FALSE(part("t", "", "g").exception);
  EXPECT_FALSE(part("t", "n", "").exception);
  EXPECT_FALSE(part("t", "g", "n").exception) << "not the first";
  const auto met = part("t", "g", "n");
  ASSERT_TRUE(met.exception);
  EXPECT_EQ(met.exception->class_name, "java.io.IOException");
  EXPECT_FALSE(met.serve);
  EXPECT_FALSE(part("t", "g", "n").exception);
  EXPECT_EQ(count(id), 1u);
  EXPECT_FALSE(faults.wants_regions());
  add("region-exception class=java.io.IOException applied=true");
  EXPECT_TRUE(part("t", "", "").serve);
}

TEST_F(FaultInjectorTest, LoadIsForMultis) {
  const int id = add("load server=rs1 heap=97 memory=3");
  EXPECT_FALSE(meet("Multi").load);
  EXPECT_FALSE(meet("Get", 1).load);
  const auto met = meet("Multi", 1);
  ASSERT_TRUE(met.load);
  EXPECT_EQ(met.load->heap, 97);
  EXPECT_EQ(met.load->memory, 3);
  EXPECT_TRUE(met.serve);
  EXPECT_EQ(count(id), 1u);
}

TEST_F(FaultInjectorTest, NewKindsAreCheckedAndPrinted) {
  for (const char* text : {"region-exception table=t row=h class=java.io.IOException message=\"no, not now\"",
                           "load table=t memory=1 heap=2 compactions=100", "replica-lag table=t by=2s replica=2"}) {
    EXPECT_EQ(Fault::parse(text).value().to_string(), text);
  }
  for (const char* text : {"region-exception", "region-exception class=a do-not-retry=true",
                           "region-exception class=a method=Get", "load", "load heap=101", "replica-lag table=t",
                           "replica-lag by=-1s", "replica-lag by=1s replica=0", "replica-lag by=1s method=Get",
                           "load heap=1 server=zookeeper"}) {
    EXPECT_FALSE(Fault::parse(text)) << text;
  }
}

TEST_F(FaultInjectorTest, CountsTimesAndPassesOverTheFirst) {
  const int id = add("exception class=java.io.IOException message=no after=2 times=3");
  std::string what;
  for (int i = 0; i < 8; ++i) what += meet().exception ? 'x' : '.';
  EXPECT_EQ(what, "..xxx...");
  EXPECT_EQ(count(id), 3u);
  EXPECT_FALSE(faults.wants_calls());
}

TEST_F(FaultInjectorTest, EndsAfterItsTime) {
  add("drop for=2s");
  EXPECT_EQ(meet().fate, Fate::drop);
  now += 1999ms;
  EXPECT_EQ(meet().fate, Fate::drop);
  now += 1ms;
  EXPECT_EQ(meet().fate, Fate::send);
  EXPECT_FALSE(faults.wants_calls());
}

TEST_F(FaultInjectorTest, HappensAtItsRateAndByItsSeed) {
  add("drop rate=0.1 seed=5");
  std::string first;
  for (int i = 0; i < 10'000; ++i) first += meet().fate == Fate::drop ? 'x' : '.';
  EXPECT_NEAR(static_cast<double>(std::count(first.begin(), first.end(), 'x')), 1000, 150);
  FaultInjector other(99, [this] { return now; });
  other.add(Fault::parse("drop rate=0.1 seed=5").value());
  std::string second;
  for (int i = 0; i < 10'000; ++i) {
    second += other.on_call({0, "", "Get", {}, {}, {}}).fate == Fate::drop ? 'x' : '.';
  }
  EXPECT_EQ(first, second);
}

TEST_F(FaultInjectorTest, SpeaksAsHBaseDoes) {
  add("queue-full times=1");
  auto verdict = meet();
  ASSERT_TRUE(verdict.exception);
  EXPECT_FALSE(verdict.serve);
  EXPECT_EQ(verdict.exception->class_name, "org.apache.hadoop.hbase.CallQueueTooBigException");
  EXPECT_EQ(verdict.exception->message, "Call queue is full on h,1,2, too many items queued ?");
  EXPECT_TRUE(verdict.exception->server_overloaded);
  add("throttle wait=61200ms times=1");
  EXPECT_EQ(meet().exception->message, "number of requests exceeded - wait 1min, 1sec, 200ms");
  add("too-busy times=1");
  EXPECT_EQ(meet().exception->message,
            "Over memstore limit=512.0 M, regionName=0123456789abcdef0123456789abcdef, server=h,1,2");
  add("exception class=org.apache.hadoop.hbase.DoNotRetryIOException message=\"so \\\"what\\\"\" do-not-retry=true "
      "applied=true");
  verdict = meet();
  EXPECT_TRUE(verdict.serve);
  EXPECT_TRUE(verdict.exception->do_not_retry);
  EXPECT_EQ(verdict.exception->message, "so \"what\"");
}

TEST_F(FaultInjectorTest, SlowMetaIsForMetaOnly) {
  add("slow-meta min=5ms max=9ms");
  EXPECT_EQ(meet("Get", 0, "t").delay, 0us);
  for (int i = 0; i < 100; ++i) {
    const auto delay = meet("Scan", 0, "hbase:meta", "open").delay;
    EXPECT_GE(delay, 5ms);
    EXPECT_LE(delay, 9ms);
  }
}

TEST_F(FaultInjectorTest, ActsBeforeTheCallIsServedAndOnce) {
  std::vector<std::string> acts;
  faults.set_actor([&](const Fault& fault) {
    acts.emplace_back(name_of(fault.kind));
    EXPECT_NE(fault.seed, 0u);
    return acts.size() == 1 ? 0 : 2;
  });
  const int move = add("move table=t method=Scan.next after=1");
  meet("Scan", 0, "t", "next");
  EXPECT_TRUE(acts.empty());
  EXPECT_TRUE(meet("Scan", 0, "t", "next").serve);
  meet("Scan", 0, "t", "next");
  EXPECT_EQ(acts, (std::vector<std::string>{"move"}));
  EXPECT_EQ(count(move), 0u) << "there was nothing to move";
  const int expire = add("expire-scanners method=Scan times=2");
  for (int i = 0; i < 3; ++i) meet("Scan", 0, "t", "next");
  EXPECT_EQ(acts.size(), 3u);
  EXPECT_EQ(count(expire), 4u) << "two scanners, twice";
}

TEST_F(FaultInjectorTest, MixturesAreCountedByTheirParts) {
  const int mix = add("mix rate=0.3 seed=11 of=drop,reset,queue-full,delay");
  int met = 0;
  for (int i = 0; i < 5000; ++i) {
    const auto verdict = meet();
    met += verdict.fate != Fate::send || verdict.exception || verdict.delay.count() > 0;
  }
  EXPECT_NEAR(met, 1500, 200);
  const auto counts = faults.counts();
  ASSERT_EQ(counts.size(), 5u);
  std::uint64_t sum = 0;
  for (std::size_t i = 1; i < 5; ++i) {
    EXPECT_GT(counts[i].happened, 200u) << counts[i].fault;
    sum += counts[i].happened;
  }
  EXPECT_EQ(counts[0].happened, sum);
  ASSERT_TRUE(faults.heal(mix));
  EXPECT_FALSE(faults.wants_calls());
}

TEST_F(FaultInjectorTest, StallsConnectionsFromTheStart) {
  add("stall server=rs1 times=1");
  EXPECT_EQ(meet("Get", 1).fate, Fate::send) << "connections that are open go on";
  EXPECT_FALSE(faults.stalls_connection(0));
  EXPECT_TRUE(faults.stalls_connection(1));
  EXPECT_FALSE(faults.stalls_connection(1));
  add("stall method=Get");
  EXPECT_FALSE(faults.stalls_connection(0));
  EXPECT_EQ(meet("Get").fate, Fate::stall);
}

TEST(FaultText, GoesThereAndBack) {
  for (const char* text :
       {"drop", "delay server=master min=1ms max=2500us",
        "exception table=t method=Get rate=0.25 class=a.B message=\"x # y\"", "move table=ns:t row=\"a\\\\x00\" to=rs2",
        "kill server=rs1 memory=keep reassign=0s", "clock server=rs0 by=-3600s",
        "mix rate=0.05 for=10s seed=3 of=drop,reset", "throttle times=2 wait=150ms", "reorder after=7 window=3"}) {
    const auto fault = Fault::parse(text);
    ASSERT_TRUE(fault) << text << ": " << fault.error();
    EXPECT_EQ(fault->to_string(), text);
  }
}

TEST(FaultText, WhatCannotBeIsAnError) {
  for (const char* text : {"",
                           "explode",
                           "drop rate=2",
                           "drop rate=x",
                           "drop times=0",
                           "drop color=red",
                           "drop method",
                           "delay",
                           "delay min=1",
                           "delay min=-1ms",
                           "delay min=5ms max=1ms",
                           "exception message=x",
                           "exception class=\"x",
                           "kill",
                           "kill server=master",
                           "move",
                           "clock",
                           "clock by=1s method=Get",
                           "mix of=kill",
                           "mix of=drop,",
                           "drop server=rs",
                           "drop server=rsx",
                           "queue-full server=zookeeper",
                           "delay min=1e300s",
                           "reorder window=0",
                           "kill server=rs1 memory=some"}) {
    EXPECT_FALSE(Fault::parse(text)) << text;
  }
}

TEST(FaultScript, LinesComeInTheOrderOfTheirTimes) {
  const auto lines = parse_fault_script(
      "# what happens\n\n2s   kill server=rs1   # dies\n+500ms start server=rs1\r\n0s delay max=5ms\n1m heal "
      "delay\n+1s heal");
  ASSERT_TRUE(lines) << lines.error();
  std::string all;
  for (const ScriptLine& line : *lines) {
    all += std::to_string(line.at.count()) + " " + (line.heals ? "heal " + line.heals_only : line.fault.to_string()) +
           "\n";
  }
  EXPECT_EQ(all, "0 delay max=5ms\n2000 kill server=rs1\n2500 start server=rs1\n60000 heal delay\n61000 heal \n");
}

TEST(FaultScript, ErrorsNameTheLine) {
  for (const auto& [text, words] : {std::pair("0s drop\nsoon drop", "line 2: \"soon\" is no time"),
                                    {"0s", "line 1: there is nothing behind the time"},
                                    {"\n\n1s heal everything", "line 3: there is no fault \"everything\""},
                                    {"1s drop message=\"", "line 1: a quote is not closed"},
                                    {"-1s drop", "line 1: \"-1s\" is no time"}}) {
    const auto lines = parse_fault_script(text);
    ASSERT_FALSE(lines) << text;
    EXPECT_NE(lines.error().message().find(words), std::string::npos) << lines.error();
  }
}

}  // namespace
}  // namespace hbmux::mini
