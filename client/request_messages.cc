#include "client/request_messages.h"

#include "core/cell_block.h"
#include "rpc/wire/delimited.h"

namespace hbmux::client {
namespace {

template <class Message>
void fill_columns(Message& message, const ColumnMap& columns) {
  for (const auto& [family, qualifiers] : columns) {
    auto& column = *message.add_column();
    column.set_family(family);
    for (const auto& qualifier : qualifiers) column.add_qualifier(qualifier);
  }
}

void fill_range(pb::TimeRange& message, const TimeRange& range) {
  message.set_from(static_cast<std::uint64_t>(range.min));
  message.set_to(static_cast<std::uint64_t>(range.max));
}

template <class Message>
void fill_attributes(Message& message, const Attributes& attributes) {
  for (const auto& [name, value] : attributes) {
    auto& attribute = *message.add_attribute();
    attribute.set_name(name);
    attribute.set_value(value);
  }
}

void fill_filter(pb::Filter& message, const Filter& filter) {
  message.set_name(filter.class_name());
  message.set_serialized_filter(filter.serialized());
}

template <class Message>
void fill_options(Message& message, const QueryOptions& options) {
  if (options.filter) fill_filter(*message.mutable_filter(), *options.filter);
  fill_attributes(message, options.attributes);
  for (const auto& [family, range] : options.family_time_ranges) {
    auto& entry = *message.add_cf_time_range();
    entry.set_column_family(family);
    fill_range(*entry.mutable_time_range(), range);
  }
  if (options.load_column_families_on_demand) message.set_load_column_families_on_demand(*options.load_column_families_on_demand);
  if (options.max_results_per_column_family >= 0) {
    message.set_store_limit(static_cast<std::uint32_t>(options.max_results_per_column_family));
  }
  if (options.row_offset_per_column_family > 0) {
    message.set_store_offset(static_cast<std::uint32_t>(options.row_offset_per_column_family));
  }
  if (options.consistency == Consistency::timeline) message.set_consistency(pb::TIMELINE);
  if (options.query_metrics) message.set_query_metrics_enabled(true);
}

template <class Message>
void fill_query(Message& message, const Query& query) {
  fill_columns(message, query.columns());
  if (query.max_versions() != 1) message.set_max_versions(query.max_versions());
  if (!query.cache_blocks()) message.set_cache_blocks(false);
  if (!query.time_range().is_all()) {
    fill_range(*message.mutable_time_range(), query.time_range());
  }
  if (query.has_options()) fill_options(message, query.options());
}

pb::MutationProto::DeleteType delete_type(CellType type) {
  switch (type) {
    case CellType::delete_column: return pb::MutationProto::DELETE_MULTIPLE_VERSIONS;
    case CellType::delete_family: return pb::MutationProto::DELETE_FAMILY;
    case CellType::delete_family_version: return pb::MutationProto::DELETE_FAMILY_VERSION;
    default: return pb::MutationProto::DELETE_ONE_VERSION;
  }
}

// Cells of one family share a ColumnValue, wherever they stand among the others.
pb::MutationProto::ColumnValue& column_of(pb::MutationProto& message, std::string_view family) {
  for (auto& column : *message.mutable_column_value()) {
    if (column.family() == family) return column;
  }
  auto& column = *message.add_column_value();
  column.set_family(family.data(), family.size());
  return column;
}

void fill_cells(pb::MutationProto& message, const Mutation& mutation) {
  core::CellBlockReader reader(mutation.cell_block());
  while (!reader.at_end()) {
    const Cell cell = *reader.next();  // our own encoding
    auto& value = *column_of(message, cell.family()).add_qualifier_value();
    value.set_qualifier(cell.qualifier().data(), cell.qualifier().size());
    value.set_value(cell.value().data(), cell.value().size());
    value.set_timestamp(static_cast<std::uint64_t>(cell.timestamp()));
    if (!cell.tags().empty()) value.set_tags(cell.tags().data(), cell.tags().size());
    if (message.mutate_type() == pb::MutationProto::DELETE) value.set_delete_type(delete_type(cell.type()));
  }
}

void fill_mutation(pb::MutationProto& message, const Mutation& mutation, pb::MutationProto::MutationType type,
                   CellPlace cells) {
  message.set_row(mutation.row());
  message.set_mutate_type(type);
  if (mutation.durability() != Durability::use_default) {
    message.set_durability(static_cast<pb::MutationProto::Durability>(mutation.durability()));
  }
  // A Delete without cells goes by this one; elsewhere each cell has its own.
  message.set_timestamp(static_cast<std::uint64_t>(mutation.timestamp()));
  if (mutation.has_options()) fill_attributes(message, mutation.options().attributes);
  if (mutation.empty()) return;
  if (cells == CellPlace::message) {
    fill_cells(message, mutation);
  } else {
    message.set_associated_cell_count(static_cast<std::int32_t>(mutation.cell_count()));
  }
}

// Append and Increment. The attribute is how Java tells a server that nobody will look at the new values.
template <class M>
void fill_counting(pb::MutationProto& message, const M& mutation, std::uint64_t nonce) {
  if (!mutation.time_range().is_all()) fill_range(*message.mutable_time_range(), mutation.time_range());
  if (nonce != 0) message.set_nonce(nonce);
  if (!mutation.returns_results()) {
    auto& attribute = *message.add_attribute();
    attribute.set_name("_rr_");
    attribute.set_value(std::string(1, '\0'));
  }
}

}  // namespace

void fill(pb::Get& message, const Get& get, bool existence_only) {
  message.set_row(get.row());
  fill_query(message, get);
  if (existence_only || get.checks_existence_only()) message.set_existence_only(true);
}

void fill(pb::Condition& message, const CheckAndMutate& check) {
  const CheckAndMutate::Condition& condition = check.condition();
  message.set_row(check.row());
  if (condition.filter) {
    fill_filter(*message.mutable_filter(), *condition.filter);
  } else {
    message.set_family(*condition.family);
    message.set_qualifier(condition.qualifier);
    message.set_compare_type(static_cast<pb::CompareType>(condition.op));
    const BinaryComparator comparator(condition.value);
    message.mutable_comparator()->set_name(comparator.class_name());
    message.mutable_comparator()->set_serialized_comparator(comparator.serialized());
  }
  if (!condition.time_range.is_all()) fill_range(*message.mutable_time_range(), condition.time_range);
  if (check.query_metrics()) message.set_querymetricsenabled(true);
}

void fill(pb::MutationProto& message, const Put& put, CellPlace cells) {
  fill_mutation(message, put, pb::MutationProto::PUT, cells);
}

void fill(pb::MutationProto& message, const Delete& del, CellPlace cells) {
  fill_mutation(message, del, pb::MutationProto::DELETE, cells);
}

void fill(pb::MutationProto& message, const Append& append, std::uint64_t nonce, CellPlace cells) {
  fill_mutation(message, append, pb::MutationProto::APPEND, cells);
  fill_counting(message, append, nonce);
}

void fill(pb::MutationProto& message, const Increment& increment, std::uint64_t nonce, CellPlace cells) {
  fill_mutation(message, increment, pb::MutationProto::INCREMENT, cells);
  fill_counting(message, increment, nonce);
}

void fill_selection(pb::Scan& message, const Scan& scan) { fill_query(message, scan); }

void append_field(std::string& out, int number, std::string_view bytes) {
  out.push_back(static_cast<char>(number << 3 | 2));
  rpc::wire::append_varint(out, bytes.size());
  out.append(bytes);
}

void append_field(std::string& out, int number, const google::protobuf::MessageLite& message) {
  out.push_back(static_cast<char>(number << 3 | 2));
  rpc::wire::append_delimited(out, message);
}

void append_field(std::string& out, int number, std::uint64_t value) {
  out.push_back(static_cast<char>(number << 3));
  rpc::wire::append_varint(out, value);
}

void append_get(std::string& out, const Get& get, bool existence_only) {
  if (get.has_options()) {  // not what most gets are
    pb::Get message;
    fill(message, get, existence_only);
    return append_field(out, pb::GetRequest::kGetFieldNumber, message);
  }
  thread_local std::string body, part;  // kept for their memory; a get has no large parts
  body.clear();
  append_field(body, pb::Get::kRowFieldNumber, get.row());
  for (const auto& [family, qualifiers] : get.columns()) {
    part.clear();
    append_field(part, pb::Column::kFamilyFieldNumber, family);
    for (const auto& qualifier : qualifiers) append_field(part, pb::Column::kQualifierFieldNumber, qualifier);
    append_field(body, pb::Get::kColumnFieldNumber, part);
  }
  if (!get.time_range().is_all()) {
    part.clear();
    append_field(part, pb::TimeRange::kFromFieldNumber, static_cast<std::uint64_t>(get.time_range().min));
    append_field(part, pb::TimeRange::kToFieldNumber, static_cast<std::uint64_t>(get.time_range().max));
    append_field(body, pb::Get::kTimeRangeFieldNumber, part);
  }
  if (get.max_versions() != 1) append_field(body, pb::Get::kMaxVersionsFieldNumber, std::uint64_t{get.max_versions()});
  if (!get.cache_blocks()) append_field(body, pb::Get::kCacheBlocksFieldNumber, std::uint64_t{0});
  if (existence_only || get.checks_existence_only()) append_field(body, pb::Get::kExistenceOnlyFieldNumber, std::uint64_t{1});
  append_field(out, pb::GetRequest::kGetFieldNumber, body);
}

void append_region(std::string& out, std::string_view region_name) {
  using rpc::wire::varint_size;
  out.push_back(1 << 3 | 2);
  rpc::wire::append_varint(out, 2 + 1 + varint_size(region_name.size()) + region_name.size());
  append_field(out, pb::RegionSpecifier::kTypeFieldNumber, std::uint64_t{pb::RegionSpecifier::REGION_NAME});
  append_field(out, pb::RegionSpecifier::kValueFieldNumber, region_name);
}

}  // namespace hbmux::client
