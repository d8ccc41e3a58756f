#include "mini/store/decimal.h"

#include "core/bytes.h"

#include <boost/multiprecision/cpp_int.hpp>

namespace hbmux::mini {
namespace {

using Integer = boost::multiprecision::cpp_int;

constexpr std::int64_t kScaleMax = 10000;  // a client must not make us compute 10^1000000000

struct Decimal {
  std::int64_t scale = 0;
  Integer unscaled;
};

std::optional<Decimal> read(std::string_view bytes) {
  if (bytes.size() < 5) return std::nullopt;
  Decimal decimal{core::load_be<std::int32_t>(bytes.data()), 0};
  if (decimal.scale > kScaleMax || decimal.scale < -kScaleMax) return std::nullopt;
  bytes.remove_prefix(4);
  for (const char byte : bytes) decimal.unscaled = decimal.unscaled * 256 + static_cast<unsigned char>(byte);
  if ((bytes.front() & 0x80) != 0) decimal.unscaled -= boost::multiprecision::pow(Integer(256), static_cast<unsigned>(bytes.size()));
  return decimal;
}

void scale_up(Decimal& decimal, std::int64_t scale) {
  if (scale > decimal.scale) decimal.unscaled *= boost::multiprecision::pow(Integer(10), static_cast<unsigned>(scale - decimal.scale));
}

}  // namespace

std::optional<int> compare_decimals(std::string_view a, std::string_view b) {
  auto first = read(a), second = read(b);
  if (!first || !second) return std::nullopt;
  const std::int64_t scale = std::max(first->scale, second->scale);
  scale_up(*first, scale);
  scale_up(*second, scale);
  return first->unscaled.compare(second->unscaled);
}

}  // namespace hbmux::mini
