// Answers to batches: read, or refused as a whole.
#include "client/batch_messages.h"
#include "tests/fuzz/fuzz_input.h"

using namespace hbmux;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::size_t regions = input.byte() % 5;
  const std::string_view message = input.part();
  const auto answer = client::read_multi_reply({message, input.rest(), nullptr}, regions);
  if (!answer) {
    fuzz::require(answer.error().code() == Errc::protocol_error);
    return 0;
  }
  fuzz::require(answer->regions.size() == regions);
  for (const auto& region : answer->regions) {
    if (region.error) fuzz::require(!region.error->message().empty());
    for (const auto& item : region.items) {
      if (!item.result) {
        fuzz::require(!item.result.error().message().empty());
        continue;
      }
      for (const Cell& cell : *item.result) fuzz::require(cell.value().size() + cell.row().size() <= cell.encoded().size());
    }
  }
  return 0;
}
