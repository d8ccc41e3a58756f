#include "bench/frames.h"

#include <stdexcept>

namespace hbmux::bench {
namespace {

constexpr std::string_view kSampleRow = "r~~~~~~~~~";  // stands for the row until a call sets it
constexpr std::string_view kFamily = "f";
constexpr std::string_view kQualifier = "q";
constexpr std::uint64_t kTimeoutMs = 60000;

void set_call_id(char* at, std::uint32_t id) noexcept {
  at[0] = static_cast<char>(id | 0x80);
  at[1] = static_cast<char>(id >> 7 | 0x80);
  at[2] = static_cast<char>(id >> 14 | 0x80);
  at[3] = static_cast<char>(id >> 21);
}

std::string region_specifier(std::string_view region) {
  std::string m;
  put_number(m, 1, 1);  // REGION_NAME
  put_bytes(m, 2, region);
  return m;
}

std::string sample_value() {
  std::string value(kSampleRow);
  value.resize(kValueSize, '.');
  return value;
}

/// A cell as KeyValueCodec writes it; the timestamp is "now" by the server's clock.
std::string cell(std::string_view row, std::string_view value) {
  std::string m;
  const auto key_size = static_cast<std::uint32_t>(2 + row.size() + 1 + kFamily.size() + kQualifier.size() + 8 + 1);
  const auto value_size = static_cast<std::uint32_t>(value.size());
  put_u32(m, 8 + key_size + value_size);
  put_u32(m, key_size);
  put_u32(m, value_size);
  m.push_back(static_cast<char>(row.size() >> 8));
  m.push_back(static_cast<char>(row.size()));
  m.append(row);
  m.push_back(static_cast<char>(kFamily.size()));
  m.append(kFamily).append(kQualifier);
  put_u64(m, 0x7fffffffffffffff);
  m.push_back(4);  // Put
  m.append(value);
  return m;
}

}  // namespace

void write_row(char* at, std::uint32_t number) noexcept {
  at[0] = 'r';
  for (std::size_t i = kRowSize - 1; i > 0; --i) {
    at[i] = static_cast<char>('0' + number % 10);
    number /= 10;
  }
}

std::string row_key(std::uint32_t number) {
  std::string key(kRowSize, ' ');
  write_row(key.data(), number);
  return key;
}

std::string value_of(std::uint32_t number) {
  std::string value = row_key(number);
  value.resize(kValueSize, '.');
  return value;
}

std::string connection_start(std::string_view service, bool cell_blocks) {
  std::string user;
  put_bytes(user, 1, "bench");
  std::string version;
  put_bytes(version, 1, "2.6.0");
  for (int field = 2; field <= 6; ++field) put_bytes(version, field, "");
  put_number(version, 7, 2);
  put_number(version, 8, 6);

  std::string header;
  put_bytes(header, 1, user);
  put_bytes(header, 2, service);
  if (cell_blocks) put_bytes(header, 3, "org.apache.hadoop.hbase.codec.KeyValueCodec");
  put_bytes(header, 5, version);

  std::string out("HBas\0\x50", 6);
  put_u32(out, static_cast<std::uint32_t>(header.size()));
  return out += header;
}

std::string request_frame(std::uint32_t call_id, std::string_view method, std::string_view param,
                          std::string_view cell_block) {
  std::string header;
  put_number(header, 1, call_id);
  put_bytes(header, 3, method);
  put_number(header, 4, 1);
  if (!cell_block.empty()) {
    std::string meta;
    put_number(meta, 1, cell_block.size());
    put_bytes(header, 5, meta);
  }
  put_number(header, 7, kTimeoutMs);

  std::string body;
  put_varint(body, header.size());
  body += header;
  put_varint(body, param.size());
  body.append(param).append(cell_block);
  std::string frame;
  put_u32(frame, static_cast<std::uint32_t>(body.size()));
  return frame += body;
}

RequestTemplate::RequestTemplate(std::string bytes) : bytes_(std::move(bytes)) {
  std::string id(4, ' ');
  set_call_id(id.data(), kFirstCallId);
  call_id_at_ = bytes_.find(id);
  for (auto at = bytes_.find(kSampleRow); at != std::string::npos; at = bytes_.find(kSampleRow, at + 1)) {
    rows_at_.push_back(at);
  }
}

RequestTemplate RequestTemplate::get(std::string_view region) {
  std::string get;
  put_bytes(get, 1, kSampleRow);
  std::string param;
  put_bytes(param, 1, region_specifier(region));
  put_bytes(param, 2, get);
  return RequestTemplate(request_frame(kFirstCallId, "Get", param));
}

RequestTemplate RequestTemplate::put(std::string_view region) {
  std::string mutation;
  put_bytes(mutation, 1, kSampleRow);
  put_number(mutation, 2, 2);  // PUT
  put_number(mutation, 8, 1);  // the cell is in the cell block
  std::string param;
  put_bytes(param, 1, region_specifier(region));
  put_bytes(param, 2, mutation);
  return RequestTemplate(request_frame(kFirstCallId, "Mutate", param, cell(kSampleRow, sample_value())));
}

void RequestTemplate::append_to(std::string& out, std::uint32_t call_id, std::uint32_t row) const {
  const auto start = out.size();
  out.append(bytes_);
  char* at = out.data() + start;
  set_call_id(at + call_id_at_, call_id);
  for (const auto offset : rows_at_) write_row(at + offset, row);
}

std::uint32_t call_id_of(std::string_view frame) noexcept {
  std::string_view header;
  std::uint64_t tag = 0, id = 0;
  if (!take_delimited(frame, header)) return 0;
  std::string_view rest = header;
  if (take_varint(rest, tag) && tag == 8 && take_varint(rest, id)) return static_cast<std::uint32_t>(id);
  return static_cast<std::uint32_t>(find_number(header, 1));  // a server that writes another field first
}

std::string error_of(std::string_view frame, std::string_view* body) {
  std::string_view header;
  if (!take_delimited(frame, header)) throw std::runtime_error("a reply without a header");
  if (body != nullptr) *body = frame;
  const auto exception = find_bytes(header, 2);
  if (exception.empty()) return {};
  return std::string(find_bytes(exception, 1)) + ": " + std::string(find_bytes(exception, 2).substr(0, 300));
}

}  // namespace hbmux::bench
