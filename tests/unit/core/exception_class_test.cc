#include "core/exception_class.h"

#include <gtest/gtest.h>

namespace hbmux::core {
namespace {

using std::chrono::milliseconds;

Error told(std::string class_name, std::string text = "text", bool do_not_retry = false, bool overloaded = false) {
  const std::string trace = class_name + ": " + text + "\n\tat org.apache.hadoop.hbase.Foo.bar(Foo.java:1)\n";
  ServerException e;
  e.class_name = class_name;
  e.stack_trace = trace;
  e.do_not_retry = do_not_retry;
  e.server_overloaded = overloaded;
  return make_error(e);
}

// The message is for people: the class without its package, and the first line of what the server wrote.
TEST(ExceptionClass, Message) {
  Error error = told("org.apache.hadoop.hbase.NotServingRegionException", "t,,1.abc. is not online");
  EXPECT_EQ(error.code(), Errc::not_serving_region);
  EXPECT_EQ(error.message(), "NotServingRegionException: t,,1.abc. is not online");
  EXPECT_EQ(error.exception_class(), "org.apache.hadoop.hbase.NotServingRegionException");
  EXPECT_EQ(error.exception_message(), "t,,1.abc. is not online");
  EXPECT_FALSE(error.do_not_retry());
}

// Texts come from the network: whatever they hold, the message is one bounded line, and never empty.
TEST(ExceptionClass, HostileTexts) {
  ServerException e;
  EXPECT_FALSE(make_error(e).message().empty());
  const std::string name = "org.apache.hadoop.hbase." + std::string(5000, 'x');
  const std::string trace = "no class name here \x01\x1b[31m" + std::string(100000, 'y');
  e.class_name = name;
  e.stack_trace = trace;
  Error error = make_error(e);
  EXPECT_EQ(error.code(), Errc::server_exception);
  EXPECT_LT(error.message().size(), 3000u);
  EXPECT_EQ(error.message().find('\x1b'), std::string::npos);
  e.class_name = "....$$$";
  EXPECT_FALSE(make_error(e).message().empty());
  e.stack_trace = "....$$$";
  EXPECT_FALSE(make_error(e).message().empty());
}

struct Expected {
  const char* class_name;
  Errc code;
  bool retry;
  bool drop;
};

// ClientExceptionsUtil's rules, and what derives from DoNotRetryIOException.
TEST(ExceptionClass, Table) {
  using enum Errc;
  const std::string hbase = "org.apache.hadoop.hbase.";
  for (const Expected& e : std::initializer_list<Expected>{
           {"NotServingRegionException", not_serving_region, true, true},
           {"exceptions.RegionMovedException", region_moved, true, true},
           {"exceptions.RegionOpeningException", region_opening, true, false},
           {"RegionTooBusyException", region_too_busy, true, false},
           {"CallQueueTooBigException", call_queue_too_big, true, false},
           {"CallDroppedException", call_queue_too_big, true, false},
           {"quotas.RpcThrottlingException", throttled, true, false},
           {"MultiActionResultTooLarge", retry_immediately, true, false},
           {"RetryImmediatelyException", retry_immediately, true, false},
           {"exceptions.RequestTooBigException", request_too_big, false, false},
           {"regionserver.WrongRegionException", wrong_region, true, true},
           {"regionserver.RegionServerStoppedException", server_not_running, true, true},
           {"regionserver.RegionServerAbortedException", server_not_running, true, true},
           {"ipc.ServerNotRunningYetException", server_not_running, true, true},
           {"PleaseHoldException", master_not_running, true, false},
           {"MasterNotRunningException", master_not_running, true, false},
           {"DoNotRetryIOException", do_not_retry, false, false},
           {"TableNotFoundException", table_not_found, false, false},
           {"TableExistsException", table_exists, false, false},
           {"TableNotEnabledException", table_not_enabled, false, false},
           {"TableNotDisabledException", table_not_disabled, false, false},
           {"NamespaceNotFoundException", namespace_not_found, false, false},
           {"NamespaceExistException", namespace_exists, false, false},
           {"regionserver.NoSuchColumnFamilyException", no_such_column_family, false, false},
           {"security.AccessDeniedException", access_denied, false, false},
           {"UnknownScannerException", unknown_scanner, false, false},
           {"exceptions.OutOfOrderScannerNextException", out_of_order_scanner, false, false},
           {"exceptions.ScannerResetException", scanner_reset, false, false},
           {"exceptions.FailedSanityCheckException", do_not_retry, false, false},
           {"quotas.SpaceLimitingException", do_not_retry, false, false},
           {"SomethingNobodyHeardOf", server_exception, true, true},
       }) {
    Error error = told(hbase + e.class_name);
    Reaction r = react(error);
    EXPECT_EQ(error.code(), e.code) << e.class_name;
    EXPECT_EQ(r.retry, e.retry) << e.class_name;
    EXPECT_EQ(r.drop_location, e.drop) << e.class_name;
    EXPECT_EQ(error.do_not_retry(), !e.retry) << e.class_name;
  }
}

// A class that nobody knows is what the server says of it.
TEST(ExceptionClass, UnknownClassesObeyTheFlag) {
  Error error = told("com.example.MyCoprocessorException", "no", true);
  EXPECT_EQ(error.code(), Errc::do_not_retry);
  EXPECT_FALSE(react(error).retry);
  EXPECT_TRUE(react(told("com.example.MyCoprocessorException", "no", false)).retry);
  EXPECT_TRUE(react(told("java.io.IOException")).retry);
  EXPECT_TRUE(react(told("java.io.IOException")).may_be_applied);
  // A name means something only in HBase's packages.
  EXPECT_EQ(told("java.nio.file.AccessDeniedException").code(), Errc::server_exception);
}

// Java's client gives up on what is no IOException.
TEST(ExceptionClass, ProgramErrorsAreNotRetried) {
  EXPECT_FALSE(react(told("java.lang.IllegalArgumentException")).retry);
  EXPECT_EQ(told("java.lang.NullPointerException").code(), Errc::do_not_retry);
}

// The flag of the server wins over the class, in the careful direction only.
TEST(ExceptionClass, DoNotRetryFlagWins) {
  Error error = told("org.apache.hadoop.hbase.NotServingRegionException", "x", true);
  EXPECT_EQ(error.code(), Errc::not_serving_region);
  EXPECT_FALSE(react(error).retry);
  EXPECT_FALSE(react(told("org.apache.hadoop.hbase.TableNotFoundException", "x", false)).retry);
}

TEST(ExceptionClass, Overload) {
  EXPECT_TRUE(react(told("org.apache.hadoop.hbase.CallQueueTooBigException")).overloaded);  // by its class
  EXPECT_FALSE(react(told("org.apache.hadoop.hbase.RegionTooBusyException")).overloaded);
  EXPECT_TRUE(react(told("org.apache.hadoop.hbase.RegionTooBusyException", "x", false, true)).overloaded);  // as told
}

TEST(ExceptionClass, Scanners) {
  for (const char* name :
       {"UnknownScannerException", "NotServingRegionException", "regionserver.RegionServerStoppedException",
        "exceptions.ScannerResetException", "exceptions.RegionMovedException"}) {
    Reaction r = react(told(std::string("org.apache.hadoop.hbase.") + name));
    EXPECT_TRUE(r.reopen_scanner) << name;
    EXPECT_TRUE(r.scanner_is_gone) << name;
  }
  Reaction r = react(told("org.apache.hadoop.hbase.exceptions.OutOfOrderScannerNextException"));
  EXPECT_TRUE(r.reopen_scanner);
  EXPECT_FALSE(r.scanner_is_gone);
  EXPECT_FALSE(react(told("org.apache.hadoop.hbase.security.AccessDeniedException")).reopen_scanner);
}

TEST(ExceptionClass, FatalFamily) {
  for (const char* name : {"FatalConnectionException", "BadAuthException", "WrongVersionException",
                           "UnknownServiceException", "EmptyServiceNameException", "UnsupportedCellCodecException",
                           "UnsupportedCompressionCodecException", "UnsupportedCryptoException"}) {
    const std::string full = std::string("org.apache.hadoop.hbase.ipc.") + name;
    EXPECT_TRUE(is_fatal_connection_exception(full)) << name;
    EXPECT_TRUE(react(told(full)).closes_connection) << name;
    EXPECT_FALSE(react(told(full)).retry) << name;
  }
  EXPECT_FALSE(is_fatal_connection_exception("org.apache.hadoop.hbase.NotServingRegionException"));
}

// Java asks hbase:meta whether the table is disabled after these alone.
TEST(ExceptionClass, TableStateIsAskedAfterNotServing) {
  EXPECT_TRUE(react(told("org.apache.hadoop.hbase.NotServingRegionException")).check_table_state);
  EXPECT_TRUE(react(told("org.apache.hadoop.hbase.client.RegionOfflineException")).check_table_state);
  EXPECT_FALSE(react(told("org.apache.hadoop.hbase.RegionTooBusyException")).check_table_state);
}

TEST(ExceptionClass, OurOwnErrors) {
  using enum Errc;
  for (Errc code : {timed_out, connection_lost, protocol_error}) {
    Reaction r = react(Error(code, "x"));
    EXPECT_TRUE(r.retry && r.drop_location && r.may_be_applied) << code;
  }
  for (Errc code : {cannot_resolve, cannot_connect, failed_server}) {
    Reaction r = react(Error(code, "x"));
    EXPECT_TRUE(r.retry && r.drop_location && !r.may_be_applied) << code;
  }
  EXPECT_TRUE(react(Error(unavailable, "x")).retry);
  for (Errc code : {invalid_argument, invalid_configuration, unsupported, blocking_call_on_lane, closed, forked,
                    cancelled, overloaded, table_not_found}) {
    EXPECT_FALSE(react(Error(code, "x")).retry) << code;
  }
}

TEST(RegionMoved, IsRead) {
  auto to = parse_region_moved(
      "Region moved to: hostname=rs2.example.com port=16020 startCode=1700000000001. As of locationSeqNum=42.");
  ASSERT_TRUE(to);
  EXPECT_EQ(to->server.to_string(), "rs2.example.com,16020,1700000000001");
  EXPECT_EQ(to->seqnum, 42);
  Error error = told("org.apache.hadoop.hbase.exceptions.RegionMovedException",
                     "Region moved to: hostname=h port=1 startCode=2. As of locationSeqNum=3.");
  EXPECT_TRUE(react(error).moved);
  EXPECT_EQ(region_moved_to(error)->server.address.port, 1);
  EXPECT_FALSE(region_moved_to(told("org.apache.hadoop.hbase.NotServingRegionException",
                                    "Region moved to: hostname=h port=1 startCode=2. As of locationSeqNum=3.")));
}

TEST(RegionMoved, GarbageIsNothing) {
  const std::string good = "Region moved to: hostname=h port=1234 startCode=2. As of locationSeqNum=3";
  EXPECT_TRUE(parse_region_moved(good));
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(parse_region_moved(good.substr(0, size))) << size;
  EXPECT_FALSE(parse_region_moved("hostname= port=1 startCode=2. As of locationSeqNum=3."));
  EXPECT_FALSE(parse_region_moved("hostname=null port=-1 startCode=-1. As of locationSeqNum=-1."));
  EXPECT_FALSE(parse_region_moved("hostname=h port=0 startCode=2. As of locationSeqNum=3."));
  EXPECT_FALSE(parse_region_moved("hostname=h port=65536 startCode=2. As of locationSeqNum=3."));
  EXPECT_FALSE(parse_region_moved("hostname=h port=1 startCode=99999999999999999999. As of locationSeqNum=3."));
}

TEST(ThrottleWait, BothFormats) {
  const std::string text = "number of requests exceeded - wait ";
  EXPECT_EQ(parse_throttle_wait(text + "100ms"), milliseconds(100));
  EXPECT_EQ(parse_throttle_wait(text + "0ms"), milliseconds(0));
  EXPECT_EQ(parse_throttle_wait(text + "1sec, 0ms"), milliseconds(1000));
  EXPECT_EQ(parse_throttle_wait(text + "1hr, 2mins, 3sec, 4ms"), milliseconds(3723004));
  EXPECT_EQ(parse_throttle_wait(text + "2hrs, 1min, 0ms"), milliseconds(7260000));
  EXPECT_EQ(parse_throttle_wait(text + "1mins, 30sec"), milliseconds(90000));
  EXPECT_EQ(parse_throttle_wait(text + "0.50sec"), milliseconds(500));
  EXPECT_EQ(parse_throttle_wait(text + "12hrs, 5mins, 1.00sec"), milliseconds(43501000));
  EXPECT_EQ(react(told("org.apache.hadoop.hbase.quotas.RpcThrottlingException", text + "250ms")).told_pause,
            milliseconds(250));
}

TEST(ThrottleWait, GarbageIsNothing) {
  for (const char* text : {"", "wait", "wait ", "wait ms", "wait -5ms", "wait abc", "wait nansec", "no time is told",
                           "wait 5", "wait 1e9"}) {
    EXPECT_FALSE(parse_throttle_wait(text)) << text;
  }
  EXPECT_FALSE(react(told("org.apache.hadoop.hbase.quotas.RpcThrottlingException", "why")).told_pause);
  EXPECT_GT(parse_throttle_wait("wait 99999999999999999999hrs"), milliseconds(1000000));
}

}  // namespace
}  // namespace hbmux::core
