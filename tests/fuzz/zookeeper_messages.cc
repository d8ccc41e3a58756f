// A frame that a ZooKeeper server sent.
#include "rpc/wire/zookeeper_messages.h"

#include "tests/fuzz/fuzz_input.h"

using namespace hbmux;
using namespace hbmux::rpc;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view frame(reinterpret_cast<const char*>(data), size);
  if (auto timeout = wire::parse_zookeeper_connect(frame)) {
    fuzz::require(timeout->count() > 0);
  } else {
    fuzz::require(timeout.error().code() == Errc::protocol_error);
  }
  const auto reply = wire::parse_zookeeper_reply(frame);
  const std::string_view body = reply ? reply->body : frame;
  fuzz::require(body.size() <= size);
  if (auto bytes = wire::parse_zookeeper_data(body)) fuzz::require(bytes->size() + 4 <= body.size());
  if (auto names = wire::parse_zookeeper_children(body)) {
    std::size_t total = 4;
    for (const auto& name : *names) total += 4 + name.size();
    fuzz::require(total <= body.size());
  }
  return 0;
}
