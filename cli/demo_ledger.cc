#include "cli/demo_ledger.h"

#include "core/bytes.h"

#include <array>
#include <charconv>
#include <cstdio>

namespace hbmux::cli {
namespace {

constexpr std::size_t kValueSize = 100;

/// Mixes so that neighbouring numbers land far apart (the finalizer of MurmurHash3, a well-known constant pair).
std::uint32_t mix(std::uint32_t x) noexcept {
  x = (x ^ x >> 16) * 0x85ebca6b;
  x = (x ^ x >> 13) * 0xc2b2ae35;
  return x ^ x >> 16;
}

Verdict judge_value(std::optional<std::string_view> value, std::string_view row, std::uint32_t least,
                    bool may_be_one_more) {
  if (!value) return least > 0 ? Verdict::lost : Verdict::good;
  std::uint32_t version = 0;
  if (!demo_value_names_row(*value, row, &version)) return Verdict::wrong;
  if (version < least) return Verdict::lost;
  return version <= least + may_be_one_more ? Verdict::good : Verdict::wrong;
}

Verdict judge_counter(std::optional<std::string_view> value, std::uint32_t least, bool may_be_one_more) {
  if (!value) return least > 0 ? Verdict::lost : Verdict::good;
  if (value->size() != 8) return Verdict::wrong;
  auto count = core::load_be<std::int64_t>(value->data());
  if (count < std::int64_t{least}) return Verdict::lost;
  return count <= std::int64_t{least} + may_be_one_more ? Verdict::good : Verdict::wrong;
}

}  // namespace

std::vector<std::string> demo_split_keys(int regions) {
  std::vector<std::string> keys;
  for (int i = 1; i < regions; ++i) {
    std::array<char, 8> key{};
    std::snprintf(key.data(), key.size(), "%04x", static_cast<unsigned>(0x10000LL * i / regions));
    keys.emplace_back(key.data());
  }
  return keys;
}

std::string demo_row_key(int thread, int index) {
  std::array<char, 40> key{};
  std::uint32_t spread = mix(static_cast<std::uint32_t>(thread) << 24 ^ static_cast<std::uint32_t>(index)) & 0xffff;
  std::snprintf(key.data(), key.size(), "%04x-%d-%06d", spread, thread, index);
  return key.data();
}

std::string demo_value(std::string_view row, std::uint32_t version) {
  std::string value(row);
  value += '#';
  value += std::to_string(version);
  value += '#';
  if (value.size() < kValueSize) value.append(kValueSize - value.size(), '.');
  return value;
}

bool demo_value_names_row(std::string_view value, std::string_view row, std::uint32_t* version) {
  if (!value.starts_with(row) || value.size() <= row.size() || value[row.size()] != '#') return false;
  std::uint32_t number = 0;
  const char* digits = value.data() + row.size() + 1;
  auto parsed = std::from_chars(digits, value.data() + value.size(), number);
  if (parsed.ec != std::errc() || value != demo_value(row, number)) return false;
  if (version) *version = number;
  return true;
}

void DemoLedger::put_done(int index, bool acknowledged) noexcept {
  if (acknowledged)
    ++entry(index).acknowledged;
  else
    entry(index).put_unknown = true;
}

void DemoLedger::increment_done(int index, bool acknowledged) noexcept {
  if (acknowledged)
    ++entry(index).counted;
  else
    entry(index).count_unknown = true;
}

Verdict DemoLedger::judge(int index, const Row& row) const {
  const Entry& written = entry(index);
  std::string row_key = key(index);
  for (const Cell& cell : row) {
    if (cell.row() != row_key) return Verdict::wrong;
  }
  Verdict value = judge_value(row.value(kDemoFamily, kDemoValue), row_key, written.acknowledged, written.put_unknown);
  Verdict count = judge_counter(row.value(kDemoFamily, kDemoCounter), written.counted, written.count_unknown);
  if (value == Verdict::wrong || count == Verdict::wrong) return Verdict::wrong;
  return value == Verdict::lost ? value : count;
}

}  // namespace hbmux::cli
