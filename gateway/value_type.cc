#include "gateway/value_type.h"

namespace hbmux::gateway {
namespace {

using Type = bt::admin::Type;

}  // namespace

Answer<bool> is_sum_type(const bt::admin::ColumnFamily& family) {
  const Type& type = family.value_type();
  if (type.kind_case() == Type::KIND_NOT_SET) return false;
  if (type.kind_case() != Type::kAggregateType) return unimplemented("value_type: only aggregates are served");
  const auto& aggregate = type.aggregate_type();
  switch (aggregate.aggregator_case()) {
    case Type::Aggregate::kSum: break;
    case Type::Aggregate::kMin: return unimplemented("aggregate_type: only sum is served, not min");
    case Type::Aggregate::kMax: return unimplemented("aggregate_type: only sum is served, not max");
    case Type::Aggregate::kHllppUniqueCount: return unimplemented("aggregate_type: only sum is served, not hllpp_unique_count");
    case Type::Aggregate::AGGREGATOR_NOT_SET: return invalid("aggregate_type: no aggregator");
  }
  if (aggregate.input_type().kind_case() != Type::kInt64Type) return unimplemented("aggregate_type: only sums of int64 are served");
  if (aggregate.input_type().int64_type().encoding().has_ordered_code_bytes()) {
    return unimplemented("aggregate_type: only sums of int64 as big_endian_bytes are served");
  }
  return true;
}

Type sum_type() {
  Type number;
  number.mutable_int64_type()->mutable_encoding()->mutable_big_endian_bytes();
  Type out;
  auto& aggregate = *out.mutable_aggregate_type();
  *aggregate.mutable_input_type() = number;
  *aggregate.mutable_state_type() = number;
  aggregate.mutable_sum();
  return out;
}

}  // namespace hbmux::gateway
