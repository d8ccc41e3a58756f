#include "mini/net/network.h"

#include "mini/net/connection.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <fcntl.h>

#include <future>

namespace hbmux::mini {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

Network::Network(int threads) {
  for (int i = 0; i < std::max(threads, 1); ++i) {
    auto loop = std::make_unique<Loop>();
    loop->thread = std::thread([&context = loop->context] {
      const auto work = asio::make_work_guard(context);
      context.run();
    });
    loops_.push_back(std::move(loop));
  }
}

asio::io_context& Network::any_context() { return loops_[next_.fetch_add(1) % loops_.size()]->context; }

void Network::after(std::chrono::milliseconds delay, std::function<void()> work) {
  auto timer = std::make_shared<asio::steady_timer>(loops_.front()->context, delay);
  timer->async_wait([timer, work = std::move(work)](error_code ec) {
    if (!ec) work();
  });
}

void Network::run_on(asio::io_context& context, const std::function<void()>& work) {
  // Its thread has ended, or is this one.
  if (context.stopped() || context.get_executor().running_in_this_thread()) return work();
  std::promise<void> done;
  asio::post(context, [&] {
    work();
    done.set_value();
  });
  done.get_future().wait();
}

void Network::stop() {
  for (const auto& loop : loops_) loop->context.stop();
  for (const auto& loop : loops_) {
    if (loop->thread.joinable()) loop->thread.join();
  }
}

namespace {

/// Programs that ours starts shall not hold it open: a killed server would go on taking connections.
template <class Socket>
void keep_from_children(Socket& socket) {
  ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
}

}  // namespace

Result<void> Listener::bind() {
  context_ = &network_.any_context();
  acceptor_ = std::make_unique<tcp::acceptor>(*context_);
  error_code ec;
  const auto address = asio::ip::make_address(host_ == "localhost" ? "127.0.0.1" : host_, ec);
  if (ec) return Error(Errc::cannot_resolve, "the embedded cluster listens on an address, and " + host_ + " is none");
  const tcp::endpoint endpoint(address, port_);
  acceptor_->open(endpoint.protocol(), ec);
  if (!ec) keep_from_children(*acceptor_);
  if (!ec) acceptor_->set_option(tcp::acceptor::reuse_address(true), ec);
  if (!ec) acceptor_->bind(endpoint, ec);
  if (ec) return Error(Errc::unavailable, "cannot bind " + host_ + ":" + std::to_string(port_) + ": " + ec.message());
  port_ = acceptor_->local_endpoint().port();
  return {};
}

Result<void> Listener::listen(MakeDialogue make_dialogue) {
  make_dialogue_ = std::move(make_dialogue);
  return begin_to_listen();
}

Result<void> Listener::begin_to_listen() {
  error_code ec;
  acceptor_->listen(asio::socket_base::max_listen_connections, ec);
  if (ec)
    return Error(Errc::unavailable, "cannot listen on " + host_ + ":" + std::to_string(port_) + ": " + ec.message());
  open_ = true;
  asio::post(*context_, [self = shared_from_this()] { self->accept(); });
  return {};
}

void Listener::accept() {
  if (!open_) return;
  asio::io_context& context = network_.any_context();
  acceptor_->async_accept(context, [self = shared_from_this(), &context](error_code ec, tcp::socket socket) {
    if (ec == asio::error::operation_aborted || !self->open_) return;
    if (!ec) {
      keep_from_children(socket);
      auto connection =
          std::make_shared<Connection>(self->network_, *self, context, std::move(socket), self->make_dialogue_());
      self->add(connection);
      asio::post(context, [connection] { connection->start(); });
    }
    self->accept();
  });
}

void Listener::add(const std::shared_ptr<Connection>& connection) {
  const std::lock_guard lock(mutex_);
  connections_.insert(connection);
}

void Listener::remove(const std::shared_ptr<Connection>& connection) {
  const std::lock_guard lock(mutex_);
  connections_.erase(connection);
}

void Listener::reset_connections() {
  std::unordered_set<std::shared_ptr<Connection>> all;
  {
    const std::lock_guard lock(mutex_);
    all = connections_;
  }
  for (const auto& connection : all) Network::run_on(connection->context(), [&] { connection->reset(); });
}

void Listener::kill() {
  close();
  (void)bind();  // holds the port for the server's return
}

Result<void> Listener::refuse(bool refuses) {
  if (refuses == !open_) return {};
  if (!refuses) return begin_to_listen();
  end_listening();
  return bind();
}

void Listener::end_listening() {
  open_ = false;
  Network::run_on(*context_, [this] {
    error_code ignored;
    acceptor_->close(ignored);
  });
}

void Listener::close() {
  if (acceptor_ == nullptr) return;
  end_listening();
  reset_connections();
}

}  // namespace hbmux::mini
