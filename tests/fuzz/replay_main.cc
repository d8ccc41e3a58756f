// Stands in for libFuzzer where it is not there: runs a target on every file that is named, or lies in a folder that is
// named. Small inputs are also run cut off at every byte and with bits flipped, so that an ordinary build tries some
// thousand broken inputs too.
#include "tests/fuzz/fuzz_input.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
constexpr std::size_t kCutMax = 600;  // longer inputs are cut at fewer places
constexpr std::size_t kFlips = 400;

std::size_t runs = 0;

// A copy of exactly the input's size: reading beyond it is then seen by the address sanitizer.
void run(const std::string& input) {
  const std::vector<std::uint8_t> copy(input.begin(), input.end());
  LLVMFuzzerTestOneInput(copy.data(), copy.size());
  ++runs;
}

void replay(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string input((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  run(input);
  const std::size_t step = input.size() / kCutMax + 1;
  for (std::size_t size = 0; size < input.size(); size += step) run(input.substr(0, size));
  const std::size_t bits = input.size() * 8;
  const std::size_t stride = std::max<std::size_t>(1, bits / kFlips) | 1;  // odd: all places in a byte come up
  for (std::size_t bit = 0; bit < bits; bit += stride) {
    std::string flipped = input;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    run(flipped);
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<fs::path> files;
  for (int i = 1; i < argc; ++i) {
    if (fs::is_directory(argv[i])) {
      for (const auto& entry : fs::directory_iterator(argv[i])) {
        if (entry.is_regular_file()) files.push_back(entry.path());
      }
    } else {
      files.emplace_back(argv[i]);
    }
  }
  if (files.empty()) {
    std::fprintf(stderr, "usage: %s FILE|FOLDER...: nothing to replay\n", argv[0]);
    return 1;
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    std::printf("%s\n", file.filename().c_str());
    std::fflush(stdout);  // so that the last one named is the one that failed
    replay(file);
  }
  std::printf("%zu runs of %zu inputs\n", runs, files.size());
}
