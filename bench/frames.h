// The bytes of HBase's RPC, written by hand for the bare client and the threading prototypes.
#pragma once

#include "bench/wire_bytes.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::bench {

/// Call ids are between these: all take four bytes as a varint, so that frames differ in no length.
inline constexpr std::uint32_t kFirstCallId = 1u << 21;
inline constexpr std::uint32_t kLastCallId = (1u << 28) - 1;

/// Rows are "r" and nine digits; a value is its row and then dots, 100 bytes in all, so that each reply names its key.
inline constexpr std::size_t kRowSize = 10;
inline constexpr std::size_t kValueSize = 100;
void write_row(char* at, std::uint32_t number) noexcept;
std::string row_key(std::uint32_t number);
std::string value_of(std::uint32_t number);

/// Preamble and ConnectionHeader: SIMPLE, KeyValueCodec or, with `cell_blocks` off, no codec. No answer comes when all is well.
std::string connection_start(std::string_view service, bool cell_blocks = true);

/// A whole request frame.
std::string request_frame(std::uint32_t call_id, std::string_view method, std::string_view param,
                          std::string_view cell_block = {});

/// A request frame made once; a call copies it and sets the call id and the row.
class RequestTemplate {
 public:
  /// A Get of a whole row, and a Put of one cell (family f, qualifier q), in `region` (its full name).
  static RequestTemplate get(std::string_view region);
  static RequestTemplate put(std::string_view region);

  void append_to(std::string& out, std::uint32_t call_id, std::uint32_t row) const;
  std::size_t size() const { return bytes_.size(); }

 private:
  explicit RequestTemplate(std::string bytes);
  std::string bytes_;
  std::size_t call_id_at_ = 0;
  std::vector<std::size_t> rows_at_;
};

/// The call id in a reply (its frame without the length); 0 when there is none. Reads nothing else.
std::uint32_t call_id_of(std::string_view frame) noexcept;
/// What the header says of a failed call ("class: message"), or empty. `body` is what follows the header.
std::string error_of(std::string_view frame, std::string_view* body = nullptr);

/// Hands each whole frame (without its length) to `take` and returns how many bytes they were.
template <typename Take>
std::size_t split_frames(std::string_view bytes, Take&& take) {
  std::size_t done = 0;
  while (bytes.size() - done >= 4) {
    const std::size_t size = get_u32(bytes.data() + done);
    if (bytes.size() - done - 4 < size) break;
    take(bytes.substr(done + 4, size));
    done += 4 + size;
  }
  return done;
}

}  // namespace hbmux::bench
