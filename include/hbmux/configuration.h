// Key-value properties, with HBase's names and Hadoop's rules.
#pragma once

#include <hbmux/error.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux {

/// Properties by name, as Hadoop's Configuration keeps them. Later sources override earlier ones, except where a file
/// marked a property `final`; what the program sets overrides every file, whenever the file is added. `${name}` and
/// `${env.NAME}` (with `:-` and `-` defaults) are expanded when a value is read; a variable that is not set stays as it
/// is written. Names are trimmed. Deprecated names of Hadoop and HBase stand for their successors everywhere.
///
/// A value type: copy it freely. Reading from several threads is safe while nobody changes it.
class Configuration {
 public:
  /// Empty: only what the program sets. Absent properties have HBase's defaults, known to their readers.
  Configuration() = default;

  /// What an HBase client on this machine would use: `core-default.xml`, `core-site.xml`, `hbase-default.xml` and
  /// `hbase-site.xml`, in this order, from `dir`; or, when it is empty, from $HBASE_CONF_DIR (else /etc/hbase/conf),
  /// and those of core that are not there from $HADOOP_CONF_DIR (else /etc/hadoop/conf).
  ///
  /// A configuration from no file at all is legal (HBase's defaults: localhost). Errc::invalid_configuration when `dir`
  /// was given and holds none of these files, when $HBASE_CONF_DIR names no directory, when a file cannot be read, or
  /// when it is malformed; then the message names file and line.
  static Result<Configuration> load(const std::filesystem::path& dir = {});

  /// Adds one file in Hadoop's XML format. XInclude of other files works, with fallback; nothing is fetched from the
  /// network, and no external entity is read. A property with an empty value is not set by it, as in Hadoop.
  /// Errc::invalid_configuration names file and line; then nothing was added.
  Result<void> add_file(const std::filesystem::path& file);
  /// Adds text in the same format; `name` stands for the file in messages, and relative includes start from its folder.
  Result<void> add_xml(std::string_view text, std::string name);
  /// Adds "name=value" (the command line's -D). Overrides files, final properties too, as set() does. The value may be
  /// empty. Errc::invalid_configuration when there is no '=' or no name.
  Result<void> add_pair(std::string_view name_equals_value);

  /// Sets a property in code: it overrides all files. `source` is what messages say about where it came from.
  Configuration& set(std::string_view name, std::string value, std::string source = "the program");
  /// Removes a property, wherever it came from. Files that are added later may set it again.
  Configuration& unset(std::string_view name);
  /// Sets all properties of `overlay`, as the program's own; what `overlay` knows of their sources is kept.
  Configuration& merge(const Configuration& overlay);

  /// The expanded value, blanks included; nothing when it is not set. Errc::invalid_configuration when the variables in
  /// it refer to each other in a circle, or when there are more than twenty.
  Result<std::optional<std::string>> get(std::string_view name) const;
  /// As written in the source, not expanded.
  std::optional<std::string> get_raw(std::string_view name) const;
  /// Where the value came from: "/etc/hbase/conf/hbase-site.xml:12", "the program"; empty when it is not set.
  std::string source(std::string_view name) const;

  // Typed readers. They trim; an unset or blank property gives `otherwise`. A value that cannot be read, or lies
  // outside the bounds, is Errc::invalid_configuration with the property's name, its value, its source and what was
  // expected.
  Result<std::string> get_string(std::string_view name, std::string otherwise) const;
  Result<std::int64_t> get_int(std::string_view name, std::int64_t otherwise, std::int64_t min = INT64_MIN,
                               std::int64_t max = INT64_MAX) const;  ///< Decimal or 0x hexadecimal.
  Result<double> get_double(std::string_view name, double otherwise, double min, double max) const;
  Result<bool> get_bool(std::string_view name, bool otherwise) const;  ///< "true" or "false", any case; else an error.
  /// Milliseconds, or with a suffix ns, us, ms, s, m, h, d in any case (Configuration#getTimeDuration). What is finer
  /// than a millisecond is rounded up, so that a short time-out never becomes 0, which often means "none".
  Result<std::chrono::milliseconds> get_millis(std::string_view name, std::chrono::milliseconds otherwise,
                                               std::chrono::milliseconds min = std::chrono::milliseconds(0)) const;
  /// Separated by commas or line ends, trimmed, without empty items.
  Result<std::vector<std::string>> get_list(std::string_view name) const;

  /// All names that are set, with raw values.
  std::map<std::string, std::string> properties() const;

 private:
  struct Property {
    std::string value;
    std::string source;
    bool from_program = false;
  };
  Result<std::optional<std::string>> trimmed(std::string_view name) const;

  std::map<std::string, Property, std::less<>> properties_;
  std::set<std::string, std::less<>> finals_;  // may name properties that have no value
};

}  // namespace hbmux
