#include "mini/faults/fault_injector.h"

#include "core/bytes.h"
#include "core/region_name.h"

#include <algorithm>

namespace hbmux::mini {
namespace {

using Kind = Fault::Kind;

/// Of what is counted and no longer active, so many are remembered.
constexpr std::size_t kHealedMax = 1000;

bool acts_on_calls(const Fault& fault) {
  if (is_for_calls(fault.kind)) return fault.kind != Kind::refuse && fault.kind != Kind::region_exception;
  return !fault.method.empty() && fault.kind != Kind::mix;
}

/// Stalling without a method begins when a connection does.
bool stalls_from_the_start(const Fault& fault) { return fault.kind == Kind::stall && fault.method.empty(); }

RemoteException exception_for(const Fault& fault, const FaultInjector::Call& call) {
  const std::string server(call.address);
  switch (fault.kind) {
    case Kind::queue_full: {
      auto exception = exceptions::of("org.apache.hadoop.hbase.CallQueueTooBigException",
                                      "Call queue is full on " + server + ", too many items queued ?", false);
      exception.server_overloaded = true;
      return exception;
    }
    case Kind::throttle:
      return exceptions::of("org.apache.hadoop.hbase.quotas.RpcThrottlingException",
                            "number of requests exceeded - wait " + throttle_time(fault.wait), false);
    case Kind::too_busy:
      return exceptions::of("org.apache.hadoop.hbase.RegionTooBusyException",
                            "Over memstore limit=512.0 M, regionName=" +
                                std::string(core::encoded_region_name(call.region)) + ", server=" + server,
                            false);
    default: return exceptions::of(fault.class_name, fault.message, fault.do_not_retry);
  }
}

}  // namespace

std::string throttle_time(std::chrono::milliseconds time) {
  const auto all = time.count();
  const auto hours = all / 3'600'000, minutes = all / 60'000 % 60, seconds = all / 1000 % 60;
  std::string text;
  if (hours != 0) text += std::to_string(hours) + (hours > 1 ? "hrs, " : "hr, ");
  if (minutes != 0) text += std::to_string(minutes) + (minutes > 1 ? "mins, " : "min, ");
  if (seconds != 0) text += std::to_string(seconds) + "sec, ";
  return text + std::to_string(all % 1000) + "ms";
}

int FaultInjector::add(const Fault& fault) {
  const std::lock_guard lock(mutex_);
  const int id = ++last_id_;
  if (fault.kind != Kind::mix) {
    add_entry(id, fault, 0);
  } else {
    std::vector<std::string> kinds = fault.of;
    if (kinds.empty()) {
      for (const Kind kind : {Kind::delay, Kind::reorder, Kind::drop, Kind::reset, Kind::cut, Kind::half_close,
                              Kind::queue_full, Kind::throttle, Kind::too_busy, Kind::expire_scanners}) {
        kinds.emplace_back(name_of(kind));
      }
    }
    add_entry(id, fault, 0);
    for (const std::string& name : kinds) {
      Fault part = fault;
      part.kind = *fault_kind_of(name);
      part.of.clear();
      part.rate = fault.rate / static_cast<double>(kinds.size());
      part.seed = fault.seed == 0 ? 0 : fault.seed + static_cast<std::uint64_t>(part.kind);
      if (part.kind == Kind::delay && part.max.count() == 0) part.max = std::chrono::milliseconds(20);
      if (part.kind == Kind::slow_meta && part.max.count() == 0) part.max = std::chrono::milliseconds(100);
      if (part.kind == Kind::throttle && fault.wait == Fault().wait) part.wait = std::chrono::milliseconds(10);
      if ((part.kind == Kind::expire_scanners || part.kind == Kind::stall) && part.method.empty()) {
        part.method = part.kind == Kind::stall ? "Get" : "Scan.next";
      }
      add_entry(++last_id_, part, id);
    }
  }
  update_flags();
  return id;
}

void FaultInjector::add_entry(int id, const Fault& fault, int mix) {
  const std::uint64_t seed =
      fault.seed != 0 ? fault.seed : seed_ * 0x9e3779b97f4a7c15u + static_cast<std::uint64_t>(id);
  Entry entry(id, fault, seed);
  if (fault.lasts.count() > 0) entry.until = clock_() + fault.lasts;
  entry.mix = mix;
  std::size_t healed = 0;
  for (const Entry& each : entries_) healed += !each.active;
  if (healed > kHealedMax) std::erase_if(entries_, [](const Entry& each) { return !each.active; });
  entries_.push_back(std::move(entry));
}

FaultInjector::Entry* FaultInjector::find(int id) {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [id](const Entry& entry) { return entry.id == id; });
  return found == entries_.end() ? nullptr : &*found;
}

std::optional<Fault> FaultInjector::heal(int id) {
  const std::lock_guard lock(mutex_);
  Entry* entry = find(id);
  if (entry == nullptr || !entry->active) return std::nullopt;
  for (Entry& each : entries_) {
    if (each.id == id || each.mix == id) each.active = false;
  }
  update_flags();
  return entry->fault;
}

std::vector<int> FaultInjector::active() const {
  const std::lock_guard lock(mutex_);
  std::vector<int> ids;
  for (const Entry& entry : entries_) {
    if (entry.active && entry.mix == 0) ids.push_back(entry.id);
  }
  return ids;
}

std::vector<FaultCount> FaultInjector::counts() const {
  const std::lock_guard lock(mutex_);
  std::vector<FaultCount> counts;
  for (const Entry& entry : entries_) {
    counts.push_back({entry.id, entry.fault.to_string(), entry.fault.kind, entry.happened, entry.active});
    for (FaultCount& mixture : counts) {
      if (entry.mix != 0 && mixture.id == entry.mix) mixture.happened += entry.happened;
    }
  }
  return counts;
}

void FaultInjector::happened(int id, std::uint64_t times) {
  const std::lock_guard lock(mutex_);
  if (Entry* entry = find(id)) entry->happened += times;
}

void FaultInjector::update_flags() {
  bool calls = false;
  bool tables = false;
  bool regions = false;
  for (const Entry& entry : entries_) {
    regions = regions || (entry.active && entry.fault.kind == Kind::region_exception);
    if (!entry.active || !acts_on_calls(entry.fault)) continue;
    calls = true;
    tables = tables || !entry.fault.table.empty() || entry.fault.kind == Kind::slow_meta ||
             entry.fault.kind == Kind::too_busy;
  }
  wants_tables_.store(tables, std::memory_order_release);
  wants_calls_.store(calls, std::memory_order_release);
  wants_regions_.store(regions, std::memory_order_release);
}

bool FaultInjector::matches(const Fault& fault, const Call& call) {
  // Of faults that happen to a server, `server` says to which one, not whose call it was.
  if (is_for_calls(fault.kind) && !fault.server.empty() && server_index_of(fault.server) != call.server) return false;
  if (call.server == kZooKeeperServer && (changes_answer(fault.kind) || fault.kind == Kind::slow_meta)) return false;
  if (fault.kind == Kind::load && call.method != "Multi") return false;
  const std::string_view table = fault.kind == Kind::slow_meta ? core::kMetaTable : std::string_view(fault.table);
  if (!table.empty() && table != call.table) return false;
  if (fault.method.empty()) return true;
  const std::string_view method = fault.method;
  if (method == call.method) return true;
  return method.size() == call.method.size() + 1 + call.part.size() && method.starts_with(call.method) &&
         method[call.method.size()] == '.' && method.ends_with(call.part) && !call.part.empty();
}

/// With the mutex held: whether it is its turn.
bool FaultInjector::rolls(Entry& entry) {
  if (entry.until != Time::max() && clock_() >= entry.until) {
    entry.active = false;
    return false;
  }
  if (++entry.seen <= entry.fault.after) return false;
  if (entry.fault.rate < 1 && std::uniform_real_distribution<double>(0, 1)(entry.random) >= entry.fault.rate) {
    return false;
  }
  ++entry.happened;
  // What happens to the cluster does so once, where nothing else is said.
  const bool once = !is_for_calls(entry.fault.kind) && entry.fault.times == 0 && entry.mix == 0;
  if (once || (entry.fault.times != 0 && entry.happened >= entry.fault.times)) entry.active = false;
  return true;
}

bool FaultInjector::meets(Entry& entry, const Call& call) {
  if (!entry.active || !acts_on_calls(entry.fault) || stalls_from_the_start(entry.fault)) return false;
  return matches(entry.fault, call) && rolls(entry);
}

FaultInjector::Verdict FaultInjector::on_call(const Call& call) {
  Verdict verdict;
  std::vector<std::pair<int, Fault>> acts;
  {
    const std::lock_guard lock(mutex_);
    bool ended = false;
    for (Entry& entry : entries_) {
      if (!entry.active) continue;
      const bool met = meets(entry, call);
      ended = ended || !entry.active;
      if (!met) continue;
      const Fault& fault = entry.fault;
      const auto fate = [&](Fate wanted, bool serve) {
        if (verdict.fate == Fate::send) verdict.fate = wanted;
        verdict.serve = verdict.serve && serve;
      };
      switch (fault.kind) {
        case Kind::reset: fate(Fate::reset, fault.applied); break;
        case Kind::cut: fate(Fate::cut, true); break;
        case Kind::half_close: fate(Fate::half_close, true); break;
        case Kind::stall: fate(Fate::stall, fault.applied); break;
        case Kind::drop: fate(Fate::drop, true); break;
        case Kind::delay:
        case Kind::slow_meta: {
          const auto spread = std::max<std::int64_t>((fault.max - fault.min).count(), 0);
          verdict.delay += fault.min + std::chrono::microseconds(
                                           std::uniform_int_distribution<std::int64_t>(0, spread)(entry.random));
          break;
        }
        case Kind::reorder: verdict.window = std::max(verdict.window, fault.window); break;
        case Kind::load:
          if (!verdict.load) verdict.load = {fault.memory, fault.heap, fault.compactions};
          break;
        case Kind::exception:
        case Kind::queue_full:
        case Kind::throttle:
        case Kind::too_busy:
          if (!verdict.exception) verdict.exception = exception_for(fault, call);
          verdict.serve = verdict.serve && fault.applied;
          break;
        default: {
          // Counted when it is done: there may be nothing to do it to.
          --entry.happened;
          Fault act = fault;
          if (act.seed == 0) act.seed = entry.random();
          acts.emplace_back(entry.id, std::move(act));
        }
      }
    }
    if (ended) update_flags();
  }
  for (const auto& [id, fault] : acts) happened(id, actor_ ? actor_(fault) : 0);
  return verdict;
}

FaultInjector::RegionVerdict FaultInjector::on_region(const RegionPart& part) {
  RegionVerdict verdict;
  const std::lock_guard lock(mutex_);
  bool ended = false;
  for (Entry& entry : entries_) {
    const Fault& fault = entry.fault;
    if (!entry.active || fault.kind != Kind::region_exception) continue;
    if (!fault.server.empty() && server_index_of(fault.server) != part.server) continue;
    if (!fault.table.empty() && fault.table != part.table) continue;
    if (!fault.row.empty() && (fault.row < part.start_key || (!part.end_key.empty() && fault.row >= part.end_key))) {
      continue;
    }
    const bool met = rolls(entry);
    ended = ended || !entry.active;
    if (!met) continue;
    if (!verdict.exception) verdict.exception = exceptions::of(fault.class_name, fault.message, false);
    verdict.serve = verdict.serve && fault.applied;
  }
  if (ended) update_flags();
  return verdict;
}

bool FaultInjector::stalls_connection(int server) {
  if (!wants_calls()) return false;
  const std::lock_guard lock(mutex_);
  bool stalls = false;
  for (Entry& entry : entries_) {
    if (!entry.active || !stalls_from_the_start(entry.fault)) continue;
    if (!entry.fault.server.empty() && server_index_of(entry.fault.server) != server) continue;
    stalls = rolls(entry) || stalls;
  }
  update_flags();
  return stalls;
}

void mark_reply(std::size_t start, const FaultInjector::Verdict& verdict, Replies& replies) {
  const bool plain = verdict.fate == Fate::send && verdict.delay.count() == 0 && verdict.window == 0;
  if (plain && !replies.wants_marks) return;
  // All that came before leaves as it is.
  const std::size_t marked = replies.marks.empty() ? 0 : replies.marks.back().end;
  if (marked < start) replies.marks.push_back({start});
  replies.marks.push_back({replies.bytes.size(), verdict.fate, verdict.delay, verdict.window});
}

}  // namespace hbmux::mini
