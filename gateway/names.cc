#include "gateway/names.h"

#include <algorithm>
#include <array>
#include <vector>

namespace hbmux::gateway {
namespace {

std::vector<std::string_view> parts_of(std::string_view name, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0;;) {
    const std::size_t end = name.find(separator, at);
    parts.push_back(name.substr(at, end == std::string_view::npos ? end : end - at));
    if (end == std::string_view::npos) return parts;
    at = end + 1;
  }
}

std::string_view trimmed_name(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

bool is_namespace_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

/// '-' and '_' must not fall together: an instance has no '_' in its name.
std::optional<std::string> namespace_of_instance(std::string_view instance) {
  if (instance.find('_') != std::string_view::npos) return std::nullopt;
  std::string name(instance);
  std::replace(name.begin(), name.end(), '-', '_');
  if (!is_namespace_name(name)) return std::nullopt;
  return name;
}

Status bad_name(std::string_view name, const char* form) {
  return invalid("Invalid name \"" + std::string(name) + "\": expected " + form);
}

constexpr const char* kInstanceForm = "projects/PROJECT/instances/INSTANCE";
constexpr const char* kTableForm = "projects/PROJECT/instances/INSTANCE/tables/TABLE";

}  // namespace

Result<NameRules> NameRules::parse(std::string_view text) {
  NameRules rules;
  rules.others_.reset();
  for (const std::string_view part : parts_of(text, ',')) {
    const std::string_view rule = trimmed_name(part);
    if (rule.empty()) continue;
    const std::size_t equals = rule.find('=');
    const std::string_view instance = trimmed_name(rule.substr(0, equals));
    const std::string_view target = equals == std::string_view::npos ? std::string_view() : trimmed_name(rule.substr(equals + 1));
    if (instance.empty() || (target != "*" && !is_namespace_name(target))) {
      return Error(Errc::invalid_argument, "\"" + std::string(rule) + "\" is no INSTANCE=NAMESPACE");
    }
    if (instance == "*") {
      rules.others_ = std::string(target);
    } else if (target == "*" && !namespace_of_instance(instance)) {
      return Error(Errc::invalid_argument, "\"" + std::string(instance) + "\" cannot be the name of a namespace");
    } else {
      rules.namespaces_.insert_or_assign(std::string(instance), std::string(target));
    }
  }
  return rules;
}

Answer<InstanceName> NameRules::instance(std::string_view name) const {
  const auto parts = parts_of(name, '/');
  if (parts.size() != 4 || parts[0] != "projects" || parts[2] != "instances" || parts[1].empty() || parts[3].empty()) {
    return bad_name(name, kInstanceForm);
  }
  InstanceName out{std::string(parts[1]), std::string(parts[3]), {}};
  const auto known = namespaces_.find(parts[3]);
  if (known == namespaces_.end() && !others_) return Status{Code::not_found, "Instance " + out.to_string() + " not found"};
  const std::string& target = known != namespaces_.end() ? known->second : *others_;
  if (target != "*") {
    out.namespace_name = target;
    return out;
  }
  auto own = namespace_of_instance(parts[3]);
  if (!own) return invalid("Invalid instance \"" + out.instance + "\": letters, digits and '-' make the name of a namespace");
  out.namespace_name = std::move(*own);
  return out;
}

Answer<FullTableName> NameRules::table(std::string_view name) const {
  const auto parts = parts_of(name, '/');
  if (parts.size() != 6 || parts[4] != "tables") return bad_name(name, kTableForm);
  const std::size_t end = name.size() - parts[5].size() - std::string_view("/tables/").size();
  auto in = instance(name.substr(0, end));
  if (!in) return in.error();
  return table_in(std::move(*in), parts[5]);
}

Answer<FullTableName> NameRules::table_in(InstanceName instance, std::string_view table_id) const {
  if (table_id.find(':') != std::string_view::npos) return invalid("Invalid table id \"" + std::string(table_id) + "\"");
  auto parsed = TableName::parse(instance.namespace_name + ":" + std::string(table_id));
  if (!parsed) return invalid("Invalid table id \"" + std::string(table_id) + "\": " + parsed.error().message());
  return FullTableName{std::move(instance), std::string(table_id), std::move(*parsed)};
}

}  // namespace hbmux::gateway
