// A file of records that a process may leave at any moment.
#pragma once

#include <hbmux/error.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace hbmux::mini {

// Each record: "Hm" 0x01 0x0A | uint32 length | uint32 CRC-32 of length and bytes | bytes. Numbers are big-endian.

/// Appends records. What `append` takes is in the file when `commit` has returned true. Not synchronised.
class RecordWriter {
 public:
  RecordWriter() = default;
  ~RecordWriter();
  RecordWriter(RecordWriter&& other) noexcept;
  RecordWriter& operator=(RecordWriter&& other) noexcept;

  /// Opens for appending; makes the file when it is not there.
  static Result<RecordWriter> open(const std::string& path);

  void append(std::string_view record);
  /// Hands everything to the operating system, and with `to_disk` to the disk. False, from then on, when that failed:
  /// what was not committed is not there.
  bool commit(bool to_disk);
  std::uint64_t size() const noexcept { return size_ + waiting_.size(); }
  bool is_open() const noexcept { return file_ >= 0; }

 private:
  int file_ = -1;
  bool failed_ = false;
  std::uint64_t size_ = 0;
  std::string waiting_;
};

/// Hands out the records of a file, in order; `take` returns what is wrong with one, or nothing. A last record that is
/// not whole was never committed: with `cut_last` it is cut off the file, else it is an error. Damage before the last
/// record is Errc::invalid_argument, with the place.
Result<void> read_records(const std::string& path, bool cut_last,
                          const std::function<std::string(std::string_view)>& take);

}  // namespace hbmux::mini
