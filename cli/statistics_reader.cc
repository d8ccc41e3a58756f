#include "cli/statistics_reader.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace hbmux::cli {
namespace {

constexpr std::string_view kPrefix = "hbmux-";
constexpr std::string_view kSuffix = ".sock";
constexpr std::size_t kTextMax = 16 << 20;

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16).ptr == text.data() + i + 3) {
      out += static_cast<char>(byte);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::uint64_t number(std::string_view text) noexcept {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// "a=1 b=2" -> pairs. What has no '=' is skipped.
std::map<std::string, std::string, std::less<>> parse_fields(std::string_view line) {
  std::map<std::string, std::string, std::less<>> fields;
  while (!line.empty()) {
    std::size_t blank = std::min(line.find(' '), line.size());
    std::string_view field = line.substr(0, blank);
    line.remove_prefix(std::min(blank + 1, line.size()));
    if (std::size_t equals = field.find('='); equals != std::string_view::npos) {
      fields.emplace(field.substr(0, equals), unescape(field.substr(equals + 1)));
    }
  }
  return fields;
}

PoolEntryStatistics parse_pool(std::string_view line) {
  auto fields = parse_fields(line);
  PoolEntryStatistics pool;
  pool.address = fields["address"];
  pool.user = fields["user"];
  pool.service = fields["service"];
  pool.type = fields["type"];
  pool.size_max = number(fields["size"]);
  pool.open = number(fields["open"]);
  pool.in_use = number(fields["in_use"]);
  pool.waiting = number(fields["waiting"]);
  pool.calls_in_flight = number(fields["calls"]);
  pool.created = number(fields["created"]);
  pool.closed = number(fields["closed"]);
  pool.idle = number(fields["idle"]);
  pool.borrowed = number(fields["borrowed"]);
  pool.given_up = number(fields["given_up"]);
  for (std::size_t i = 0; i < kCloseReasons; ++i) {
    const auto at = fields.find("closed_" + std::string(to_string(static_cast<CloseReason>(i))));
    if (at != fields.end()) pool.closed_by[i] = number(at->second);
  }
  for (std::size_t i = 0; i < pool.waits.counts.size(); ++i) {
    if (const auto at = fields.find("waits_" + std::to_string(i)); at != fields.end()) pool.waits.counts[i] = number(at->second);
  }
  return pool;
}

struct Descriptor {
  int fd;
  ~Descriptor() { close(fd); }
};

}  // namespace

std::string statistics_folder() {
  for (const char* name : {"XDG_RUNTIME_DIR", "TMPDIR"}) {
    const char* folder = std::getenv(name);
    std::error_code ignored;
    if (folder && std::filesystem::is_directory(folder, ignored)) return folder;
  }
  return "/tmp";
}

std::string statistics_path_of_this_process() {
  return statistics_folder() + '/' + std::string(kPrefix) + std::to_string(getpid()) + std::string(kSuffix);
}

std::vector<std::string> find_statistics_sockets() {
  std::vector<std::string> paths;
  std::error_code problem;
  for (std::filesystem::directory_iterator it(statistics_folder(), problem), end; !problem && it != end;
       it.increment(problem)) {
    std::string name = it->path().filename().string();
    std::error_code ignored;
    if (name.starts_with(kPrefix) && name.ends_with(kSuffix) && it->is_socket(ignored))
      paths.push_back(it->path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

Result<std::string> read_statistics_text(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return Error(Errc::invalid_argument, path + " is too long for a socket's path");
  std::memcpy(address.sun_path, path.data(), path.size());
  Descriptor descriptor{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  timeval patience{5, 0};
  setsockopt(descriptor.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (connect(descriptor.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Error(Errc::cannot_connect, path + ": " + std::strerror(errno));
  }
  std::string text;
  char buffer[4096];
  for (;;) {
    ssize_t got = read(descriptor.fd, buffer, sizeof buffer);
    if (got == 0) return text;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error(Errc::connection_lost, path + ": " + std::strerror(errno));
    text.append(buffer, static_cast<std::size_t>(got));
    if (text.size() > kTextMax) return Error(Errc::protocol_error, path + " does not stop talking: it is no hbmux");
  }
}

Result<ReadStatistics> parse_statistics(std::string_view text) {
  ReadStatistics statistics;
  bool first = true;
  while (!text.empty()) {
    std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (first && line != "hbmux 1") break;
    if (line.starts_with("pool ")) {
      statistics.pools.push_back(parse_pool(line));
    } else if (line.starts_with("failed_server ")) {
      statistics.failed_servers.push_back(parse_fields(line)["address"]);
    } else if (!first) {
      for (const auto& [name, value] : parse_fields(line)) statistics.counters[name] = number(value);
    }
    first = false;
  }
  if (first) return Error(Errc::protocol_error, "these are no statistics of hbmux that this version can read");
  return statistics;
}

}  // namespace hbmux::cli
