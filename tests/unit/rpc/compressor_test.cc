#include "rpc/wire/compressor.h"

#include "core/bytes.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <random>

namespace hbmux::rpc::wire {
namespace {

std::string text_of(std::size_t size) {
  std::string out;
  for (int i = 0; out.size() < size; ++i)
    out += "row-" + std::to_string(i) + " family:qualifier value " + std::to_string(i % 7);
  out.resize(size);
  return out;
}

std::string noise_of(std::size_t size) {
  std::mt19937_64 random(size);
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>(random());
  return out;
}

std::string compressed(Compression algorithm, std::string_view block) {
  std::string out;
  EXPECT_TRUE(compress(algorithm, block, out));
  return out;
}

class Compressors : public ::testing::TestWithParam<Compression> {
 protected:
  bool has_blocks() const {
    return GetParam() == Compression::snappy || GetParam() == Compression::lz4 || GetParam() == Compression::zstd;
  }
};

// What was compressed comes back, whatever its size, and is appended to what is already there.
TEST_P(Compressors, RoundTrip) {
  for (std::size_t size : {0u, 1u, 2u, 100u, 54581u, 54582u, 54583u, 65535u, 65536u, 65537u, 262143u, 262144u, 262145u,
                           1048576u, 5000000u}) {
    for (const std::string& block : {text_of(size), noise_of(size), std::string(size, 'a')}) {
      std::string wire = "before ";
      ASSERT_TRUE(compress(GetParam(), block, wire));
      std::string out = "kept ";
      auto done = decompress(GetParam(), std::string_view(wire).substr(7), size, out);
      ASSERT_TRUE(done) << size << " " << done.error();
      EXPECT_TRUE(out == "kept " + block) << size;
    }
  }
}

// Every end that is cut off is an error: no call returns a part of a block as the whole.
TEST_P(Compressors, TruncatedAtEveryByte) {
  const std::string block = text_of(3000);
  const std::string wire = compressed(GetParam(), block);
  for (std::size_t size = has_blocks() ? 1 : 0; size < wire.size(); ++size) {
    std::string out;
    auto done = decompress(GetParam(), std::string_view(wire).substr(0, size), 1 << 20, out);
    ASSERT_FALSE(done) << size;
    EXPECT_EQ(done.error().code(), Errc::protocol_error);
    EXPECT_LE(out.size(), block.size());
  }
}

// Large blocks have several chunks; a cut between two of them shows as well.
TEST_P(Compressors, TruncatedBetweenChunks) {
  const std::string wire = compressed(GetParam(), noise_of(200000));
  for (std::size_t size = 1; size < wire.size(); size += 997) {
    std::string out;
    EXPECT_FALSE(decompress(GetParam(), std::string_view(wire).substr(0, size), 1 << 20, out)) << size;
  }
}

// A flipped bit gives an error or other bytes, within the bound, and nothing worse.
TEST_P(Compressors, BitFlips) {
  const std::string wire = compressed(GetParam(), text_of(2000));
  for (std::size_t bit = 0; bit < wire.size() * 8; ++bit) {
    std::string flipped = wire;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    std::string out;
    auto done = decompress(GetParam(), flipped, 100000, out);
    if (!done) {
      EXPECT_EQ(done.error().code(), Errc::protocol_error);
    }
    EXPECT_LE(out.size(), 100001u);
  }
}

TEST_P(Compressors, Garbage) {
  for (std::size_t size = 1; size < 200; ++size) {
    std::string out;
    auto done = decompress(GetParam(), noise_of(size), 1 << 20, out);
    EXPECT_FALSE(done) << size;
  }
}

// A few bytes that stand for very many are refused at the limit, and cost no more memory than that.
TEST_P(Compressors, Bomb) {
  const std::string wire = compressed(GetParam(), std::string(64 << 20, '\0'));
  std::string out;
  auto done = decompress(GetParam(), wire, 1 << 20, out);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), Errc::protocol_error);
  EXPECT_LE(out.capacity(), std::size_t{4} << 20);
  EXPECT_TRUE(decompress(GetParam(), wire, 64 << 20, out));
}

// One byte less than it holds is too little, and exactly as much is enough.
TEST_P(Compressors, LimitIsExact) {
  for (std::size_t size : {1u, 1000u, 262144u, 300000u}) {
    const std::string wire = compressed(GetParam(), text_of(size));
    std::string out;
    EXPECT_TRUE(decompress(GetParam(), wire, size, out)) << size;
    out.clear();
    EXPECT_FALSE(decompress(GetParam(), wire, size - 1, out)) << size;
  }
}

INSTANTIATE_TEST_SUITE_P(All, Compressors,
                         ::testing::Values(Compression::gzip, Compression::deflate, Compression::snappy,
                                           Compression::lz4, Compression::zstd));

// Java's decompressors have buffers of 64 KiB or more: no chunk, compressed or not, may be larger.
TEST(CompressedBlocks, ChunksFitJavasBuffers) {
  for (auto algorithm : {Compression::snappy, Compression::lz4, Compression::zstd}) {
    const std::string block = noise_of(300000);
    const std::string wire = compressed(algorithm, block);
    EXPECT_EQ(core::load_be<std::int32_t>(wire.data()), 300000);
    int chunks = 0;
    for (std::size_t at = 4; at < wire.size(); ++chunks) {
      const auto size = core::load_be<std::uint32_t>(wire.data() + at);
      EXPECT_LE(size, 65536u);
      // The uncompressed size of a chunk: what it gives as a block of its own.
      std::string one;
      core::append_be(one, std::int32_t{65536});
      one += wire.substr(at, 4 + size);
      std::string out;
      EXPECT_FALSE(decompress(algorithm, one, 65536, out));  // ends within the block: it holds less
      EXPECT_LE(out.size(), 65536u);
      at += 4 + size;
    }
    EXPECT_EQ(chunks, 6);
  }
}

// What Java's BlockCompressorStream writes: several blocks, blocks of several chunks, and an empty block at the end.
TEST(CompressedBlocks, SeveralBlocks) {
  for (auto algorithm : {Compression::snappy, Compression::lz4, Compression::zstd}) {
    std::string wire = compressed(algorithm, "first ") + compressed(algorithm, text_of(200000)) +
                       compressed(algorithm, "") + compressed(algorithm, "last") + compressed(algorithm, "");
    std::string out;
    ASSERT_TRUE(decompress(algorithm, wire, 1 << 20, out));
    EXPECT_EQ(out, "first " + text_of(200000) + "last");
  }
}

// A length field alone costs no memory: a block that claims 200 MiB and has ten bytes.
TEST(CompressedBlocks, ClaimsCostNothing) {
  for (auto algorithm : {Compression::snappy, Compression::lz4, Compression::zstd}) {
    std::string wire;
    core::append_be(wire, std::int32_t{200 << 20});
    core::append_be(wire, std::int32_t{10});
    wire += std::string("\x80\x80\x80\x60 abcde", 10);  // as snappy: 192 MiB
    std::string out;
    EXPECT_FALSE(decompress(algorithm, wire, 256 << 20, out));
    EXPECT_LE(out.capacity(), 1u << 20);
  }
}

TEST(CompressedBlocks, NegativeSizes) {
  for (auto algorithm : {Compression::snappy, Compression::lz4, Compression::zstd}) {
    std::string out;
    EXPECT_FALSE(decompress(algorithm, std::string("\xff\xff\xff\xff\0\0\0\1a", 9), 1000, out));
    EXPECT_FALSE(decompress(algorithm, std::string("\0\0\0\1\xff\xff\xff\xff", 8), 1000, out));
    EXPECT_TRUE(out.empty());
  }
}

// Gzip files may be several members one after the other, and Java's stream reads them all.
TEST(CompressedStreams, SeveralMembers) {
  for (auto algorithm : {Compression::gzip, Compression::deflate}) {
    std::string out;
    ASSERT_TRUE(decompress(algorithm, compressed(algorithm, "one ") + compressed(algorithm, "two"), 7, out));
    EXPECT_EQ(out, "one two");
    EXPECT_FALSE(decompress(algorithm, compressed(algorithm, "one ") + "x", 100, out));
  }
}

TEST(CompressedStreams, FormatsAreDistinct) {
  std::string out;
  EXPECT_EQ(compressed(Compression::gzip, "a").substr(0, 2), "\x1f\x8b");
  EXPECT_EQ(compressed(Compression::deflate, "a")[0], '\x78');
  EXPECT_FALSE(decompress(Compression::deflate, compressed(Compression::gzip, "a"), 10, out));
  EXPECT_FALSE(decompress(Compression::gzip, compressed(Compression::deflate, "a"), 10, out));
}

// What Java's codecs wrote for the same text, in pieces of seven bytes as an encoder of cells might give them.
TEST(CompressedByJava, IsRead) {
  struct Sample {
    Compression algorithm;
    const char* codec;
    const char* hex;
  };
  const std::string text = "row-1 family:qualifier value-1 row-2 family:qualifier value-2";
  for (const Sample& sample : std::initializer_list<Sample>{
           {Compression::deflate, "org.apache.hadoop.io.compress.DefaultCodec",
            "789c2bca2fd73554484bcccdcca9b42a2c4dccc94ccb4c2d52284bcc294d054a1401a58d70491b0100acad1601"},
           {Compression::gzip, "org.apache.hadoop.io.compress.GzipCodec",
            "1f8b08000000000000002bca2fd73554484bcccdcca9b42a2c4dccc94ccb4c2d52284bcc294d054a1401a58d70491b01007437bc26"
            "3d000000"},
           {Compression::lz4, "org.apache.hadoop.hbase.io.compress.aircompressor.Lz4Codec",
            "0000003d0000002ef010726f772d312066616d696c793a7175616c69666965722076616c75652d31201f001f321f0001506c75652d"
            "32"},
           {Compression::lz4, "org.apache.hadoop.hbase.io.compress.lz4.Lz4Codec",
            "0000003d0000002ef010726f772d312066616d696c793a7175616c69666965722076616c75652d31201f001f321f0001506c75652d"
            "32"},
           {Compression::lz4, "org.apache.hadoop.io.compress.Lz4Codec",
            "0000003d0000002ef010726f772d312066616d696c793a7175616c69666965722076616c75652d31201f001f321f0001506c75652d"
            "32"},
           {Compression::snappy, "org.apache.hadoop.hbase.io.compress.aircompressor.SnappyCodec",
            "0000003d0000002b3d78726f772d312066616d696c793a7175616c69666965722076616c75652d3120011f0432205a1f000032"},
           {Compression::snappy, "org.apache.hadoop.hbase.io.compress.xerial.SnappyCodec",
            "0000003d0000002a3d78726f772d312066616d696c793a7175616c69666965722076616c75652d3120011f00325e1f000032"},
           {Compression::snappy, "org.apache.hadoop.io.compress.SnappyCodec",
            "0000003d0000002a3d78726f772d312066616d696c793a7175616c69666965722076616c75652d3120011f00325e1f000032"},
           {Compression::zstd, "org.apache.hadoop.hbase.io.compress.aircompressor.ZstdCodec",
            "0000003d0000003a28b52ffd243d6d01005402726f772d312066616d696c793a7175616c69666965722076616c75652d3120726f77"
            "2d3232010014a07a02a5d5f261"},
           {Compression::zstd, "org.apache.hadoop.hbase.io.compress.zstd.ZstdCodec",
            "0000003d0000003628b52ffd203d6d01005402726f772d312066616d696c793a7175616c69666965722076616c75652d3120726f77"
            "2d3232010014a07a02"},
       }) {
    std::string wire;
    for (const char* p = sample.hex; *p != 0; p += 2) {
      wire += static_cast<char>(std::stoi(std::string(p, 2), nullptr, 16));
    }
    std::string out;
    auto done = decompress(sample.algorithm, wire, text.size(), out);
    EXPECT_TRUE(done && out == text) << sample.codec;
  }
}

TEST(Uncompressed, IsCopied) {
  std::string out;
  EXPECT_TRUE(compress(Compression::none, "abc", out));
  EXPECT_TRUE(decompress(Compression::none, "def", 3, out));
  EXPECT_EQ(out, "abcdef");
  EXPECT_FALSE(decompress(Compression::none, "def", 2, out));
}

}  // namespace
}  // namespace hbmux::rpc::wire
