// An embedded cluster that keeps its data, in a process that a test kills:
//   data_server DIRECTORY LOG_BYTES
// Prints its URI, and ends when its input does.
#include <hbmux/mini/cluster.h>

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  hbmux::mini::Options options;
  options.region_servers = 2;
  options.threads = 2;
  options.scanner_lease = std::chrono::milliseconds(100);  // it looks for snapshots that are due as often as for leases
  options.data_directory = argv[1];
  options.data_log_bytes = std::strtoull(argv[2], nullptr, 10);
  const auto cluster = hbmux::mini::Cluster::start(options);
  if (!cluster) {
    std::printf("error: %s\n", cluster.error().to_string().c_str());
    return 1;
  }
  std::printf("%s\n", cluster->connection_uri().c_str());
  std::fflush(stdout);
  char byte = 0;
  while (::read(0, &byte, 1) > 0) {
  }
  return 0;
}
