#include "client/write_messages.h"

#include "client/batch_messages.h"
#include "client/reply_rows.h"
#include "core/bytes.h"
#include "core/cell_block.h"
#include "rpc/wire/delimited.h"

#include <google/protobuf/arena.h>

#include <algorithm>

namespace hbmux::client {
namespace {

// ---------------------------------------------------------------- back again

template <class M>
void restore(M& mutation, const pb::MutationProto& message) {
  mutation.durability(static_cast<Durability>(message.durability()));
  for (const auto& attribute : message.attribute()) {
    if (attribute.name() != "_rr_") {
      mutation.attribute(attribute.name(), attribute.value());
    } else if constexpr (counts<M>) {
      mutation.return_results(false);
    }
  }
  if constexpr (counts<M>) {
    if (message.has_time_range()) {
      mutation.time_range(static_cast<std::int64_t>(message.time_range().from()), static_cast<std::int64_t>(message.time_range().to()));
    }
  }
}

std::vector<Tag> tags_of(const Cell& cell) {
  std::vector<Tag> tags;
  for (std::string_view rest = cell.tags(); rest.size() >= 3;) {
    const auto length = core::load_be<std::uint16_t>(rest.data());
    tags.push_back({static_cast<std::uint8_t>(rest[2]), std::string(rest.substr(3, length - 1U))});
    rest.remove_prefix(2U + length);
  }
  return tags;
}

void add_cell(Put& put, const Cell& cell) {
  put.add(cell.family(), cell.qualifier(), cell.timestamp(), cell.value(), tags_of(cell));
}
void add_cell(Append& append, const Cell& cell) { append.add(cell.family(), cell.qualifier(), cell.value()); }
void add_cell(Increment& increment, const Cell& cell) {
  increment.add(cell.family(), cell.qualifier(), core::load_be<std::int64_t>(cell.value().data()));
}
void add_cell(Delete& del, const Cell& cell) {
  switch (cell.type()) {
    case CellType::delete_column: del.add_columns(cell.family(), cell.qualifier(), cell.timestamp()); break;
    case CellType::delete_family: del.add_family(cell.family(), cell.timestamp()); break;
    case CellType::delete_family_version: del.add_family_version(cell.family(), cell.timestamp()); break;
    default: del.add_column(cell.family(), cell.qualifier(), cell.timestamp());
  }
}

template <class M>
RowChange restored(M mutation, const pb::MutationProto& message, core::CellBlockReader& cells) {
  restore(mutation, message);
  for (int i = 0; i < message.associated_cell_count(); ++i) add_cell(mutation, *cells.next());  // our own encoding
  return mutation;
}

RowChange restored(const pb::MutationProto& message, core::CellBlockReader& cells) {
  switch (message.mutate_type()) {
    case pb::MutationProto::APPEND: return restored(Append(message.row()), message, cells);
    case pb::MutationProto::INCREMENT: return restored(Increment(message.row()), message, cells);
    case pb::MutationProto::DELETE:
      return restored(Delete(message.row(), static_cast<std::int64_t>(message.timestamp())), message, cells);
    default: return restored(Put(message.row(), static_cast<std::int64_t>(message.timestamp())), message, cells);
  }
}

}  // namespace

void encode_mutation(const RowChange& mutation, std::uint64_t nonce, std::string& message) {
  thread_local pb::MutationProto proto;
  proto.Clear();
  std::visit([&](const auto& m) { fill_any(proto, m, nonce, CellPlace::block); }, mutation);
  proto.AppendToString(&message);
}

void encode_request(const WriteRequest& request, std::uint64_t nonce_group, rpc::CallRequest& call) {
  std::size_t actions = 0, cells = 0;
  for (const RegionWrites& writes : request.regions) {
    actions += writes.actions.size() + writes.location->primary.region->name().size() + 32;
    cells += writes.cells.size();
  }
  call.method = "Multi";
  call.param.reserve(actions);
  call.cells.reserve(cells);
  std::string region;
  bool has_nonce = false;
  for (const RegionWrites& writes : request.regions) {
    region.clear();
    append_region(region, writes.location->primary.region->name());
    call.param.push_back(pb::MultiRequest::kRegionActionFieldNumber << 3 | 2);
    rpc::wire::append_varint(call.param, region.size() + writes.actions.size());
    call.param += region;
    call.param += writes.actions;
    call.cells += writes.cells;
    has_nonce = has_nonce || writes.has_nonce;
    if (writes.priority != kPriorityUnset) call.priority = std::max(call.priority, static_cast<std::uint32_t>(writes.priority));
  }
  if (has_nonce) append_field(call.param, pb::MultiRequest::kNonceGroupFieldNumber, nonce_group);
}

Result<WriteAnswer> read_write_reply(const rpc::CallReply& reply, const WriteRequest& request) {
  google::protobuf::Arena arena;
  auto& message = *google::protobuf::Arena::CreateMessage<pb::MultiResponse>(&arena);
  if (auto parsed = parse_reply(reply, message); !parsed) return parsed.error();
  if (static_cast<std::size_t>(message.regionactionresult_size()) != request.regions.size()) {
    return Error(Errc::protocol_error, "mutations of " + std::to_string(request.regions.size()) + " regions were answered for " +
                                           std::to_string(message.regionactionresult_size()));
  }
  WriteAnswer all{std::vector<WriteFailures>(request.regions.size()), loads_from(message)};
  std::vector<bool> answered;
  for (std::size_t i = 0; i < all.regions.size(); ++i) {
    const pb::RegionActionResult& region = message.regionactionresult(static_cast<int>(i));
    const std::uint32_t count = request.regions[i].count;
    auto& failed = all.regions[i].failed;
    answered.assign(count, false);
    std::uint32_t missing = count;
    for (const pb::ResultOrException& item : region.resultorexception()) {
      if (item.index() >= count || answered[item.index()]) continue;  // not what was asked
      answered[item.index()] = true;
      --missing;
      if (item.has_exception()) failed.emplace_back(item.index(), error_from(item.exception()));
    }
    if (missing == 0) continue;
    const Error error = region.has_exception()
                            ? error_from(region.exception())
                            : Error(Errc::protocol_error, "the server sent neither a result nor an exception for the mutation");
    for (std::uint32_t place = 0; place < count; ++place) {
      if (!answered[place]) failed.emplace_back(place, error);
    }
    std::ranges::sort(failed, {}, [](const auto& item) { return item.first; });
  }
  return all;
}

std::vector<DecodedMutation> decode_mutations(const RegionWrites& writes, const std::vector<std::uint32_t>& places) {
  std::vector<DecodedMutation> decoded;
  std::string_view rest = writes.actions;
  core::CellBlockReader cells(writes.cells);
  auto wanted = places.begin();
  for (std::uint32_t place = 0; place < writes.count && wanted != places.end(); ++place) {
    rest.remove_prefix(1);
    std::string_view bytes;
    rpc::wire::read_delimited(rest, bytes);
    pb::Action action;
    action.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    if (place == *wanted) {
      decoded.push_back({restored(action.mutation(), cells), action.mutation().nonce()});
      ++wanted;
    } else {
      for (int i = 0; i < action.mutation().associated_cell_count(); ++i) static_cast<void>(cells.next());
    }
  }
  return decoded;
}

}  // namespace hbmux::client
