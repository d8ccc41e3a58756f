// What a client sends to the embedded cluster, as it arrives: the preamble, the header and calls, cut into reads of any
// size.
#include "tests/fuzz/mini_world.h"

using namespace hbmux;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::uint8_t choice = input.byte();
  const std::size_t step = std::size_t{input.byte()} * 16 + 1;
  fuzz::MiniWorld world;
  {
    mini::Session session(world.endpoint(choice & 1));
    mini::Replies replies;
    replies.wants_marks = choice & 2;
    std::string bytes;
    while (!input.empty() && !session.is_closing()) {
      bytes += input.bytes(step);
      const std::size_t taken = session.receive(bytes, world.now, replies);
      fuzz::require(taken <= bytes.size());
      bytes.erase(0, taken);
      fuzz::require(replies.marks.empty() || replies.marks.back().end <= replies.bytes.size());
      // Answers are no larger than what there is to answer with: nothing is multiplied without a bound.
      fuzz::require(replies.bytes.size() <= (std::size_t{64} << 20));
      world.pass(choice >> 2);
    }
  }
  world.require_no_scanners();
  return 0;
}
