#include "gateway/gc_rule.h"

#include "gateway/sum_cell.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <string>

namespace hbmux::gateway {
namespace {

using Rule = bt::admin::GcRule;

constexpr std::int64_t kAllVersions = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kForever = std::numeric_limits<std::int32_t>::max();  // seconds: HBase's word for it

/// A rule as families say it: a cell goes when it is beyond `versions`, or older than `seconds` and beyond `kept`.
struct FamilyLife {
  std::optional<std::int64_t> versions;
  std::optional<std::int64_t> seconds;
  std::int64_t kept = 0;
};

Status not_said() {
  return unimplemented("this garbage collection rule: HBase's families have a number of versions, an age, both, or an age with a number of "
                       "versions that stay");
}

Answer<std::int64_t> seconds_of(const google::protobuf::Duration& age) {
  if (age.seconds() < 0 || age.nanos() < 0 || (age.seconds() == 0 && age.nanos() == 0)) return invalid("max_age must be positive");
  if (age.nanos() != 0) return invalid("max_age must be whole seconds");
  if (age.seconds() >= kForever) return invalid("max_age is too long");
  return age.seconds();
}

Answer<FamilyLife> life_of(const Rule& rule);

/// The rules of a union or intersection, each taken by itself; they must have different things to say.
template <class Composite>
Answer<FamilyLife> joined(const Composite& composite, bool intersection) {
  FamilyLife out;
  for (const Rule& part : composite.rules()) {
    const auto life = life_of(part);
    if (!life) return life.error();
    if ((life->versions && out.versions) || (life->seconds && out.seconds)) return not_said();
    if (intersection && (life->kept != 0 || (life->versions && life->seconds))) return not_said();
    if (life->versions) out.versions = life->versions;
    if (life->seconds) {
      out.seconds = life->seconds;
      out.kept = life->kept;
    }
  }
  if (!out.versions && !out.seconds) return invalid("a union or intersection of no rules");
  if (intersection && out.versions && out.seconds) {
    out.kept = *out.versions;
    out.versions.reset();
  }
  return out;
}

Answer<FamilyLife> life_of(const Rule& rule) {
  FamilyLife out;
  switch (rule.rule_case()) {
    case Rule::kMaxNumVersions:
      if (rule.max_num_versions() <= 0) return invalid("max_num_versions must be positive");
      out.versions = rule.max_num_versions();
      return out;
    case Rule::kMaxAge: {
      const auto seconds = seconds_of(rule.max_age());
      if (!seconds) return seconds.error();
      out.seconds = *seconds;
      return out;
    }
    case Rule::kUnion: return joined(rule.union_(), false);
    case Rule::kIntersection: return joined(rule.intersection(), true);
    case Rule::RULE_NOT_SET: break;
  }
  return out;
}

std::int64_t number_in(const ColumnFamilyDescriptor& family, const char* name, std::int64_t otherwise) {
  const auto found = family.values.find(name);
  if (found == family.values.end()) return otherwise;
  std::int64_t number = otherwise;
  std::from_chars(found->second.data(), found->second.data() + found->second.size(), number);
  return number;
}

}  // namespace

Answer<void> apply_gc_rule(const Rule& rule, ColumnFamilyDescriptor& family) {
  const auto life = life_of(rule);
  if (!life) return life.error();
  if (life->versions && life->kept >= *life->versions) return not_said();  // HBase wants fewer that stay than there may be
  if (is_sum_family(family.name)) {
    if (life->versions || life->kept != 0) return unimplemented("max_num_versions of an aggregate family: only max_age is served");
    // What HBase has of a sum are its states, of which the last one counts.
    family.values["VERSIONS"] = "1";
    family.values["MIN_VERSIONS"] = "0";
    family.values["TTL"] = std::to_string(life->seconds.value_or(kForever));
    return {};
  }
  family.values["VERSIONS"] = std::to_string(life->versions.value_or(kAllVersions));
  family.values["MIN_VERSIONS"] = std::to_string(life->kept);
  family.values["TTL"] = std::to_string(life->seconds.value_or(kForever));
  return {};
}

Rule gc_rule_of(const ColumnFamilyDescriptor& family) {
  const std::int64_t versions = number_in(family, "VERSIONS", 1);
  const std::int64_t kept = number_in(family, "MIN_VERSIONS", 0);
  const std::int64_t seconds = number_in(family, "TTL", kForever);
  Rule by_age, by_versions;
  const bool has_age = seconds > 0 && seconds < kForever, has_versions = versions < kAllVersions && !is_sum_family(family.name);
  if (has_age) {
    Rule age;
    age.mutable_max_age()->set_seconds(seconds);
    if (kept > 0) {
      by_age.mutable_intersection()->add_rules()->set_max_num_versions(static_cast<std::int32_t>(kept));
      *by_age.mutable_intersection()->add_rules() = age;
    } else {
      by_age = age;
    }
  }
  if (has_versions) by_versions.set_max_num_versions(static_cast<std::int32_t>(versions));
  if (!has_age) return by_versions;
  if (!has_versions) return by_age;
  Rule both;
  *both.mutable_union_()->add_rules() = by_versions;
  *both.mutable_union_()->add_rules() = by_age;
  return both;
}

}  // namespace hbmux::gateway
