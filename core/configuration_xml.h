// Hadoop's XML format for properties.
#pragma once

#include <hbmux/error.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::core {

/// One <property> of a file, in the order of the file.
struct XmlProperty {
  std::string name;                  ///< Trimmed, never empty.
  std::optional<std::string> value;  ///< Nothing when the element is absent or empty; else as written, blanks included.
  bool is_final = false;
  std::string source;  ///< "file:line"
};

/// Parses `text`. Files that it includes are read from disk; `name` is the file's name for messages, and its folder is
/// where relative includes start. Depth, number and size of what is read are bounded, and so is the expansion of
/// entities. Errc::invalid_configuration with "file:line: ..." for everything that is not Hadoop's format.
Result<std::vector<XmlProperty>> parse_configuration_xml(std::string_view text, const std::string& name);

/// The bytes of a file. Errc::invalid_configuration when it cannot be read or is larger than 16 MiB.
Result<std::string> read_configuration_file(const std::filesystem::path& file);

}  // namespace hbmux::core
