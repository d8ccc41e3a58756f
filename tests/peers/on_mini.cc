// Runs a command beside an embedded cluster and ends with its exit status.
//   on_mini [--servers N] [--threads N] [--table NAME:FAMILY] [--fault FAULT]... -- COMMAND ARGS...
// When a fault has never happened, that is a failure of its own.
// In the arguments, @BOOTSTRAP@ stands for the addresses of all servers, @URI@ for the cluster's URI, @ZOOKEEPER@ for
// the address of its ZooKeeper and @ZOOKEEPER_PORT@ for the port alone.
#include <hbmux/mini/cluster.h>

#include <spawn.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

extern char** environ;

namespace {

void replace(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) {
    text.replace(at, what.size(), with);
  }
}

int run(std::vector<std::string> command) {
  std::vector<char*> argv;
  for (std::string& argument : command) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  if (posix_spawnp(&child, argv[0], nullptr, nullptr, argv.data(), environ) != 0) {
    std::fprintf(stderr, "on_mini: cannot start %s\n", argv[0]);
    return 77;
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child) return 1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

}  // namespace

int main(int argc, char** argv) {
  hbmux::mini::Options options;
  options.region_servers = 3;
  std::string table;
  std::vector<std::string> faults;
  int at = 1;
  for (; at + 1 < argc && std::string_view(argv[at]) != "--"; at += 2) {
    const std::string_view option = argv[at];
    if (option == "--servers") {
      options.region_servers = std::atoi(argv[at + 1]);
    } else if (option == "--threads") {
      options.threads = std::atoi(argv[at + 1]);
    } else if (option == "--table") {
      table = argv[at + 1];
    } else if (option == "--fault") {
      faults.emplace_back(argv[at + 1]);
    } else {
      std::fprintf(stderr, "on_mini: unknown option %s\n", argv[at]);
      return 2;
    }
  }
  if (at + 1 >= argc) {
    std::fprintf(stderr,
                 "usage: on_mini [--servers N] [--threads N] [--table NAME:FAMILY] [--fault FAULT]... -- COMMAND ARGS...\n");
    return 2;
  }
  auto cluster = hbmux::mini::Cluster::start(options);
  if (!cluster) {
    std::fprintf(stderr, "on_mini: %s\n", cluster.error().to_string().c_str());
    return 1;
  }
  if (const std::size_t colon = table.find(':'); colon != std::string::npos) {
    if (const auto made = cluster->create_table(table.substr(0, colon), {table.substr(colon + 1)}); !made) {
      std::fprintf(stderr, "on_mini: %s\n", made.error().to_string().c_str());
      return 1;
    }
  }
  for (const std::string& fault : faults) {
    if (const auto begun = cluster->inject(fault); !begun) {
      std::fprintf(stderr, "on_mini: %s\n", begun.error().to_string().c_str());
      return 1;
    }
  }
  std::string bootstrap;
  for (const auto& server : cluster->region_servers()) {
    bootstrap += (bootstrap.empty() ? "" : ",") + server.address.to_string();
  }
  std::vector<std::string> command(argv + at + 1, argv + argc);
  for (std::string& argument : command) {
    replace(argument, "@BOOTSTRAP@", bootstrap);
    replace(argument, "@URI@", cluster->connection_uri());
    const std::string zookeeper = cluster->zookeeper_address();
    replace(argument, "@ZOOKEEPER_PORT@", zookeeper.substr(zookeeper.rfind(':') + 1));
    replace(argument, "@ZOOKEEPER@", zookeeper);
  }
  int status = run(std::move(command));
  for (const auto& count : cluster->fault_counts()) {
    // What lasts counts when it begins, and may be there for what comes later.
    if (status != 0 || count.happened > 0 || count.kind == hbmux::mini::Fault::Kind::replica_lag) continue;
    std::fprintf(stderr, "on_mini: this never happened: %s\n", count.fault.c_str());
    status = 1;
  }
  return status;
}
