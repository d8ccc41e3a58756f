#include "tests/sim/workload.h"

namespace hbmux::sim {

using std::chrono::milliseconds;

Configuration draw_configuration(Random& random) {
  Configuration configuration;
  auto set = [&](const char* name, std::int64_t value) { configuration.set(name, std::to_string(value)); };
  const std::int64_t operation = random.skewed(300, 60'000);
  set("hbase.client.operation.timeout", operation);
  set("hbase.client.meta.operation.timeout", std::max<std::int64_t>(operation, 1000));
  set("hbase.rpc.timeout", random.skewed(100, 10'000));
  set("hbase.client.scanner.timeout.period", random.skewed(500, 20'000));
  set("hbase.client.pause", random.skewed(2, 200));
  set("hbase.client.retries.number", random.between(5, 40));
  set("hbase.ipc.client.socket.timeout.connect", random.skewed(100, 5000));
  set("hbase.ipc.client.socket.timeout.read", random.skewed(200, 20'000));
  set("hbase.ipc.client.socket.timeout.write", random.skewed(500, 20'000));
  set("hbase.ipc.client.failed.servers.expiry", random.skewed(1, 2000));
  set("hbase.ipc.client.connection.minIdleTimeBeforeClose", random.skewed(50, 120'000));
  set("hbase.client.ipc.pool.size", random.between(1, 4));
  static constexpr const char* kPools[] = {"RoundRobin", "RoundRobin", "ThreadLocal", "Reusable"};
  configuration.set("hbase.client.ipc.pool.type", kPools[random.below(4)]);
  if (random.chance(0.2))
    configuration.set("hbase.client.rpc.codec", "");
  else if (random.chance(0.1))
    configuration.set("hbase.client.rpc.compressor", "org.apache.hadoop.io.compress.SnappyCodec");
  if (random.chance(0.2)) set("hbmux.rpc.tombstones.max", random.between(1, 16));
  if (random.chance(0.1)) set("hbmux.rpc.inflight.calls.max", random.between(2, 16));
  return configuration;
}

milliseconds milliseconds_of(const Configuration& configuration, std::string_view name) {
  return milliseconds(std::stoll(configuration.properties().at(std::string(name))));
}

void check_that_nothing_is_left(SimulatedWorld& world, milliseconds scanner_lease) {
  world.run_for(milliseconds(1000));  // replies to calls that were given up
  const auto statistics = world.client().statistics();
  world.require(statistics.calls_in_flight == 0, "calls are still in flight in the client");
  world.close_client();
  world.run_for(scanner_lease + milliseconds(3000));
  world.require(world.scanners() == 0, "scanners are left on the servers");
  world.require(world.connections() == 0, "connections are left on the servers");
}

RunReport report_of(SimulatedWorld& world, const CallWatch& watch) {
  RunReport report;
  report.failure = world.failure();
  report.trace_hash = world.scheduler().trace_hash();
  report.events = world.scheduler().events();
  report.calls = watch.begun();
  report.virtual_ms =
      std::chrono::duration_cast<milliseconds>(world.scheduler().now().time_since_epoch()).count() - 3'600'000;
  report.outcomes = watch.outcomes();
  report.counts = world.counts();
  return report;
}

}  // namespace hbmux::sim
