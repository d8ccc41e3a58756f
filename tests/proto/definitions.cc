#include "tests/proto/definitions.h"

#include <algorithm>
#include <cctype>

namespace hbmux::test {
namespace {

using google::protobuf::DescriptorProto;
using google::protobuf::EnumDescriptorProto;
using google::protobuf::FieldDescriptorProto;

std::string lower_tail(const std::string& name, size_t prefix) {
  std::string out = name.substr(prefix);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

std::string without_package(const std::string& type_name, std::string_view package) {
  const std::string prefix = "." + std::string(package) + ".";
  return type_name.starts_with(prefix) ? type_name.substr(prefix.size()) : type_name;
}

FieldShape shape_of(const FieldDescriptorProto& field, std::string_view package) {
  FieldShape shape;
  shape.number = field.number();
  shape.type = lower_tail(FieldDescriptorProto::Type_Name(field.type()), std::string_view("TYPE_").size());
  if (!field.type_name().empty()) shape.type += " " + without_package(field.type_name(), package);
  shape.label = lower_tail(FieldDescriptorProto::Label_Name(field.label()), std::string_view("LABEL_").size());
  if (field.options().packed()) shape.label = "packed";
  if (field.has_default_value()) shape.default_value = field.default_value();
  return shape;
}

void add_enum(Definitions& out, const EnumDescriptorProto& definition, const std::string& scope) {
  auto& values = out.enums[scope + definition.name()];
  for (const auto& value : definition.value()) values[value.name()] = value.number();
}

void add_message(Definitions& out, const DescriptorProto& message, const std::string& scope, std::string_view package) {
  const std::string name = scope + message.name();
  auto& fields = out.messages[name];
  for (const auto& field : message.field()) fields[field.name()] = shape_of(field, package);
  for (const auto& nested : message.enum_type()) add_enum(out, nested, name + ".");
  for (const auto& nested : message.nested_type()) add_message(out, nested, name + ".", package);
}

std::string in_words(const FieldShape& shape) {
  std::string out = shape.label + " " + shape.type + " = " + std::to_string(shape.number);
  if (!shape.default_value.empty()) out += " [default = " + shape.default_value + "]";
  return out;
}
std::string in_words(int number) { return "= " + std::to_string(number); }

// `Members` is a map from a name to a FieldShape, or to the number of an enum value.
template <class Members>
void compare_members(const std::string& name, const Members& ours, const Members& theirs, std::vector<Finding>& out) {
  for (const auto& [member, shape] : theirs) {
    const auto here = ours.find(member);
    if (here == ours.end()) {
      out.push_back({name + "." + member, "missing here: " + in_words(shape)});
    } else if (here->second != shape) {
      out.push_back({name + "." + member, "here " + in_words(here->second) + ", there " + in_words(shape)});
    }
  }
}

template <class Members>
void compare_all(const std::map<std::string, Members>& ours, const std::map<std::string, Members>& theirs,
                 std::vector<Finding>& out) {
  for (const auto& [name, members] : ours) {
    const auto there = theirs.find(name);
    if (there != theirs.end()) compare_members(name, members, there->second, out);
  }
}

template <class Members>
void find_unknown(const std::map<std::string, Members>& ours,
                  const std::vector<const std::map<std::string, Members>*>& versions, std::vector<Finding>& out) {
  for (const auto& [name, members] : ours) {
    const auto known = [&](auto&& test) { return std::any_of(versions.begin(), versions.end(), test); };
    const std::string& type = name;  // a structured binding cannot be captured
    if (!known([&](const auto* version) { return version->contains(type); })) {
      out.push_back({name, "in no version"});
      continue;
    }
    for (const auto& entry : members) {
      const std::string& member = entry.first;
      const bool found = known([&](const auto* version) {
        const auto there = version->find(type);
        return there != version->end() && there->second.contains(member);
      });
      if (!found) out.push_back({name + "." + member, "in no version"});
    }
  }
}

}  // namespace

Definitions definitions_of(const google::protobuf::FileDescriptorSet& set, std::string_view package) {
  Definitions out;
  for (const auto& file : set.file()) {
    if (file.package() != package) continue;
    for (const auto& definition : file.enum_type()) add_enum(out, definition, "");
    for (const auto& message : file.message_type()) add_message(out, message, "", package);
  }
  return out;
}

std::vector<Finding> compare(const Definitions& ours, const Definitions& theirs) {
  std::vector<Finding> out;
  compare_all(ours.messages, theirs.messages, out);
  compare_all(ours.enums, theirs.enums, out);
  return out;
}

std::vector<Finding> find_inventions(const Definitions& ours, const std::vector<Definitions>& versions) {
  std::vector<Finding> out;
  std::vector<const std::map<std::string, std::map<std::string, FieldShape>>*> messages;
  std::vector<const std::map<std::string, std::map<std::string, int>>*> enums;
  for (const auto& version : versions) {
    messages.push_back(&version.messages);
    enums.push_back(&version.enums);
  }
  find_unknown(ours.messages, messages, out);
  find_unknown(ours.enums, enums, out);
  return out;
}

}  // namespace hbmux::test
