// The same operations as coroutines: a thousand gets in flight from one thread of the program's own.
//
//   example_coroutines [URI]
#include <hbmux/hbmux.h>
#include <hbmux/mini/cluster.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>
#include <optional>
#include <string>

namespace asio = boost::asio;

namespace {

constexpr int kRows = 1000;

std::string row_name(int i) { return "row" + std::to_string(i); }

asio::awaitable<void> write_and_read(hbmux::Table table, int i, int& right) {
  auto put = hbmux::Put(row_name(i)).add("d", "n", std::to_string(i));
  auto written = co_await table.async_put(std::move(put));
  if (!written) {
    std::cerr << written.error() << '\n';
    co_return;
  }
  hbmux::Get get(row_name(i));
  auto row = co_await table.async_get(get);
  if (row && row->value("d", "n") == std::to_string(i)) ++right;
}

asio::awaitable<void> scan(hbmux::Table table, int& rows) {
  auto scanner = table.scan(hbmux::Scan().prefix("row"));
  for (;;) {
    auto row = co_await scanner.async_next();
    if (!row) std::cerr << row.error() << '\n';
    if (!row || !*row) co_return;  // an error, or the end
    ++rows;
  }
}

}  // namespace

int main(int argc, char** argv) try {
  std::optional<hbmux::mini::Cluster> mini;
  if (argc < 2) mini.emplace(hbmux::mini::Cluster::start().value());
  auto connection = hbmux::ClusterConnection::open(mini ? mini->connection_uri() : argv[1]).value();
  auto admin = connection.admin();
  auto name = hbmux::TableName::parse("hbmux_example_coroutines").value();
  admin.create_table(hbmux::TableDescriptor(name).family("d")).value();

  // Handlers run where the coroutines do: in this thread, so that nothing needs a lock.
  asio::io_context context;
  hbmux::Table table = connection.table(name);
  int right = 0, scanned = 0;
  for (int i = 0; i < kRows; ++i) asio::co_spawn(context, write_and_read(table, i, right), asio::detached);
  context.run();
  context.restart();
  asio::co_spawn(context, scan(table, scanned), asio::detached);
  context.run();
  std::cout << right << " rows read back, " << scanned << " scanned\n";

  admin.disable_table(name).value();
  admin.delete_table(name).value();
  return right == kRows && scanned == kRows ? 0 : 1;
} catch (const hbmux::Exception& failure) {
  std::cerr << failure.error() << '\n';
  return 1;
}
