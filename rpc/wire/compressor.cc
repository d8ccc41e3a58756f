#include "rpc/wire/compressor.h"

#include "core/bytes.h"

#include <lz4.h>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <memory>

namespace hbmux::rpc::wire {
namespace {

// Java's decompressors take a chunk into a buffer of fixed size (`io.compression.codec.*.buffersize`, 256 KiB unless
// set, 64 KiB for some) and fail when the chunk, compressed or not, is larger. What one chunk may hold follows from the
// smaller one, less the growth of incompressible bytes as Hadoop counts it.
constexpr std::size_t kPeerBuffer = 64 * 1024;
constexpr std::size_t kChunk = kPeerBuffer - (kPeerBuffer / 6 + 32);
// The first guess of what a chunk, or a piece of a stream, holds: as much as Java's compressors put into one.
constexpr std::size_t kPiece = 256 * 1024;

Error broken(std::string_view algorithm, std::string_view what) {
  std::string text = "compressed cell block (";
  text += algorithm;
  text += "): ";
  text += what;
  return Error(Errc::protocol_error, std::move(text));
}

Error too_large(std::string_view algorithm, std::size_t max_bytes) {
  return broken(algorithm, "holds more than " + std::to_string(max_bytes) + " bytes");
}

// --- gzip and zlib: one stream, or several one after the other.

constexpr int kZlibWindow = 15;
constexpr int kGzipWindow = 15 + 16;

template <int (*End)(z_stream*)>
struct ZlibEnd {
  void operator()(z_stream* s) const { End(s); }
};

Result<void> deflate_block(std::string_view name, int window, std::string_view block, std::string& out) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    return Error(Errc::overloaded, "no memory to compress a cell block (" + std::string(name) + ")");
  }
  std::unique_ptr<z_stream, ZlibEnd<deflateEnd>> end(&stream);
  const std::size_t start = out.size();
  const std::size_t bound = deflateBound(&stream, block.size());
  out.resize(start + bound);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(block.data()));
  stream.avail_in = static_cast<uInt>(block.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data() + start);
  stream.avail_out = static_cast<uInt>(bound);
  const int rc = deflate(&stream, Z_FINISH);
  out.resize(start + (bound - stream.avail_out));
  if (rc != Z_STREAM_END)
    return Error(Errc::invalid_argument, "cell block cannot be compressed (" + std::string(name) + ")");
  return {};
}

Result<void> inflate_block(std::string_view name, int window, std::string_view compressed, std::size_t max_bytes,
                           std::string& out) {
  z_stream stream{};
  if (inflateInit2(&stream, window) != Z_OK) {
    return Error(Errc::overloaded, "no memory to decompress a cell block (" + std::string(name) + ")");
  }
  std::unique_ptr<z_stream, ZlibEnd<inflateEnd>> end(&stream);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  const std::size_t start = out.size();
  std::size_t size = 0;  // of what was written behind `start`
  for (;;) {
    if (out.size() - start == size) {
      // One byte beyond the limit is allowed for: a full buffer at the end of the stream is then not mistaken for too
      // much.
      const std::size_t grown = std::min(std::max(kPiece, size * 2), max_bytes + 1);
      if (grown <= size) {
        out.resize(start + size);
        return too_large(name, max_bytes);
      }
      out.resize(start + grown);
    }
    const std::size_t room = std::min<std::size_t>(out.size() - start - size, 1u << 30);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + start + size);
    stream.avail_out = static_cast<uInt>(room);
    const int rc = inflate(&stream, Z_NO_FLUSH);
    size += room - stream.avail_out;
    if (rc == Z_STREAM_END) {
      if (stream.avail_in == 0) break;
      inflateReset(&stream);  // a further member
    } else if (rc != Z_OK) {
      out.resize(start + size);
      return broken(name, rc == Z_BUF_ERROR       ? "ends too early"
                          : stream.msg != nullptr ? stream.msg
                                                  : "is not such a stream");
    }
  }
  out.resize(start + size);
  if (size > max_bytes) return too_large(name, max_bytes);
  return {};
}

// --- Hadoop's block stream around chunks of snappy, lz4 or zstd.

/// Compresses chunks of at most kChunk bytes; made once for a block.
class ChunkCompressor {
 public:
  explicit ChunkCompressor(Compression algorithm) : algorithm_(algorithm) {
    if (algorithm == Compression::zstd) zstd_.reset(ZSTD_createCCtx());
  }
  std::size_t bound(std::size_t size) const {
    switch (algorithm_) {
      case Compression::snappy: return snappy::MaxCompressedLength(size);
      case Compression::lz4: return static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(size)));
      default: return ZSTD_compressBound(size);
    }
  }
  /// The size written to `to`, which has room for bound(chunk.size()); 0 for failure.
  std::size_t compress(std::string_view chunk, char* to, std::size_t room) {
    switch (algorithm_) {
      case Compression::snappy: {
        std::size_t size = room;
        snappy::RawCompress(chunk.data(), chunk.size(), to, &size);
        return size;
      }
      case Compression::lz4: {
        const int size = LZ4_compress_default(chunk.data(), to, static_cast<int>(chunk.size()), static_cast<int>(room));
        return size > 0 ? static_cast<std::size_t>(size) : 0;
      }
      default: {
        if (!zstd_) return 0;
        const std::size_t size = ZSTD_compressCCtx(zstd_.get(), to, room, chunk.data(), chunk.size(), 3);
        return ZSTD_isError(size) ? 0 : size;
      }
    }
  }

 private:
  struct FreeContext {
    void operator()(ZSTD_CCtx* c) const { ZSTD_freeCCtx(c); }
  };
  Compression algorithm_;
  std::unique_ptr<ZSTD_CCtx, FreeContext> zstd_;
};

std::string_view name_of(Compression algorithm) {
  switch (algorithm) {
    case Compression::none: return "none";
    case Compression::gzip: return "gzip";
    case Compression::deflate: return "deflate";
    case Compression::snappy: return "snappy";
    case Compression::lz4: return "lz4";
    case Compression::zstd: return "zstd";
  }
  return "unknown";
}

Result<void> compress_blocks(Compression algorithm, std::string_view block, std::string& out) {
  // One block with as many chunks as it takes: that is also what Java writes for a large piece, and an end that is cut
  // off shows. An empty block is its size alone.
  core::append_be(out, static_cast<std::int32_t>(block.size()));
  ChunkCompressor compressor(algorithm);
  while (!block.empty()) {
    const std::string_view chunk = block.substr(0, kChunk);
    block.remove_prefix(chunk.size());
    const std::size_t start = out.size();
    const std::size_t room = compressor.bound(chunk.size());
    out.resize(start + 4 + room);
    const std::size_t size = compressor.compress(chunk, out.data() + start + 4, room);
    if (size == 0) {
      return Error(Errc::overloaded, "no memory to compress a cell block (" + std::string(name_of(algorithm)) + ")");
    }
    core::store_be(out.data() + start, static_cast<std::int32_t>(size));
    out.resize(start + 4 + size);
  }
  return {};
}

/// Takes chunks apart, each into at most `room` more bytes of `out`. False: no such chunk, or too large.
class ChunkDecompressor {
 public:
  explicit ChunkDecompressor(Compression algorithm) : algorithm_(algorithm) {
    if (algorithm == Compression::zstd) zstd_.reset(ZSTD_createDCtx());
  }
  bool decompress(std::string_view chunk, std::size_t room, std::string& out) {
    switch (algorithm_) {
      case Compression::snappy: return snappy_chunk(chunk, room, out);
      case Compression::lz4: return lz4_chunk(chunk, room, out);
      default: return zstd_chunk(chunk, room, out);
    }
  }

 private:
  struct FreeContext {
    void operator()(ZSTD_DCtx* c) const { ZSTD_freeDCtx(c); }
  };

  static bool snappy_chunk(std::string_view chunk, std::size_t room, std::string& out) {
    std::size_t size = 0;
    if (!snappy::GetUncompressedLength(chunk.data(), chunk.size(), &size) || size > room) return false;
    // Three bytes of snappy make at most 64: a larger claim is false, and must not cost memory.
    if (size / 22 > chunk.size()) return false;
    const std::size_t start = out.size();
    out.resize(start + size);
    if (snappy::RawUncompress(chunk.data(), chunk.size(), out.data() + start)) return true;
    out.resize(start);
    return false;
  }

  // The chunk does not tell its size. Decoding a part of it tells whether there is as much, before more is set aside.
  static bool lz4_chunk(std::string_view chunk, std::size_t room, std::string& out) {
    const std::size_t start = out.size();
    for (std::size_t target = std::min(room, kPiece);; target = std::min(room, target * 4)) {
      out.resize(start + target);
      const int in = static_cast<int>(chunk.size()), to = static_cast<int>(target);
      int size = LZ4_decompress_safe(chunk.data(), out.data() + start, in, to);
      if (size >= 0) {
        out.resize(start + static_cast<std::size_t>(size));
        return true;
      }
      if (target < room) size = LZ4_decompress_safe_partial(chunk.data(), out.data() + start, in, to, to);
      if (size != to) {
        out.resize(start);
        return false;
      }
    }
  }

  bool zstd_chunk(std::string_view chunk, std::size_t room, std::string& out) {
    if (!zstd_) return false;
    const std::size_t start = out.size();
    for (std::size_t target = std::min(room, kPiece);; target = std::min(room, target * 4)) {
      out.resize(start + target);
      const std::size_t size = ZSTD_decompressDCtx(zstd_.get(), out.data() + start, target, chunk.data(), chunk.size());
      if (!ZSTD_isError(size)) {
        out.resize(start + size);
        return true;
      }
      if (target == room || ZSTD_getErrorCode(size) != ZSTD_error_dstSize_tooSmall) {
        out.resize(start);
        return false;
      }
    }
  }

  Compression algorithm_;
  std::unique_ptr<ZSTD_DCtx, FreeContext> zstd_;
};

Result<void> decompress_blocks(Compression algorithm, std::string_view rest, std::size_t max_bytes, std::string& out) {
  const std::string_view name = name_of(algorithm);
  ChunkDecompressor decompressor(algorithm);
  auto read_size = [&rest](std::size_t& size) {
    if (rest.size() < 4) return false;
    const auto value = core::load_be<std::int32_t>(rest.data());
    rest.remove_prefix(4);
    size = static_cast<std::size_t>(value);
    return value >= 0;
  };
  while (!rest.empty()) {
    std::size_t block = 0;
    if (!read_size(block)) return broken(name, "has no sound block size");
    if (block > max_bytes) return too_large(name, max_bytes);
    max_bytes -= block;
    while (block > 0) {
      std::size_t size = 0;
      if (!read_size(size) || size > rest.size()) return broken(name, "ends within a block");
      const std::size_t before = out.size();
      if (!decompressor.decompress(rest.substr(0, size), block, out))
        return broken(name, "has a chunk that cannot be read");
      rest.remove_prefix(size);
      block -= out.size() - before;
    }
  }
  return {};
}

}  // namespace

Result<void> compress(Compression algorithm, std::string_view block, std::string& out) {
  if (block.size() > 0x7fffffff) {
    return Error(Errc::invalid_argument,
                 "a cell block of " + std::to_string(block.size()) + " bytes: HBase's limit is 2 GiB");
  }
  switch (algorithm) {
    case Compression::none: out.append(block); return {};
    case Compression::gzip: return deflate_block("gzip", kGzipWindow, block, out);
    case Compression::deflate: return deflate_block("deflate", kZlibWindow, block, out);
    case Compression::snappy:
    case Compression::lz4:
    case Compression::zstd: return compress_blocks(algorithm, block, out);
  }
  return Error(Errc::invalid_argument, "unknown compression");
}

Result<void> decompress(Compression algorithm, std::string_view compressed, std::size_t max_bytes, std::string& out) {
  if (compressed.size() > 0x7fffffff) return too_large(name_of(algorithm), 0x7fffffff);
  max_bytes = std::min<std::size_t>(max_bytes, 0x7fffffff);
  switch (algorithm) {
    case Compression::none:
      if (compressed.size() > max_bytes) return too_large("none", max_bytes);
      out.append(compressed);
      return {};
    case Compression::gzip: return inflate_block("gzip", kGzipWindow, compressed, max_bytes, out);
    case Compression::deflate: return inflate_block("deflate", kZlibWindow, compressed, max_bytes, out);
    case Compression::snappy:
    case Compression::lz4:
    case Compression::zstd: return decompress_blocks(algorithm, compressed, max_bytes, out);
  }
  return Error(Errc::protocol_error, "unknown compression");
}

}  // namespace hbmux::rpc::wire
