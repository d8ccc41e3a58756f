#include "tests/sim/simulated_world.h"

#include "client/table_context.h"
#include "rpc/random.h"

#include <algorithm>

namespace hbmux::sim {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr std::uint64_t kEventsMax = 3'000'000;  // a run that needs more is going round in circles

}  // namespace

SimulatedWorld::SimulatedWorld(WorldOptions options)
    : options_(std::move(options)),
      troubled_plan_(options_.plan),
      random_(Random(options_.seed).fork()),
      trouble_(random_.fork()) {
  be_quick();
  rpc::seed_random_bits(random_.bits());
  auto clock = [this] { return scheduler_.wall_clock(); };
  hosts_.push_back({{"master.sim", 16000}});
  for (int i = 0; i < options_.region_servers; ++i) {
    const ServerAddress address{"rs" + std::to_string(i) + ".sim", 16020};
    last_start_code_ = std::max(last_start_code_ + 1, scheduler_.wall_clock());
    servers_.push_back(
        std::make_shared<mini::RegionServer>(i, ServerName{address, last_start_code_}, options_.scanner_lease, clock));
    hosts_.push_back({address, servers_.back().get()});
  }
  mini::MasterEnvironment environment{
      clock, [this](milliseconds delay, std::function<void()> work) { scheduler_.after(delay, std::move(work)); }};
  master_ = std::make_unique<mini::Master>(ServerName{hosts_.front().address, last_start_code_},
                                           "00000000-0000-4000-8000-000000000000", servers_, milliseconds(0),
                                           std::move(environment));
  sweep();

  Configuration configuration;
  std::string nodes;
  for (const Host& host : hosts_) nodes += (nodes.empty() ? "" : ",") + host.address.to_string();
  configuration.set("hbase.client.registry.impl", "org.apache.hadoop.hbase.client.RpcConnectionRegistry");
  configuration.set("hbase.client.bootstrap.servers", nodes);
  configuration.set("hbmux.user", "simulated");
  configuration.merge(options_.client);
  for (int i = 0; i < options_.lanes; ++i) {
    lanes_.push_back(
        std::make_shared<SimulatedLane>(scheduler_, random_.fork(), options_.plan,
                                        [this](std::shared_ptr<SimulatedLane> lane, const ServerAddress& address,
                                               TimePoint deadline, SimulatedLane::ConnectDone done) {
                                          return connect(std::move(lane), address, deadline, std::move(done));
                                        }));
  }
  client::ConnectionState::Lanes lanes;
  lanes.lanes.assign(lanes_.begin(), lanes_.end());
  lanes.end = [this](const auto&) {
    for (const auto& lane : lanes_) lane->stop();
    auto idle = [this] { return std::ranges::all_of(lanes_, [](const auto& lane) { return lane->idle(); }); };
    const bool ended = run_until(idle, seconds(3600));
    if (!ended) fail("the client's lanes do not end");
    return ended;
  };
  client_ = client::ConnectionState::open(configuration, rpc::CallIdPolicy::rising, &lanes).value();
}

SimulatedWorld::~SimulatedWorld() {
  over_ = true;
  close_client();
  // Links and connections hold each other as long as neither end has gone.
  for (Host& host : hosts_) reset_links(host);
}

Table SimulatedWorld::table(std::string_view name) {
  return Table(client::TableContext::make(client_, TableName::parse(name).value(), client_->user()));
}

void SimulatedWorld::create_table(std::string_view name, const std::vector<std::string>& families,
                                  std::vector<std::string> split_keys) {
  pb::TableSchema schema;
  *schema.mutable_table_name() = mini::table_name_message(name);
  for (const std::string& family : families) schema.add_column_families()->set_name(family);
  require(static_cast<bool>(master_->create_table(std::move(schema), std::move(split_keys))), "a table was not made");
  tables_.emplace_back(name);
}

void SimulatedWorld::fail(std::string what) {
  if (!failure_.empty()) return;
  failure_ = std::move(what) + " (after " +
             std::to_string(std::chrono::duration_cast<milliseconds>(scheduler_.now().time_since_epoch()).count() -
                            3'600'000) +
             " ms, event " + std::to_string(scheduler_.events()) + ")";
}

bool SimulatedWorld::run_until(const std::function<bool()>& done, seconds limit) {
  const TimePoint until = scheduler_.now() + limit;
  while (!done()) {
    if (scheduler_.now() > until || !scheduler_.step()) return false;
    if (scheduler_.events() > kEventsMax) {
      fail("no end after " + std::to_string(kEventsMax) + " events");
      return false;
    }
  }
  return true;
}

void SimulatedWorld::run_for(std::chrono::nanoseconds time) {
  bool over = false;
  scheduler_.after(time, [&over] { over = true; });
  run_until([&over] { return over; }, seconds(1'000'000));
}

void SimulatedWorld::close_client() { close_client(Error(Errc::closed, "the connection was closed")); }

void SimulatedWorld::close_client(const Error& reason) {
  if (!client_) return;
  client_->close(reason);
  client_.reset();
}

// ---------------------------------------------------------------- connections

SimulatedWorld::Host* SimulatedWorld::find_host(const ServerAddress& address) {
  const auto found = std::ranges::find(hosts_, address, &Host::address);
  return found == hosts_.end() ? nullptr : &*found;
}

Task SimulatedWorld::connect(std::shared_ptr<SimulatedLane> lane, const ServerAddress& address, TimePoint deadline,
                             SimulatedLane::ConnectDone done) {
  auto waiting = std::make_shared<SimulatedLane::ConnectDone>(std::move(done));
  auto finish = [waiting, address](Result<std::unique_ptr<rpc::Stream>> result) {
    if (!*waiting) return;
    if (!result) result = Error(result.error()).with_server(address.to_string());
    auto handler = std::move(*waiting);
    *waiting = nullptr;
    handler(std::move(result));
  };
  lane->call_at(deadline, [finish] { finish(Error(Errc::cannot_connect, "connecting took too long")); });
  const bool refuses = !calm_ && random_.chance(options_.plan.refuse);
  const bool ignores = !calm_ && random_.chance(options_.plan.ignore);
  const auto there = random_.time(options_.plan.latency_min, options_.plan.latency_max);
  scheduler_.after(there, [this, lane, address, finish, waiting, refuses, ignores] {
    Host* host = find_host(address);
    if (!*waiting || ignores || (host != nullptr && host->stalled)) return;
    lane->post([this, lane, host, finish, waiting, refuses] {
      if (!*waiting) return;
      if (host == nullptr) return finish(Error(Errc::cannot_resolve, "no such host"));
      if (refuses || !host->listens) return finish(Error(Errc::cannot_connect, "connection refused"));
      auto handler = std::move(*waiting);
      *waiting = nullptr;
      accept(*host, lane, std::move(handler));
    });
  });
  return [lane, finish] { lane->post([finish] { finish(Error(Errc::cancelled, "connecting was given up")); }); };
}

void SimulatedWorld::accept(Host& host, const std::shared_ptr<SimulatedLane>& lane, SimulatedLane::ConnectDone done) {
  std::erase_if(host.connections, [](const auto& connection) { return connection->is_over(); });
  auto link = std::make_shared<Link>(scheduler_, random_, options_.plan);
  auto connection =
      std::make_shared<ServerConnection>(scheduler_, random_.fork(), options_.plan, calm_, counts_,
                                         mini::Endpoint{master_.get(), host.region_server, nullptr}, link);
  connection->start();
  host.connections.push_back(std::move(connection));
  scheduler_.trace(host.address.host, 3);
  done(std::unique_ptr<rpc::Stream>(new SimulatedStream(std::move(link), lane, random_.fork(), options_.plan)));
}

void SimulatedWorld::reset_links(Host& host) {
  const auto connections = std::move(host.connections);
  host.connections.clear();
  for (const auto& connection : connections) connection->link().reset();
}

void SimulatedWorld::stall(Host& host) {
  host.stalled = true;
  for (const auto& connection : host.connections) {
    connection->link().up->stall();
    connection->link().down->stall();
  }
}

void SimulatedWorld::go_on(Host& host) {
  host.stalled = false;
  const auto connections = host.connections;
  for (const auto& connection : connections) {
    connection->link().up->go_on();
    connection->link().down->go_on();
  }
}

void SimulatedWorld::befall(int server, Trouble trouble, milliseconds heals_after) {
  Host& host = host_of(server);
  scheduler_.trace("befall", static_cast<std::uint64_t>(trouble));
  std::erase_if(host.connections, [](const auto& connection) { return connection->is_over(); });
  const auto connections = host.connections;
  if (trouble == Trouble::reset) return reset_links(host);
  if (trouble == Trouble::half_close) {
    for (const auto& connection : connections) connection->link().down->send_end();
    return;
  }
  if (trouble == Trouble::stall) {
    stall(host);
  } else {
    host.stalled = true;
    for (const auto& connection : connections) {
      connection->link().up->cut();
      connection->link().down->cut();
    }
  }
  scheduler_.after(heals_after, [this, server, trouble, connections] {
    go_on(host_of(server));
    if (trouble == Trouble::stall) return;
    for (const auto& connection : connections) {
      Link& link = connection->link();
      if (trouble == Trouble::restart) {
        link.reset();
      } else if (const auto give_up = link.on_server_reset) {
        give_up();  // the server's end; the client is not told
      }
    }
  });
}

// ---------------------------------------------------------------- what befalls the cluster

void SimulatedWorld::sweep() {
  scheduler_.after(std::clamp(options_.scanner_lease / 4, milliseconds(10), milliseconds(1000)), [this] {
    if (over_) return;
    for (const auto& server : servers_) server->sweep(scheduler_.wall_clock());
    sweep();
  });
}

/// Links refer to the plan: they become quick at once.
void SimulatedWorld::be_quick() {
  options_.plan.latency_max = std::chrono::microseconds(500);  // no slower than the shortest time-outs
  options_.plan.service_max = std::chrono::microseconds(500);
}

void SimulatedWorld::begin_trouble() {
  calm_ = false;
  options_.plan = troubled_plan_;
  if (options_.plan.period.count() != 0) cause_trouble();
}

void SimulatedWorld::calm() {
  calm_ = true;
  be_quick();
  for (Host& host : hosts_) go_on(host);
  for (int i = 0; i < options_.region_servers; ++i) {
    if (!servers_[static_cast<std::size_t>(i)]->is_alive()) start(i);
  }
}

void SimulatedWorld::cause_trouble() {
  const auto pause = trouble_.between(options_.plan.period.count() / 4, options_.plan.period.count() * 2);
  scheduler_.after(std::chrono::microseconds(pause), [this] {
    if (calm_ || over_) return;
    const FaultPlan& plan = options_.plan;
    const int server = static_cast<int>(trouble_.below(servers_.size()));
    Host& host = hosts_[trouble_.below(hosts_.size())];
    switch (trouble_.below(8)) {
      case 0:
        if (plan.kills) kill(server);
        break;
      case 1:
      case 2:
        if (plan.moves) move_region();
        break;
      case 3:
        if (plan.splits) split_region();
        break;
      case 4:
        if (plan.splits) merge_regions();
        break;
      case 5:
        if (plan.resets) reset_links(host);
        break;
      case 6:
        if (plan.stalls && !host.stalled) {
          stall(host);
          scheduler_.after(milliseconds(trouble_.skewed(10, 20'000)),
                           [this, at = &host - hosts_.data()] { go_on(hosts_[static_cast<std::size_t>(at)]); });
        }
        break;
      default:
        if (plan.moves) master_->balance();
        break;
    }
    cause_trouble();
  });
}

void SimulatedWorld::kill(int server) {
  mini::RegionServer& victim = *servers_[static_cast<std::size_t>(server)];
  if (!victim.is_alive()) return;
  scheduler_.trace("kill", static_cast<std::uint64_t>(server));
  host_of(server).listens = false;
  reset_links(host_of(server));
  master_->server_died(server, milliseconds(trouble_.skewed(1, 3000)));
  scheduler_.after(milliseconds(trouble_.skewed(1, 10'000)), [this, server] {
    if (!servers_[static_cast<std::size_t>(server)]->is_alive()) start(server);
  });
}

void SimulatedWorld::start(int server) {
  last_start_code_ = std::max(last_start_code_ + 1, scheduler_.wall_clock());
  master_->server_started(server, last_start_code_);
  host_of(server).listens = true;
}

std::vector<mini::Master::RegionView> SimulatedWorld::user_regions() {
  std::vector<mini::Master::RegionView> all;
  for (const std::string& table : tables_) {
    for (auto& view : master_->regions(table)) all.push_back(std::move(view));
  }
  return all;
}

void SimulatedWorld::move_region() {
  auto views = user_regions();
  for (auto& meta : master_->regions("hbase:meta")) views.push_back(std::move(meta));
  const auto& view = views[trouble_.below(views.size())];
  const int to = static_cast<int>(trouble_.below(servers_.size()));
  if (view.server < 0 || !servers_[static_cast<std::size_t>(to)]->is_alive()) return;
  scheduler_.trace("move", static_cast<std::uint64_t>(to));
  (void)master_->move_region(view.region->encoded_name(), to);
}

void SimulatedWorld::split_region() {
  const auto views = user_regions();
  if (views.size() > 24) return;
  const auto& view = views[trouble_.below(views.size())];
  const std::string row = std::to_string(trouble_.between(1000, 9999)).substr(0, 2 + trouble_.below(3));
  scheduler_.trace("split", trouble_.bits());
  if (view.server >= 0 && view.region->holds(row)) (void)master_->split_region(view.region->encoded_name(), row);
}

void SimulatedWorld::merge_regions() {
  const auto views = user_regions();
  const std::size_t first = trouble_.below(views.size());
  if (first + 1 >= views.size() || views[first].region->table() != views[first + 1].region->table()) return;
  if (views[first].server < 0 || views[first + 1].server < 0) return;
  scheduler_.trace("merge", first);
  const std::vector<std::string> names{std::string(views[first].region->encoded_name()),
                                       std::string(views[first + 1].region->encoded_name())};
  (void)master_->merge_regions(names, false);
}

std::size_t SimulatedWorld::scanners() const {
  std::size_t count = 0;
  for (const auto& server : servers_) count += server->scanner_count();
  return count;
}

std::size_t SimulatedWorld::connections() const {
  std::size_t count = 0;
  for (const Host& host : hosts_) {
    count += static_cast<std::size_t>(
        std::ranges::count_if(host.connections, [](const auto& connection) { return !connection->is_over(); }));
  }
  return count;
}

}  // namespace hbmux::sim
