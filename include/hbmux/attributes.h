// What may be said beside any operation, as names and bytes.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux {

/// HBase's OperationWithAttributes: names and bytes that travel with an operation and that coprocessors read.
using Attributes = std::map<std::string, std::string, std::less<>>;

/// HConstants.PRIORITY_UNSET: the table decides (0 for tables of users, 200 for those of the system).
inline constexpr int kPriorityUnset = -1;

/// What a user may do with cells (HBase's Permission.Action).
enum class Permission : char { read = 'R', write = 'W', execute = 'X', create = 'C', admin = 'A' };

/// Rights of one user; for an ACL on cells (hbase:acl, AccessController).
struct UserPermissions {
  std::string user;
  std::vector<Permission> permissions;
};

namespace detail {
// The attributes' values, as HBase serializes them.
std::string acl_attribute(const std::vector<UserPermissions>& acl);
std::string authorizations_attribute(const std::vector<std::string>& labels);
std::string cell_visibility_attribute(std::string_view expression);
}  // namespace detail

}  // namespace hbmux
