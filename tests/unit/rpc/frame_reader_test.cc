#include "rpc/wire/frame_reader.h"

#include "core/bytes.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

namespace hbmux::rpc::wire {
namespace {

std::string framed(std::string_view bytes) {
  std::string out;
  core::append_be(out, static_cast<std::uint32_t>(bytes.size()));
  return out.append(bytes);
}

/// Feeds `bytes` in steps of at most `step` and collects the frames.
Result<std::vector<std::string>> split(FrameReader& reader, std::string_view bytes, std::size_t step) {
  std::vector<std::string> frames;
  while (!bytes.empty()) {
    auto space = reader.prepare();
    const std::size_t size = std::min({space.size(), bytes.size(), step});
    std::memcpy(space.data(), bytes.data(), size);
    reader.commit(size);
    bytes.remove_prefix(size);
    for (;;) {
      auto frame = reader.next();
      if (!frame) return frame.error();
      if (!*frame) break;
      frames.emplace_back((*frame)->bytes);
    }
  }
  return frames;
}

TEST(FrameReader, SplitsFramesHoweverTheyArrive) {
  const std::vector<std::string> frames = {"", "a", std::string(1000, 'b'), std::string(40000, 'c'), std::string(70000, 'd'),
                                           "e", std::string(5000000, 'f'), "g"};
  std::string stream;
  for (auto& f : frames) stream += framed(f);
  for (std::size_t step : {7, 1000, 65536, 10000000}) {
    FrameReader reader(8 << 20);
    auto out = split(reader, stream, step);
    ASSERT_TRUE(out) << out.error();
    EXPECT_EQ(*out, frames) << "step " << step;
    EXPECT_EQ(reader.incomplete(), 0u);
  }
}

TEST(FrameReader, RefusesALengthBeyondTheBound) {
  FrameReader reader(1000);
  auto out = split(reader, framed(std::string(1001, 'x')), 64);
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code(), Errc::protocol_error);
}

// "HTTP" read as a length is over a gigabyte: another kind of server is told apart at its first bytes.
TEST(FrameReader, RefusesWhatIsNoHBaseServer) {
  FrameReader reader(256 << 20);
  auto out = split(reader, "HTTP/1.1 400 Bad Request\r\n\r\n", 64);
  ASSERT_FALSE(out);
  EXPECT_NE(out.error().message().find("HBase"), std::string::npos);
}

// A length is only a claim: memory follows the bytes that come.
TEST(FrameReader, DoesNotTakeMemoryForBytesThatDoNotCome) {
  FrameReader reader(256 << 20);
  std::string bytes;
  core::append_be(bytes, std::uint32_t{200 << 20});
  bytes += "only this";
  ASSERT_TRUE(split(reader, bytes, 64));
  EXPECT_LE(reader.prepare().size(), 4u << 20);
}

TEST(FrameReader, ALargeFrameOutlivesTheReader) {
  std::shared_ptr<const void> owner;
  std::string_view bytes;
  {
    FrameReader reader(1 << 20);
    const std::string stream = framed(std::string(100000, 'x'));
    std::string_view rest = stream;
    for (;;) {
      auto space = reader.prepare();
      const std::size_t size = std::min(space.size(), rest.size());
      std::memcpy(space.data(), rest.data(), size);
      reader.commit(size);
      rest.remove_prefix(size);
      auto frame = reader.next();
      ASSERT_TRUE(frame);
      if (*frame) {
        owner = (*frame)->owner;
        bytes = (*frame)->bytes;
        break;
      }
    }
  }
  ASSERT_TRUE(owner);
  EXPECT_EQ(bytes, std::string(100000, 'x'));
}

TEST(FrameReader, SplitsRandomStreamsInRandomSteps) {
  for (std::uint32_t seed = 1; seed <= 50; ++seed) {
    std::mt19937 random(seed);
    FrameReader reader(1 << 20);
    std::vector<std::string> frames;
    std::string stream;
    for (int i = 0; i < 200; ++i) {
      const std::size_t size = random() % 4 == 0 ? random() % 100000 : random() % 300;
      frames.emplace_back(size, static_cast<char>(random()));
      stream += framed(frames.back());
    }
    std::vector<std::string> out;
    std::string_view rest = stream;
    while (!rest.empty()) {
      const std::size_t step = std::min<std::size_t>(rest.size(), 1 + random() % 70000);
      auto part = split(reader, rest.substr(0, step), SIZE_MAX);
      ASSERT_TRUE(part) << "seed " << seed;
      out.insert(out.end(), part->begin(), part->end());
      rest.remove_prefix(step);
    }
    ASSERT_EQ(out, frames) << "seed " << seed;
  }
}

}  // namespace
}  // namespace hbmux::rpc::wire
