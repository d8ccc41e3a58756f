// Puts a row and gets it back, on an embedded cluster.
#include <hbmux/hbmux.h>
#include <hbmux/mini/cluster.h>

#include <iostream>

int main() {
  auto cluster = hbmux::mini::Cluster::start().value();
  cluster.create_table("users", {"info"}).value();
  auto connection = hbmux::ClusterConnection::open(cluster.client_configuration()).value();
  auto table = connection.table("users");
  table.put(hbmux::Put("u42").add("info", "name", "Ada")).value();
  auto row = table.get(hbmux::Get("u42")).value();
  std::cout << "hbmux " << HBMUX_VERSION_STRING << ": " << row.value("info", "name").value_or("nobody") << '\n';
  return row.value("info", "name") == "Ada" ? 0 : 1;
}
