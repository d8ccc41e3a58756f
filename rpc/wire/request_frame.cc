#include "rpc/wire/request_frame.h"

#include "core/bytes.h"
#include "rpc/wire/delimited.h"
#include "rpc/wire/preamble.h"

#include <hbmux/pb/RPC.pb.h>

#include <cstring>

namespace hbmux::rpc::wire {

namespace {

template <class Header>
void add_attributes(const Attributes& attributes, Header& header) {
  for (const auto& [name, value] : attributes) {
    auto& attribute = *header.add_attribute();
    attribute.set_name(name);
    attribute.set_value(value);
  }
}

}  // namespace

std::string simple_connection_header(const ConnectionHeaderFields& fields) {
  pb::ConnectionHeader header;
  header.mutable_user_info()->set_effective_user(fields.user.effective);
  if (!fields.user.real.empty()) header.mutable_user_info()->set_real_user(fields.user.real);
  header.set_service_name(std::string(fields.service));
  if (!fields.codec_class.empty()) header.set_cell_block_codec_class(std::string(fields.codec_class));
  if (!fields.compressor_class.empty()) header.set_cell_block_compressor_class(std::string(fields.compressor_class));
  // Servers hold back what clients before 1.2 did not understand (RetryImmediately) unless a version is told.
  auto* version = header.mutable_version_info();
  version->set_version("2.6.0");
  version->set_version_major(2);
  version->set_version_minor(6);
  version->set_url("hbmux");
  version->set_revision("hbmux");
  version->set_user(fields.user.effective);
  version->set_date("unknown");
  version->set_src_checksum("unknown");
  if (fields.attributes != nullptr) add_attributes(*fields.attributes, header);

  std::string out(kMagic);
  out += kRpcVersion;
  out += static_cast<char>(AuthMethod::simple);
  core::append_be(out, static_cast<std::uint32_t>(header.ByteSizeLong()));
  header.AppendToString(&out);
  return out;
}

namespace {
// Field keys of RequestHeader.
constexpr char kCallId = 1 << 3;
constexpr char kMethodName = 3 << 3 | 2;
constexpr char kRequestParam = 4 << 3;
constexpr char kCellBlockMeta = 5 << 3 | 2;
constexpr char kCellBlockLength = 1 << 3;
constexpr char kPriority = 6 << 3;
constexpr char kTimeout = 7 << 3;
}  // namespace

std::shared_ptr<const std::string> encode_attributes(const Attributes& attributes) {
  pb::RequestHeader header;
  add_attributes(attributes, header);
  return std::make_shared<const std::string>(header.SerializeAsString());
}

void append_request(std::string& out, const RequestFrame& r, bool with_cells) {
  std::size_t header = 1 + varint_size(r.call_id) + 1 + varint_size(r.method.size()) + r.method.size() + 2;
  if (!r.cells.empty()) header += 2 + 1 + varint_size(r.cells.size());
  if (r.priority != 0) header += 1 + varint_size(r.priority);
  if (r.timeout_ms != 0) header += 1 + varint_size(r.timeout_ms);
  header += r.attributes.size();
  const std::size_t total =
      varint_size(header) + header + varint_size(r.param.size()) + r.param.size() + r.cells.size();

  const std::size_t start = out.size();
  out.resize(start + 4 + total - (with_cells ? 0 : r.cells.size()));
  char* p = out.data() + start;
  core::store_be(p, static_cast<std::uint32_t>(total));
  p = write_varint(p + 4, header);
  *p++ = kCallId;
  p = write_varint(p, r.call_id);
  *p++ = kMethodName;
  p = write_varint(p, r.method.size());
  std::memcpy(p, r.method.data(), r.method.size());
  p += r.method.size();
  *p++ = kRequestParam;
  *p++ = 1;
  if (!r.cells.empty()) {
    *p++ = kCellBlockMeta;
    *p++ = static_cast<char>(1 + varint_size(r.cells.size()));
    *p++ = kCellBlockLength;
    p = write_varint(p, r.cells.size());
  }
  if (r.priority != 0) {
    *p++ = kPriority;
    p = write_varint(p, r.priority);
  }
  if (r.timeout_ms != 0) {
    *p++ = kTimeout;
    p = write_varint(p, r.timeout_ms);
  }
  if (!r.attributes.empty()) {
    std::memcpy(p, r.attributes.data(), r.attributes.size());
    p += r.attributes.size();
  }
  p = write_varint(p, r.param.size());
  if (!r.param.empty()) std::memcpy(p, r.param.data(), r.param.size());
  p += r.param.size();
  if (with_cells && !r.cells.empty()) std::memcpy(p, r.cells.data(), r.cells.size());
}

}  // namespace hbmux::rpc::wire
