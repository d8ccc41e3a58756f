// Namespaces.
#include "client/admin_actions.h"
#include "client/admin_procedure.h"
#include "client/admin_schema.h"
#include "core/bytes.h"

#include <hbmux/pb/HBase.pb.h>
#include <hbmux/pb/Master.pb.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace hbmux::client {
namespace {

std::string naming(std::string_view verb, const std::string& name) { return std::string(verb) + " namespace '" + core::to_string_binary(name) + "'"; }

AdminTask<Result<bool>> confirm_namespace(AdminOperation& operation, std::string name, std::optional<NamespaceDescriptor> wanted) {
  auto found = co_await describe_namespace(operation, std::move(name));
  if (!found && found.error().code() != Errc::namespace_not_found) co_return found.error();
  co_return found ? wanted && *found == *wanted : !wanted;
}

/// Confirms that a namespace is as it is wanted, or, without that, that it is not there.
Confirm namespace_is(std::string name, std::optional<NamespaceDescriptor> wanted) {
  return [name = std::move(name), wanted = std::move(wanted)](AdminOperation& operation) { return confirm_namespace(operation, name, wanted); };
}

/// Lets a namespace be what `descriptor` says. `method` and `verb` are literals.
template <class Request, class Response>
AdminTask<Result<void>> put_namespace(AdminOperation& operation, const char* method, const char* verb, NamespaceDescriptor descriptor) {
  if (auto legal = check_namespace(descriptor.name); !legal) co_return legal.error();
  Request request;
  fill(*request.mutable_namespacedescriptor(), descriptor);
  std::string what = naming(verb, descriptor.name);
  auto confirm = namespace_is(descriptor.name, descriptor);
  co_return co_await run_procedure<Response>(operation, method, std::move(request), 0, std::move(what), std::move(confirm));
}

}  // namespace

AdminTask<Result<void>> create_namespace(AdminOperation& operation, NamespaceDescriptor descriptor) {
  return put_namespace<pb::CreateNamespaceRequest, pb::CreateNamespaceResponse>(operation, "CreateNamespace", "creating", std::move(descriptor));
}

AdminTask<Result<void>> modify_namespace(AdminOperation& operation, NamespaceDescriptor descriptor) {
  return put_namespace<pb::ModifyNamespaceRequest, pb::ModifyNamespaceResponse>(operation, "ModifyNamespace", "modifying", std::move(descriptor));
}

AdminTask<Result<void>> delete_namespace(AdminOperation& operation, std::string name) {
  if (auto legal = check_namespace(name); !legal) co_return legal.error();
  pb::DeleteNamespaceRequest request;
  request.set_namespacename(name);
  std::string what = naming("deleting", name);
  auto confirm = namespace_is(std::move(name), std::nullopt);
  co_return co_await run_procedure<pb::DeleteNamespaceResponse>(operation, "DeleteNamespace", std::move(request), 0, std::move(what),
                                                                std::move(confirm));
}

AdminTask<Result<NamespaceDescriptor>> describe_namespace(AdminOperation& operation, std::string name) {
  if (auto legal = check_namespace(name); !legal) co_return legal.error();
  pb::GetNamespaceDescriptorRequest request;
  request.set_namespacename(name);
  auto response = co_await operation.ask_master<pb::GetNamespaceDescriptorResponse>("GetNamespaceDescriptor", std::move(request));
  if (!response) co_return Error(response.error()).with_context(naming("describing", name));
  co_return namespace_descriptor_from(response->namespacedescriptor());
}

AdminTask<Result<std::vector<std::string>>> list_namespaces(AdminOperation& operation) {
  // ListNamespaces is newer than 2.0.
  pb::ListNamespaceDescriptorsRequest request;
  auto response = co_await operation.ask_master<pb::ListNamespaceDescriptorsResponse>("ListNamespaceDescriptors", std::move(request));
  if (!response) co_return Error(response.error()).with_context("listing namespaces");
  std::vector<std::string> names;
  for (const auto& message : response->namespacedescriptor()) names.push_back(message.name());
  std::sort(names.begin(), names.end());
  co_return std::move(names);
}

AdminTask<Result<std::vector<TableName>>> list_namespace_tables(AdminOperation& operation, std::string name) {
  if (auto legal = check_namespace(name); !legal) co_return legal.error();
  pb::ListTableNamesByNamespaceRequest request;
  request.set_namespacename(name);
  auto response = co_await operation.ask_master<pb::ListTableNamesByNamespaceResponse>("ListTableNamesByNamespace", std::move(request));
  if (!response) co_return Error(response.error()).with_context(naming("listing tables of", name));
  auto names = table_names_from(operation, response->tablename());
  co_return std::move(names);
}

}  // namespace hbmux::client
