// A way to a server that can be cut.
#pragma once

#include <boost/asio.hpp>

#include <array>
#include <cstdint>
#include <future>
#include <list>
#include <memory>
#include <string>
#include <thread>

namespace hbmux::bigtable {

/// Passes bytes on, until it is cut: then all its sockets are closed at once. New connections are taken afterwards.
class Proxy {
  using tcp = boost::asio::ip::tcp;

 public:
  /// `target`: "127.0.0.1:PORT".
  explicit Proxy(const std::string& target)
      : target_(boost::asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(std::stoi(target.substr(target.rfind(':') + 1)))),
        acceptor_(context_, {boost::asio::ip::address_v4::loopback(), 0}) {
    accept();
    thread_ = std::thread([this] { context_.run(); });
  }
  ~Proxy() {
    context_.stop();
    thread_.join();
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()); }
  /// Returns when it is done.
  void cut() {
    std::promise<void> done;
    boost::asio::post(context_, [&] {
      for (auto& pair : pairs_) {
        boost::system::error_code ignored;
        pair->client.close(ignored);
        pair->server.close(ignored);
      }
      pairs_.clear();
      done.set_value();
    });
    done.get_future().wait();
  }

 private:
  struct Pair {
    explicit Pair(tcp::socket c) : client(std::move(c)), server(client.get_executor()) {}
    tcp::socket client, server;
  };

  void accept() {
    acceptor_.async_accept([this](boost::system::error_code ec, tcp::socket socket) {
      if (ec) return;
      auto pair = std::make_shared<Pair>(std::move(socket));
      pairs_.push_back(pair);
      pair->server.async_connect(target_, [pair](boost::system::error_code failed) {
        if (failed) return;
        pump(pair, pair->client, pair->server);
        pump(pair, pair->server, pair->client);
      });
      accept();
    });
  }
  static void pump(const std::shared_ptr<Pair>& pair, tcp::socket& from, tcp::socket& to) {
    auto buffer = std::make_shared<std::array<char, 16384>>();
    from.async_read_some(boost::asio::buffer(*buffer), [pair, &from, &to, buffer](boost::system::error_code ec, std::size_t size) {
      boost::system::error_code ignored;
      if (ec) return static_cast<void>(to.shutdown(tcp::socket::shutdown_send, ignored));
      auto written = [pair, &from, &to, buffer](boost::system::error_code failed, std::size_t) {
        if (!failed) pump(pair, from, to);
      };
      boost::asio::async_write(to, boost::asio::buffer(*buffer, size), std::move(written));
    });
  }

  boost::asio::io_context context_;
  const tcp::endpoint target_;
  tcp::acceptor acceptor_;
  std::list<std::shared_ptr<Pair>> pairs_;
  std::thread thread_;
};

}  // namespace hbmux::bigtable
