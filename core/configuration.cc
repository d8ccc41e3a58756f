#include <hbmux/configuration.h>

#include "core/configuration_values.h"
#include "core/configuration_xml.h"

#include <cstdlib>

namespace hbmux {
namespace {

using core::property_error;
using core::trim;

std::optional<std::string> environment(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  if (!value) return std::nullopt;
  return value;
}

std::filesystem::path environment_or(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value && *value ? value : otherwise;
}

std::string bounds_text(const std::string& what, const std::string& min, const std::string& max, bool has_min,
                        bool has_max) {
  if (has_min && has_max) return "expected " + what + " from " + min + " to " + max;
  if (has_min) return "expected " + what + " of at least " + min;
  if (has_max) return "expected " + what + " of at most " + max;
  return "expected " + what;
}

}  // namespace

Result<Configuration> Configuration::load(const std::filesystem::path& dir) {
  std::error_code ignored;
  const bool from_environment = dir.empty() && environment("HBASE_CONF_DIR").value_or("") != "";
  const std::filesystem::path hbase_dir = dir.empty() ? environment_or("HBASE_CONF_DIR", "/etc/hbase/conf") : dir;
  if (from_environment && !std::filesystem::is_directory(hbase_dir, ignored)) {
    return Error(Errc::invalid_configuration, "HBASE_CONF_DIR names " + hbase_dir.string() + ", which is no directory");
  }
  Configuration configuration;
  int files = 0;
  for (const char* file : {"core-default.xml", "core-site.xml", "hbase-default.xml", "hbase-site.xml"}) {
    std::filesystem::path path = hbase_dir / file;
    if (dir.empty() && std::string_view(file).starts_with("core-") && !std::filesystem::exists(path, ignored)) {
      path = environment_or("HADOOP_CONF_DIR", "/etc/hadoop/conf") / file;
    }
    // Only what is certainly absent is passed over: a file that may not be looked at is an error of add_file().
    if (std::filesystem::status(path, ignored).type() == std::filesystem::file_type::not_found) continue;
    if (auto added = configuration.add_file(path); !added) return added.error();
    ++files;
  }
  if (!dir.empty() && files == 0) {
    return Error(Errc::invalid_configuration, "no hbase-site.xml, core-site.xml or their defaults in " + dir.string());
  }
  return configuration;
}

Result<void> Configuration::add_file(const std::filesystem::path& file) {
  auto text = core::read_configuration_file(file);
  if (!text) return text.error();
  return add_xml(*text, file.string());
}

Result<void> Configuration::add_xml(std::string_view text, std::string name) {
  auto parsed = core::parse_configuration_xml(text, name);
  if (!parsed) return parsed.error();
  for (core::XmlProperty& item : *parsed) {
    const std::string key(core::current_property_name(item.name));
    if (key != item.name) item.source += " as " + item.name;
    if (item.value && !finals_.contains(key)) {
      Property& property = properties_[key];
      if (!property.from_program) property = {std::move(*item.value), std::move(item.source), false};
    }
    if (item.is_final) finals_.insert(key);
  }
  return {};
}

Result<void> Configuration::add_pair(std::string_view name_equals_value) {
  const std::size_t equals = name_equals_value.find('=');
  const std::string_view name = trim(name_equals_value.substr(0, equals));
  if (equals == std::string_view::npos || name.empty()) {
    return Error(Errc::invalid_configuration, "expected name=value, not \"" + std::string(name_equals_value) + "\"");
  }
  set(name, std::string(name_equals_value.substr(equals + 1)), "-D " + std::string(name));
  return {};
}

Configuration& Configuration::set(std::string_view name, std::string value, std::string source) {
  properties_[std::string(core::current_property_name(trim(name)))] = {std::move(value), std::move(source), true};
  return *this;
}

Configuration& Configuration::unset(std::string_view name) {
  const auto at = properties_.find(core::current_property_name(trim(name)));
  if (at != properties_.end()) properties_.erase(at);
  return *this;
}

Configuration& Configuration::merge(const Configuration& overlay) {
  for (const auto& [name, property] : overlay.properties_) set(name, property.value, property.source);
  return *this;
}

Result<std::optional<std::string>> Configuration::get(std::string_view name) const {
  auto raw = get_raw(name);
  if (!raw || raw->find("${") == std::string::npos) return raw;
  auto lookup = [this](std::string_view variable) { return get_raw(variable); };
  auto expanded = core::expand_variables(std::move(*raw), lookup, environment);
  if (!expanded) {
    return Error(Errc::invalid_configuration, std::string(trim(name)) + " = \"" + *get_raw(name) + "\" (" +
                                                  source(name) + "): " + expanded.error().message());
  }
  return std::optional<std::string>(std::move(*expanded));
}

std::optional<std::string> Configuration::get_raw(std::string_view name) const {
  const auto at = properties_.find(core::current_property_name(trim(name)));
  if (at == properties_.end()) return std::nullopt;
  return at->second.value;
}

std::string Configuration::source(std::string_view name) const {
  const auto at = properties_.find(core::current_property_name(trim(name)));
  return at == properties_.end() ? std::string() : at->second.source;
}

Result<std::optional<std::string>> Configuration::trimmed(std::string_view name) const {
  auto value = get(name);
  if (!value || !*value) return value;
  std::string text(trim(**value));
  if (text.empty()) return std::optional<std::string>();
  return std::optional<std::string>(std::move(text));
}

Result<std::string> Configuration::get_string(std::string_view name, std::string otherwise) const {
  auto value = trimmed(name);
  if (!value) return value.error();
  return *value ? std::move(**value) : std::move(otherwise);
}

Result<std::int64_t> Configuration::get_int(std::string_view name, std::int64_t otherwise, std::int64_t min,
                                            std::int64_t max) const {
  const auto text = trimmed(name);
  if (!text) return text.error();
  if (!*text) return otherwise;
  const auto number = core::parse_integer(**text);
  if (number && *number >= min && *number <= max) return *number;
  return property_error(
      *this, name,
      bounds_text("a whole number", std::to_string(min), std::to_string(max), min != INT64_MIN, max != INT64_MAX));
}

Result<double> Configuration::get_double(std::string_view name, double otherwise, double min, double max) const {
  const auto text = trimmed(name);
  if (!text) return text.error();
  if (!*text) return otherwise;
  const auto number = core::parse_double(**text);
  if (number && *number >= min && *number <= max) return *number;
  return property_error(*this, name, bounds_text("a number", std::to_string(min), std::to_string(max), true, true));
}

Result<bool> Configuration::get_bool(std::string_view name, bool otherwise) const {
  const auto text = trimmed(name);
  if (!text) return text.error();
  if (!*text) return otherwise;
  const std::string lowered = core::to_lower(**text);
  if (lowered == "true") return true;
  if (lowered == "false") return false;
  return property_error(*this, name, "expected true or false");
}

Result<std::chrono::milliseconds> Configuration::get_millis(std::string_view name, std::chrono::milliseconds otherwise,
                                                            std::chrono::milliseconds min) const {
  const auto text = trimmed(name);
  if (!text) return text.error();
  if (!*text) return otherwise;
  const auto duration = core::parse_duration(**text);
  if (duration && *duration >= min) return *duration;
  return property_error(*this, name,
                        "expected milliseconds, or a whole number with ns, us, ms, s, m, h or d, of at least " +
                            std::to_string(min.count()) + " ms");
}

Result<std::vector<std::string>> Configuration::get_list(std::string_view name) const {
  const auto text = get(name);
  if (!text) return text.error();
  return *text ? core::split_list(**text) : std::vector<std::string>();
}

std::map<std::string, std::string> Configuration::properties() const {
  std::map<std::string, std::string> all;
  for (const auto& [name, property] : properties_) all.emplace(name, property.value);
  return all;
}

}  // namespace hbmux
