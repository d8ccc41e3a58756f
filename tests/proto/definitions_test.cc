// Shows that the comparison can fail: each test changes one thing in a copy of our own definitions.
#include "tests/proto/definitions.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>

namespace hbmux::test {
namespace {

using google::protobuf::DescriptorProto;
using google::protobuf::FieldDescriptorProto;
using google::protobuf::FileDescriptorProto;
using google::protobuf::FileDescriptorSet;

class DefinitionsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::ifstream in(HBMUX_DESCRIPTOR_SET, std::ios::binary);
    ASSERT_TRUE(set_.ParseFromIstream(&in)) << HBMUX_DESCRIPTOR_SET;
    ours_ = definitions_of(set_, "hbmux.pb");
    ASSERT_TRUE(ours_.messages.contains("Scan"));
  }

  DescriptorProto& message(const std::string& name) {
    for (auto& file : *set_.mutable_file()) {
      for (auto& message : *file.mutable_message_type()) {
        if (message.name() == name) return message;
      }
    }
    throw std::runtime_error("no message " + name);
  }
  FieldDescriptorProto& field(const std::string& message_name, const std::string& name) {
    for (auto& field : *message(message_name).mutable_field()) {
      if (field.name() == name) return field;
    }
    throw std::runtime_error("no field " + name);
  }

  // The finding at `path` between ours and the changed copy, which must be the only one.
  std::string only_finding(const std::string& path) {
    const auto findings = compare(ours_, definitions_of(set_, "hbmux.pb"));
    if (findings.size() != 1) return std::to_string(findings.size()) + " findings";
    return findings[0].path == path ? findings[0].text : "at " + findings[0].path;
  }

  FileDescriptorSet set_;
  Definitions ours_;
};

TEST_F(DefinitionsTest, AnUnchangedCopyHasNoFindings) { EXPECT_TRUE(compare(ours_, ours_).empty()); }

TEST_F(DefinitionsTest, ANumberIsSeen) {
  field("ScanRequest", "renew").set_number(12);
  EXPECT_EQ(only_finding("ScanRequest.renew"),
            "here optional bool = 10 [default = false], there optional bool = 12 [default = false]");
}

TEST_F(DefinitionsTest, ATypeIsSeen) {
  field("RequestHeader", "timeout").set_type(FieldDescriptorProto::TYPE_UINT64);
  EXPECT_EQ(only_finding("RequestHeader.timeout"), "here optional uint32 = 7, there optional uint64 = 7");
}

TEST_F(DefinitionsTest, AMessageTypeIsSeen) {
  field("GetRequest", "get").set_type_name(".hbmux.pb.Scan");
  EXPECT_EQ(only_finding("GetRequest.get"), "here required message Get = 2, there required message Scan = 2");
}

TEST_F(DefinitionsTest, ALabelIsSeen) {
  field("Action", "index").set_label(FieldDescriptorProto::LABEL_REQUIRED);
  EXPECT_EQ(only_finding("Action.index"), "here optional uint32 = 1, there required uint32 = 1");
}

TEST_F(DefinitionsTest, PackingIsSeen) {
  field("ScanResponse", "cells_per_result").mutable_options()->set_packed(true);
  EXPECT_EQ(only_finding("ScanResponse.cells_per_result"), "here repeated uint32 = 1, there packed uint32 = 1");
}

TEST_F(DefinitionsTest, ADefaultIsSeen) {
  field("Get", "max_versions").set_default_value("3");
  EXPECT_EQ(only_finding("Get.max_versions"),
            "here optional uint32 = 6 [default = 1], there optional uint32 = 6 [default = 3]");
}

TEST_F(DefinitionsTest, AnEnumValueIsSeen) {
  for (auto& file : *set_.mutable_file()) {
    for (auto& definition : *file.mutable_enum_type()) {
      if (definition.name() == "CellType") definition.mutable_value(1)->set_number(5);
    }
  }
  EXPECT_EQ(only_finding("CellType.PUT"), "here = 4, there = 5");
}

TEST_F(DefinitionsTest, ANestedEnumValueIsSeen) {
  message("RegionSpecifier").mutable_enum_type(0)->mutable_value(0)->set_name("NAME");
  EXPECT_EQ(only_finding("RegionSpecifier.RegionSpecifierType.NAME"), "missing here: = 1");
}

TEST_F(DefinitionsTest, AFieldOfANestedMessageIsSeen) {
  message("MutationProto").mutable_nested_type(0)->mutable_field(0)->set_number(9);
  EXPECT_EQ(only_finding("MutationProto.ColumnValue.family"), "here required bytes = 1, there required bytes = 9");
}

TEST_F(DefinitionsTest, AFieldThatOnlyTheyHaveIsSeen) {
  auto& added = *message("Result").add_field();
  added.set_name("extra");
  added.set_number(9);
  added.set_type(FieldDescriptorProto::TYPE_BYTES);
  added.set_label(FieldDescriptorProto::LABEL_OPTIONAL);
  EXPECT_EQ(only_finding("Result.extra"), "missing here: optional bytes = 9");
}

// A field that an older version lacks is no difference, but one that no version has was made up.
TEST_F(DefinitionsTest, WhatNoVersionHasIsAnInvention) {
  Definitions older = ours_;
  older.messages.erase("QueryMetrics");
  older.messages["Get"].erase("filter");
  older.enums["CellType"].erase("PUT");
  older.enums.erase("Consistency");
  EXPECT_TRUE(compare(ours_, older).empty());
  EXPECT_TRUE(find_inventions(ours_, {older, ours_}).empty());
  std::vector<std::string> paths;
  for (const auto& finding : find_inventions(ours_, {older, older})) paths.push_back(finding.path);
  EXPECT_EQ(paths, (std::vector<std::string>{"Get.filter", "QueryMetrics", "CellType.PUT", "Consistency"}));
}

// Definitions of another package must not be mixed in: HBase's set also holds protobuf's own files.
TEST_F(DefinitionsTest, OtherPackagesArePassedOver) {
  EXPECT_TRUE(definitions_of(set_, "hbase.pb").messages.empty());
  for (auto& file : *set_.mutable_file()) file.set_package("elsewhere");
  EXPECT_TRUE(definitions_of(set_, "hbmux.pb").messages.empty());
}

}  // namespace
}  // namespace hbmux::test
