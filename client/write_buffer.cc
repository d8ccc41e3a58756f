#include "client/write_buffer.h"

#include "client/request_messages.h"
#include "rpc/wire/delimited.h"

#include <algorithm>

namespace hbmux::client {
namespace {

// Action { index = 1, mutation = 2 } as field 3 of a RegionAction.
void append_action(std::string& out, std::uint32_t index, std::string_view mutation) {
  using rpc::wire::append_varint;
  using rpc::wire::varint_size;
  out.push_back(pb::RegionAction::kActionFieldNumber << 3 | 2);
  append_varint(out, 1 + varint_size(index) + 1 + varint_size(mutation.size()) + mutation.size());
  out.push_back(pb::Action::kIndexFieldNumber << 3);
  append_varint(out, index);
  out.push_back(pb::Action::kMutationFieldNumber << 3 | 2);
  append_varint(out, mutation.size());
  out.append(mutation);
}

}  // namespace

bool WriteBuffer::add(const core::LocationsPtr& location, const EncodedMutation& mutation, WrittenHandler written,
                      std::uint64_t sequence) {
  auto [at, is_new] = open_.try_emplace(location.get());
  if (is_new) {
    Server& server = servers_[location->primary.server.address];
    at->second = {&server, server.open.regions.size()};
    RegionWrites& writes = server.open.regions.emplace_back();
    writes.location = location;
    writes.first = sequence;
  }
  Server& server = *at->second.first;
  RegionWrites& writes = server.open.regions[at->second.second];
  const std::size_t before = writes.bytes();
  append_action(writes.actions, writes.count, mutation.message);
  writes.cells.append(mutation.cells);
  writes.has_nonce = writes.has_nonce || mutation.has_nonce;
  writes.priority = std::max(writes.priority, mutation.priority);
  if (written) writes.handlers.emplace_back(writes.count, std::move(written));
  ++writes.count;
  const std::size_t bytes = writes.bytes() - before;
  server.open.bytes += bytes;
  bytes_ += bytes;
  ++server.open.count;
  ++count_;
  if (server.open.bytes >= limits_.request_bytes || server.open.count >= limits_.request_rows) seal(server);
  return is_new;
}

void WriteBuffer::seal(Server& server) {
  if (server.open.count == 0) return;
  for (const RegionWrites& writes : server.open.regions) open_.erase(writes.location.get());
  ++sealed_;
  server.sealed.push_back(std::exchange(server.open, {}));
}

bool WriteBuffer::may_go(const WriteRequest& request) const {
  return std::ranges::all_of(request.regions, [&](const RegionWrites& writes) {
    const auto at = region_tasks_.find(writes.location->primary.region->name());
    return at == region_tasks_.end() || at->second < limits_.tasks_per_region;
  });
}

bool WriteBuffer::may_go(const Server& server, const WriteRequest& request) const {
  return tasks_ < limits_.tasks_total && server.tasks < limits_.tasks_per_server && may_go(request);
}

// In order: a request that has to wait holds up those behind it, so that mutations of a row stay in their order. What is not full is cut off only
// when it can go: until then it grows.
std::optional<WriteRequest> WriteBuffer::next(Server& server, bool all) {
  if (!server.sealed.empty()) {
    if (!may_go(server, server.sealed.front())) return std::nullopt;
  } else {
    if (!all || server.open.count == 0 || !may_go(server, server.open)) return std::nullopt;
    seal(server);
  }
  WriteRequest request = std::move(server.sealed.front());
  server.sealed.pop_front();
  --sealed_;
  return request;
}

std::vector<WriteRequest> WriteBuffer::take(bool all) {
  std::vector<WriteRequest> requests;
  for (auto& [address, server] : servers_) {
    while (auto request = next(server, all)) {
      ++tasks_;
      ++server.tasks;
      for (const RegionWrites& writes : request->regions) ++region_tasks_[writes.location->primary.region->name()];
      bytes_ -= request->bytes;
      count_ -= request->count;
      requests.push_back(std::move(*request));
    }
  }
  stalled_ = requests.empty();
  return requests;
}

void WriteBuffer::finished(const WriteRequest& request) {
  stalled_ = false;
  --tasks_;
  --servers_[request.regions.front().location->primary.server.address].tasks;
  for (const RegionWrites& writes : request.regions) {
    const auto at = region_tasks_.find(writes.location->primary.region->name());
    if (--at->second == 0) region_tasks_.erase(at);
  }
}

}  // namespace hbmux::client
