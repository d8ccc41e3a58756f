// The same operations with callbacks and with futures.
//
//   example_callbacks [URI]
#include <hbmux/hbmux.h>
#include <hbmux/mini/cluster.h>

#include <boost/asio/use_future.hpp>

#include <future>
#include <iostream>
#include <latch>
#include <optional>

int main(int argc, char** argv) try {
  std::optional<hbmux::mini::Cluster> mini;
  if (argc < 2) mini.emplace(hbmux::mini::Cluster::start().value());
  auto connection = hbmux::ClusterConnection::open(mini ? mini->connection_uri() : argv[1]).value();
  auto admin = connection.admin();
  auto name = hbmux::TableName::parse("hbmux_example_callbacks").value();
  admin.create_table(hbmux::TableDescriptor(name).family("info")).value();
  auto table = connection.table(name);

  // A future: begun here, waited for there.
  auto put = hbmux::Put("u42").add("info", "name", "Ada").add("info", "born", "1815");
  std::future<hbmux::Result<void>> written = table.async_put(std::move(put), boost::asio::use_future);
  written.get().value();

  // A callback runs on one of the connection's own threads: it must not wait there, and what it touches needs care.
  std::latch done(1);
  bool right = false;
  table.async_get(hbmux::Get("u42"), [&](hbmux::Result<hbmux::Row> row) {
    if (row) {
      for (const hbmux::Cell& cell : *row) std::cout << cell.qualifier() << " = " << cell.value() << '\n';
      right = row->value("info", "name") == "Ada";
    } else {
      std::cerr << row.error() << '\n';
    }
    done.count_down();
  });
  done.wait();

  // An error is a value too; its code is there to switch on.
  auto missing = connection.table("hbmux_no_such_table").async_get(hbmux::Get("u42"), boost::asio::use_future).get();
  std::cout << "a table that is not there: " << missing.error().code() << '\n';
  right = right && missing.error().code() == hbmux::Errc::table_not_found;

  admin.disable_table(name).value();
  admin.delete_table(name).value();
  return right ? 0 : 1;
} catch (const hbmux::Exception& failure) {
  std::cerr << failure.error() << '\n';
  return 1;
}
