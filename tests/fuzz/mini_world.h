// A small embedded cluster without sockets, made anew for each input, so that an input means the same whenever it runs.
#pragma once

#include "mini/server/session.h"
#include "tests/fuzz/fuzz_input.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hbmux::fuzz {

class MiniWorld {
 public:
  static constexpr std::int64_t kLease = 60'000;

  MiniWorld() {
    auto clock = [this] { return now; };
    for (int i = 0; i < 2; ++i) {
      servers.push_back(std::make_shared<mini::RegionServer>(i, ServerName{{"rs" + std::to_string(i), 16020}, 1},
                                                             std::chrono::milliseconds(kLease), clock));
    }
    mini::MasterEnvironment environment{clock, [this](std::chrono::milliseconds delay, std::function<void()> work) {
                                          later.emplace_back(now + delay.count(), std::move(work));
                                        }};
    master = std::make_unique<mini::Master>(ServerName{{"master", 16000}, 1}, "cluster-id", servers,
                                            std::chrono::milliseconds(0), std::move(environment));
    pb::TableSchema schema;
    *schema.mutable_table_name() = mini::table_name_message("t");
    for (const char* family : {"f", "g"}) schema.add_column_families()->set_name(family);
    require(static_cast<bool>(master->create_table(std::move(schema), {"m"})));
    pb::TableSchema copied;
    *copied.mutable_table_name() = mini::table_name_message("copied");
    copied.add_column_families()->set_name("f");
    auto& replication = *copied.add_attributes();
    replication.set_first("REGION_REPLICATION");
    replication.set_second("2");
    require(static_cast<bool>(master->create_table(std::move(copied), {})));
  }

  mini::Endpoint endpoint(bool at_master) const {
    return {master.get(), at_master ? nullptr : servers.front().get(), nullptr};
  }

  /// Time passes: what was put off is done, and leases end. Work that makes more work is done a few times, not for
  /// ever.
  void pass(std::int64_t milliseconds) {
    now += milliseconds;
    for (int i = 0; i < 100 && !later.empty(); ++i) {
      const auto due = std::ranges::find_if(later, [this](const auto& item) { return item.first <= now; });
      if (due == later.end()) break;
      const auto work = std::move(due->second);
      later.erase(due);
      work();
    }
    for (const auto& server : servers) server->sweep(now);
  }

  /// When its client has gone and the leases have ended, a server keeps nothing of it.
  void require_no_scanners() {
    pass(kLease + 1);
    for (const auto& server : servers) require(server->scanner_count() == 0);
  }

  std::int64_t now = 1'700'000'000'000;
  std::deque<std::pair<std::int64_t, std::function<void()>>> later;
  std::vector<std::shared_ptr<mini::RegionServer>> servers;
  std::unique_ptr<mini::Master> master;
};

}  // namespace hbmux::fuzz
