// Compares our definitions with those inside the protocol jars that HBase publishes. Needs Java and Maven.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>

#include "tests/proto/definitions.h"

namespace hbmux::test {
namespace {

const std::vector<std::string> kVersions = {"2.5", "2.6", "3.0"};

struct Known {
  std::string version;  // empty: all
  std::string path;
  std::string reason;
};

// Differences that are meant. An entry that no longer matches anything fails the test.
const std::vector<Known> kKnown = {
    {"", "Procedure.state_message", "google.protobuf.Any: the details of a procedure's kind, which only HBase reads"},
    // 3.0.0-beta-1 gave these numbers to fields that no release of 2.x has. We follow 2.6.
    {"3.0", "Option.UNKNOWN_SERVERS", "is 14 there"},
    {"3.0", "Option.DECOMMISSIONED_SERVERS", "has the 13 of UNKNOWN_SERVERS"},
    {"3.0", "ClusterStatus.unknown_servers", "is 15 there"},
    {"3.0", "ClusterStatus.decommissioned_servers", "has the 14 of unknown_servers"},
    {"3.0", "ServerLoad.regionCachedInfo", "is 16 there"},
    {"3.0", "ServerLoad.read_requests_count", "has the 13 of regionCachedInfo"},
    {"3.0", "ServerLoad.write_requests_count", "comes with read_requests_count"},
};

Definitions read_definitions(const std::string& file, std::string_view package) {
  std::ifstream in(file, std::ios::binary);
  google::protobuf::FileDescriptorSet set;
  if (!set.ParseFromIstream(&in)) throw std::runtime_error("not a descriptor set: " + file);
  return definitions_of(set, package);
}

Definitions ours() { return read_definitions(HBMUX_DESCRIPTOR_SET, "hbmux.pb"); }

// The definitions of a published version; or the reason why they cannot be had here.
struct Published {
  std::optional<Definitions> definitions;
  std::string reason;
};
Published published(const std::string& version) {
  const std::string out = testing::TempDir() + "hbmux-protocol-" + version + "-" + std::to_string(getpid());
  const std::string command = std::string(HBMUX_PEERS_DIR "/java/run protocol-") + version +
                              " DumpDescriptors.java '" + out + ".desc' >'" + out + ".log' 2>&1";
  const int status = std::system(command.c_str());
  std::stringstream log;
  log << std::ifstream(out + ".log").rdbuf();
  std::remove((out + ".log").c_str());
  if (!WIFEXITED(status)) throw std::runtime_error("interrupted: " + command);
  if (WEXITSTATUS(status) == 77) return {std::nullopt, log.str()};
  if (WEXITSTATUS(status) != 0) throw std::runtime_error(log.str());
  Published result{read_definitions(out + ".desc", "hbase.pb"), ""};
  std::remove((out + ".desc").c_str());
  return result;
}

class PublishedJarsTest : public testing::TestWithParam<std::string> {};

TEST_P(PublishedJarsTest, AgreeWithOurs) {
  const std::string version = GetParam();
  const Published theirs = published(version);
  if (!theirs.definitions) GTEST_SKIP() << theirs.reason;
  ASSERT_GT(theirs.definitions->messages.size(), 300U);
  std::set<std::string> found;
  for (const auto& finding : compare(ours(), *theirs.definitions)) {
    const auto known = std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& entry) {
      return entry.path == finding.path && (entry.version.empty() || entry.version == version);
    });
    found.insert(finding.path);
    if (known == kKnown.end()) ADD_FAILURE() << "HBase " << version << ": " << finding.path << " " << finding.text;
  }
  for (const auto& entry : kKnown) {
    if (!entry.version.empty() && entry.version != version) continue;
    EXPECT_TRUE(found.contains(entry.path)) << entry.path << " is no difference any more in " << version;
  }
}

INSTANTIATE_TEST_SUITE_P(HBase, PublishedJarsTest, testing::ValuesIn(kVersions), [](const auto& version) {
  std::string name = "V" + version.param;
  name.replace(name.find('.'), 1, "_");
  return name;
});

TEST(PublishedJars, HaveEverythingThatWeDefine) {
  std::vector<Definitions> versions;
  for (const auto& version : kVersions) {
    Published theirs = published(version);
    if (!theirs.definitions) GTEST_SKIP() << theirs.reason;
    versions.push_back(std::move(*theirs.definitions));
  }
  for (const auto& finding : find_inventions(ours(), versions)) ADD_FAILURE() << finding.path << " " << finding.text;
  for (const auto& [name, fields] : ours().messages) {
    EXPECT_TRUE(versions[1].messages.contains(name)) << name << " is not in HBase 2.6";
  }
}

}  // namespace
}  // namespace hbmux::test
