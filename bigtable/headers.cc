#include "bigtable/headers.h"

#include <hbmux/bt/headers.pb.h>

#include <cstdint>

namespace hbmux::bigtable {
namespace {

bool is_unreserved(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~';
}

/// Of the web's kind, with '=' at its end.
std::string encode_base64(std::string_view bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const auto part = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) bits = bits << 8 | (i < part.size() ? static_cast<std::uint8_t>(part[i]) : 0);
    for (std::size_t i = 0; i < 4; ++i) out.push_back(i <= part.size() ? kDigits[bits >> (18 - 6 * i) & 63] : '=');
  }
  return out;
}

}  // namespace

std::string routing_of(std::string_view field, std::string_view value) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out(field);
  out += '=';
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_unreserved(byte)) {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

std::string routing_of_table(std::string_view table_name, std::string_view app_profile) {
  // An empty profile is said too: it stands for the instance's default one.
  return routing_of("table_name", table_name) + "&" + routing_of("app_profile_id", app_profile);
}

const std::string& feature_flags() {
  static const std::string& flags = *new std::string([] {
    bt::FeatureFlags message;
    message.set_reverse_scans(true);
    message.set_last_scanned_row_responses(true);
    message.set_routing_cookie(true);
    message.set_retry_info(true);
    return encode_base64(message.SerializeAsString());
  }());
  return flags;
}

}  // namespace hbmux::bigtable
