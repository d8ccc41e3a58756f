// What the gateway says of its services to those who ask.
#include "gateway/published_names.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/descriptor_database.h>

#include <gtest/gtest.h>

#include <set>

namespace hbmux::gateway {
namespace {

namespace pb = google::protobuf;

served::reflection::ServerReflectionResponse ask_symbol(const std::string& symbol) {
  served::reflection::ServerReflectionRequest request;
  request.set_file_containing_symbol(symbol);
  return reflect(request);
}

TEST(PublishedNamesTest, ServicesAreListedByTheNamesThatTheWorldKnows) {
  served::reflection::ServerReflectionRequest request;
  request.set_list_services("");
  const auto answer = reflect(request);
  std::set<std::string> names;
  for (const auto& service : answer.list_services_response().service()) names.insert(service.name());
  EXPECT_EQ(names, (std::set<std::string>{"google.bigtable.v2.Bigtable", "google.bigtable.admin.v2.BigtableTableAdmin", "grpc.health.v1.Health",
                                          "grpc.reflection.v1alpha.ServerReflection", "grpc.reflection.v1.ServerReflection"}));
}

// As a client does it: what comes is put into a pool, and must be complete and right.
TEST(PublishedNamesTest, ServicesAreDescribed) {
  for (const auto& name : published_services()) {
    const auto answer = ask_symbol(name);
    ASSERT_TRUE(answer.has_file_descriptor_response()) << name << ": " << answer.error_response().error_message();
    pb::SimpleDescriptorDatabase database;
    pb::DescriptorPool pool(&database);
    for (const auto& bytes : answer.file_descriptor_response().file_descriptor_proto()) {
      pb::FileDescriptorProto file;
      ASSERT_TRUE(file.ParseFromString(bytes));
      EXPECT_EQ(file.DebugString().find("hbmux"), std::string::npos) << file.DebugString();
      database.Add(file);
    }
    const auto* service = pool.FindServiceByName(name);
    ASSERT_NE(service, nullptr) << name;
    EXPECT_GT(service->method_count(), 0);
    for (int i = 0; i < service->method_count(); ++i) EXPECT_NE(service->method(i)->input_type()->full_name(), "");
    if (name == "google.bigtable.v2.Bigtable") {
      EXPECT_EQ(service->method_count(), 7);
      const auto* read = service->FindMethodByName("ReadRows");
      ASSERT_NE(read, nullptr);
      EXPECT_TRUE(read->server_streaming());
      EXPECT_EQ(read->input_type()->full_name(), "google.bigtable.v2.ReadRowsRequest");
      EXPECT_NE(read->input_type()->FindFieldByName("filter"), nullptr);
    }
    if (name == "google.bigtable.admin.v2.BigtableTableAdmin") {
      EXPECT_EQ(service->FindMethodByName("UpdateTable")->output_type()->full_name(), "google.longrunning.Operation");
    }
  }
}

TEST(PublishedNamesTest, MessagesMethodsAndFilesAreFound) {
  for (const char* symbol : {"google.bigtable.v2.RowFilter.Chain", "google.bigtable.v2.Bigtable.MutateRow", "google.protobuf.Duration",
                             "google.bigtable.admin.v2.GcRule", "grpc.reflection.v1.ErrorResponse"}) {
    EXPECT_TRUE(ask_symbol(symbol).has_file_descriptor_response()) << symbol;
  }
  EXPECT_EQ(ask_symbol("hbmux.bt.RowFilter").error_response().error_code(), 5);
  EXPECT_EQ(ask_symbol("").error_response().error_code(), 5);
  served::reflection::ServerReflectionRequest request;
  request.set_file_by_filename("google/bigtable/v2/data.proto");
  EXPECT_TRUE(reflect(request).has_file_descriptor_response());
  request.set_file_by_filename("../../etc/passwd");
  EXPECT_EQ(reflect(request).error_response().error_code(), 5);
  request.set_all_extension_numbers_of_type("google.bigtable.v2.Row");
  EXPECT_EQ(reflect(request).all_extension_numbers_response().extension_number_size(), 0);
  request.mutable_file_containing_extension()->set_containing_type("x");
  EXPECT_EQ(reflect(request).error_response().error_code(), 5);
  EXPECT_EQ(reflect({}).error_response().error_code(), 5);
}

}  // namespace
}  // namespace hbmux::gateway
