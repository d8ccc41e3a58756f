// Loads many rows in batches: each batch is split by region server, sent at once, and answers with a result an action.
//
//   example_batch_load [URI]
#include <hbmux/hbmux.h>
#include <hbmux/mini/cluster.h>

#include <chrono>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

namespace {

std::string row_name(int i) {
  std::string digits = std::to_string(i);
  return std::string(6 - digits.size(), '0') + digits;
}

}  // namespace

int main(int argc, char** argv) try {
  std::optional<hbmux::mini::Cluster> mini;
  if (argc < 2) {
    hbmux::mini::Options options;
    options.region_servers = 3;
    mini.emplace(hbmux::mini::Cluster::start(options).value());
  }
  auto connection = hbmux::ClusterConnection::open(mini ? mini->connection_uri() : argv[1]).value();
  auto admin = connection.admin();
  auto name = hbmux::TableName::parse("hbmux_example_batch").value();
  admin.create_table(hbmux::TableDescriptor(name).family("d"), {"003000", "006000"}).value();  // three regions
  auto table = connection.table(name);

  constexpr int kRows = 9000;
  constexpr int kBatch = 500;
  int failed = 0;
  auto began = std::chrono::steady_clock::now();
  for (int first = 0; first < kRows; first += kBatch) {
    std::vector<hbmux::Action> actions;
    for (int i = first; i < first + kBatch; ++i) {
      actions.emplace_back(hbmux::Put(row_name(i)).add("d", "square", std::to_string(i * i)));
    }
    for (const auto& result : table.batch(std::move(actions))) {
      if (result) continue;
      ++failed;  // the others are written nonetheless
      std::cerr << result.error() << '\n';
    }
  }
  std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began;
  std::cout << kRows << " rows in " << seconds.count() << " s\n";

  // Kinds may be mixed; a Put and a Delete answer with an empty row.
  auto results = table.batch({hbmux::Get(row_name(12)), hbmux::Delete(row_name(13)), hbmux::Get("no such row")});
  bool right = results[0]->value("d", "square") == "144" && results[1].has_value() && !results[2]->exists();

  admin.disable_table(name).value();
  admin.delete_table(name).value();
  return failed == 0 && right ? 0 : 1;
} catch (const hbmux::Exception& failure) {
  std::cerr << failure.error() << '\n';
  return 1;
}
