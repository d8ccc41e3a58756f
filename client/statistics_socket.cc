#include "client/statistics_socket.h"

#include "core/log.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>
#include <thread>

namespace hbmux::client {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kPatience = std::chrono::seconds(2);  // with a reader that does not read

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }

 private:
  int fd_;
};

Error refused(const std::string& path, const std::string& what, int number) {
  return Error(Errc::unavailable,
               "statistics socket " + path + ": " + what + ": " + std::generic_category().message(number));
}

}  // namespace

struct StatisticsSocket::Server {
  std::string path;
  std::function<std::string()> text;
  Descriptor listener, wake;
  dev_t device = 0;
  ino_t inode = 0;
  pid_t owner = ::getpid();
  std::atomic<bool> stopping{false};
  std::thread thread;

  void run();
  void serve(const Descriptor& client);
  bool wait(int fd, short events, Clock::time_point until) const;
  void remove_file() const;
};

/// True when `fd` is ready; false when it was told to stop, or time is up.
bool StatisticsSocket::Server::wait(int fd, short events, Clock::time_point until) const {
  while (!stopping) {
    int timeout = -1;
    if (until != Clock::time_point::max()) {
      timeout = static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count());
      if (timeout <= 0) return false;
    }
    pollfd waits[] = {{fd, events, 0}, {wake.get(), POLLIN, 0}};
    if (::poll(waits, 2, timeout) < 0 && errno != EINTR) return false;
    if (waits[0].revents != 0) return !stopping;
  }
  return false;
}

void StatisticsSocket::Server::serve(const Descriptor& client) {
  const std::string all = text();
  const auto until = Clock::now() + kPatience;
  for (std::size_t sent = 0; sent < all.size();) {
    const ssize_t count = ::send(client.get(), all.data() + sent, all.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count > 0) {
      sent += static_cast<std::size_t>(count);
    } else if (errno != EINTR && (errno != EAGAIN || !wait(client.get(), POLLOUT, until))) {
      return;
    }
  }
}

void StatisticsSocket::Server::run() {
  while (wait(listener.get(), POLLIN, Clock::time_point::max())) {
    const Descriptor client(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (client) {
      serve(client);
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
      wait(-1, 0, Clock::now() + std::chrono::milliseconds(100));  // the caller waits in the backlog meanwhile
    }
  }
}

void StatisticsSocket::Server::remove_file() const {
  struct stat found {};
  if (::lstat(path.c_str(), &found) == 0 && found.st_dev == device && found.st_ino == inode) ::unlink(path.c_str());
}

Result<std::unique_ptr<StatisticsSocket>> StatisticsSocket::open(const std::string& path,
                                                                 std::function<std::string()> text) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path || path.find('\0') != std::string::npos) {
    return Error(Errc::invalid_argument, "statistics socket: \"" + path + "\" is no path for a socket (at most " +
                                             std::to_string(sizeof address.sun_path - 1) + " bytes)");
  }
  std::memcpy(address.sun_path, path.data(), path.size());

  auto server = std::make_shared<Server>();
  server->path = path;
  server->text = std::move(text);
  server->listener = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  server->wake = Descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!server->listener || !server->wake) return refused(path, "cannot make a socket", errno);
  // The file gets the mode of the socket that is bound: so it is private from its first moment, whatever the umask.
  const int fd = server->listener.get();
  if (::fchmod(fd, S_IRUSR | S_IWUSR) != 0) return refused(path, "cannot set its mode", errno);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == EADDRINUSE) {
      return Error(Errc::invalid_argument,
                   "statistics socket " + path + ": the file exists already; remove it, or choose another path");
    }
    return refused(path, "cannot bind", errno);
  }
  struct stat made {};
  if (::lstat(path.c_str(), &made) == 0) server->device = made.st_dev, server->inode = made.st_ino;
  if (::listen(fd, 16) != 0) {
    const int number = errno;
    server->remove_file();
    return refused(path, "cannot listen", number);
  }

  sigset_t all, before;  // signals are for the program's own threads
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    server->thread = std::thread([server] { server->run(); });
    pthread_setname_np(server->thread.native_handle(), "hbmux-stats");
  } catch (const std::system_error& failure) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    server->remove_file();
    return refused(path, "cannot start a thread", failure.code().value());
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return std::unique_ptr<StatisticsSocket>(new StatisticsSocket(std::move(server)));
}

StatisticsSocket::StatisticsSocket(std::shared_ptr<Server> server) : server_(std::move(server)) {}

StatisticsSocket::~StatisticsSocket() {
  // In a child of fork() there is no such thread, and the file is the parent's.
  if (::getpid() != server_->owner) {
    server_->thread.detach();
    return;
  }
  server_->remove_file();
  server_->stopping = true;
  const std::uint64_t one = 1;
  if (::write(server_->wake.get(), &one, sizeof one) < 0) {
    core::log(LogLevel::warning, [] { return std::string("statistics socket: cannot wake its thread"); });
  }
  if (std::this_thread::get_id() == server_->thread.get_id()) {
    server_->thread.detach();  // it ends by itself, and has its own hold on the rest
  } else {
    server_->thread.join();
  }
}

}  // namespace hbmux::client
