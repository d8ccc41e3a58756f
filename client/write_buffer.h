// Mutations that were encoded, by server and region, and which of them are to be sent together. Pure: it sends nothing.
#pragma once

#include "core/region_locations.h"

#include <hbmux/buffered_mutator.h>
#include <hbmux/server_name.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hbmux::client {

/// A mutation as it will travel, whichever region it goes to.
struct EncodedMutation {
  std::string_view message;  ///< A MutationProto.
  std::string_view cells;
  bool has_nonce = false;
  int priority = kPriorityUnset;
  std::size_t size() const noexcept { return message.size() + cells.size(); }
};

/// What goes to one region in one request.
struct RegionWrites {
  core::LocationsPtr location;
  std::uint64_t first = 0;  ///< Sequence number of the oldest mutation here.
  std::string actions;      ///< Actions, each as a field of a RegionAction; an action's index is its place.
  std::string cells;
  std::uint32_t count = 0;
  int priority = kPriorityUnset;
  bool has_nonce = false;
  std::vector<std::pair<std::uint32_t, WrittenHandler>> handlers;  ///< Of the mutations that have one, by place.
  std::size_t bytes() const noexcept { return actions.size() + cells.size(); }
};

/// One call.
struct WriteRequest {
  std::vector<RegionWrites> regions;
  std::size_t bytes = 0;
  std::size_t count = 0;
};

/// Used by one thread at a time.
class WriteBuffer {
 public:
  struct Limits {
    std::size_t request_bytes = 4 << 20;  ///< hbase.client.max.perrequest.heapsize
    std::size_t request_rows = 2048;      ///< hbase.client.max.perrequest.rows
    int tasks_total = 100;                ///< hbase.client.max.total.tasks
    int tasks_per_server = 2;             ///< hbase.client.max.perserver.tasks
    int tasks_per_region = 1;             ///< hbase.client.max.perregion.tasks
  };

  explicit WriteBuffer(const Limits& limits) : limits_(limits) {}

  /// Appends a mutation. True when it is the first one of a new RegionWrites.
  bool add(const core::LocationsPtr& location, const EncodedMutation& mutation, WrittenHandler written, std::uint64_t sequence);
  /// Requests that may go now: full ones, and with `all` also those that are not; each is to be told to finished().
  std::vector<WriteRequest> take(bool all);
  void finished(const WriteRequest& request);

  /// Collected and not taken.
  std::size_t bytes() const noexcept { return bytes_; }
  std::size_t count() const noexcept { return count_; }
  /// A full request waits. Whether it may go is another matter.
  bool has_sealed() const noexcept { return sealed_ > 0; }
  /// Requests are under way: nothing more may go until one has ended.
  bool is_stalled() const noexcept { return stalled_ && tasks_ > 0; }

 private:
  struct Server {
    WriteRequest open;
    std::deque<WriteRequest> sealed;
    int tasks = 0;
  };

  void seal(Server& server);
  bool may_go(const Server& server, const WriteRequest& request) const;
  bool may_go(const WriteRequest& request) const;
  /// The server's next request, if it may go.
  std::optional<WriteRequest> next(Server& server, bool all);

  const Limits limits_;
  std::map<ServerAddress, Server> servers_;
  /// Where the open writes of a region are: the server, and the place in its open request.
  std::unordered_map<const core::RegionLocations*, std::pair<Server*, std::size_t>> open_;
  std::unordered_map<std::string, int> region_tasks_;
  int tasks_ = 0;
  std::size_t sealed_ = 0;
  bool stalled_ = false;
  std::size_t bytes_ = 0;
  std::size_t count_ = 0;
};

}  // namespace hbmux::client
