// A pool of something that is not HBase: connections that carry one line of text each way, to a server of this program's own.
//
// PoolMap does what a pool does (lend, wait, replace, close in time); a PoolConnector says what there is to know about the thing.
#include <hbmux/pool_map.h>

#include <boost/asio.hpp>

#include <atomic>
#include <chrono>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;

namespace {

/// A connection, used by one thread at a time.
class Line {
 public:
  explicit Line(tcp::socket socket) : socket_(std::move(socket)) {}

  hbmux::Result<std::string> ask(const std::string& question) {
    boost::system::error_code ec;
    asio::write(socket_, asio::buffer(question + "\n"), ec);
    std::string answer;
    if (!ec) asio::read_until(socket_, asio::dynamic_buffer(answer), '\n', ec);
    if (ec) return hbmux::Error(hbmux::Errc::connection_lost, "the line is dead: " + ec.message());
    answer.pop_back();
    return answer;
  }
  /// The other side says nothing by itself: what can be read now is its end.
  bool is_alive() const noexcept {
    char byte = 0;
    return ::recv(const_cast<tcp::socket&>(socket_).native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0;
  }
  void close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

 private:
  tcp::socket socket_;
};

/// The keys are ports of this host.
class LineConnector final : public hbmux::PoolConnector<std::uint16_t, Line> {
 public:
  explicit LineConnector(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  void open(const std::uint16_t& port, TimePoint, Opened done) override {
    auto socket = std::make_shared<tcp::socket>(executor_);
    socket->async_connect({asio::ip::address_v4::loopback(), port},
                          [socket, done = std::move(done)](boost::system::error_code ec) mutable {
                            if (ec) return done(hbmux::Error(hbmux::Errc::cannot_connect, ec.message()));
                            done(std::make_shared<Line>(std::move(*socket)));
                          });
  }
  bool is_alive(const Line& line) const noexcept override { return line.is_alive(); }
  void invalidate(const Resource& line, hbmux::CloseReason) override { line->close(); }

 private:
  asio::any_io_executor executor_;
};

/// Answers each line in capitals, and hangs up on every connection after ten.
class Server {
 public:
  explicit Server(asio::io_context& context) : acceptor_(context, {asio::ip::address_v4::loopback(), 0}) { accept(); }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  int connections() const { return connections_; }

 private:
  struct Client {
    explicit Client(tcp::socket s) : socket(std::move(s)) {}
    tcp::socket socket;
    std::string line, answer;
    int left = 10;
  };
  void accept() {
    acceptor_.async_accept([this](boost::system::error_code ec, tcp::socket socket) {
      if (ec) return;
      ++connections_;
      serve(std::make_shared<Client>(std::move(socket)));
      accept();
    });
  }
  void serve(const std::shared_ptr<Client>& client) {
    if (client->left-- == 0) return;
    asio::async_read_until(client->socket, asio::dynamic_buffer(client->line), '\n',
                           [this, client](boost::system::error_code ec, std::size_t size) {
                             if (ec) return;
                             client->answer = client->line.substr(0, size);
                             client->line.erase(0, size);
                             for (char& c : client->answer) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
                             asio::async_write(client->socket, asio::buffer(client->answer),
                                               [this, client](boost::system::error_code failed, std::size_t) {
                                                 if (!failed) serve(client);
                                               });
                           });
  }

  tcp::acceptor acceptor_;
  std::atomic<int> connections_{0};
};

}  // namespace

int main() {
  asio::io_context context;
  auto work = asio::make_work_guard(context);
  Server server(context);
  std::thread thread([&] { context.run(); });

  std::atomic<int> right{0}, wrong{0};
  {
    hbmux::PoolOptions options;
    options.type = hbmux::PoolType::reusable;  // a line is for one at a time
    options.size = 4;
    hbmux::PoolMap<std::uint16_t, Line> pool(options, std::make_shared<LineConnector>(context.get_executor()),
                                             hbmux::make_pool_runtime(context.get_executor()));
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 100;) {
          auto line = pool.borrow(server.port(), 5s, "the example");
          if (!line) {
            std::cerr << line.error() << '\n';
            ++wrong;
            return;
          }
          const auto answer = (*line)->ask("line " + std::to_string(t) + " " + std::to_string(i));
          if (!answer) {
            line->failed(answer.error());  // the server hung up meanwhile: another line, the same question
            continue;
          }
          ++(*answer == "LINE " + std::to_string(t) + " " + std::to_string(i) ? right : wrong);
          ++i;
        }
      });
    }
    for (auto& t : threads) t.join();
    const auto counts = pool.statistics().front().counts;
    std::cout << right << " answers over " << counts.created << " connections, at most " << options.size << " at once; "
              << counts.closed() << " were closed by the server and replaced\n";
  }
  work.reset();
  context.stop();
  thread.join();
  std::cout << "wrong " << wrong << '\n';
  return right == 800 && wrong == 0 ? 0 : 1;
}
