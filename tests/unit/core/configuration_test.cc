#include <hbmux/configuration.h>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
namespace hbmux {
namespace {

using namespace std::chrono_literals;

std::string property(const std::string& name, const std::string& value, bool is_final = false) {
  return "<property><name>" + name + "</name><value>" + value + "</value>" + (is_final ? "<final>true</final>" : "") +
         "</property>\n";
}

std::string document(const std::string& body) { return "<configuration>\n" + body + "</configuration>\n"; }

Configuration from_xml(const std::string& body) {
  Configuration configuration;
  configuration.add_xml(document(body), "test.xml").value();
  return configuration;
}

std::string value_of(const Configuration& configuration, std::string_view name) {
  return configuration.get(name).value().value_or("(not set)");
}

TEST(Configuration, IsEmptyAtFirst) {
  Configuration configuration;
  EXPECT_EQ(value_of(configuration, "hbase.rpc.timeout"), "(not set)");
  EXPECT_EQ(configuration.source("hbase.rpc.timeout"), "");
  EXPECT_TRUE(configuration.properties().empty());
}

TEST(Configuration, LaterFilesOverrideEarlierOnes) {
  Configuration configuration;
  configuration.add_xml(document(property("a", "1") + property("b", "1")), "one.xml").value();
  configuration.add_xml(document(property("b", "2")), "two.xml").value();
  EXPECT_EQ(value_of(configuration, "a"), "1");
  EXPECT_EQ(value_of(configuration, "b"), "2");
  EXPECT_EQ(configuration.source("a"), "one.xml:2");
  EXPECT_EQ(configuration.source("b"), "two.xml:2");
}

TEST(Configuration, TheLastOfTwoInOneFileCounts) {
  EXPECT_EQ(value_of(from_xml(property("a", "1") + property("a", "2")), "a"), "2");
}

TEST(Configuration, FinalPropertiesStayAgainstLaterFiles) {
  Configuration configuration;
  configuration.add_xml(document(property("a", "1", true)), "one.xml").value();
  configuration.add_xml(document(property("a", "2", true)), "two.xml").value();
  EXPECT_EQ(value_of(configuration, "a"), "1");
  EXPECT_EQ(configuration.source("a"), "one.xml:2");
}

TEST(Configuration, FinalWithinOneFileHoldsFromThereOn) {
  EXPECT_EQ(value_of(from_xml(property("a", "1") + property("a", "2", true) + property("a", "3")), "a"), "2");
}

// Hadoop notes that the name is final even when the element gives no value.
TEST(Configuration, FinalWithoutValueKeepsThePropertyUnset) {
  auto configuration = from_xml("<property><name>a</name><final>true</final></property>" + property("a", "1"));
  EXPECT_EQ(value_of(configuration, "a"), "(not set)");
  EXPECT_EQ(value_of(configuration.set("a", "2"), "a"), "2");
}

TEST(Configuration, OnlyTheWordTrueMakesFinal) {
  for (std::string word : {"TRUE", " true", "yes", ""}) {
    auto configuration =
        from_xml("<property><name>a</name><value>1</value><final>" + word + "</final></property>" + property("a", "2"));
    EXPECT_EQ(value_of(configuration, "a"), "2") << word;
  }
}

TEST(Configuration, TheProgramOverridesFinalPropertiesAndLaterFiles) {
  auto configuration = from_xml(property("a", "1", true));
  configuration.set(" a ", "2");
  EXPECT_EQ(value_of(configuration, "a"), "2");
  configuration.add_xml(document(property("a", "3")), "late.xml").value();
  EXPECT_EQ(value_of(configuration, "a"), "2");
  EXPECT_EQ(configuration.source("a"), "the program");
}

TEST(Configuration, UnsetRemovesAndALaterFileMaySetAgain) {
  Configuration configuration;
  configuration.set("a", "1").unset("a");
  EXPECT_EQ(value_of(configuration, "a"), "(not set)");
  configuration.add_xml(document(property("a", "2")), "late.xml").value();
  EXPECT_EQ(value_of(configuration, "a"), "2");
  configuration.unset("never.set");
}

TEST(Configuration, MergeSetsAsTheProgramDoes) {
  Configuration overlay;
  overlay.add_pair("a=2").value();
  auto configuration = from_xml(property("a", "1", true) + property("b", "1"));
  configuration.merge(overlay);
  EXPECT_EQ(value_of(configuration, "a"), "2");
  EXPECT_EQ(value_of(configuration, "b"), "1");
  EXPECT_EQ(configuration.source("a"), "-D a");
}

TEST(Configuration, AnEmptyElementSetsNothingAndBlanksAreKept) {
  auto configuration =
      from_xml(property("a", "1") + property("a", "") + "<property><name>a</name><value/></property>" +
               "<property><name>a</name></property>" + property("blank", "  ") + property("around", " x\n"));
  EXPECT_EQ(value_of(configuration, "a"), "1");
  EXPECT_EQ(value_of(configuration, "blank"), "  ");
  EXPECT_EQ(value_of(configuration, "around"), " x\n");
}

TEST(Configuration, TheProgramCanSetTheEmptyValue) {
  Configuration configuration;
  configuration.set("a", "");
  EXPECT_EQ(value_of(configuration, "a"), "");
  EXPECT_EQ(configuration.get_string("a", "otherwise").value(), "otherwise");
}

TEST(Configuration, NamesAreTrimmed) {
  EXPECT_EQ(value_of(from_xml("<property><name>\n  a\t</name><value>1</value></property>"), " a "), "1");
}

TEST(Configuration, ReadsAttributesToo) {
  auto configuration = from_xml("<property name=\"a\" value=\"1\" final=\"true\"/>" + property("a", "2") +
                                "<property name=\"b\" value=\"1\"><value>2</value></property>");
  EXPECT_EQ(value_of(configuration, "a"), "1");
  EXPECT_EQ(value_of(configuration, "b"), "2");
}

TEST(Configuration, PassesOverWhatHadoopPassesOver) {
  auto configuration = from_xml("text <unknown><a/></unknown> <!-- note -->" +
                                std::string("<property><value>no name</value></property>") +
                                property("a", "1<!-- note -->2<![CDATA[<3>]]>&lt;&#x34;") + "<configuration>" +
                                property("nested", "1") + "</configuration>");
  EXPECT_EQ(value_of(configuration, "a"), "12<3><4");
  EXPECT_EQ(value_of(configuration, "nested"), "1");
  EXPECT_EQ(configuration.properties().size(), 2u);
}

TEST(Configuration, ReadsOtherEncodings) {
  Configuration configuration;
  configuration
      .add_xml(
          "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><configuration>" + property("a", "\xe9") + "</configuration>",
          "latin.xml")
      .value();
  EXPECT_EQ(value_of(configuration, "a"), "\xc3\xa9");
}

TEST(Configuration, DeprecatedNamesStandForTheirSuccessors) {
  auto configuration = from_xml(property("hbase.client.pause.cqtbe", "7"));
  EXPECT_EQ(value_of(configuration, "hbase.client.pause.server.overloaded"), "7");
  EXPECT_EQ(value_of(configuration, "hbase.client.pause.cqtbe"), "7");
  EXPECT_EQ(configuration.source("hbase.client.pause.server.overloaded"), "test.xml:2 as hbase.client.pause.cqtbe");
  configuration.set("hbase.client.pause.server.overloaded", "8");
  EXPECT_EQ(value_of(configuration, "hbase.client.pause.cqtbe"), "8");
  configuration.unset("hbase.client.pause.cqtbe");
  EXPECT_EQ(value_of(configuration, "hbase.client.pause.server.overloaded"), "(not set)");
}

TEST(ConfigurationVariables, AreExpandedWhenRead) {
  Configuration configuration;
  configuration.set("dir", "/${base}/x/${base}").set("base", "b");
  EXPECT_EQ(value_of(configuration, "dir"), "/b/x/b");
  EXPECT_EQ(configuration.get_raw("dir"), "/${base}/x/${base}");
  configuration.set("base", "${inner}").set("inner", "i");
  EXPECT_EQ(value_of(configuration, "dir"), "/i/x/i");
}

// Hadoop stops at the first variable that is not set.
TEST(ConfigurationVariables, ThatAreNotSetStayAsTheyAre) {
  Configuration configuration;
  configuration.set("a", "${b}/${nothing}/${b}").set("b", "1");
  EXPECT_EQ(value_of(configuration, "a"), "1/${nothing}/${b}");
}

TEST(ConfigurationVariables, WhatIsNoVariableStays) {
  Configuration configuration;
  configuration.set("b", "1");
  for (std::string text : {"$", "${", "${}", "${b", "$b", "{b}", "${ b}", "${b }", "$${", "a$", "${a$c}", "}{$"}) {
    EXPECT_EQ(value_of(configuration.set("a", text), "a"), text);
  }
  EXPECT_EQ(value_of(configuration.set("a", "$${b}"), "a"), "$1");
  EXPECT_EQ(value_of(configuration.set("a", "${x${b}"), "a"), "${x1");
}

TEST(ConfigurationVariables, ComeFromTheEnvironmentWithDefaults) {
  setenv("HBMUX_TEST_SET", "s", 1);
  setenv("HBMUX_TEST_EMPTY", "", 1);
  unsetenv("HBMUX_TEST_UNSET");
  Configuration configuration;
  auto expand = [&](std::string text) { return value_of(configuration.set("a", std::move(text)), "a"); };
  EXPECT_EQ(expand("<${env.HBMUX_TEST_SET}>"), "<s>");
  EXPECT_EQ(expand("<${env.HBMUX_TEST_EMPTY}>"), "<>");
  EXPECT_EQ(expand("<${env.HBMUX_TEST_UNSET}>"), "<${env.HBMUX_TEST_UNSET}>");
  EXPECT_EQ(expand("<${env.HBMUX_TEST_SET:-d}>"), "<s>");
  EXPECT_EQ(expand("<${env.HBMUX_TEST_EMPTY:-d}>"), "<d>");
  EXPECT_EQ(expand("<${env.HBMUX_TEST_UNSET:-d}>"), "<d>");
  EXPECT_EQ(expand("<${env.HBMUX_TEST_SET-d}>"), "<s>");
  EXPECT_EQ(expand("<${env.HBMUX_TEST_EMPTY-d}>"), "<>");
  EXPECT_EQ(expand("<${env.HBMUX_TEST_UNSET-d}>"), "<d>");
  EXPECT_EQ(expand("<${env.HBMUX_TEST_UNSET:-a-b:-c}>"), "<a-b:-c>");
  EXPECT_EQ(expand("<${env.HBMUX_TEST_UNSET-}>"), "<>");
  configuration.set("env.HBMUX_TEST_UNSET", "property");
  EXPECT_EQ(expand("<${env.HBMUX_TEST_UNSET}>"), "<property>");
  EXPECT_EQ(expand("<${env.}>"), "<${env.}>");
}

TEST(ConfigurationVariables, CirclesAreErrors) {
  Configuration configuration;
  configuration.set("self", "x${self}").set("one", "${two}").set("two", "${one}");
  for (std::string name : {"self", "one", "two"}) {
    auto result = configuration.get(name);
    ASSERT_FALSE(result) << name;
    EXPECT_EQ(result.error().code(), Errc::invalid_configuration);
    EXPECT_NE(result.error().message().find(name + " = \""), std::string::npos) << result.error().message();
    EXPECT_NE(result.error().message().find("the program"), std::string::npos);
    EXPECT_FALSE(configuration.get_int(name, 0));
    EXPECT_FALSE(configuration.get_bool(name, false));
    EXPECT_FALSE(configuration.get_list(name));
  }
}

TEST(ConfigurationVariables, TwentyAreTheLimit) {
  Configuration configuration;
  std::string text, expected;
  for (int i = 0; i < 20; ++i) text += "${v}", expected += "1";
  configuration.set("v", "1").set("twenty", text).set("more", text + "${v}");
  EXPECT_EQ(value_of(configuration, "twenty"), expected);
  EXPECT_FALSE(configuration.get("more"));
}

TEST(ConfigurationTyped, Integers) {
  Configuration configuration;
  auto read = [&](std::string text) { return configuration.set("n", std::move(text)).get_int("n", 42).value(); };
  EXPECT_EQ(Configuration().get_int("n", 42).value(), 42);
  EXPECT_EQ(read(""), 42);
  EXPECT_EQ(read(" \t\n"), 42);
  EXPECT_EQ(read(" 7\n"), 7);
  EXPECT_EQ(read("-7"), -7);
  EXPECT_EQ(read("+7"), 7);
  EXPECT_EQ(read("0x1F"), 31);
  EXPECT_EQ(read("0Xff"), 255);
  EXPECT_EQ(read("-0x10"), -16);
  EXPECT_EQ(read("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(read("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(read("-0x8000000000000000"), INT64_MIN);
  for (std::string text : {"x", "1.5", "1 2", "0x", "0xg", "--1", "+-1", "1k", "9223372036854775808", "1e3", "\xff"}) {
    auto result = configuration.set("n", text).get_int("n", 0);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().message(), "n = \"" + text + "\" (the program): expected a whole number");
  }
}

TEST(ConfigurationTyped, BoundsAreNamed) {
  auto configuration = from_xml(property("n", "-1"));
  EXPECT_EQ(configuration.get_int("n", 1, 1, 100).error().message(),
            "n = \"-1\" (test.xml:2): expected a whole number from 1 to 100");
  EXPECT_EQ(configuration.get_int("n", 1, 0).error().message(),
            "n = \"-1\" (test.xml:2): expected a whole number of at least 0");
  EXPECT_EQ(configuration.get_int("n", 1, INT64_MIN, -2).error().message(),
            "n = \"-1\" (test.xml:2): expected a whole number of at most -2");
  EXPECT_EQ(configuration.get_int("n", 1, -1, -1).value(), -1);
  // A default lies outside the bounds when its reader wants it to.
  EXPECT_EQ(configuration.get_int("m", -5, 0, 1).value(), -5);
}

TEST(ConfigurationTyped, Doubles) {
  Configuration configuration;
  EXPECT_EQ(configuration.get_double("d", 0.5, 0, 1).value(), 0.5);
  EXPECT_EQ(configuration.set("d", " 0.25 ").get_double("d", 0.5, 0, 1).value(), 0.25);
  EXPECT_EQ(configuration.set("d", "+1e-1").get_double("d", 0.5, 0, 1).value(), 0.1);
  for (std::string text : {"1.5", "-0.1", "nan", "inf", "x", "0.5x", "1e999"}) {
    EXPECT_FALSE(configuration.set("d", text).get_double("d", 0.5, 0, 1)) << text;
  }
}

TEST(ConfigurationTyped, Booleans) {
  Configuration configuration;
  EXPECT_TRUE(configuration.get_bool("b", true).value());
  EXPECT_TRUE(configuration.set("b", " True ").get_bool("b", false).value());
  EXPECT_FALSE(configuration.set("b", "FALSE").get_bool("b", true).value());
  EXPECT_TRUE(configuration.set("b", " ").get_bool("b", true).value());
  for (std::string text : {"yes", "1", "truee", "t"}) {
    auto result = configuration.set("b", text).get_bool("b", true);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message(), "b = \"" + text + "\" (the program): expected true or false");
  }
}

TEST(ConfigurationTyped, Durations) {
  Configuration configuration;
  auto read = [&](std::string text) { return configuration.set("t", std::move(text)).get_millis("t", 42ms).value(); };
  EXPECT_EQ(Configuration().get_millis("t", 42ms).value(), 42ms);
  EXPECT_EQ(read(" "), 42ms);
  EXPECT_EQ(read("1500"), 1500ms);
  EXPECT_EQ(read("0"), 0ms);
  EXPECT_EQ(read("20ms"), 20ms);
  EXPECT_EQ(read("20MS"), 20ms);
  EXPECT_EQ(read(" 3s "), 3s);
  EXPECT_EQ(read("2m"), 2min);
  EXPECT_EQ(read("2H"), 2h);
  EXPECT_EQ(read("2d"), 48h);
  EXPECT_EQ(read("1us"), 1ms);
  EXPECT_EQ(read("1000us"), 1ms);
  EXPECT_EQ(read("1001us"), 2ms);
  EXPECT_EQ(read("1ns"), 1ms);
  EXPECT_EQ(read("0ns"), 0ms);
  for (std::string text : {"s", "1.5s", "1 s", "1w", "-1", "-1ns", "0x10", "9223372036854775807d", "1msx", "ms1"}) {
    EXPECT_FALSE(configuration.set("t", text).get_millis("t", 0ms)) << text;
  }
  EXPECT_EQ(configuration.set("t", "5").get_millis("t", 1s, 10ms).error().message(),
            "t = \"5\" (the program): expected milliseconds, or a whole number with ns, us, ms, s, m, h or d, "
            "of at least 10 ms");
  EXPECT_EQ(configuration.set("t", "-1").get_millis("t", 1s, -1ms).value(), -1ms);
}

TEST(ConfigurationTyped, ListsAndStrings) {
  Configuration configuration;
  using List = std::vector<std::string>;
  EXPECT_EQ(configuration.get_list("l").value(), List());
  EXPECT_EQ(configuration.set("l", " ").get_list("l").value(), List());
  EXPECT_EQ(configuration.set("l", ",, ,").get_list("l").value(), List());
  EXPECT_EQ(configuration.set("l", " a , b\n c,d e,").get_list("l").value(), (List{"a", "b", "c", "d e"}));
  EXPECT_EQ(configuration.get_string("s", "d").value(), "d");
  EXPECT_EQ(configuration.set("s", " x y ").get_string("s", "d").value(), "x y");
}

TEST(ConfigurationTyped, PasswordsAreNotShown) {
  Configuration configuration;
  configuration.set("hbase.rpc.tls.keystore.password", "geheim");
  auto message = configuration.get_int("hbase.rpc.tls.keystore.password", 0).error().message();
  EXPECT_EQ(message.find("geheim"), std::string::npos) << message;
}

TEST(ConfigurationPairs, AreSetOverEverything) {
  auto configuration = from_xml(property("a", "1", true));
  configuration.add_pair(" a = b=c ").value();
  EXPECT_EQ(value_of(configuration, "a"), " b=c ");
  configuration.add_pair("a=").value();
  EXPECT_EQ(value_of(configuration, "a"), "");
}

TEST(ConfigurationPairs, BadOnesAreErrors) {
  for (std::string text : {"", "name", "=value", "  = x", " "}) {
    Configuration configuration;
    auto result = configuration.add_pair(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code(), Errc::invalid_configuration);
    EXPECT_EQ(result.error().message(), "expected name=value, not \"" + text + "\"");
  }
}

}  // namespace
}  // namespace hbmux
