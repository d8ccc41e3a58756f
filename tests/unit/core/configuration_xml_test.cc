// Files in Hadoop's XML format: what is malformed, what they include, and where they are looked for.
#include <hbmux/configuration.h>

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <optional>

#include <unistd.h>

namespace hbmux {
namespace {

namespace fs = std::filesystem;

std::string property(const std::string& name, const std::string& value, bool is_final = false) {
  return "<property><name>" + name + "</name><value>" + value + "</value>" + (is_final ? "<final>true</final>" : "") +
         "</property>\n";
}

std::string document(const std::string& body) { return "<configuration>\n" + body + "</configuration>\n"; }

std::string value_of(const Configuration& configuration, std::string_view name) {
  return configuration.get(name).value().value_or("(not set)");
}

/// What add_xml says of a text that it must refuse; that nothing was added is checked here, once for all.
std::string refusal(const std::string& text) {
  Configuration configuration;
  auto result = configuration.add_xml(text, "bad.xml");
  EXPECT_FALSE(result) << text.substr(0, 200);
  if (result) return "";
  EXPECT_EQ(result.error().code(), Errc::invalid_configuration);
  EXPECT_TRUE(configuration.properties().empty());
  return result.error().message();
}

class ConfigurationFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "hbmux-configuration-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    dir_ = pattern;
    unsetenv("HBASE_CONF_DIR");
    unsetenv("HADOOP_CONF_DIR");
  }
  void TearDown() override {
    fs::remove_all(dir_);
    unsetenv("HBASE_CONF_DIR");
    unsetenv("HADOOP_CONF_DIR");
  }
  fs::path write(const std::string& name, const std::string& text) {
    fs::create_directories((dir_ / name).parent_path());
    std::ofstream(dir_ / name) << text;
    return dir_ / name;
  }

  fs::path dir_;
};

TEST(ConfigurationXml, MalformedTextNamesFileAndLine) {
  EXPECT_TRUE(refusal("").starts_with("bad.xml:1: "));
  EXPECT_TRUE(refusal("not xml").starts_with("bad.xml:1: "));
  EXPECT_TRUE(refusal(document("<property>\n<name>a</nam>\n</property>")).starts_with("bad.xml:3: "));
  EXPECT_TRUE(refusal("<configuration>\n\n<property>").starts_with("bad.xml:3: "));
  EXPECT_TRUE(refusal(document(property("a", "\n\n&undefined;"))).starts_with("bad.xml:4: "));
  EXPECT_TRUE(refusal(document(property("a", "\xff\xfe"))).starts_with("bad.xml:2: "));
  EXPECT_TRUE(refusal(document(property("a", std::string("\0", 1)))).starts_with("bad.xml:2: "));
  EXPECT_TRUE(refusal(document(property("a", "1")) + "<more/>").starts_with("bad.xml:4: "));
  EXPECT_EQ(refusal("<properties>\n</properties>"), "bad.xml:1: the top element is not <configuration>");
  EXPECT_TRUE(refusal("<?xml version=\"1.0\" encoding=\"no-such\"?><configuration/>").starts_with("bad.xml:1: "));
}

TEST(ConfigurationXml, EveryPrefixOfAGoodFileIsRefusedWithoutHarm) {
  const std::string text = "<?xml version=\"1.0\"?>\n<!DOCTYPE configuration [<!ENTITY e \"x\">]>\n" +
                           document(property("a", "&e;<![CDATA[1]]>", true) + "<!-- c -->");
  Configuration().add_xml(text, "good.xml").value();
  for (std::size_t size = 0; size + 2 < text.size(); ++size) refusal(text.substr(0, size));
}

TEST(ConfigurationXml, EntitiesOfTheFileItselfAreExpanded) {
  Configuration configuration;
  configuration
      .add_xml("<!DOCTYPE configuration [<!ENTITY host \"h1\"><!ENTITY both \"&host;,&host;\">]>" +
                   document(property("a", "&both;")),
               "entities.xml")
      .value();
  EXPECT_EQ(value_of(configuration, "a"), "h1,h1");
}

TEST(ConfigurationXml, EntityBombsAreRefusedSoon) {
  std::string bomb = "<!DOCTYPE configuration [\n<!ENTITY l0 \"" + std::string(1000, 'x') + "\">\n";
  for (int i = 1; i < 12; ++i) {
    bomb += "<!ENTITY l" + std::to_string(i) + " \"";
    for (int j = 0; j < 10; ++j) bomb += "&l" + std::to_string(i - 1) + ";";
    bomb += "\">\n";
  }
  bomb += "]>\n" + document(property("a", "&l11;"));
  std::string quadratic = "<!DOCTYPE configuration [<!ENTITY big \"" + std::string(100000, 'x') + "\">]>";
  std::string uses;
  for (int i = 0; i < 100000; ++i) uses += "&big;";
  quadratic += document(property("a", uses));
  const std::string self =
      "<!DOCTYPE configuration [<!ENTITY a \"&b;\"><!ENTITY b \"&a;\">]>" + document(property("a", "&a;"));
  const std::clock_t begin = std::clock();  // CPU time: the machine may be busy
  EXPECT_TRUE(refusal(bomb).starts_with("bad.xml:"));
  EXPECT_TRUE(refusal(quadratic).starts_with("bad.xml:"));
  EXPECT_TRUE(refusal(self).starts_with("bad.xml:"));
  EXPECT_LT(std::clock() - begin, 10 * CLOCKS_PER_SEC);
}

TEST(ConfigurationXml, DeepElementsAreRefused) {
  std::string text;
  for (int i = 0; i < 100000; ++i) text += "<configuration>";
  EXPECT_TRUE(refusal(text).starts_with("bad.xml:1: "));
}

TEST_F(ConfigurationFiles, ExternalEntitiesAreNotRead) {
  const auto secret = write("secret.txt", "secret");
  for (std::string declaration : {"<!ENTITY e SYSTEM \"file://" + secret.string() + "\">",
                                  "<!ENTITY % p SYSTEM \"file://" + secret.string() + "\"> %p;",
                                  std::string("<!ENTITY % p \"<!ENTITY e 'x'>\"> %p;")}) {
    const auto message = refusal("<!DOCTYPE configuration [\n" + declaration + "]>" + document(property("a", "&e;")));
    EXPECT_TRUE(message.starts_with("bad.xml:2: the entity ")) << message;
  }
  // An external DTD is not fetched, and does not disturb.
  Configuration configuration;
  configuration
      .add_xml("<!DOCTYPE configuration SYSTEM \"http://nowhere.invalid/x.dtd\">" + document(property("a", "1")),
               "dtd.xml")
      .value();
  EXPECT_EQ(value_of(configuration, "a"), "1");
}

/// An XInclude of `href`; `fallback` is the content of its fallback element, and nothing means none.
std::string include(const std::string& href, std::optional<std::string> fallback = std::nullopt) {
  std::string text = "<xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" href=\"" + href + "\">";
  if (fallback) text += "<xi:fallback>" + *fallback + "</xi:fallback>";
  return text + "</xi:include>";
}

TEST_F(ConfigurationFiles, IncludesAreReadInTheirPlace) {
  write("sub/inner.xml", document(property("a", "inner") + property("b", "inner") + include("deep.xml")));
  write("sub/deep.xml", document(property("c", "deep", true)));
  const auto file = write("outer.xml", document(property("a", "outer") + include("sub/inner.xml") +
                                                property("b", "outer") + property("c", "outer")));
  Configuration configuration;
  configuration.add_file(file).value();
  EXPECT_EQ(value_of(configuration, "a"), "inner");
  EXPECT_EQ(value_of(configuration, "b"), "outer");
  EXPECT_EQ(value_of(configuration, "c"), "deep");
  EXPECT_EQ(configuration.source("a"), (dir_ / "sub/inner.xml").string() + ":2");
}

TEST_F(ConfigurationFiles, IncludesByUriAndAbsolutePath) {
  const auto inner = write("inner.xml", document(property("a", "1")));
  for (std::string href :
       {"file://" + inner.string(), "file:" + inner.string(), "file://localhost" + inner.string(), inner.string()}) {
    Configuration configuration;
    configuration.add_xml(document("<include href=\"" + href + "\"/>"), "any.xml").value();
    EXPECT_EQ(value_of(configuration, "a"), "1") << href;
  }
}

TEST_F(ConfigurationFiles, AMissingIncludeNeedsAFallback) {
  Configuration configuration;
  auto result = configuration.add_file(write("a.xml", document("\n" + include("missing.xml"))));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message(), (dir_ / "a.xml").string() + ":3: cannot include " +
                                          (dir_ / "missing.xml").string() + ": no such file, and no fallback");
  configuration.add_file(write("b.xml", document(include("missing.xml", "")))).value();
  configuration.add_file(write("c.xml", document(include("missing.xml", property("a", "fallback"))))).value();
  EXPECT_EQ(value_of(configuration, "a"), "fallback");
}

TEST_F(ConfigurationFiles, TheFallbackOfAFileThatExistsIsNotUsed) {
  write("inner.xml", document(property("a", "1")));
  Configuration configuration;
  configuration.add_file(write("a.xml", document(include("inner.xml", property("a", "2"))))).value();
  EXPECT_EQ(value_of(configuration, "a"), "1");
}

TEST_F(ConfigurationFiles, NothingIsFetchedFromTheNetwork) {
  Configuration configuration;
  auto result = configuration.add_xml(document(include("http://127.0.0.1:1/x.xml")), "a.xml");
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message().find("nothing is fetched from the network"), std::string::npos);
  configuration.add_xml(document(include("http://127.0.0.1:1/x.xml", property("a", "1"))), "a.xml").value();
  EXPECT_EQ(value_of(configuration, "a"), "1");
}

TEST_F(ConfigurationFiles, BadIncludesAreErrors) {
  write("broken.xml", "<configuration>\n<property>");
  write("text.txt", "text");
  for (std::string element :
       {"<include/>", "<include href=\"text.txt\" parse=\"text\"/>", "<include href=\"broken.xml\"/>",
        "<include href=\"broken.xml\" xpointer=\"x\"/>", "<include href=\"text.txt\"/>", "<include href=\".\"/>"}) {
    Configuration configuration;
    auto result = configuration.add_file(write("a.xml", document(element)));
    ASSERT_FALSE(result) << element;
    EXPECT_TRUE(result.error().message().starts_with(dir_.string())) << result.error();
  }
  Configuration configuration;
  auto result = configuration.add_file(write("a.xml", document("<include href=\"broken.xml\"/>")));
  EXPECT_TRUE(result.error().message().starts_with((dir_ / "broken.xml").string() + ":2: ")) << result.error();
}

TEST_F(ConfigurationFiles, IncludesThatNeverEndAreErrors) {
  Configuration configuration;
  auto result = configuration.add_file(write("self.xml", document("<include href=\"self.xml\"/>")));
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message().find("include itself"), std::string::npos) << result.error();
  // Sixteen levels of two includes each would be 65,536 files.
  for (int i = 0; i < 16; ++i) {
    const std::string next = "<include href=\"l" + std::to_string(i + 1) + ".xml\"/>";
    write("l" + std::to_string(i) + ".xml", document(next + next));
  }
  write("l16.xml", document(""));
  result = configuration.add_file(dir_ / "l0.xml");
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message().find("too much is included"), std::string::npos) << result.error();
}

TEST_F(ConfigurationFiles, UnreadableFilesAreNamed) {
  Configuration configuration;
  EXPECT_EQ(configuration.add_file(dir_ / "none.xml").error().message(),
            "cannot read " + (dir_ / "none.xml").string() + ": No such file or directory");
  EXPECT_EQ(configuration.add_file(dir_).error().message(), "cannot read " + dir_.string() + ": it is a directory");
  const auto big = write("big.xml", "<configuration>" + std::string(17 << 20, ' ') + "</configuration>");
  EXPECT_NE(configuration.add_file(big).error().message().find("larger than 16 MiB"), std::string::npos);
}

TEST_F(ConfigurationFiles, LoadReadsTheFourFilesInTheirOrder) {
  write("core-default.xml",
        document(property("a", "cd") + property("b", "cd") + property("c", "cd") + property("d", "cd")));
  write("core-site.xml", document(property("b", "cs") + property("c", "cs") + property("d", "cs")));
  write("hbase-default.xml", document(property("c", "hd") + property("d", "hd")));
  write("hbase-site.xml", document(property("d", "hs")));
  auto configuration = Configuration::load(dir_).value();
  EXPECT_EQ(value_of(configuration, "a"), "cd");
  EXPECT_EQ(value_of(configuration, "b"), "cs");
  EXPECT_EQ(value_of(configuration, "c"), "hd");
  EXPECT_EQ(value_of(configuration, "d"), "hs");
}

TEST_F(ConfigurationFiles, LoadFromAGivenFolderWithoutFilesIsAnError) {
  EXPECT_EQ(Configuration::load(dir_).error().code(), Errc::invalid_configuration);
  EXPECT_EQ(Configuration::load(dir_ / "none").error().code(), Errc::invalid_configuration);
}

TEST_F(ConfigurationFiles, LoadFollowsTheEnvironment) {
  write("hbase/hbase-site.xml", document(property("a", "hbase")));
  write("hadoop/hbase-site.xml", document(property("a", "hadoop")));
  write("hadoop/core-site.xml", document(property("core", "hadoop")));
  setenv("HBASE_CONF_DIR", (dir_ / "hbase").c_str(), 1);
  setenv("HADOOP_CONF_DIR", (dir_ / "hadoop").c_str(), 1);
  auto configuration = Configuration::load().value();
  EXPECT_EQ(value_of(configuration, "a"), "hbase");
  EXPECT_EQ(value_of(configuration, "core"), "hadoop");

  write("hbase/core-site.xml", document(property("core", "hbase")));
  EXPECT_EQ(value_of(Configuration::load().value(), "core"), "hbase");

  // A folder that is given stands alone.
  EXPECT_EQ(value_of(Configuration::load(dir_ / "hbase").value(), "core"), "hbase");
  fs::remove(dir_ / "hbase/core-site.xml");
  EXPECT_EQ(value_of(Configuration::load(dir_ / "hbase").value(), "core"), "(not set)");

  setenv("HBASE_CONF_DIR", (dir_ / "none").c_str(), 1);
  EXPECT_NE(Configuration::load().error().message().find("HBASE_CONF_DIR"), std::string::npos);
}

TEST_F(ConfigurationFiles, LoadReportsMalformedFiles) {
  write("hbase-site.xml", "<configuration>\n<oops>\n</configuration>");
  EXPECT_TRUE(Configuration::load(dir_).error().message().starts_with((dir_ / "hbase-site.xml").string() + ":3: "));
}

}  // namespace
}  // namespace hbmux
