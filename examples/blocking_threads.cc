// Many threads, one connection: each thread makes its own Table, and all calls travel over shared sockets.
//
//   example_blocking_threads [URI]      e.g. hbase+zk://localhost:2181/hbase
#include <hbmux/hbmux.h>
#include <hbmux/mini/cluster.h>

#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

int main(int argc, char** argv) try {
  std::optional<hbmux::mini::Cluster> mini;
  if (argc < 2) mini.emplace(hbmux::mini::Cluster::start().value());
  auto connection = hbmux::ClusterConnection::open(mini ? mini->connection_uri() : argv[1]).value();

  auto admin = connection.admin();
  auto name = hbmux::TableName::parse("hbmux_example_threads").value();
  admin.create_table(hbmux::TableDescriptor(name).family("info")).value();

  constexpr int kThreads = 8;
  constexpr int kRows = 200;
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&connection, &name, t] {
      hbmux::Table table = connection.table(name);  // costs a pointer
      for (int i = 0; i < kRows; ++i) {
        std::string row = "thread" + std::to_string(t) + "-" + std::to_string(i);
        table.put(hbmux::Put(row).add("info", "writer", std::to_string(t))).value();
        table.increment(hbmux::Increment("total").add("info", "rows", 1)).value();
      }
    });
  }
  threads.clear();  // joins them

  // A row that is not there is a result, not an error.
  auto table = connection.table(name);
  auto row = table.get(hbmux::Get("thread3-7").column("info", "writer")).value();
  auto nobody = table.get(hbmux::Get("no such row")).value();
  bool right = row.value("info", "writer") == "3" && !nobody.exists();
  // An increment answers with the new value: eight bytes, the highest first.
  auto total = table.increment(hbmux::Increment("total").add("info", "rows", 0)).value();
  unsigned long long rows = 0;
  const std::string_view bytes = total.value("info", "rows").value();
  for (char byte : bytes) rows = rows << 8 | static_cast<unsigned char>(byte);
  std::cout << rows << " rows by " << kThreads << " threads over " << connection.statistics().sockets_opened
            << " sockets\n";

  admin.disable_table(name).value();
  admin.delete_table(name).value();
  return right && rows == kThreads * kRows ? 0 : 1;
} catch (const hbmux::Exception& failure) {
  std::cerr << failure.error() << '\n';
  return 1;
}
