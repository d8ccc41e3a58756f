// Compares our definitions of Bigtable's API with Google's, out of npm packages. Needs npm.
#include "tests/proto/definitions.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <optional>
#include <set>

namespace hbmux::test {
namespace {

// Which of our protobuf packages stands for which of theirs.
struct Counterpart {
  const char* ours;
  const char* theirs;
  friend void PrintTo(const Counterpart& package, std::ostream* out) { *out << package.theirs; }
};
constexpr std::array<Counterpart, 5> kPackages = {{{"hbmux.bt", "google.bigtable.v2"},
                                                   {"hbmux.bt.admin", "google.bigtable.admin.v2"},
                                                   {"hbmux.bt.rpc", "google.rpc"},
                                                   {"hbmux.bt.type", "google.type"},
                                                   {"hbmux.bt.longrunning", "google.longrunning"}}};

// The Python and Go clients have these already; the npm packages do not yet. An entry that is published by now fails the test.
const std::set<std::string> kNewer = {"Mutation.timestamp_origin", "Mutation.TimestampOrigin", "Table.TimestampGranularity.MICROS"};

google::protobuf::FileDescriptorSet read_set(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  google::protobuf::FileDescriptorSet set;
  if (!set.ParseFromIstream(&in)) throw std::runtime_error("not a descriptor set: " + file);
  return set;
}

void rename_type(std::string& name, bool& done) {
  for (const Counterpart& package : kPackages) {
    const std::string theirs = "." + std::string(package.theirs) + ".";
    if (!done && name.starts_with(theirs)) {
      name = "." + std::string(package.ours) + "." + name.substr(theirs.size());
      done = true;
    }
  }
}
void rename_types(google::protobuf::DescriptorProto& message) {
  for (auto& field : *message.mutable_field()) {
    bool done = false;
    rename_type(*field.mutable_type_name(), done);
  }
  for (auto& nested : *message.mutable_nested_type()) rename_types(nested);
}

// Their set, or the reason why it cannot be had here. Types that fields name are as if they stood in our packages.
struct Theirs {
  std::optional<google::protobuf::FileDescriptorSet> set;
  std::string reason;
};
Theirs published_set() {
  FILE* pipe = popen(HBMUX_FETCH_BIGTABLE " 2>&1", "r");
  std::string out;
  std::array<char, 512> part{};
  while (fgets(part.data(), part.size(), pipe) != nullptr) out += part.data();
  const int status = pclose(pipe);
  if (WEXITSTATUS(status) == 77) return {std::nullopt, out};
  if (status != 0) throw std::runtime_error(out);
  while (!out.empty() && out.back() == '\n') out.pop_back();
  Theirs theirs{read_set(out), ""};
  for (auto& file : *theirs.set->mutable_file()) {
    for (auto& message : *file.mutable_message_type()) rename_types(message);
  }
  return theirs;
}

class PublishedBigtableTest : public testing::TestWithParam<Counterpart> {};

TEST_P(PublishedBigtableTest, AgreesWithOurs) {
  const Theirs theirs = published_set();
  if (!theirs.set) GTEST_SKIP() << theirs.reason;
  // Both are read as if in no package, so that the names of types are full in both.
  const Definitions published = definitions_of(*theirs.set, GetParam().theirs);
  const Definitions ours = definitions_of(read_set(HBMUX_BIGTABLE_DESCRIPTOR_SET), GetParam().ours);
  ASSERT_FALSE(ours.messages.empty());
  Definitions renamed;
  for (const auto& [name, fields] : published.messages) {
    for (const auto& [field, shape] : fields) {
      FieldShape own = shape;
      const std::string prefix = "." + std::string(GetParam().ours) + ".";
      if (const auto at = own.type.find(prefix); at != std::string::npos) own.type.erase(at, prefix.size());
      renamed.messages[name][field] = own;
    }
    renamed.messages.try_emplace(name);
  }
  renamed.enums = published.enums;
  for (const auto& finding : compare(ours, renamed)) ADD_FAILURE() << finding.path << " " << finding.text;
  std::set<std::string> inventions;
  for (const auto& finding : find_inventions(ours, {renamed})) {
    inventions.insert(finding.path);
    if (!kNewer.contains(finding.path)) ADD_FAILURE() << finding.path << " " << finding.text;
  }
  for (const std::string& path : kNewer) {
    const std::string first = path.substr(0, path.find('.'));
    if (ours.messages.contains(first)) {
      EXPECT_TRUE(inventions.contains(path)) << path << " is published by now";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Google, PublishedBigtableTest, testing::ValuesIn(kPackages), [](const auto& package) {
  std::string name = package.param.theirs;
  for (char& c : name) c = c == '.' ? '_' : c;
  return name;
});

}  // namespace
}  // namespace hbmux::test
