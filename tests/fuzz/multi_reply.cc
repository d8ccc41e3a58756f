// Answers to batches: read, or refused as a whole.
#include "client/batch_messages.h"
#include "tests/fuzz/fuzz_input.h"

using namespace hbmux;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::size_t regions = input.byte() % 5;
  const std::string_view message = input.part();
  const auto answers = client::read_multi_reply({message, input.rest(), nullptr}, regions);
  if (!answers) {
    fuzz::require(answers.error().code() == Errc::protocol_error);
    return 0;
  }
  fuzz::require(answers->size() == regions);
  for (const auto& answer : *answers) {
    if (answer.error) fuzz::require(!answer.error->message().empty());
    for (const auto& item : answer.items) {
      if (!item.result) {
        fuzz::require(!item.result.error().message().empty());
        continue;
      }
      for (const Cell& cell : *item.result) fuzz::require(cell.value().size() + cell.row().size() <= cell.encoded().size());
    }
  }
  return 0;
}
