// A connection on a manual lane: the test is the network, the server and the clock.
#include "rpc/connection.h"

#include "core/bytes.h"
#include "rpc/wire/delimited.h"
#include "tests/support/manual_lane.h"

#include <hbmux/pb/RPC.pb.h>

#include <gtest/gtest.h>

#include <map>

namespace hbmux::rpc {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::MemoryPipe;

struct Request {
  pb::RequestHeader header;
  std::string param, cells;
};

/// What a server finds in the bytes of a client; checks their form on the way.
struct ServerSide {
  pb::ConnectionHeader hello;
  std::vector<Request> requests;

  void read(std::string& bytes) {
    std::string_view rest = bytes;
    if (!has_hello_) {
      ASSERT_EQ(rest.substr(0, 4), "HBas");
      ASSERT_EQ(rest[4], 0);
      ASSERT_EQ(rest[5], 0x50);
      const auto size = core::load_be<std::uint32_t>(rest.data() + 6);
      ASSERT_TRUE(hello.ParseFromArray(rest.data() + 10, static_cast<int>(size)));
      rest.remove_prefix(10 + size);
      has_hello_ = true;
    }
    while (rest.size() >= 4) {
      const auto size = core::load_be<std::uint32_t>(rest.data());
      if (rest.size() - 4 < size) break;
      std::string_view frame = rest.substr(4, size), header, param;
      rest.remove_prefix(4 + size);
      Request request;
      ASSERT_TRUE(wire::read_delimited(frame, header));
      ASSERT_TRUE(request.header.ParseFromArray(header.data(), static_cast<int>(header.size())));
      ASSERT_TRUE(request.header.request_param());
      ASSERT_TRUE(wire::read_delimited(frame, param));
      request.param = param;
      request.cells = frame;
      ASSERT_EQ(request.header.has_cell_block_meta() ? request.header.cell_block_meta().length() : 0, frame.size());
      requests.push_back(std::move(request));
    }
    bytes = std::string(rest);
  }

 private:
  bool has_hello_ = false;
};

std::string framed(const std::string& body) {
  std::string out;
  core::append_be(out, static_cast<std::uint32_t>(body.size()));
  return out + body;
}

std::string reply(std::uint32_t id, std::string_view message, std::string_view cells = {}) {
  pb::ResponseHeader header;
  header.set_call_id(id);
  if (!cells.empty()) header.mutable_cell_block_meta()->set_length(static_cast<std::uint32_t>(cells.size()));
  std::string body;
  wire::append_delimited(body, header);
  wire::append_varint(body, message.size());
  return framed(body.append(message).append(cells));
}

std::string exception(std::uint32_t id, const std::string& class_name, bool do_not_retry = false) {
  pb::ResponseHeader header;
  header.set_call_id(id);
  header.mutable_exception()->set_exception_class_name(class_name);
  header.mutable_exception()->set_stack_trace(class_name + ": it did not work\n\tat a.b.c");
  header.mutable_exception()->set_do_not_retry(do_not_retry);
  std::string body;
  wire::append_delimited(body, header);
  return framed(body);
}

class ConnectionTest : public ::testing::Test {
 protected:
  void SetUp() override { make(options()); }

  static ConnectionOptions options() {
    ConnectionOptions o;
    o.codec_class = "org.apache.hadoop.hbase.codec.KeyValueCodec";
    o.max_frame_bytes = 1 << 20;
    o.calls_max = 1000;
    o.bytes_max = 1 << 20;
    o.tombstones_max = 10;
    return o;
  }
  void make(ConnectionOptions o) {
    while (lane->connecting() != 0) lane->refuse(Error(Errc::cancelled, "another connection is made"));
    o.on_connect_failed = [this](const Error& e) { connect_failures.push_back(e); };
    connection = std::make_shared<Connection>(lane, ConnectionKey({"server", 16020}, {"ada", ""}, Service::client),
                                              std::move(o), counters);
    connection->start();
  }
  /// Submits a call; its end is kept under `name`.
  CallToken call(const std::string& name, std::string param = "param", std::string cells = {}, milliseconds timeout = seconds(60)) {
    CallRequest request;
    request.method = "Get";
    request.param = std::move(param);
    request.cells = std::move(cells);
    request.deadline = lane->now() + timeout;
    CallToken token;
    connection->submit(std::move(request), [this, name](Result<CallReply> r) {
      ASSERT_FALSE(ended.contains(name)) << name << " ended twice";
      ended[name] = r ? "reply " + std::string(r->message) + (r->cells.empty() ? "" : " cells " + std::string(r->cells))
                      : std::string(to_string(r.error().code()));
      if (!r) errors[name] = r.error();
    }, &token);
    return token;
  }
  void open() {
    pipe = lane->accept();
    read();
  }
  /// What the client has written by now.
  void read() {
    lane->run();
    server.read(pipe->to_server);
  }

  test::LaneOfTest lane;
  const std::shared_ptr<RpcCounters> counters = std::make_shared<RpcCounters>();
  std::shared_ptr<Connection> connection;
  std::shared_ptr<MemoryPipe> pipe;
  ServerSide server;
  std::map<std::string, std::string> ended;
  std::map<std::string, Error> errors;
  std::vector<Error> connect_failures;
};

TEST_F(ConnectionTest, SaysWhoItIsAndWhatItWants) {
  open();
  EXPECT_EQ(server.hello.user_info().effective_user(), "ada");
  EXPECT_EQ(server.hello.service_name(), "ClientService");
  EXPECT_EQ(server.hello.cell_block_codec_class(), "org.apache.hadoop.hbase.codec.KeyValueCodec");
  EXPECT_FALSE(server.hello.has_cell_block_compressor_class());
  EXPECT_GE(server.hello.version_info().version_major(), 2u);
}

TEST_F(ConnectionTest, SendsWhatWaitedForItInOneWrite) {
  call("a");
  call("b", "param b", "cells b");
  open();
  ASSERT_EQ(server.requests.size(), 2u);
  EXPECT_EQ(pipe->writes, 1u);
  EXPECT_EQ(server.requests[1].header.method_name(), "Get");
  EXPECT_EQ(server.requests[1].param, "param b");
  EXPECT_EQ(server.requests[1].cells, "cells b");
  EXPECT_EQ(server.requests[1].header.timeout(), 60000u);
}

TEST_F(ConnectionTest, GivesEachReplyToItsCallInAnyOrder) {
  open();
  for (auto name : {"a", "b", "c"}) call(name);
  read();
  const auto id = [&](int i) { return server.requests[static_cast<std::size_t>(i)].header.call_id(); };
  pipe->server_sends(reply(id(2), "C") + reply(id(0), "A", "cells") + reply(id(1), "B"));
  EXPECT_EQ(ended["a"], "reply A cells cells");
  EXPECT_EQ(ended["b"], "reply B");
  EXPECT_EQ(ended["c"], "reply C");
  EXPECT_EQ(connection->calls_in_flight(), 0u);
}

// What handlers submit while a batch of replies is taken is gathered: a small batch goes out in one write, a large one in two, so that the server
// has something to do while the second half is made.
TEST_F(ConnectionTest, GathersWhatHandlersSubmit) {
  for (const auto& [batch, writes] : {std::pair(10u, 1u), std::pair(100u, 2u)}) {
    make(options());
    server = ServerSide();
    ended.clear();
    open();
    for (unsigned i = 0; i < batch; ++i) {
      CallRequest request;
      request.method = "Get";
      request.deadline = lane->now() + seconds(1);
      connection->submit(std::move(request), [this, i](Result<CallReply>) { call("again " + std::to_string(i)); }, nullptr);
    }
    read();
    const auto before = pipe->writes;
    std::string replies;
    for (auto& r : server.requests) replies += reply(r.header.call_id(), "");
    server.requests.clear();
    pipe->server_sends(replies);
    read();
    EXPECT_EQ(server.requests.size(), batch);
    EXPECT_EQ(pipe->writes - before, writes);
  }
}

TEST_F(ConnectionTest, ACallerThatIsAloneWritesInPlaceAndOthersAreGathered) {
  open();
  call("a");
  server.read(pipe->to_server);  // nothing has run on the lane
  EXPECT_EQ(server.requests.size(), 1u);
  const auto before = pipe->writes;
  for (int i = 0; i < 20; ++i) call("b" + std::to_string(i));
  EXPECT_EQ(pipe->writes, before);
  read();
  EXPECT_EQ(server.requests.size(), 21u);
  EXPECT_EQ(pipe->writes, before + 1);
}

TEST_F(ConnectionTest, GoesOnWhenTheSocketTakesMore) {
  open();
  pipe->write_room = 10;
  call("a", std::string(100, 'x'));
  call("b", std::string(100, 'y'), std::string(50000, 'z'));
  lane->run();
  EXPECT_TRUE(pipe->client_waits_for_room());
  for (int i = 0; i < 200 && server.requests.size() < 2; ++i) {
    lane->run();
    if (pipe->client_waits_for_room()) pipe->make_room(777);
    lane->run();
    read();
  }
  ASSERT_EQ(server.requests.size(), 2u);
  EXPECT_EQ(server.requests[0].param, std::string(100, 'x'));
  EXPECT_EQ(server.requests[1].cells, std::string(50000, 'z'));
}

TEST_F(ConnectionTest, AnExceptionEndsItsCallOnly) {
  open();
  call("a");
  call("b");
  pipe->server_sends(exception(0, "org.apache.hadoop.hbase.NotServingRegionException") + reply(1, "B"));
  EXPECT_EQ(ended["a"], "not_serving_region");
  EXPECT_EQ(errors["a"].server(), "server:16020");
  EXPECT_EQ(ended["b"], "reply B");
  EXPECT_TRUE(connection->usable());
}

TEST_F(ConnectionTest, ATimeOutHarmsNobodyElseAndItsLateReplyIsDropped) {
  open();
  call("slow", "p", "", milliseconds(100));
  call("other");
  lane->advance(milliseconds(100));
  EXPECT_EQ(ended["slow"], "timed_out");
  EXPECT_FALSE(ended.contains("other"));
  pipe->server_sends(reply(0, "late") + reply(1, "in time"));
  EXPECT_EQ(ended["other"], "reply in time");
  EXPECT_EQ(counters->late_replies, 1u);
  EXPECT_TRUE(connection->usable());
}

TEST_F(ConnectionTest, EveryCallEndsByItsOwnDeadlineInAnyOrderOfDeadlines) {
  open();
  for (int ms : {300, 100, 200, 150, 400}) call(std::to_string(ms), "p", "", milliseconds(ms));
  for (int ms = 50; ms <= 400; ms += 50) {
    lane->advance(milliseconds(50));
    for (int deadline : {100, 150, 200, 300, 400}) {
      EXPECT_EQ(ended.contains(std::to_string(deadline)), deadline <= ms) << deadline << " at " << ms;
    }
  }
}

TEST_F(ConnectionTest, ACancelledCallHarmsNobodyElse) {
  open();
  auto token = call("a");
  call("b");
  token.cancel();
  token.cancel();
  lane->run();
  EXPECT_EQ(ended["a"], "cancelled");
  pipe->server_sends(reply(0, "A") + reply(1, "B"));
  EXPECT_EQ(ended["b"], "reply B");
}

TEST_F(ConnectionTest, WhatWasCancelledBeforeItOpenedIsNeverSent) {
  call("a").cancel();
  call("b", "p", "", milliseconds(10));
  call("c");
  lane->advance(milliseconds(20));
  open();
  ASSERT_EQ(server.requests.size(), 1u);
  EXPECT_EQ(ended["a"], "cancelled");
  EXPECT_EQ(ended["b"], "timed_out");
  pipe->server_sends(reply(server.requests[0].header.call_id(), "C"));
  EXPECT_EQ(ended["c"], "reply C");
}

TEST_F(ConnectionTest, TooManyUnansweredCallsReplaceTheConnectionWithoutCuttingAnybodyOff) {
  open();
  call("patient");
  for (int i = 0; i < 11; ++i) call("t" + std::to_string(i), "p", "", milliseconds(10));
  lane->advance(milliseconds(20));
  EXPECT_FALSE(connection->usable());
  EXPECT_FALSE(ended.contains("patient"));
  pipe->server_sends(reply(0, "at last"));
  lane->run();
  EXPECT_EQ(ended["patient"], "reply at last");
  EXPECT_TRUE(pipe->closed_by_client);
}

TEST_F(ConnectionTest, AReplyToACallThatWasNeverMadeEndsTheConnection) {
  open();
  call("a");
  pipe->server_sends(reply(4711, "?"));
  lane->run();
  EXPECT_EQ(ended["a"], "protocol_error");
  EXPECT_TRUE(pipe->closed_by_client);
}

// HBase refuses a connection with an ordinary frame of call id -1; every call must hear of it.
TEST_F(ConnectionTest, AnErrorWithoutACallEndsAllCalls) {
  open();
  call("a");
  call("b");
  pipe->server_sends(exception(0xffffffff, "org.apache.hadoop.hbase.security.AccessDeniedException", true));
  lane->run();
  EXPECT_EQ(ended["a"], "access_denied");
  EXPECT_EQ(ended["b"], "access_denied");
  EXPECT_FALSE(connection->usable());
}

TEST_F(ConnectionTest, AFatalExceptionEndsAllCalls) {
  open();
  call("a");
  call("b");
  pipe->server_sends(exception(0, "org.apache.hadoop.hbase.ipc.FatalConnectionException"));
  lane->run();
  EXPECT_EQ(ended.size(), 2u);
  EXPECT_TRUE(pipe->closed_by_client);
}

TEST_F(ConnectionTest, TheEndOfTheStreamEndsAllCalls) {
  open();
  call("a");
  pipe->server_closes();
  lane->run();
  EXPECT_EQ(ended["a"], "connection_lost");
  call("b");
  lane->run();
  EXPECT_EQ(ended["b"], "connection_lost");
}

TEST_F(ConnectionTest, GarbageEndsItWithAClearError) {
  open();
  call("a");
  pipe->server_sends("SSH-2.0-OpenSSH_9.2p1 Debian\r\n");
  lane->run();
  EXPECT_EQ(ended["a"], "protocol_error");
  EXPECT_NE(errors["a"].message().find("server:16020"), std::string::npos);
}

TEST_F(ConnectionTest, AFailureToConnectIsToldToAllAndToTheList) {
  call("a");
  lane->refuse(Error(Errc::cannot_connect, "cannot connect to server:16020: refused"));
  EXPECT_EQ(ended["a"], "cannot_connect");
  EXPECT_EQ(connect_failures.size(), 1u);
  EXPECT_FALSE(connection->usable());
}

TEST_F(ConnectionTest, ClosesWhenIdleAndNotBefore) {
  open();
  lane->advance(seconds(100));
  call("a");
  lane->advance(seconds(1));
  pipe->server_sends(reply(0, "A"));
  lane->advance(seconds(100));
  EXPECT_TRUE(connection->usable());
  lane->advance(seconds(30));
  EXPECT_FALSE(connection->usable());
  EXPECT_TRUE(pipe->closed_by_client);
}

TEST_F(ConnectionTest, RefusesCallsBeyondItsBounds) {
  auto o = options();
  o.calls_max = 2;
  make(o);
  open();
  for (auto name : {"a", "b", "c"}) call(name);
  lane->run();
  EXPECT_EQ(ended["c"], "overloaded");
  EXPECT_EQ(ended.size(), 1u);
  auto bytes = options();
  bytes.bytes_max = 1000;
  make(bytes);
  open();
  call("d", std::string(900, 'x'));
  call("e", std::string(900, 'x'));
  lane->run();
  EXPECT_EQ(ended["e"], "overloaded");
  EXPECT_FALSE(ended.contains("d"));
}

TEST_F(ConnectionTest, RefusesARequestThatIsLargerThanAFrame) {
  open();
  call("a", std::string(2 << 20, 'x'));
  lane->run();
  EXPECT_EQ(ended["a"], "request_too_big");
}

TEST_F(ConnectionTest, EndsAllCallsWhenItIsFailedFromOutside) {
  call("before");
  connection->fail(Error(Errc::closed, "closing"));
  lane->run();
  EXPECT_EQ(ended["before"], "closed");
  lane->accept();  // a connect that succeeds too late
  call("after");
  lane->run();
  EXPECT_EQ(ended["after"], "closed");
}

TEST_F(ConnectionTest, AfterACallThatWaitedInVainNewOnesGoElsewhere) {
  open();
  call("a", "p", "", seconds(2));
  lane->advance(seconds(3));
  EXPECT_EQ(ended["a"], "timed_out");
  EXPECT_FALSE(connection->usable());
}

// A host that vanished answers nothing and closes nothing: those who come later must not pile up behind it.
TEST_F(ConnectionTest, AfterALongSilenceNewCallsGoElsewhere) {
  open();
  call("a");
  lane->advance(seconds(15));
  pipe->server_sends(reply(0, "A"));
  lane->advance(seconds(100));
  EXPECT_TRUE(connection->usable()) << "without calls silence means nothing";
  call("b");
  lane->advance(seconds(19));
  EXPECT_TRUE(connection->usable());
  lane->advance(seconds(2));
  EXPECT_FALSE(connection->usable());
  pipe->server_sends(reply(1, "B"));
  EXPECT_EQ(ended["b"], "reply B");
}

TEST_F(ConnectionTest, ASocketThatTakesNothingIsBroken) {
  open();
  pipe->write_room = 0;
  call("a", "p", "", seconds(600));
  lane->advance(seconds(59));
  EXPECT_TRUE(ended.empty());
  lane->advance(seconds(2));
  EXPECT_EQ(ended["a"], "connection_lost");
}

// The same happy script, cut off after every single byte that the server sends: each call ends, once, with the right reply or an error.
TEST_F(ConnectionTest, EveryCallEndsWhereverTheStreamIsCut) {
  const std::string replies = reply(0, "A") + reply(1, "B", "some cells") + exception(2, "java.io.IOException") + reply(3, "D");
  for (std::size_t cut = 0; cut <= replies.size(); ++cut) {
    ended.clear();
    make(options());
    auto other_end = lane->accept();
    for (auto name : {"A", "B", "C", "D"}) call(name);
    lane->run();
    other_end->server_sends(replies.substr(0, cut));
    other_end->server_closes();
    lane->run();
    ASSERT_EQ(ended.size(), 4u) << "cut at " << cut;
    for (auto& [name, end] : ended) {
      if (end.starts_with("reply")) {
        ASSERT_EQ(end.substr(0, 7), "reply " + name) << "cut at " << cut;
      }
    }
  }
}

}  // namespace
}  // namespace hbmux::rpc
