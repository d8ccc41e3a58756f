#include "gateway/published_names.h"

#include "gateway/paths.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/descriptor_database.h>
#include <google/protobuf/empty.pb.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

namespace hbmux::gateway {

/// The bytes of a FileDescriptorSet, made by protoc from our definitions.
extern const unsigned char kDescriptors[];
extern const std::size_t kDescriptorsSize;

namespace {

namespace pb = google::protobuf;

/// Longer ones first: the first that fits counts.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kPackages = {{{"hbmux.bt.admin", "google.bigtable.admin.v2"},
                                                                                     {"hbmux.bt.longrunning", "google.longrunning"},
                                                                                     {"hbmux.bt.rpc", "google.rpc"},
                                                                                     {"hbmux.bt.type", "google.type"},
                                                                                     {"hbmux.bt", "google.bigtable.v2"},
                                                                                     {"hbmux.served.health", "grpc.health.v1"},
                                                                                     {"hbmux.served.reflection", "grpc.reflection.v1alpha"}}};

struct Method {
  const char* path;
  const char* request;
  const char* response;
  bool stream = false;
};
constexpr std::array<Method, 20> kMethods = {{
    {path::kReadRows, "google.bigtable.v2.ReadRowsRequest", "google.bigtable.v2.ReadRowsResponse", true},
    {path::kSampleRowKeys, "google.bigtable.v2.SampleRowKeysRequest", "google.bigtable.v2.SampleRowKeysResponse", true},
    {path::kMutateRow, "google.bigtable.v2.MutateRowRequest", "google.bigtable.v2.MutateRowResponse"},
    {path::kMutateRows, "google.bigtable.v2.MutateRowsRequest", "google.bigtable.v2.MutateRowsResponse", true},
    {path::kCheckAndMutateRow, "google.bigtable.v2.CheckAndMutateRowRequest", "google.bigtable.v2.CheckAndMutateRowResponse"},
    {path::kReadModifyWriteRow, "google.bigtable.v2.ReadModifyWriteRowRequest", "google.bigtable.v2.ReadModifyWriteRowResponse"},
    {path::kPingAndWarm, "google.bigtable.v2.PingAndWarmRequest", "google.bigtable.v2.PingAndWarmResponse"},
    {path::kCreateTable, "google.bigtable.admin.v2.CreateTableRequest", "google.bigtable.admin.v2.Table"},
    {path::kListTables, "google.bigtable.admin.v2.ListTablesRequest", "google.bigtable.admin.v2.ListTablesResponse"},
    {path::kGetTable, "google.bigtable.admin.v2.GetTableRequest", "google.bigtable.admin.v2.Table"},
    {path::kUpdateTable, "google.bigtable.admin.v2.UpdateTableRequest", "google.longrunning.Operation"},
    {path::kDeleteTable, "google.bigtable.admin.v2.DeleteTableRequest", "google.protobuf.Empty"},
    {path::kModifyColumnFamilies, "google.bigtable.admin.v2.ModifyColumnFamiliesRequest", "google.bigtable.admin.v2.Table"},
    {path::kDropRowRange, "google.bigtable.admin.v2.DropRowRangeRequest", "google.protobuf.Empty"},
    {path::kGenerateConsistencyToken, "google.bigtable.admin.v2.GenerateConsistencyTokenRequest",
     "google.bigtable.admin.v2.GenerateConsistencyTokenResponse"},
    {path::kCheckConsistency, "google.bigtable.admin.v2.CheckConsistencyRequest", "google.bigtable.admin.v2.CheckConsistencyResponse"},
    {"/grpc.health.v1.Health/Check", "grpc.health.v1.HealthCheckRequest", "grpc.health.v1.HealthCheckResponse"},
    {"/grpc.health.v1.Health/Watch", "grpc.health.v1.HealthCheckRequest", "grpc.health.v1.HealthCheckResponse", true},
    {path::kReflectionAlpha, "grpc.reflection.v1alpha.ServerReflectionRequest", "grpc.reflection.v1alpha.ServerReflectionResponse", true},
    {path::kReflection, "grpc.reflection.v1.ServerReflectionRequest", "grpc.reflection.v1.ServerReflectionResponse", true},
}};

/// "a.b.C" of "/a.b.C/D"
std::string service_of(std::string_view path) { return std::string(path.substr(1, path.rfind('/') - 1)); }

/// With another beginning, if it has one of those.
std::string renamed(const std::string& name, bool leading_dot) {
  const std::string_view rest = std::string_view(name).substr(leading_dot && name.starts_with('.') ? 1 : 0);
  for (const auto& [ours, theirs] : kPackages) {
    if (rest == ours) return std::string(theirs);
    if (rest.starts_with(ours) && rest[ours.size()] == '.') return (leading_dot ? "." : "") + std::string(theirs) + std::string(rest.substr(ours.size()));
  }
  return name;
}

/// "hbmux/bt/data.proto" as "google/bigtable/v2/data.proto".
std::string file_name(const std::string& name, const std::string& package) {
  if (!name.starts_with("hbmux/")) return name;
  std::string folder = package;
  std::replace(folder.begin(), folder.end(), '.', '/');
  return folder + name.substr(name.rfind('/'));
}

void rename_types(pb::DescriptorProto& message) {
  for (auto& field : *message.mutable_field()) {
    if (field.has_type_name()) field.set_type_name(renamed(field.type_name(), true));
  }
  for (auto& nested : *message.mutable_nested_type()) rename_types(nested);
}

void add_services(pb::FileDescriptorProto& file) {
  for (const Method& method : kMethods) {
    const std::string service = service_of(method.path);
    if (service.substr(0, service.rfind('.')) != file.package()) continue;
    // Where its first message is.
    const std::string request = std::string(method.request).substr(file.package().size() + 1);
    if (std::none_of(file.message_type().begin(), file.message_type().end(), [&](const auto& m) { return m.name() == request; })) continue;
    const std::string name = service.substr(service.rfind('.') + 1);
    auto& services = *file.mutable_service();
    auto found = std::find_if(services.begin(), services.end(), [&](const auto& s) { return s.name() == name; });
    pb::ServiceDescriptorProto& target = found != services.end() ? *found : *services.Add();
    target.set_name(name);
    auto& added = *target.add_method();
    const std::string_view path = method.path;
    added.set_name(std::string(path.substr(path.rfind('/') + 1)));
    added.set_input_type(std::string(".") + method.request);
    added.set_output_type(std::string(".") + method.response);
    added.set_server_streaming(method.stream);
    added.set_client_streaming(name == "ServerReflection");
  }
}

/// A file that is needed where a service answers with what is defined elsewhere.
void add_dependency(pb::FileDescriptorProto& file, const std::string& needed) {
  if (std::find(file.dependency().begin(), file.dependency().end(), needed) == file.dependency().end()) file.add_dependency(needed);
}

class PublishedPool {
 public:
  PublishedPool() : pool_(&database_) {
    pb::FileDescriptorSet ours;
    if (!ours.ParseFromArray(kDescriptors, static_cast<int>(kDescriptorsSize))) return;
    pb::FileDescriptorProto empty;  // which none of our definitions needs
    pb::Empty::descriptor()->file()->CopyTo(&empty);
    database_.Add(empty);
    for (const auto& file : ours.file()) add(file, kPackages.back().second);
    // The newer name of reflection, of the same messages.
    for (const auto& file : ours.file()) {
      if (file.package() == kPackages.back().first) add(file, "grpc.reflection.v1");
    }
  }
  const pb::DescriptorPool& pool() const noexcept { return pool_; }

 private:
  void add(pb::FileDescriptorProto file, std::string_view reflection_package) {
    const bool is_reflection = file.package() == kPackages.back().first;
    const std::string package = is_reflection ? std::string(reflection_package) : renamed(file.package(), false);
    for (auto& message : *file.mutable_message_type()) {
      rename_types(message);
      if (is_reflection) replace_package(message, std::string(kPackages.back().second), package);
    }
    for (auto& needed : *file.mutable_dependency()) needed = file_name(needed, package_of_file(needed));
    file.set_name(file_name(file.name(), package));
    file.set_package(package);
    file.clear_options();
    add_services(file);
    if (file.name() == "google/bigtable/admin/v2/table_admin.proto") {
      add_dependency(file, "google/longrunning/operations.proto");
      add_dependency(file, "google/protobuf/empty.proto");
    }
    database_.Add(file);
  }
  static void replace_package(pb::DescriptorProto& message, const std::string& from, const std::string& to) {
    for (auto& field : *message.mutable_field()) {
      if (field.type_name().starts_with("." + from + ".")) field.set_type_name("." + to + field.type_name().substr(from.size() + 1));
    }
  }
  /// By the folder, which is the package here.
  static std::string package_of_file(const std::string& name) {
    std::string folder = name.substr(0, name.rfind('/'));
    std::replace(folder.begin(), folder.end(), '/', '.');
    return renamed(folder, false);
  }

  pb::SimpleDescriptorDatabase database_;
  pb::DescriptorPool pool_;
};

const pb::DescriptorPool& published_pool() {
  static const PublishedPool pool;
  return pool.pool();
}

void add_with_needed(const pb::FileDescriptor& file, std::set<std::string>& added, served::reflection::FileDescriptorResponse& out) {
  if (!added.insert(std::string(file.name())).second) return;
  pb::FileDescriptorProto message;
  file.CopyTo(&message);
  out.add_file_descriptor_proto(message.SerializeAsString());
  for (int i = 0; i < file.dependency_count(); ++i) add_with_needed(*file.dependency(i), added, out);
}

}  // namespace

std::vector<std::string> published_services() {
  std::vector<std::string> names;
  for (const Method& method : kMethods) {
    std::string name = service_of(method.path);
    if (names.empty() || names.back() != name) names.push_back(std::move(name));
  }
  return names;
}

served::reflection::ServerReflectionResponse reflect(const served::reflection::ServerReflectionRequest& request) {
  using Request = served::reflection::ServerReflectionRequest;
  constexpr int kNotFound = 5;
  served::reflection::ServerReflectionResponse response;
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  const auto refuse = [&](const std::string& what) {
    response.mutable_error_response()->set_error_code(kNotFound);
    response.mutable_error_response()->set_error_message(what + " is not known here");
  };
  const auto tell_file = [&](const pb::FileDescriptor* file, const std::string& what) {
    if (file == nullptr) return refuse(what);
    std::set<std::string> added;
    add_with_needed(*file, added, *response.mutable_file_descriptor_response());
  };
  switch (request.message_request_case()) {
    case Request::kListServices:
      for (const auto& name : published_services()) response.mutable_list_services_response()->add_service()->set_name(name);
      break;
    case Request::kFileByFilename: tell_file(published_pool().FindFileByName(request.file_by_filename()), request.file_by_filename()); break;
    case Request::kFileContainingSymbol:
      tell_file(published_pool().FindFileContainingSymbol(request.file_containing_symbol()), request.file_containing_symbol());
      break;
    case Request::kAllExtensionNumbersOfType:
      if (published_pool().FindMessageTypeByName(request.all_extension_numbers_of_type()) == nullptr) {
        refuse(request.all_extension_numbers_of_type());
      } else {
        response.mutable_all_extension_numbers_response()->set_base_type_name(request.all_extension_numbers_of_type());  // there are none
      }
      break;
    case Request::kFileContainingExtension: refuse("the extension of " + request.file_containing_extension().containing_type()); break;
    case Request::MESSAGE_REQUEST_NOT_SET: refuse("what is asked for"); break;
  }
  return response;
}

}  // namespace hbmux::gateway
