// Calls to the embedded cluster whose frames are whole and whose messages are not to be trusted: any method, any
// request, any cells.
#include "tests/fuzz/mini_world.h"

#include "core/bytes.h"
#include "rpc/wire/delimited.h"
#include "rpc/wire/preamble.h"

#include <hbmux/pb/RPC.pb.h>

#include <array>

using namespace hbmux;

namespace {

namespace wire = rpc::wire;

struct Method {
  const char* service;
  const char* name;
};

constexpr std::array kMethods{
    Method{"ClientService", "Get"},
    Method{"ClientService", "Mutate"},
    Method{"ClientService", "Multi"},
    Method{"ClientService", "Scan"},
    Method{"ClientService", "ExecService"},
    Method{"ClientService", "BulkLoadHFile"},
    Method{"AdminService", "GetRegionInfo"},
    Method{"AdminService", "FlushRegion"},
    Method{"AdminService", "CompactRegion"},
    Method{"AdminService", "GetOnlineRegion"},
    Method{"AdminService", "GetServerInfo"},
    Method{"ClientMetaService", "GetMetaRegionLocations"},
    Method{"ClientMetaService", "GetBootstrapNodes"},
    Method{"MasterService", "CreateTable"},
    Method{"MasterService", "DeleteTable"},
    Method{"MasterService", "DisableTable"},
    Method{"MasterService", "EnableTable"},
    Method{"MasterService", "ModifyTable"},
    Method{"MasterService", "truncateTable"},
    Method{"MasterService", "AddColumn"},
    Method{"MasterService", "ModifyColumn"},
    Method{"MasterService", "DeleteColumn"},
    Method{"MasterService", "SplitRegion"},
    Method{"MasterService", "MergeTableRegions"},
    Method{"MasterService", "MoveRegion"},
    Method{"MasterService", "AssignRegion"},
    Method{"MasterService", "UnassignRegion"},
    Method{"MasterService", "Balance"},
    Method{"MasterService", "GetTableDescriptors"},
    Method{"MasterService", "GetTableNames"},
    Method{"MasterService", "GetClusterStatus"},
    Method{"MasterService", "getProcedureResult"},
    Method{"MasterService", "CreateNamespace"},
    Method{"MasterService", "ModifyNamespace"},
    Method{"MasterService", "DeleteNamespace"},
    Method{"MasterService", "ListNamespaceDescriptors"},
    Method{"MasterService", "ListTableDescriptorsByNamespace"},
    Method{"MasterService", "GetTableState"},
    Method{"MasterService", "SetSplitOrMergeEnabled"},
    Method{"MasterService", "FlushTable"},
};

std::string frame_of(const google::protobuf::MessageLite& header, std::string_view param, std::string_view cells) {
  std::string frame(4, '\0');
  wire::append_delimited(frame, header);
  if (!param.empty() || !cells.empty()) wire::append_varint(frame, param.size());
  frame += param;
  frame += cells;
  core::store_be(frame.data(), static_cast<std::uint32_t>(frame.size() - 4));
  return frame;
}

/// A session that is ready for calls of a service.
mini::Session greet(const fuzz::MiniWorld& world, std::string_view service, int codec) {
  mini::Session session(world.endpoint(service == "MasterService"));
  pb::ConnectionHeader header;
  header.set_service_name(std::string(service));
  static constexpr const char* kCodecs[] = {"", "KeyValueCodec", "KeyValueCodecWithTags"};
  if (codec != 0) header.set_cell_block_codec_class(std::string("org.apache.hadoop.hbase.codec.") + kCodecs[codec]);
  auto& version = *header.mutable_version_info();
  version.set_version("2.6.0");
  version.set_url("x");
  version.set_revision("x");
  version.set_user("x");
  version.set_date("x");
  version.set_src_checksum("x");
  version.set_version_major(2);
  const std::string bytes = header.SerializeAsString();
  std::string hello(wire::kMagic);
  hello += {wire::kRpcVersion, static_cast<char>(wire::AuthMethod::simple)};
  core::append_be(hello, static_cast<std::uint32_t>(bytes.size()));
  hello += bytes;
  mini::Replies replies;
  fuzz::require(session.receive(hello, world.now, replies) == hello.size() && !session.is_closing());
  return session;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  fuzz::MiniWorld world;
  const int codec = input.byte() % 3;
  std::uint32_t id = 0;
  for (int calls = 0; !input.empty() && calls < 32; ++calls) {
    const Method& method = kMethods[input.byte() % kMethods.size()];
    const std::string_view param = input.part(), cells = codec == 0 ? std::string_view() : input.part();
    mini::Session session = greet(world, method.service, codec);
    pb::RequestHeader header;
    header.set_call_id(++id);
    header.set_method_name(method.name);
    header.set_request_param(true);
    if (!cells.empty()) header.mutable_cell_block_meta()->set_length(static_cast<std::uint32_t>(cells.size()));
    if (input.flag()) header.set_timeout(1000);
    std::string request = frame_of(header, param, cells);
    if (param.empty() && cells.empty()) request = frame_of(header, std::string_view("\0", 1), {});
    mini::Replies replies;
    fuzz::require(session.receive(request, world.now, replies) == request.size());
    fuzz::require(replies.bytes.size() >= 4 && !session.is_closing());
    fuzz::require(core::load_be<std::uint32_t>(replies.bytes.data()) == replies.bytes.size() - 4);
    world.pass(input.byte());
  }
  world.require_no_scanners();
  return 0;
}
