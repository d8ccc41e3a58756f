#include "bigtable/family_rules.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace hbmux::bigtable {
namespace {

using Rule = bt::admin::GcRule;

constexpr std::int64_t kAll = std::numeric_limits<std::int32_t>::max();  // versions, and seconds: HBase's word for "for ever"

/// How HBase keeps its files.
constexpr std::array<std::string_view, 22> kOfFiles = {
    "BLOCKCACHE", "BLOCKSIZE", "BLOOMFILTER", "CACHE_BLOOMS_ON_WRITE", "CACHE_DATA_IN_L1", "CACHE_DATA_ON_WRITE", "CACHE_INDEX_ON_WRITE",
    "COMPRESSION", "COMPRESSION_COMPACT", "COMPRESSION_COMPACT_MAJOR", "COMPRESSION_COMPACT_MINOR", "COMPRESS_TAGS", "DATA_BLOCK_ENCODING",
    "DFS_REPLICATION", "EVICT_BLOCKS_ON_CLOSE", "IN_MEMORY", "IN_MEMORY_COMPACTION", "PREFETCH_BLOCKS_ON_OPEN", "STORAGE_POLICY",
    "REPLICATION_SCOPE", "NEW_VERSION_BEHAVIOR", "BLOCKS_IN_L1"};

Result<std::int64_t> number_of(const ColumnFamilyDescriptor& family, const char* name, std::int64_t otherwise) {
  const auto found = family.values.find(name);
  if (found == family.values.end()) return otherwise;
  const std::string& text = found->second;
  if (text == "FOREVER") return kAll;
  std::int64_t number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc() || end != text.data() + text.size() || number < 0) {
    return Error(Errc::invalid_argument, "family '" + family.name + "': " + name + " is '" + text + "', expected a number");
  }
  return number;
}

Rule of_versions(std::int64_t versions) {
  Rule rule;
  rule.set_max_num_versions(static_cast<std::int32_t>(std::min(versions, kAll)));
  return rule;
}

Rule of_age(std::int64_t seconds) {
  Rule rule;
  rule.mutable_max_age()->set_seconds(seconds);
  return rule;
}

/// What a rule says of a family, as far as HBase can say it.
struct Life {
  std::optional<std::int64_t> versions, seconds, kept;
};

std::optional<Life> life_of(const Rule& rule) {
  Life life;
  switch (rule.rule_case()) {
    case Rule::RULE_NOT_SET: return life;
    case Rule::kMaxNumVersions: life.versions = rule.max_num_versions(); return life;
    case Rule::kMaxAge:
      if (rule.max_age().nanos() != 0) return std::nullopt;
      life.seconds = rule.max_age().seconds();
      return life;
    case Rule::kIntersection:
    case Rule::kUnion: break;
  }
  const bool both = rule.rule_case() == Rule::kIntersection;
  for (const Rule& part : both ? rule.intersection().rules() : rule.union_().rules()) {
    const auto of_part = life_of(part);
    if (!of_part || (of_part->versions && life.versions) || (of_part->seconds && life.seconds)) return std::nullopt;
    if (both && of_part->kept) return std::nullopt;
    if (of_part->versions) life.versions = of_part->versions;
    if (of_part->seconds) life.seconds = of_part->seconds, life.kept = of_part->kept;
  }
  if (both && life.versions && life.seconds) {
    life.kept = life.versions;
    life.versions.reset();
  }
  return life;
}

}  // namespace

Result<bt::admin::ColumnFamily> family_message(const ColumnFamilyDescriptor& family) {
  const auto versions = number_of(family, "VERSIONS", 1), kept = number_of(family, "MIN_VERSIONS", 0);
  const auto seconds = number_of(family, "TTL", kAll);
  for (const auto* number : {&versions, &kept, &seconds}) {
    if (!*number) return number->error();
  }
  for (const auto& [name, value] : family.values) {
    if (name == "VERSIONS" || name == "MIN_VERSIONS" || name == "TTL" || std::ranges::find(kOfFiles, name) != kOfFiles.end()) continue;
    if (name == "KEEP_DELETED_CELLS" && (value == "FALSE" || value == "false")) continue;
    return Error(Errc::unsupported, "family '" + family.name + "': the attribute " + name + ": Bigtable has nothing of the kind");
  }
  if (!family.configuration.empty()) {
    return Error(Errc::unsupported, "family '" + family.name + "': configuration of a family: Bigtable has nothing of the kind");
  }
  bt::admin::ColumnFamily message;
  const bool has_age = *seconds < kAll, has_versions = *versions < kAll;
  Rule age;
  if (has_age) {
    age = of_age(*seconds);
    if (*kept > 0) {
      Rule with_kept;
      *with_kept.mutable_intersection()->add_rules() = std::move(age);
      *with_kept.mutable_intersection()->add_rules() = of_versions(*kept);
      age = std::move(with_kept);
    }
  }
  if (has_age && has_versions) {
    auto& any = *message.mutable_gc_rule()->mutable_union_();
    *any.add_rules() = std::move(age);
    *any.add_rules() = of_versions(*versions);
  } else if (has_age) {
    *message.mutable_gc_rule() = std::move(age);
  } else if (has_versions) {
    *message.mutable_gc_rule() = of_versions(*versions);
  }
  return message;
}

ColumnFamilyDescriptor family_from(const std::string& name, const bt::admin::ColumnFamily& message) {
  ColumnFamilyDescriptor family(name);
  const auto life = life_of(message.gc_rule());
  if (!life) {
    family.values["GC_RULE"] = "one that HBase cannot say";
    return family;
  }
  family.values["VERSIONS"] = std::to_string(life->versions.value_or(kAll));
  family.values["MIN_VERSIONS"] = std::to_string(life->kept.value_or(0));
  family.values["TTL"] = std::to_string(life->seconds.value_or(kAll));
  return family;
}

}  // namespace hbmux::bigtable
