#include "mini/server/session.h"

#include "core/bytes.h"
#include "mini/parse.h"
#include "mini/server/call_target.h"
#include "mini/server/meta_service.h"
#include "rpc/wire/delimited.h"
#include "rpc/wire/preamble.h"

#include <hbmux/pb/Client.pb.h>
#include <hbmux/pb/Registry.pb.h>

namespace hbmux::mini {
namespace {

namespace wire = rpc::wire;
using core::CellCodec;

constexpr std::uint32_t kNoCall = static_cast<std::uint32_t>(wire::kNoCallId);
constexpr std::size_t kDecompressedMax = std::size_t{wire::kMaxFrameBytes};

RemoteException fatal(std::string_view name, std::string message) {
  return exceptions::of("org.apache.hadoop.hbase.ipc." + std::string(name), std::move(message), true);
}

/// Appends a frame: int32 length | header | body | cell block. The header is written by hand: it has two small fields.
void append_frame(std::string& out, std::uint32_t call_id, const google::protobuf::MessageLite* body,
                  std::string_view cells) {
  char header[24];
  char* at = header;
  *at++ = 0x08;  // ResponseHeader.call_id
  at = wire::write_varint(at, call_id);
  if (!cells.empty()) {
    *at++ = 0x1a;  // ResponseHeader.cell_block_meta
    *at++ = static_cast<char>(1 + wire::varint_size(cells.size()));
    *at++ = 0x08;  // CellBlockMeta.length
    at = wire::write_varint(at, cells.size());
  }
  const auto header_size = static_cast<std::size_t>(at - header);
  const std::size_t body_size = body != nullptr ? body->ByteSizeLong() : 0;
  const std::size_t total = 1 + header_size + wire::varint_size(body_size) + body_size + cells.size();
  const std::size_t start = out.size();
  out.resize(start + 4 + total);
  at = out.data() + start;
  core::store_be(at, static_cast<std::uint32_t>(total));
  at += 4;
  *at++ = static_cast<char>(header_size);
  std::memcpy(at, header, header_size);
  at = wire::write_varint(at + header_size, body_size);
  if (body != nullptr) body->SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(at));
  if (!cells.empty()) std::memcpy(at + body_size, cells.data(), cells.size());
}

/// By the last part of a Java class name: HBase and Hadoop have codecs of the same kind in several packages.
std::optional<wire::Compression> compression_of(std::string_view class_name) {
  const std::string_view name = class_name.substr(class_name.rfind('.') + 1);
  if (name == "GzipCodec") return wire::Compression::gzip;
  if (name == "DefaultCodec" || name == "DeflateCodec") return wire::Compression::deflate;
  if (name == "SnappyCodec") return wire::Compression::snappy;
  if (name == "Lz4Codec") return wire::Compression::lz4;
  if (name == "ZstdCodec") return wire::Compression::zstd;
  return std::nullopt;
}

}  // namespace

std::size_t Session::receive(std::string_view bytes, std::int64_t now, Replies& replies) {
  std::string_view rest = bytes;
  while (state_ != State::closing && !over_) {
    if (state_ == State::preamble) {
      if (!read_preamble(rest, replies)) break;
      continue;
    }
    if (rest.size() < 4) break;
    const std::size_t size = core::load_be<std::uint32_t>(rest.data());
    if (size > wire::kMaxFrameBytes) {
      refuse_big_frame(rest.substr(4), size, replies);
      break;
    }
    if (rest.size() - 4 < size) break;
    const std::string_view frame = rest.substr(4, size);
    rest.remove_prefix(4 + size);
    switch (state_) {
      case State::skip_token: state_ = State::header; break;
      case State::header: read_header(frame, replies); break;
      default: read_call(frame, now, replies); break;
    }
  }
  return over_ ? bytes.size() : bytes.size() - rest.size();
}

/// False while it is not all there.
bool Session::read_preamble(std::string_view& bytes, Replies& replies) {
  if (bytes.size() < wire::kPreambleSize) return false;
  const std::string_view preamble = bytes.substr(0, wire::kPreambleSize);
  bytes.remove_prefix(wire::kPreambleSize);
  if (preamble == wire::kRegistryPreamble) {
    pb::GetConnectionRegistryResponse response;
    response.set_cluster_id(endpoint_.master->cluster_id());
    append_frame(replies.bytes, kNoCall, &response, {});
    state_ = State::closing;
    return true;
  }
  if (preamble == wire::kSecurityPreamble) {
    // There is no security here; the connection is kept for the real preamble.
    reply_exception(
        kNoCall,
        exceptions::of("org.apache.hadoop.hbase.ipc.SecurityNotEnabledException", "security is not enabled", true),
        replies);
    return true;
  }
  if (!preamble.starts_with(wire::kMagic)) {
    fail(fatal("FatalConnectionException",
               "Expected HEADER=HBas but received HEADER=" + core::to_string_binary(preamble.substr(0, 4))),
         replies);
    return true;
  }
  const auto version = static_cast<unsigned char>(preamble[4]);
  const auto auth = static_cast<unsigned char>(preamble[5]);
  const std::string text =
      "serverVersion=0, clientVersion=" + std::to_string(version) + ", authMethod=" + std::to_string(auth);
  if (version != wire::kRpcVersion) {
    fail(fatal("WrongVersionException", text), replies);
  } else if (auth == static_cast<unsigned char>(wire::AuthMethod::simple)) {
    state_ = State::header;
  } else if (auth == static_cast<unsigned char>(wire::AuthMethod::kerberos) ||
             auth == static_cast<unsigned char>(wire::AuthMethod::digest)) {
    // A server without security tells the client to go on without, and passes over the token that is under way already.
    core::append_be(replies.bytes, std::int32_t{0});
    core::append_be(replies.bytes, std::int32_t{-88});
    state_ = State::skip_token;
  } else {
    fail(fatal("BadAuthException", text + ", authName=unknown"), replies);
  }
  return true;
}

void Session::read_header(std::string_view frame, Replies& replies) {
  pb::ConnectionHeader header;
  if (!parse(frame, header)) {
    return fail(fatal("FatalConnectionException", "Malformed connection header"), replies);
  }
  service_name_ = header.service_name();
  const bool is_master = endpoint_.region_server == nullptr;
  if (service_name_ == "ClientMetaService")
    service_ = Service::meta;
  else if (service_name_ == "ClientService" && !is_master)
    service_ = Service::client;
  else if (service_name_ == "AdminService")
    service_ = Service::admin;
  else if (service_name_ == "MasterService" && is_master)
    service_ = Service::master;
  else if ((service_name_ == "HbckService" || service_name_ == "LockService") && is_master)
    service_ = Service::unsupported;
  else if (service_name_.empty())
    return fail(fatal("EmptyServiceNameException", "Empty service name"), replies);
  else
    return fail(fatal("UnknownServiceException", service_name_), replies);
  if (!choose_codec(header, replies)) return;
  const auto& version = header.version_info();
  retries_immediately_ = header.has_version_info() && (version.version_major() > 1 ||
                                                       (version.version_major() == 1 && version.version_minor() >= 3));
  state_ = State::calls;
}

bool Session::choose_codec(const pb::ConnectionHeader& header, Replies& replies) {
  const std::string& codec = header.cell_block_codec_class();
  if (codec.empty()) return true;
  if (codec == "org.apache.hadoop.hbase.codec.KeyValueCodec") {
    codec_ = CellCodec::key_value;
  } else if (codec == "org.apache.hadoop.hbase.codec.KeyValueCodecWithTags") {
    codec_ = CellCodec::key_value_with_tags;
  } else {
    fail(fatal("UnsupportedCellCodecException", codec), replies);
    return false;
  }
  const std::string& compressor = header.cell_block_compressor_class();
  if (compressor.empty()) return true;
  if (const auto compression = compression_of(compressor)) {
    compression_ = *compression;
    return true;
  }
  fail(fatal("UnsupportedCompressionCodecException", compressor), replies);
  return false;
}

void Session::read_call(std::string_view frame, std::int64_t now, Replies& replies) {
  static thread_local pb::RequestHeader header;
  static thread_local std::string reply_cells;
  std::string_view part;
  if (!wire::read_delimited(frame, part) || !parse(part, header)) {
    state_ = State::closing;  // as HBase: there is no call id to answer to
    return;
  }
  ++calls_;
  if (!header.request_param()) {
    return reply_exception(header.call_id(),
                           exceptions::do_not_retry("Invalid request header: call_id: " +
                                                    std::to_string(header.call_id()) + ", should have param set in it"),
                           replies);
  }
  Call call;
  call.method = header.method_name();
  call.codec = codec_;
  call.now = now;
  call.timeout = header.timeout();
  call.retries_immediately = retries_immediately_;
  reply_cells.clear();
  call.reply_cells = &reply_cells;
  if (!wire::read_delimited(frame, call.param)) return reply_exception(header.call_id(), malformed_request(), replies);
  if (header.has_cell_block_meta()) {
    const std::size_t size = header.cell_block_meta().length();
    if (size > frame.size()) {
      return reply_exception(header.call_id(), exceptions::io("The cell block is longer than its frame"), replies);
    }
    if (auto taken = take_cells(frame.substr(0, size), call); !taken) {
      return reply_exception(header.call_id(), taken.error(), replies);
    }
  }
  FaultInjector::Verdict verdict;
  if (endpoint_.faults != nullptr && endpoint_.faults->wants_calls()) verdict = meet_faults(call);
  std::function<std::optional<RegionFault>(const Region&)> region_faults;
  if (endpoint_.faults != nullptr && endpoint_.faults->wants_regions()) {
    region_faults = [this](const Region& region) { return meet_region_faults(region); };
    call.region_faults = &region_faults;
  }
  std::optional<pb::RegionLoadStats> load;
  if (verdict.load) {
    load.emplace();
    load->set_memstoreload(verdict.load->memory);
    load->set_heapoccupancy(verdict.load->heap);
    load->set_compactionpressure(verdict.load->compactions);
    call.load = &*load;
  }
  const std::size_t start = replies.bytes.size();
  answer(header.call_id(), call, verdict, replies);
  mark_reply(start, verdict, replies);
  over_ = ends_connection(verdict.fate);
  // One huge answer must not keep its memory for ever.
  if (reply_cells.capacity() > (std::size_t{4} << 20)) std::string().swap(reply_cells);
}

void Session::answer(std::uint32_t call_id, Call& call, const FaultInjector::Verdict& verdict, Replies& replies) {
  if (verdict.serve) {
    const Reply answer = serve(call);
    if (verdict.exception) {
      // Applied, and yet answered with an exception.
    } else if (!answer) {
      return reply_exception(call_id, answer.error(), replies);
    } else if (compression_ == wire::Compression::none || call.reply_cells->empty()) {
      return append_frame(replies.bytes, call_id, *answer, *call.reply_cells);
    } else {
      std::string compressed;
      if (auto done = wire::compress(compression_, *call.reply_cells, compressed); !done) {
        return reply_exception(call_id, exceptions::io(done.error().message()), replies);
      }
      return append_frame(replies.bytes, call_id, *answer, compressed);
    }
  }
  if (verdict.exception) reply_exception(call_id, *verdict.exception, replies);
}

FaultInjector::Verdict Session::meet_faults(const Call& call) const {
  RegionServer* server = endpoint_.region_server;
  const std::string address = (server != nullptr ? server->name() : endpoint_.master->name()).to_string();
  FaultInjector::Call shown{server != nullptr ? server->index() : kMasterServer, address, call.method, {}, {}, {}};
  CallTarget target;
  if (service_ == Service::client) {
    target = target_of(*server, call, endpoint_.faults->wants_tables());
    shown.part = target.part;
    shown.table = target.table;
    shown.region = target.region;
  }
  return endpoint_.faults->on_call(shown);
}

std::optional<RegionFault> Session::meet_region_faults(const Region& region) const {
  const FaultInjector::RegionPart part{endpoint_.region_server->index(), region.table(), region.start_key(),
                                       region.end_key()};
  FaultInjector::RegionVerdict verdict = endpoint_.faults->on_region(part);
  if (!verdict.exception) return std::nullopt;
  return RegionFault{std::move(*verdict.exception), verdict.serve};
}

Answer<void> Session::take_cells(std::string_view block, Call& call) {
  if (codec_ == CellCodec::none) return exceptions::do_not_retry("A cell block came, but no codec was announced");
  if (compression_ == wire::Compression::none) {
    call.cells = core::CellBlockReader(block);
    return {};
  }
  static thread_local std::string plain;
  plain.clear();
  if (auto done = wire::decompress(compression_, block, kDecompressedMax, plain); !done) {
    return exceptions::io(done.error().message());
  }
  call.cells = core::CellBlockReader(plain);
  return {};
}

Reply Session::serve(Call& call) {
  switch (service_) {
    case Service::client: return endpoint_.region_server->client_service(call);
    case Service::admin:
      return endpoint_.region_server == nullptr ? endpoint_.master->admin_service(call) : endpoint_.region_server->admin_service(call);
    case Service::master: return endpoint_.master->master_service(call);
    case Service::meta: return meta_service(*endpoint_.master, call);
    default:
      return exceptions::unsupported(service_name_ + "." + std::string(call.method) +
                                     " is not supported by the embedded cluster");
  }
}

void Session::reply_exception(std::uint32_t call_id, const RemoteException& exception, Replies& replies) {
  pb::ResponseHeader header;
  header.set_call_id(call_id);
  auto& out = *header.mutable_exception();
  out.set_exception_class_name(exception.class_name);
  out.set_stack_trace(exception.stack_trace());
  out.set_do_not_retry(exception.do_not_retry);
  if (exception.server_overloaded) out.set_server_overloaded(true);
  if (!exception.host.empty()) {
    out.set_hostname(exception.host);
    out.set_port(exception.port);
  }
  const std::size_t start = replies.bytes.size();
  replies.bytes.resize(start + 4);
  wire::append_delimited(replies.bytes, header);
  core::store_be(replies.bytes.data() + start, static_cast<std::uint32_t>(replies.bytes.size() - start - 4));
}

void Session::fail(RemoteException exception, Replies& replies) {
  reply_exception(kNoCall, exception, replies);
  state_ = State::closing;
}

/// The frame is not waited for; its header is enough to answer.
void Session::refuse_big_frame(std::string_view rest, std::size_t size, Replies& replies) {
  if (state_ != State::calls) {
    state_ = State::closing;
    return;
  }
  std::string_view part;
  pb::RequestHeader header;
  std::string_view all = rest;
  if (!wire::read_delimited(rest, part)) {
    // Not all of the header is here. A header is small: when so much came without one, it is garbage.
    if (all.size() > 65536) state_ = State::closing;
    return;
  }
  state_ = State::closing;
  if (!parse(part, header)) return;
  reply_exception(
      header.call_id(),
      exceptions::of("org.apache.hadoop.hbase.exceptions.RequestTooBigException",
                     "RPC data length of " + std::to_string(size) + " received is greater than max allowed " +
                         std::to_string(wire::kMaxFrameBytes) +
                         ". Set \"hbase.ipc.max.request.size\" on server to override this limit (not recommended)",
                     true),
      replies);
}

}  // namespace hbmux::mini
