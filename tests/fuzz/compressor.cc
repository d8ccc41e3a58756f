// One algorithm (HBMUX_FUZZ_COMPRESSION) decompresses anything, within its limit; and what it compresses comes back.
#include "rpc/wire/compressor.h"
#include "tests/fuzz/fuzz_input.h"

using namespace hbmux;
using rpc::wire::Compression;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr auto kAlgorithm = Compression::HBMUX_FUZZ_COMPRESSION;
  constexpr std::size_t kMax = 300000;  // more than a decompressor's first guess
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::string out = "kept";
  auto done = rpc::wire::decompress(kAlgorithm, bytes, kMax, out);
  fuzz::require(out.starts_with("kept"));
  if (done) {
    fuzz::require(out.size() <= kMax + 4);
  } else {
    fuzz::require(done.error().code() == Errc::protocol_error && out.size() <= kMax + 5);
  }
  std::string compressed, again;
  fuzz::require(rpc::wire::compress(kAlgorithm, bytes, compressed).has_value());
  fuzz::require(rpc::wire::decompress(kAlgorithm, compressed, size, again).has_value() && again == bytes);
  return 0;
}
