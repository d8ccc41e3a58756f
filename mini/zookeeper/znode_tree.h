// The znodes of an HBase, as its clients read them.
#pragma once

#include "mini/server/master.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::mini {

/// What ZooKeeper tells of a node beside its data.
struct ZnodeStat {
  std::int64_t czxid = 0;  ///< The change that made it,
  std::int64_t mzxid = 0;  ///< changed its data last,
  std::int64_t pzxid = 0;  ///< and added or removed a child last.
  std::int64_t ctime = 0;
  std::int64_t mtime = 0;
  std::int32_t version = 0;
  std::int32_t cversion = 0;
  std::int64_t ephemeral_owner = 0;
  std::int32_t data_length = 0;
  std::int32_t children = 0;
};

/// A picture of what the master knows, drawn anew when something has changed there since the last look. Thread-safe.
class ZnodeTree {
 public:
  /// `parent` is where the cluster begins, "/hbase" by default.
  ZnodeTree(const Master& master, std::string parent);

  struct Node {
    std::string data;
    ZnodeStat stat;
  };

  void refresh(std::int64_t now);
  bool find(std::string_view path, Node& out) const;
  /// The names of a node's children; nothing when there is no such node.
  bool children(std::string_view path, std::vector<std::string>& names, ZnodeStat& stat) const;
  /// The last change.
  std::int64_t zxid() const;

 private:
  using Picture = std::map<std::string, std::string, std::less<>>;
  Picture draw() const;
  std::string signed_data(const google::protobuf::MessageLite& message, std::string_view writer) const;
  template <class Change>
  void with_parent_of(std::string_view path, Change&& change);

  const Master& master_;
  const std::string parent_;
  mutable std::mutex mutex_;
  std::map<std::string, Node, std::less<>> nodes_;
  /// Begins with the time, as an epoch: a client that knew an earlier cluster at this address has seen less.
  std::int64_t zxid_;
  std::uint64_t drawn_ = 0;  ///< The master's revision that the picture shows.
  bool is_drawn_ = false;
};

}  // namespace hbmux::mini
