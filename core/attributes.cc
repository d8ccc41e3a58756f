// Values of the attributes that HBase itself reads.
#include <hbmux/attributes.h>
#include <hbmux/pb/AccessControl.pb.h>
#include <hbmux/pb/Client.pb.h>

namespace hbmux::detail {
namespace {

pb::Permission::Action action_of(Permission permission) {
  switch (permission) {
    case Permission::read: return pb::Permission::READ;
    case Permission::write: return pb::Permission::WRITE;
    case Permission::execute: return pb::Permission::EXEC;
    case Permission::create: return pb::Permission::CREATE;
    case Permission::admin: break;
  }
  return pb::Permission::ADMIN;
}

}  // namespace

std::string acl_attribute(const std::vector<UserPermissions>& acl) {
  pb::UsersAndPermissions message;
  for (const UserPermissions& user : acl) {
    auto& entry = *message.add_user_permissions();
    entry.set_user(user.user);
    auto& permission = *entry.add_permissions();
    permission.set_type(pb::Permission::Global);
    for (const Permission action : user.permissions) permission.mutable_global_permission()->add_action(action_of(action));
  }
  return message.SerializeAsString();
}

std::string authorizations_attribute(const std::vector<std::string>& labels) {
  pb::Authorizations message;
  for (const std::string& label : labels) message.add_label(label);
  return message.SerializeAsString();
}

std::string cell_visibility_attribute(std::string_view expression) {
  pb::CellVisibility message;
  message.set_expression(std::string(expression));
  return message.SerializeAsString();
}

}  // namespace hbmux::detail
