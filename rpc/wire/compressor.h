// Compression of cell blocks, in the stream formats of Hadoop's codecs.
#pragma once

#include <hbmux/error.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace hbmux::rpc::wire {

/// The algorithm of a cell block; which Java class name is announced for it is the client's setting.
enum class Compression : std::uint8_t { none, gzip, deflate, snappy, lz4, zstd };

/// Appends `block`, compressed. gzip and deflate (DefaultCodec: zlib) are plain streams; snappy, lz4 and zstd are Hadoop's block
/// stream: { int32 uncompressed size | { int32 chunk size | chunk } until filled } (BlockCompressorStream.java).
Result<void> compress(Compression algorithm, std::string_view block, std::string& out);

/// Appends the block inside `compressed`. More than `max_bytes` of output, or bytes that are no such stream, is
/// Errc::protocol_error; memory grows with what was really decompressed, never with what a length field claims.
Result<void> decompress(Compression algorithm, std::string_view compressed, std::size_t max_bytes, std::string& out);

}  // namespace hbmux::rpc::wire
