#include "gateway/features.h"

namespace hbmux::gateway {
namespace {

int base64_digit(char c) noexcept {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

}  // namespace

std::string decode_base64(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::string out;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    const int digit = base64_digit(c);
    if (digit < 0) return {};
    bits = bits << 6 | static_cast<unsigned>(digit);
    if ((count += 6) >= 8) {
      count -= 8;
      out.push_back(static_cast<char>(bits >> count & 0xff));
    }
  }
  return out;
}

bt::FeatureFlags features_of(const grpc::CallbackServerContext& context) {
  bt::FeatureFlags flags;
  const auto& headers = context.client_metadata();
  if (const auto found = headers.find("bigtable-features"); found != headers.end()) {
    const std::string bytes = decode_base64({found->second.data(), found->second.size()});
    if (!flags.ParseFromString(bytes)) flags.Clear();
  }
  return flags;
}

}  // namespace hbmux::gateway
