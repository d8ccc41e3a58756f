// What a server sends, as it arrives: cut into reads of any size, split into frames, each read as a response.
#include "core/exception_class.h"
#include "core/parse_message.h"
#include "rpc/wire/frame_reader.h"
#include "rpc/wire/response_frame.h"
#include "tests/fuzz/fuzz_input.h"

#include <hbmux/pb/RPC.pb.h>

#include <algorithm>
#include <cstring>

using namespace hbmux;

namespace {

bool lies_within(std::string_view part, std::string_view whole) {
  return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void read_response(std::string_view bytes) {
  auto response = rpc::wire::parse_response(bytes);
  if (!response) return fuzz::require(response.error().code() == Errc::protocol_error);
  fuzz::require(lies_within(response->exception, bytes) && lies_within(response->message, bytes) &&
                lies_within(response->cells, bytes));
  if (!response->has_exception) return;
  pb::ExceptionResponse exception;
  if (!core::parse_message(exception, response->exception)) return;
  const Error error = core::make_error({exception.exception_class_name(), exception.stack_trace(), exception.hostname(),
                                        exception.port(), exception.do_not_retry(), exception.server_overloaded()});
  fuzz::require(!error.message().empty());
  (void)core::react(error);
  (void)core::region_moved_to(error);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::size_t step = std::size_t{input.byte()} * 64 + 1;
  rpc::wire::FrameReader reader(1 << 20);
  while (!input.empty()) {
    auto room = reader.prepare();
    fuzz::require(!room.empty());
    const auto bytes = input.bytes(std::min(step, room.size()));
    std::memcpy(room.data(), bytes.data(), bytes.size());
    reader.commit(bytes.size());
    for (;;) {
      auto frame = reader.next();
      if (!frame) {
        fuzz::require(frame.error().code() == Errc::protocol_error);
        return 0;
      }
      if (!*frame) break;
      read_response((*frame)->bytes);
    }
  }
  return 0;
}
