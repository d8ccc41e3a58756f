// An HTTP service over hbmux: thousands of requests on two threads, and never more sockets to HBase than its pools may have.
//
//   GET /counters/NAME    the counter's value, or 404
//   POST /counters/NAME   adds one, and answers with the new value
//
//   example_http_service [URI]             puts itself under load, and says what came of it
//   example_http_service URI PORT          serves on 127.0.0.1:PORT until it is stopped
#include <hbmux/hbmux.h>
#include <hbmux/mini/cluster.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

constexpr int kServerThreads = 2;
constexpr std::size_t kSocketsPerServer = 4;  // to each region server, whatever the load
constexpr int kClients = 500;                 // at once
constexpr int kRequestsOfEach = 10;

using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

/// A counter's bytes: eight, the highest first.
std::int64_t number_of(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(number);
}

/// One request is one scope: its calls to a region server share a connection, which goes back when the request has been answered, however
/// it ends.
asio::awaitable<Response> answer(const hbmux::Table& counters, const Request& request) {
  Response response(http::status::ok, request.version());
  response.keep_alive(request.keep_alive());
  const std::string_view target(request.target().data(), request.target().size());
  constexpr std::string_view kPrefix = "/counters/";
  if (!target.starts_with(kPrefix) || target.size() == kPrefix.size()) {
    response.result(http::status::not_found);
    co_return response;
  }
  const std::string name(target.substr(kPrefix.size()));
  hbmux::RequestScope scope;
  const auto table = counters.in(scope);
  if (request.method() == http::verb::post) {
    auto increment = hbmux::Increment(name).add("d", "n", 1);
    auto added = co_await table.async_increment(std::move(increment));
    if (!added) {
      response.result(http::status::service_unavailable);
      response.body() = added.error().to_string();
      co_return response;
    }
  }
  hbmux::Get get(name);
  auto row = co_await table.async_get(std::move(get));
  if (!row) {
    response.result(http::status::service_unavailable);
    response.body() = row.error().to_string();
  } else if (const auto number = row->value("d", "n")) {
    response.body() = std::to_string(number_of(*number));
  } else {
    response.result(http::status::not_found);
  }
  co_return response;
}

asio::awaitable<void> serve(tcp::socket socket, hbmux::Table counters) try {
  beast::tcp_stream stream(std::move(socket));
  beast::flat_buffer buffer;
  for (;;) {
    Request request;
    co_await http::async_read(stream, buffer, request, asio::use_awaitable);
    Response response = co_await answer(counters, request);
    response.prepare_payload();
    co_await http::async_write(stream, response, asio::use_awaitable);
    if (!request.keep_alive()) co_return;
  }
} catch (const boost::system::system_error&) {
  // the client has gone
}

asio::awaitable<void> listen(tcp::acceptor& acceptor, hbmux::Table counters) try {
  for (;;) {
    auto socket = co_await acceptor.async_accept(asio::use_awaitable);
    asio::co_spawn(acceptor.get_executor(), serve(std::move(socket), counters), asio::detached);
  }
} catch (const boost::system::system_error&) {
  // the acceptor was closed
}

// ---------------------------------------------------------------- load

struct Outcome {
  std::atomic<int> right{0}, wrong{0};
  std::atomic<std::size_t> sockets_most{0};
};

asio::awaitable<void> ask(tcp::endpoint where, int number, Outcome& outcome) try {
  beast::tcp_stream stream(co_await asio::this_coro::executor);
  co_await stream.async_connect(where, asio::use_awaitable);
  beast::flat_buffer buffer;
  for (int i = 1; i <= kRequestsOfEach; ++i) {
    Request request(http::verb::post, "/counters/c" + std::to_string(number), 11);
    request.prepare_payload();
    co_await http::async_write(stream, request, asio::use_awaitable);
    Response response;
    co_await http::async_read(stream, buffer, response, asio::use_awaitable);
    const bool right = response.result() == http::status::ok && response.body() == std::to_string(i);
    if (!right && outcome.wrong++ == 0) std::cerr << response.result_int() << ' ' << response.body() << '\n';
    if (right) ++outcome.right;
  }
} catch (const boost::system::system_error& failure) {
  ++outcome.wrong;
  std::cerr << failure.what() << '\n';
}

/// The most that any region server had.
std::size_t sockets_to_one_server(const hbmux::ClusterConnection& connection) {
  std::size_t most = 0;
  for (const auto& pool : connection.statistics().pools) {
    if (pool.service == "ClientService") most = std::max(most, pool.open);
  }
  return most;
}

void load(tcp::endpoint where, const hbmux::ClusterConnection& connection, Outcome& outcome) {
  std::atomic<bool> over{false};
  std::thread watch([&] {
    while (!over) {
      outcome.sockets_most = std::max(outcome.sockets_most.load(), sockets_to_one_server(connection));
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  asio::io_context context(1);
  for (int i = 0; i < kClients; ++i) asio::co_spawn(context, ask(where, i, outcome), asio::detached);
  context.run();
  over = true;
  watch.join();
}

hbmux::Table make_table(const hbmux::ClusterConnection& connection) {
  auto name = hbmux::TableName::parse("hbmux_example_counters").value();
  auto made = connection.admin().create_table(hbmux::TableDescriptor(name).family("d"), {"c2", "c4", "c6", "c8"});
  if (!made && made.error().code() != hbmux::Errc::table_exists) made.value();
  return connection.table(name);
}

}  // namespace

int main(int argc, char** argv) try {
  std::optional<hbmux::mini::Cluster> mini;
  if (argc < 2) mini.emplace(hbmux::mini::Cluster::start({.region_servers = 3}).value());
  // Reusable: so many sockets, and requests beyond them wait in order. With the default, RoundRobin, all would share these sockets at once.
  hbmux::Configuration configuration;
  configuration.set("hbase.client.ipc.pool.type", "Reusable").set("hbase.client.ipc.pool.size", std::to_string(kSocketsPerServer));
  auto connection = hbmux::ClusterConnection::open(mini ? mini->connection_uri() : argv[1], configuration).value();
  auto table = make_table(connection);
  table.exists(hbmux::Get("any")).value();  // a service that cannot reach HBase should not start

  asio::io_context context(kServerThreads);
  const auto port = static_cast<std::uint16_t>(argc > 2 ? std::atoi(argv[2]) : 0);
  tcp::acceptor acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), port));
  asio::co_spawn(context, listen(acceptor, table), asio::detached);
  std::vector<std::thread> threads;
  for (int i = 0; i < kServerThreads; ++i) threads.emplace_back([&context] { context.run(); });

  if (argc > 2) {
    for (auto& thread : threads) thread.join();
    return 0;
  }
  Outcome outcome;
  load(acceptor.local_endpoint(), connection, outcome);
  asio::post(context, [&acceptor] { acceptor.close(); });
  for (auto& thread : threads) thread.join();
  std::cout << outcome.right << " of " << kClients * kRequestsOfEach << " requests answered right, by " << kClients
            << " clients at once on " << kServerThreads << " threads; at most " << outcome.sockets_most
            << " sockets to one region server (" << kSocketsPerServer << " allowed)\n";
  connection.admin().disable_table(table.name()).value();
  connection.admin().delete_table(table.name()).value();
  const bool good = outcome.wrong == 0 && outcome.right == kClients * kRequestsOfEach && outcome.sockets_most > 0 &&
                    outcome.sockets_most <= kSocketsPerServer;
  return good ? 0 : 1;
} catch (const hbmux::Exception& failure) {
  std::cerr << failure.error() << '\n';
  return 1;
}
