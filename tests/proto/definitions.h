#pragma once

#include <google/protobuf/descriptor.pb.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::test {

// What a field looks like on the wire and in generated code. Type names are without the protobuf package, so that two
// sets of definitions from different packages can be compared.
struct FieldShape {
  int number = 0;
  std::string type;   // "uint32", or "message Get", "enum CellType"
  std::string label;  // "optional", "required", "repeated" or "packed"
  std::string default_value;

  bool operator==(const FieldShape&) const = default;
};

// All messages and enums of one protobuf package by their full names ("Scan.ReadType"), without the package.
struct Definitions {
  std::map<std::string, std::map<std::string, FieldShape>> messages;
  std::map<std::string, std::map<std::string, int>> enums;
};

// Reads the files of `package` out of a descriptor set; files of other packages are passed over.
Definitions definitions_of(const google::protobuf::FileDescriptorSet& set, std::string_view package);

// One thing that differs: where ("Scan.caching"), and how, in words.
struct Finding {
  std::string path;
  std::string text;
};

// Compares what stands on both sides. A field, or an enum value, that only `theirs` has in a message or enum of ours is
// a finding; one that only `ours` has is not, because it may come from another version.
std::vector<Finding> compare(const Definitions& ours, const Definitions& theirs);

// Everything in `ours` that none of `versions` knows.
std::vector<Finding> find_inventions(const Definitions& ours, const std::vector<Definitions>& versions);

}  // namespace hbmux::test
