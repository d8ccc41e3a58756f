#include "core/region_name.h"

#include <openssl/evp.h>

#include <array>
#include <bit>
#include <charconv>
#include <cstdio>
#include <cstdlib>

namespace hbmux::core {
namespace {

constexpr std::size_t kHashLength = 32;

bool has_hash(std::string_view name) noexcept {
  return name.size() > kHashLength + 2 && name.back() == '.' && name[name.size() - kHashLength - 2] == '.';
}

/// Bob Jenkins' lookup3 over bytes, from which region names were made before HBase 0.92, and those of hbase:meta still are
/// (RegionInfo.encodeRegionName, JenkinsHash.java).
std::uint32_t lookup3(std::string_view bytes) noexcept {
  std::uint32_t a = 0xdeadbeef + static_cast<std::uint32_t>(bytes.size());
  std::uint32_t b = a, c = a;
  auto add = [&bytes](std::uint32_t& word, std::size_t at) {
    for (std::size_t i = 0; i < 4 && at + i < bytes.size(); ++i) {
      word += std::uint32_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
    }
  };
  for (; bytes.size() > 12; bytes.remove_prefix(12)) {
    add(a, 0), add(b, 4), add(c, 8);
    a -= c, a ^= std::rotl(c, 4), c += b;
    b -= a, b ^= std::rotl(a, 6), a += c;
    c -= b, c ^= std::rotl(b, 8), b += a;
    a -= c, a ^= std::rotl(c, 16), c += b;
    b -= a, b ^= std::rotl(a, 19), a += c;
    c -= b, c ^= std::rotl(b, 4), b += a;
  }
  if (bytes.empty()) return c;
  add(a, 0), add(b, 4), add(c, 8);
  c ^= b, c -= std::rotl(b, 14);
  a ^= c, a -= std::rotl(c, 11);
  b ^= a, b -= std::rotl(a, 25);
  c ^= b, c -= std::rotl(b, 16);
  a ^= c, a -= std::rotl(c, 4);
  b ^= a, b -= std::rotl(a, 14);
  c ^= b, c -= std::rotl(b, 24);
  return c;
}

constexpr int kMetaReplicasMax = 31;

/// Of the replicas of hbase:meta, by their number.
const std::array<std::string, kMetaReplicasMax + 1>& encoded_meta_names() {
  static const auto kNames = [] {
    std::array<std::string, kMetaReplicasMax + 1> names;
    for (int replica = 0; replica <= kMetaReplicasMax; ++replica) {
      const auto hash = static_cast<std::int32_t>(lookup3(make_region_name(kMetaTable, "", 1, replica)));
      names[static_cast<std::size_t>(replica)] = std::to_string(std::abs(std::int64_t{hash}));
    }
    return names;
  }();
  return kNames;
}

/// A row of hbase:meta, cut at its first comma and at its last one behind that.
struct MetaRowParts {
  std::string_view table, start_key, rest;
  bool has_start_key = false;
};

MetaRowParts cut_meta_row(std::string_view row) noexcept {
  MetaRowParts cut;
  const std::size_t first = row.find(',');
  cut.table = row.substr(0, first);
  if (first == std::string_view::npos) return cut;
  cut.has_start_key = true;
  const std::string_view behind = row.substr(first + 1);
  const std::size_t last = behind.rfind(',');
  cut.start_key = behind.substr(0, last);
  // Without a second comma HBase compares the whole row once more, as if it began behind position -1.
  cut.rest = last == std::string_view::npos ? row : behind.substr(last + 1);
  return cut;
}

}  // namespace

std::string md5_hex(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_md5(), nullptr);
  static constexpr char kHex[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * size);
  for (unsigned int i = 0; i < size; ++i) {
    hex += kHex[digest[i] >> 4];
    hex += kHex[digest[i] & 15];
  }
  return hex;
}

std::string make_region_name(std::string_view table, std::string_view start_key, std::uint64_t id, int replica) {
  std::string name;
  name.reserve(table.size() + start_key.size() + 64);
  name.append(table).append(1, ',').append(start_key).append(1, ',').append(std::to_string(id));
  if (replica > 0) {
    char suffix[16];
    std::snprintf(suffix, sizeof suffix, "_%04X", static_cast<unsigned>(replica));
    name += suffix;
  }
  if (table == kMetaTable) return name;
  const std::string hash = md5_hex(name);
  return name.append(1, '.').append(hash).append(1, '.');
}

bool parse_region_name(std::string_view name, RegionNameParts& parts) noexcept {
  parts = {};
  if (has_hash(name)) {
    parts.encoded = name.substr(name.size() - kHashLength - 1, kHashLength);
    name.remove_suffix(kHashLength + 2);
  }
  const std::size_t first = name.find(',');
  const std::size_t last = name.rfind(',');
  if (first == std::string_view::npos || first == last || first == 0) return false;
  parts.table = name.substr(0, first);
  parts.start_key = name.substr(first + 1, last - first - 1);
  std::string_view id = name.substr(last + 1);
  if (const std::size_t mark = id.find('_'); mark != std::string_view::npos) {
    const std::string_view digits = id.substr(mark + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), parts.replica, 16);
    if (error != std::errc() || end != digits.data() + digits.size() || parts.replica < 0) return false;
    id = id.substr(0, mark);
  }
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), parts.id);
  return error == std::errc() && end == id.data() + id.size();
}

std::string_view encoded_region_name(std::string_view name) noexcept {
  if (has_hash(name)) return name.substr(name.size() - kHashLength - 1, kHashLength);
  if (name == kMetaRegionName) return kMetaEncodedName;
  RegionNameParts parts;
  if (!name.starts_with(kMetaRegionName) || !parse_region_name(name, parts) || parts.replica > kMetaReplicasMax) return {};
  return encoded_meta_names()[static_cast<std::size_t>(parts.replica)];
}

int compare_meta_rows(std::string_view left, std::string_view right) noexcept {
  const MetaRowParts a = cut_meta_row(left);
  const MetaRowParts b = cut_meta_row(right);
  if (const int c = a.table.compare(b.table)) return c;
  if (!a.has_start_key || !b.has_start_key)
    return static_cast<int>(a.has_start_key) - static_cast<int>(b.has_start_key);
  if (const int c = a.start_key.compare(b.start_key)) return c;
  return a.rest.compare(b.rest);
}

}  // namespace hbmux::core
