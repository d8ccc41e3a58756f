// What a namespace is made of.
#pragma once

#include <map>
#include <string>
#include <utility>

namespace hbmux {

/// A group of tables, with properties that hold for all of it ("hbase.namespace.quota.maxtables").
struct NamespaceDescriptor {
  std::string name;
  std::map<std::string, std::string> configuration;

  explicit NamespaceDescriptor(std::string name_space = {}) : name(std::move(name_space)) {}
  bool operator==(const NamespaceDescriptor&) const = default;
};

}  // namespace hbmux
