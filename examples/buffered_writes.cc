// Writes many rows through a BufferedMutator: mutations are collected by region server and sent together, memory stays bounded, and what fails
// for good is told.
//
//   example_buffered_writes [URI]
#include <hbmux/hbmux.h>
#include <hbmux/mini/cluster.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

std::string row_name(int i) {
  char name[16];
  std::snprintf(name, sizeof name, "%08d", i);
  return name;
}

}  // namespace

int main(int argc, char** argv) try {
  std::optional<hbmux::mini::Cluster> mini;
  if (argc < 2) mini.emplace(hbmux::mini::Cluster::start({}).value());
  auto connection = hbmux::ClusterConnection::open(mini ? mini->connection_uri() : argv[1]).value();
  auto admin = connection.admin();
  auto name = hbmux::TableName::parse("hbmux_example_buffered").value();
  admin.create_table(hbmux::TableDescriptor(name).family("d"), {"00050000"}).value();
  auto table = connection.table(name);

  // What is not set comes from hbase.client.write.buffer and its relatives.
  std::atomic<int> failed{0};
  auto params = hbmux::BufferedMutatorParams().write_buffer_periodic_flush(std::chrono::milliseconds(200));
  params.listener([&](const hbmux::RowChange& mutation, const hbmux::Error& error) {
    ++failed;  // the mutation could be written elsewhere
    std::visit([&](const auto& change) { std::cerr << change.row() << ": " << error << '\n'; }, mutation);
  });
  auto mutator = table.buffered_mutator(params);

  // One mutator for all threads. mutate() returns as soon as the mutation is in the buffer, and waits when too much is under way.
  constexpr int kRows = 100000;
  auto began = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = t; i < kRows; i += 4) mutator.mutate(hbmux::Put(row_name(i)).add("d", "n", std::to_string(i))).value();
      });
    }
  }
  // One whose fate matters by itself.
  std::atomic<bool> told{false};
  mutator.mutate(hbmux::Put("important").add("d", "n", "1"), [&](const hbmux::Result<void>& written) { told = written.has_value(); }).value();
  mutator.close().value();  // everything is written, or was told as failed
  std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began;

  // Only the keys travel for counting.
  int found = 0;
  for (const auto& row : table.scan(hbmux::Scan().filter(hbmux::FilterList({hbmux::FirstKeyOnlyFilter(), hbmux::KeyOnlyFilter()})))) {
    row.value();
    ++found;
  }
  std::cout << found << " rows in " << seconds.count() << " s, with " << connection.statistics().calls << " calls in all\n";
  admin.disable_table(name).value();
  admin.delete_table(name).value();
  return found == kRows + 1 && failed == 0 && told ? 0 : 1;
} catch (const hbmux::Exception& failure) {
  std::cerr << failure.error() << '\n';
  return 1;
}
