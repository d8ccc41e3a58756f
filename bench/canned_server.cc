// A server that costs next to nothing: it splits requests into frames, reads the call id and the row, and sends back what a region
// server would send for that row. It stores nothing. With it a benchmark shows what the client costs.
// Prints "server=HOST:PORT region=NAME" and runs until it is killed.
#include "bench/frames.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace {
using namespace hbmux::bench;

constexpr std::size_t kReadBytes = 256 << 10;
constexpr std::size_t kPreambleSize = 6;

struct Peer {
  int fd;
  std::string in;
  std::string out;
  bool greeted = false;
};

/// As a region server answers: the reply's header, a Result that announces one cell, and the cell.
void append_get_reply(std::string& out, std::uint32_t call_id, std::string_view row) {
  std::string cell;
  const auto key_size = static_cast<std::uint32_t>(2 + row.size() + 1 + 1 + 1 + 8 + 1);
  put_u32(cell, 8 + key_size + kValueSize);
  put_u32(cell, key_size);
  put_u32(cell, kValueSize);
  cell.push_back(0);
  cell.push_back(static_cast<char>(row.size()));
  cell.append(row).append("\1fq");
  put_u64(cell, 1);
  cell.push_back(4);
  cell.append(row).append(kValueSize - row.size(), '.');

  std::string header, meta, result, body;
  put_number(meta, 1, cell.size());
  put_number(header, 1, call_id);
  put_bytes(header, 3, meta);
  put_number(result, 2, 1);  // associated_cell_count
  put_bytes(body, 1, result);
  put_u32(out, static_cast<std::uint32_t>(1 + header.size() + 1 + body.size() + cell.size()));
  put_varint(out, header.size());
  out += header;
  put_varint(out, body.size());
  out += body;
  out += cell;
}

void append_put_reply(std::string& out, std::uint32_t call_id) {
  std::string header, body;
  put_number(header, 1, call_id);
  put_number(body, 2, 1);  // processed
  put_u32(out, static_cast<std::uint32_t>(1 + header.size() + 1 + body.size()));
  put_varint(out, header.size());
  out += header;
  put_varint(out, body.size());
  out += body;
}

void answer(Peer& peer, std::string_view frame) {
  std::string_view header, param;
  if (!take_delimited(frame, header) || !take_delimited(frame, param)) return;
  const auto id = static_cast<std::uint32_t>(find_number(header, 1));
  if (find_bytes(header, 3) == "Get") {
    append_get_reply(peer.out, id, find_bytes(find_bytes(param, 2), 1));
  } else {
    append_put_reply(peer.out, id);
  }
}

/// Takes the preamble and the connection header off; false while they are not all there.
bool greet(Peer& peer) {
  if (peer.in.size() < kPreambleSize + 4) return false;
  const std::size_t header = get_u32(peer.in.data() + kPreambleSize);
  if (peer.in.size() < kPreambleSize + 4 + header) return false;
  peer.in.erase(0, kPreambleSize + 4 + header);
  return peer.greeted = true;
}

/// False when the connection has ended.
bool serve(Peer& peer) {
  static std::vector<char> buffer(kReadBytes);
  const auto n = ::recv(peer.fd, buffer.data(), buffer.size(), 0);
  if (n <= 0) return false;
  peer.in.append(buffer.data(), static_cast<std::size_t>(n));
  if (!peer.greeted && !greet(peer)) return true;
  peer.in.erase(0, split_frames(peer.in, [&](std::string_view frame) { answer(peer, frame); }));
  std::string_view rest = peer.out;
  while (!rest.empty()) {
    const auto sent = ::send(peer.fd, rest.data(), rest.size(), MSG_NOSIGNAL);  // blocks: the clients here always read
    if (sent <= 0) return false;
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  peer.out.clear();
  return true;
}

void watch(int epoll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

}  // namespace

int main() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener, generic, size) != 0 || ::listen(listener, 64) != 0) return 1;
  ::getsockname(listener, generic, &size);
  std::printf("server=127.0.0.1:%d region=bench,,1.\n", ntohs(address.sin_port));
  std::fflush(stdout);

  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  watch(epoll, listener);
  std::unordered_map<int, Peer> peers;
  while (true) {
    std::array<epoll_event, 64> events;
    const int n = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < n; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == listener) {
        const int accepted = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (accepted < 0) continue;
        const int on = 1;
        ::setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        peers.emplace(accepted, Peer{accepted, {}, {}});
        watch(epoll, accepted);
      } else if (!serve(peers.at(fd))) {
        peers.erase(fd);
        ::close(fd);
      }
    }
  }
}
