#include "rpc/wire/zookeeper_messages.h"

#include <algorithm>
#include <limits>

#include "core/bytes.h"

namespace hbmux::rpc::wire {
namespace {

using core::append_be;
using std::chrono::milliseconds;

constexpr std::int32_t kGetData = 4;
constexpr std::int32_t kGetChildren = 8;
constexpr std::int32_t kPing = 11;
constexpr std::int32_t kCloseSession = -11;
constexpr std::size_t kPasswordBytes = 16;

std::string framed(const std::string& body) {
  std::string frame;
  append_be(frame, static_cast<std::int32_t>(body.size()));
  return frame + body;
}

std::string header(std::int32_t id, std::int32_t type) {
  std::string body;
  append_be(body, id);
  append_be(body, type);
  return body;
}

std::string path_request(std::int32_t id, std::int32_t type, std::string_view path) {
  std::string body = header(id, type);
  append_be(body, static_cast<std::int32_t>(path.size()));
  body += path;
  body += '\0';  // no watch
  return framed(body);
}

/// Takes numbers and strings off the front of bytes that a peer sent.
class Taker {
 public:
  explicit Taker(std::string_view bytes) : rest_(bytes) {}

  template <class T>
  std::optional<T> number() {
    if (rest_.size() < sizeof(T)) return std::nullopt;
    const T value = core::load_be<T>(rest_.data());
    rest_.remove_prefix(sizeof(T));
    return value;
  }
  /// A length of -1 is null, which is taken for empty.
  std::optional<std::string_view> string() {
    const auto size = number<std::int32_t>();
    if (!size || *size < -1) return std::nullopt;
    const auto bytes = static_cast<std::size_t>(std::max(*size, 0));
    if (bytes > rest_.size()) return std::nullopt;
    const std::string_view text = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return text;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

}  // namespace

std::string zookeeper_connect_request(milliseconds session_timeout) {
  std::string body;
  append_be<std::int32_t>(body, 0);
  append_be<std::int64_t>(body, 0);
  append_be(body, static_cast<std::int32_t>(
                      std::min<std::int64_t>(session_timeout.count(), std::numeric_limits<std::int32_t>::max())));
  append_be<std::int64_t>(body, 0);
  append_be<std::int32_t>(body, kPasswordBytes);
  body.append(kPasswordBytes, '\0');
  body += '\0';  // not a read-only server
  return framed(body);
}

std::string zookeeper_get_request(std::int32_t id, std::string_view path) { return path_request(id, kGetData, path); }

std::string zookeeper_children_request(std::int32_t id, std::string_view path) {
  return path_request(id, kGetChildren, path);
}

std::string zookeeper_ping() { return framed(header(kZooKeeperPingId, kPing)); }

std::string zookeeper_close_request() { return framed(header(0, kCloseSession)); }

Result<milliseconds> parse_zookeeper_connect(std::string_view frame) {
  Taker taker(frame);
  const auto protocol = taker.number<std::int32_t>();
  const auto timeout = taker.number<std::int32_t>();
  const auto session = taker.number<std::int64_t>();
  const auto password = taker.string();
  if (!protocol || *protocol != 0 || !timeout || !session || !password || taker.rest().size() > 1) {
    return Error(Errc::protocol_error, "what listens there is no ZooKeeper");
  }
  if (*timeout <= 0) return Error(Errc::protocol_error, "it refused to open a session");
  return milliseconds(*timeout);
}

std::optional<ZooKeeperReply> parse_zookeeper_reply(std::string_view frame) {
  Taker taker(frame);
  const auto id = taker.number<std::int32_t>();
  const auto zxid = taker.number<std::int64_t>();
  const auto code = taker.number<std::int32_t>();
  if (!id || !zxid || !code) return std::nullopt;
  return ZooKeeperReply{*id, static_cast<ZooKeeperCode>(*code), taker.rest()};
}

std::optional<std::string> parse_zookeeper_data(std::string_view body) {
  const auto data = Taker(body).string();
  if (!data) return std::nullopt;
  return std::string(*data);
}

std::optional<std::vector<std::string>> parse_zookeeper_children(std::string_view body) {
  Taker taker(body);
  const auto count = taker.number<std::int32_t>();
  // Each name has a length of its own, so that a count that is too high ends by itself; it reserves no memory.
  if (!count || *count < 0) return std::nullopt;
  std::vector<std::string> names;
  for (std::int32_t i = 0; i < *count; ++i) {
    const auto name = taker.string();
    if (!name) return std::nullopt;
    names.emplace_back(*name);
  }
  return names;
}

}  // namespace hbmux::rpc::wire
