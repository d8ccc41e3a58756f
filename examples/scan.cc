// Reads rows in order, over many regions: forwards, by prefix, and from the end.
//
//   example_scan [URI]
#include <hbmux/hbmux.h>
#include <hbmux/mini/cluster.h>

#include <iostream>
#include <optional>
#include <string>
#include <vector>

int main(int argc, char** argv) try {
  std::optional<hbmux::mini::Cluster> mini;
  if (argc < 2) mini.emplace(hbmux::mini::Cluster::start().value());
  auto connection = hbmux::ClusterConnection::open(mini ? mini->connection_uri() : argv[1]).value();
  auto admin = connection.admin();
  auto name = hbmux::TableName::parse("hbmux_example_scan").value();
  admin.create_table(hbmux::TableDescriptor(name).family("info"), {"g", "p"}).value();
  auto table = connection.table(name);

  std::vector<hbmux::Action> people;
  for (const char* person : {"ada", "alan", "barbara", "grace", "ken", "niklaus", "tony"}) {
    people.emplace_back(hbmux::Put(person).add("info", "length", std::to_string(std::string(person).size())));
  }
  for (const auto& result : table.batch(std::move(people))) result.value();

  // A range-for over Results: an error, if there is one, is the last item.
  int all = 0;
  auto everybody = table.scan(hbmux::Scan());
  for (const hbmux::Result<hbmux::Row>& row : everybody) {
    std::cout << row.value().row() << ' ';
    ++all;
  }
  std::cout << '\n';

  // By hand: next() gives nothing at the end.
  int with_a = 0;
  auto some = table.scan(hbmux::Scan().prefix("a").column("info", "length"));
  while (auto row = some.next().value()) {
    std::cout << row->row() << ": " << row->value("info", "length").value() << '\n';
    ++with_a;
  }

  // The last two, from the end.
  auto backwards = table.scan(hbmux::Scan().reversed(true).limit(2));
  std::string last = std::string(backwards.next().value()->row());
  backwards.close();  // or let it go: its destructor does the same

  admin.disable_table(name).value();
  admin.delete_table(name).value();
  return all == 7 && with_a == 2 && last == "tony" ? 0 : 1;
} catch (const hbmux::Exception& failure) {
  std::cerr << failure.error() << '\n';
  return 1;
}
