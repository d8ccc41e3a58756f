#include "mini/server/endpoints.h"
#include "tests/unit/mini/store_fixture.h"

#include <gtest/gtest.h>

namespace hbmux::mini {
namespace {

struct EndpointsTest : ::testing::Test, StoreFixture {
  EndpointsTest() {
    for (std::int64_t i = 1; i <= 4; ++i) {
      std::string value;
      core::append_be(value, i * 10);
      RowReader reader;
      RowCells none;
      Mutation put = StoreFixture::put("r" + std::to_string(i), "f", "q", value, 5);
      EXPECT_TRUE(region.store().mutate_row({&put, 1}, now, reader, none));
    }
  }

  Answer<EndpointReply> call(const std::string& service, const std::string& method, const std::string& request = {}) {
    pb::CoprocessorServiceCall message;
    message.set_row("r1");
    message.set_service_name(service);
    message.set_method_name(method);
    message.set_request(request);
    return endpoints.call(region, message, now);
  }
  /// An AggregateRequest over the family f.
  static std::string aggregate(std::string_view interpreter = "LongColumnInterpreter") {
    const std::string name = "org.apache.hadoop.hbase.client.coprocessor." + std::string(interpreter);
    pb::Scan scan;
    scan.add_column()->set_family("f");
    const std::string bytes = scan.SerializeAsString();
    return "\x0a" + std::string(1, static_cast<char>(name.size())) + name + "\x12" +
           std::string(1, static_cast<char>(bytes.size())) + bytes;
  }

  Endpoints endpoints;
  Region region{"t", "", "", 1, std::make_shared<Families>(families)};
};

// First part: a LongMsg with the number as field 1, a varint.
TEST_F(EndpointsTest, Aggregates) {
  EXPECT_EQ(call("AggregateService", "GetMax", aggregate())->message, "\x0a\x02\x08\x28");
  EXPECT_EQ(call("AggregateService", "GetMin", aggregate())->message, "\x0a\x02\x08\x0a");
  EXPECT_EQ(call("AggregateService", "GetSum", aggregate())->message, "\x0a\x02\x08\x64");
  EXPECT_EQ(call("AggregateService", "GetRowNum", aggregate())->message, std::string("\x0a\x08\0\0\0\0\0\0\0\x04", 10));
  EXPECT_EQ(call("AggregateService", "GetAvg", aggregate())->message,
            std::string("\x0a\x02\x08\x64\x12\x08\0\0\0\0\0\0\0\x04", 14));
}

TEST_F(EndpointsTest, WhatIsNotThereIsTold) {
  const std::string unknown = "org.apache.hadoop.hbase.exceptions.UnknownProtocolException";
  EXPECT_EQ(call("NoService", "Get").error().class_name, unknown);
  EXPECT_EQ(call("AggregateService", "GetAll", aggregate()).error().class_name, unknown);
  EXPECT_FALSE(call("AggregateService", "GetMax", "\xff"));
  EXPECT_FALSE(call("AggregateService", "GetMax", aggregate("MyColumnInterpreter")));
}

TEST_F(EndpointsTest, ServicesOfAProgram) {
  endpoints.serve("Echo", [](const EndpointCall& call) -> Result<EndpointReply> {
    if (call.method == "Fail") return Error(Errc::unavailable, "not today");
    return EndpointReply{std::string(call.table) + "/" + std::string(call.row) + "/" + std::string(call.request)};
  });
  EXPECT_EQ(call("Echo", "Say", "hello")->message, "t/r1/hello");
  EXPECT_EQ(call("Echo", "Fail").error().class_name, "java.io.IOException");
  endpoints.serve("AggregateService",
                  [](const EndpointCall&) -> Result<EndpointReply> { return EndpointReply{"own"}; });
  EXPECT_EQ(call("AggregateService", "GetMax")->message, "own");
}

}  // namespace
}  // namespace hbmux::mini
