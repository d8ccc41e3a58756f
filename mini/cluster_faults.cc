// Faults that happen to the cluster, and the ways to ask for any.
#include "mini/cluster_impl.h"
#include "mini/faults/fault_script.h"

#include <algorithm>
#include <random>

namespace hbmux::mini {
namespace {

using Kind = Fault::Kind;

bool happens_at_once(const Fault& fault) {
  return is_lasting(fault.kind) || (!is_for_calls(fault.kind) && fault.kind != Kind::mix && fault.method.empty());
}

/// Such a name is never resolved (RFC 6761).
const ServerName kNowhere{{"no-such-host.invalid", 16020}, 1};

int region_server_of(const std::string& name) { return server_index_of(name).value_or(-1); }

}  // namespace

Result<int> Cluster::Impl::inject(const Fault& fault) {
  if (auto fits = check_fault(fault); !fits) return fits.error();
  for (const std::string& name : {fault.server, fault.to}) {
    if (region_server_of(name) >= 0 && !has_server(region_server_of(name))) {
      return Error(Errc::invalid_argument, "fault: there is no " + name);
    }
  }
  const int id = faults.add(fault);
  if (!happens_at_once(fault)) return id;
  const auto done = do_at_once(fault, id);
  if (done) faults.happened(id, *done);
  if (!done || !is_lasting(fault.kind)) {
    (void)faults.heal(id);
  } else if (fault.lasts.count() > 0) {
    director.at(Director::Clock::now() + fault.lasts, [this, id] { heal(id); });
  }
  if (!done) return done.error();
  return id;
}

std::uint64_t Cluster::Impl::act(const Fault& fault) {
  // Ports are opened and closed by others than those who serve them.
  if (fault.kind == Kind::kill || fault.kind == Kind::start || fault.kind == Kind::restart) {
    director.soon([this, fault] { (void)do_at_once(fault); });
    return 1;
  }
  const auto done = do_at_once(fault);
  return done ? *done : 0;
}

Result<std::uint64_t> Cluster::Impl::do_at_once(const Fault& fault, int id) {
  const int server = region_server_of(fault.server);
  auto once = [](const Result<void>& done) -> Result<std::uint64_t> {
    if (!done) return done.error();
    return 1;
  };
  switch (fault.kind) {
    case Kind::refuse: return refuse(fault, true);
    case Kind::move:
    case Kind::split:
    case Kind::merge: return change_regions(fault);
    case Kind::kill: return once(kill(server, fault.reassign, fault.keeps_memory));
    case Kind::start: return once(revive(server));
    case Kind::restart: {
      auto killed = kill(server, fault.reassign, fault.keeps_memory);
      if (killed) director.at(Director::Clock::now() + fault.wait, [this, server] { (void)revive(server); });
      return once(killed);
    }
    case Kind::clock: jump_clock(fault, fault.by); return 1;
    case Kind::wrong_meta: return master->exchange_in_meta(fault.table, fault.row, region_server_of(fault.to));
    case Kind::unresolvable_meta: return master->misplace_in_meta(fault.table, fault.row, kNowhere);
    case Kind::missing_meta: return master->misplace_in_meta(fault.table, fault.row, std::nullopt);
    case Kind::replica_lag: return master->add_lag_rule(id, {fault.table, fault.row, fault.replica, fault.by});
    case Kind::expire_scanners: {
      std::uint64_t count = 0;
      for (const auto& each : servers) {
        if (fault.server.empty() || each->index() == server) count += each->expire_scanners();
      }
      return count;
    }
    default: return 0;
  }
}

std::uint64_t Cluster::Impl::change_regions(const Fault& fault) {
  auto regions = master->regions(fault.table);
  std::sort(regions.begin(), regions.end(),
            [](const auto& a, const auto& b) { return a.region->start_key() < b.region->start_key(); });
  if (regions.empty()) return 0;
  std::mt19937_64 random(fault.seed != 0 ? fault.seed : network.seed.fetch_add(1));
  auto chosen = static_cast<std::size_t>(random() % regions.size());
  if (!fault.row.empty()) {
    const auto holder =
        std::find_if(regions.begin(), regions.end(), [&](const auto& view) { return view.region->holds(fault.row); });
    if (holder == regions.end()) return 0;
    chosen = static_cast<std::size_t>(holder - regions.begin());
  }
  const auto& [region, host] = regions[chosen];
  switch (fault.kind) {
    case Kind::move: {
      if (!master->move_region(region->encoded_name(), region_server_of(fault.to))) return 0;
      const auto after = master->regions(fault.table);
      return std::any_of(after.begin(), after.end(), [&, moved = region, from = host](const auto& view) {
        return view.region == moved && view.server != from;
      });
    }
    case Kind::split: return master->split_region(region->encoded_name(), fault.row).has_value();
    default: {
      if (regions.size() < 2) return 0;
      const std::size_t other = chosen + 1 < regions.size() ? chosen + 1 : chosen - 1;
      const std::vector<std::string> names{std::string(region->encoded_name()),
                                           std::string(regions[other].region->encoded_name())};
      return master->merge_regions(names, false).has_value();
    }
  }
}

Result<std::uint64_t> Cluster::Impl::refuse(const Fault& fault, bool refuses) {
  const std::lock_guard lock(mutex);
  std::uint64_t count = 0;
  auto each = [&](int number, Listener& listener) -> Result<void> {
    if (!fault.server.empty() && server_index_of(fault.server) != number) return {};
    if (refuses ? number >= 0 && !is_alive(number) : !refusing.contains(number)) return {};
    if (refuses) {
      refusing.insert(number);
    } else {
      refusing.erase(number);
    }
    ++count;
    return listener.refuse(refuses);
  };
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    if (auto done = each(static_cast<int>(i), *listeners[i]); !done) return done.error();
  }
  if (auto done = each(kMasterServer, *master_listener); !done) return done.error();
  if (auto done = each(kZooKeeperServer, *zookeeper_listener); !done) return done.error();
  return count;
}

void Cluster::Impl::jump_clock(const Fault& fault, std::chrono::milliseconds by) {
  const int server = server_index_of(fault.server).value_or(0);
  for (std::size_t i = 0; i < clock_jumps.size(); ++i) {
    const bool is_masters = i + 1 == clock_jumps.size();
    if (fault.server.empty() || (server < 0 ? is_masters : static_cast<std::size_t>(server) == i)) {
      clock_jumps[i].fetch_add(by.count());
    }
  }
}

void Cluster::Impl::heal(int id) {
  const auto fault = faults.heal(id);
  if (!fault) return;
  if (fault->kind == Kind::refuse) (void)refuse(*fault, false);
  if (fault->kind == Kind::clock) jump_clock(*fault, -fault->by);
  if (fault->kind == Kind::replica_lag) return master->remove_lag_rule(id);
  if (is_lasting(fault->kind) && !fault->table.empty()) master->correct_meta(fault->table, fault->row);
}

void Cluster::Impl::heal_all(std::string_view kind) {
  for (const FaultCount& each : faults.counts()) {
    if (each.active && (kind.empty() || name_of(each.kind) == kind)) heal(each.id);
  }
}

Result<int> Cluster::inject(const Fault& fault) { return impl_->inject(fault); }

Result<int> Cluster::inject(std::string_view text) {
  auto fault = Fault::parse(text);
  if (!fault) return fault.error();
  return impl_->inject(*fault);
}

void Cluster::heal(int fault) { impl_->heal(fault); }
void Cluster::heal_all() { impl_->heal_all({}); }
std::vector<FaultCount> Cluster::fault_counts() const { return impl_->faults.counts(); }

Result<void> Cluster::run_fault_script(std::string_view script) {
  auto lines = parse_fault_script(script);
  if (!lines) return lines.error();
  const auto begin = Director::Clock::now();
  for (ScriptLine& line : *lines) {
    impl_->director.at(begin + line.at, [impl = impl_.get(), line = std::move(line)] {
      if (line.heals) {
        impl->heal_all(line.heals_only);
      } else {
        (void)impl->inject(line.fault);  // what cannot be done now is counted as not done
      }
    });
  }
  return {};
}

void Cluster::set_reply_faults(const ReplyFaults& wanted) {
  const std::lock_guard lock(impl_->reply_faults_mutex);
  for (const int id : impl_->reply_faults) impl_->heal(id);
  impl_->reply_faults.clear();
  auto add = [this](const Fault& fault) { impl_->reply_faults.push_back(impl_->faults.add(fault)); };
  if (wanted.drop_one_in > 0) add({.kind = Kind::drop, .rate = 1.0 / wanted.drop_one_in});
  if (wanted.delay_max.count() > 0 || wanted.delay_min.count() > 0) {
    add({.kind = Kind::delay, .min = wanted.delay_min, .max = wanted.delay_max});
  }
  if (wanted.reorder_window > 0) add({.kind = Kind::reorder, .window = wanted.reorder_window});
}

}  // namespace hbmux::mini
