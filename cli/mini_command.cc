// mini: an embedded cluster in the foreground.
#include "cli/session.h"
#include "cli/text.h"
#include "core/bytes.h"

#include <hbmux/mini/cluster.h>

#include <CLI/CLI.hpp>

#include <csignal>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

namespace hbmux::cli {
namespace {

/// ZooKeeper's own port: clients without any setting look here.
constexpr std::uint16_t kZooKeeperPort = 2181;

struct MiniArguments {
  mini::Options options;
  bool zookeeper_port_is_asked = false;
  std::vector<std::string> tables;
  std::vector<std::string> faults;
  std::string fault_script;
};

struct TableSpec {
  std::string name;
  std::vector<std::string> families;
  std::vector<std::string> splits;
};

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

/// "users:info,data" or "users:info:g,n,t" (split keys), with "namespace:" in front where a table is not in the default
/// one.
TableSpec parse_table(const std::string& text) {
  std::vector<std::string> parts = split(text, ':');
  TableSpec spec;
  std::size_t at = 1;
  if (parts.size() == 4)
    spec.name = parts[0] + ':' + parts[at++];
  else if (parts.size() == 2 || parts.size() == 3)
    spec.name = parts[0];
  else
    throw Exception(Error(Errc::invalid_argument, "--table \"" + text + "\": expected NAME:FAMILY,...[:SPLITKEY,...]"));
  spec.families = split(parts[at], ',');
  if (at + 1 < parts.size()) spec.splits = split(parts[at + 1], ',');
  for (std::string& key : spec.splits) key = core::from_string_binary(key);
  return spec;
}

/// Signals must be blocked before the cluster starts its threads, so that only sigwait() sees them.
sigset_t block_end_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

/// Where nobody said which port, ZooKeeper's own is only a first choice: somebody else may have it.
mini::Cluster start(const MiniArguments& arguments) {
  mini::Options options = arguments.options;
  if (arguments.zookeeper_port_is_asked) return mini::Cluster::start(options).value();
  options.zookeeper_port = kZooKeeperPort;
  if (auto started = mini::Cluster::start(options)) return std::move(*started);
  options.zookeeper_port = 0;
  return mini::Cluster::start(options).value();
}

std::string xml_quoted(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else
      out += c;
  }
  return out;
}

void print_site(const Configuration& configuration) {
  std::cout << "  <configuration>\n";
  for (const auto& [name, value] : configuration.properties()) {
    std::cout << "    <property><name>" << xml_quoted(name) << "</name><value>" << xml_quoted(value)
              << "</value></property>\n";
  }
  std::cout << "  </configuration>\n";
}

void print_for_people(const mini::Cluster& cluster, const std::vector<TableSpec>& tables,
                      const std::string& directory) {
  std::string uri = cluster.connection_uri();
  std::string table = tables.empty() ? "users" : tables.front().name;
  std::string family = tables.empty() ? "info" : tables.front().families.front();
  std::cout << "An HBase in this process, for development and tests; its data are "
            << (directory.empty() ? "in memory" : "in " + directory) << ".\n\n  master         "
            << cluster.master().address.to_string() << "\n  region servers";
  for (const ServerName& server : cluster.region_servers()) std::cout << ' ' << server.address.to_string();
  std::cout << "\n  ZooKeeper      " << cluster.zookeeper_address()
            << "\n\nThis command, in another terminal:\n\n  export HBMUX_URI=" << uri << '\n';
  if (tables.empty()) std::cout << "  hbmux create " << table << ' ' << family << '\n';
  std::cout << "  hbmux put " << table << " u42 " << family << ":name=Ada\n  hbmux scan " << table
            << "\n\nC++:\n\n  auto connection = hbmux::ClusterConnection::open(\"" << uri
            << "\");\n\nJava and all others, hbase-site.xml, by way of ZooKeeper (" << cluster.zookeeper_uri()
            << "):\n\n";
  print_site(cluster.zookeeper_configuration());
  std::cout << "\nor, since HBase 2.5, without it:\n\n";
  print_site(cluster.client_configuration());
  std::cout << "\nCtrl-C ends it." << std::endl;
}

void print_for_programs(const mini::Cluster& cluster) {
  std::cout << "{\"uri\":" << json_quoted(cluster.connection_uri())
            << ",\"master\":" << json_quoted(cluster.master().address.to_string()) << ",\"region_servers\":[";
  const char* comma = "";
  for (const ServerName& server : cluster.region_servers()) {
    std::cout << comma << json_quoted(server.address.to_string());
    comma = ",";
  }
  std::cout << "],\"zookeeper\":" << json_quoted(cluster.zookeeper_address())
            << ",\"zookeeper_uri\":" << json_quoted(cluster.zookeeper_uri()) << ",\"properties\":{";
  comma = "";
  for (const auto& [name, value] : cluster.client_configuration().properties()) {
    std::cout << comma << json_quoted(name) << ':' << json_quoted(value);
    comma = ",";
  }
  std::cout << "}}" << std::endl;
}

std::string text_of_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) throw Exception(Error(Errc::invalid_argument, "cannot read " + path));
  return text.str();
}

void begin_faults(mini::Cluster& cluster, const MiniArguments& arguments) {
  for (const std::string& fault : arguments.faults) cluster.inject(fault).value();
  if (!arguments.fault_script.empty()) cluster.run_fault_script(text_of_file(arguments.fault_script)).value();
}

/// How often each fault has happened.
void print_faults(const std::vector<mini::FaultCount>& faults) {
  for (const mini::FaultCount& each : faults) {
    std::cerr << "  " << with_commas(each.happened) << " x " << each.fault << (each.active ? "" : " (ended)") << '\n';
  }
}

ExitCode mini_cluster(const Session& session, const MiniArguments& arguments) {
  sigset_t signals = block_end_signals();
  std::vector<TableSpec> tables;
  for (const std::string& text : arguments.tables) tables.push_back(parse_table(text));
  mini::Cluster cluster = start(arguments);
  for (const TableSpec& table : tables) {
    if (!arguments.options.data_directory.empty() && !cluster.regions(table.name).empty()) continue;  // it was kept
    cluster.create_table(table.name, table.families, table.splits).value();
  }
  if (session.options.format == Format::json)
    print_for_programs(cluster);
  else
    print_for_people(cluster, tables, arguments.options.data_directory);
  begin_faults(cluster, arguments);
  int signal = 0;
  sigwait(&signals, &signal);
  auto stats = cluster.stats();
  cluster.stop();
  std::cerr << "\nServed " << with_commas(stats.calls) << " calls on " << with_commas(stats.connections_accepted)
            << " connections.\n";
  print_faults(cluster.fault_counts());
  return ExitCode::ok;
}

}  // namespace

void add_mini_command(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<MiniArguments>();
  arguments->options.base_port = 16500;
  auto* command = app.add_subcommand("mini", "Run an embedded cluster in the foreground and tell how to connect");
  command->add_option("--region-servers", arguments->options.region_servers, "How many")
      ->type_name("N")
      ->check(CLI::Range(1, 64).description(""))
      ->capture_default_str();
  command
      ->add_option("--port", arguments->options.base_port,
                   "The master's; region servers take the ones behind it. 0: any that are free")
      ->type_name("PORT")
      ->capture_default_str();
  auto* zookeeper_port =
      command
          ->add_option("--zookeeper-port", arguments->options.zookeeper_port,
                       "Its read-only ZooKeeper's; 0: any that is free. Without it 2181, or another when that is taken")
          ->type_name("PORT");
  command->add_option("--host", arguments->options.host, "Address to listen on")
      ->type_name("ADDRESS")
      ->capture_default_str();
  command->add_option("--threads", arguments->options.threads, "Threads that serve")
      ->type_name("N")
      ->check(CLI::Range(1, 256).description(""))
      ->capture_default_str();
  command->add_option("--meta-replicas", arguments->options.meta_replicas, "Copies of hbase:meta (hbase.meta.replica.count)")
      ->type_name("N")
      ->check(CLI::Range(1, 32).description(""))
      ->capture_default_str();
  command->add_flag("--load-statistics", arguments->options.load_statistics,
                    "Tell clients how loaded regions are (hbase.client.backpressure.enabled)");
  command->add_option("--table", arguments->tables, "Make a table; may be given several times")
      ->type_name("NAME:FAMILY,...[:SPLIT,...]")
      ->allow_extra_args(false);
  command
      ->add_option(
          "--fault", arguments->faults,
          "What goes wrong from the beginning, as \"drop method=Mutate rate=0.01\"; may be given several times")
      ->type_name("FAULT")
      ->allow_extra_args(false);
  command->add_option("--fault-script", arguments->fault_script, "A file that says what goes wrong when")
      ->type_name("FILE");
  command->callback([&session, arguments, zookeeper_port] {
    arguments->zookeeper_port_is_asked = zookeeper_port->count() > 0;
    session.run = [&session, arguments] { return mini_cluster(session, *arguments); };
  });
}

}  // namespace hbmux::cli
