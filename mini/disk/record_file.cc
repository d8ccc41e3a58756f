#include "mini/disk/record_file.h"

#include "core/bytes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace hbmux::mini {
namespace {

constexpr std::string_view kMark("Hm\x01\n", 4);
constexpr std::size_t kHeaderSize = 12;
/// What is collected before it is written even without a commit.
constexpr std::size_t kWaitingMax = std::size_t{4} << 20;

std::uint32_t checksum_of(std::string_view record) {
  char length[4];
  core::store_be(length, static_cast<std::uint32_t>(record.size()));
  auto crc = ::crc32(0, reinterpret_cast<const Bytef*>(length), sizeof length);
  return static_cast<std::uint32_t>(::crc32_z(crc, reinterpret_cast<const Bytef*>(record.data()), record.size()));
}

/// The record at the beginning of `bytes`; false when it is not whole and sound.
bool sound_record(std::string_view bytes, std::string_view& record) {
  if (bytes.size() < kHeaderSize || !bytes.starts_with(kMark)) return false;
  const std::size_t length = core::load_be<std::uint32_t>(bytes.data() + 4);
  if (length > bytes.size() - kHeaderSize) return false;
  record = bytes.substr(kHeaderSize, length);
  return checksum_of(record) == core::load_be<std::uint32_t>(bytes.data() + 8);
}

/// A sound record somewhere behind: then what is unsound before it is no end that was cut.
bool has_sound_record(std::string_view bytes) {
  std::string_view record;
  for (std::size_t at = bytes.find(kMark); at != std::string_view::npos; at = bytes.find(kMark, at + 1)) {
    if (sound_record(bytes.substr(at), record)) return true;
  }
  return false;
}

Error failed(const std::string& what, const std::string& path) {
  return Error(Errc::unavailable, "cannot " + what + " " + path + ": " + std::strerror(errno));
}

/// A file's bytes, in memory as long as this lives.
class MappedFile {
 public:
  explicit MappedFile(int file) : file_(file) {
    struct stat status {};
    if (::fstat(file, &status) != 0) return;
    size_ = static_cast<std::size_t>(status.st_size);
    if (size_ != 0) at_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0);
    is_there_ = size_ == 0 || at_ != MAP_FAILED;
  }
  ~MappedFile() {
    if (is_there_ && size_ != 0) ::munmap(at_, size_);
    ::close(file_);
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  bool is_there() const noexcept { return is_there_; }
  std::string_view bytes() const noexcept { return {static_cast<const char*>(at_), size_}; }

 private:
  int file_;
  void* at_ = nullptr;
  std::size_t size_ = 0;
  bool is_there_ = false;
};

}  // namespace

RecordWriter::~RecordWriter() {
  if (file_ < 0) return;
  (void)commit(false);
  ::close(file_);
}

RecordWriter::RecordWriter(RecordWriter&& other) noexcept { *this = std::move(other); }

RecordWriter& RecordWriter::operator=(RecordWriter&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(failed_, other.failed_);
  std::swap(size_, other.size_);
  std::swap(waiting_, other.waiting_);
  return *this;
}

Result<RecordWriter> RecordWriter::open(const std::string& path) {
  RecordWriter writer;
  writer.file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (writer.file_ < 0) return failed("open", path);
  const off_t end = ::lseek(writer.file_, 0, SEEK_END);
  if (end < 0) return failed("read", path);
  writer.size_ = static_cast<std::uint64_t>(end);
  return writer;
}

void RecordWriter::append(std::string_view record) {
  waiting_ += kMark;
  core::append_be(waiting_, static_cast<std::uint32_t>(record.size()));
  core::append_be(waiting_, checksum_of(record));
  waiting_ += record;
  if (waiting_.size() > kWaitingMax) (void)commit(false);
}

bool RecordWriter::commit(bool to_disk) {
  const bool wrote = !waiting_.empty();
  std::size_t done = 0;
  while (!failed_ && done < waiting_.size()) {
    const ssize_t count = ::write(file_, waiting_.data() + done, waiting_.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      failed_ = true;
    } else {
      done += static_cast<std::size_t>(count);
    }
  }
  size_ += done;
  waiting_.clear();
  if (waiting_.capacity() > 2 * kWaitingMax) std::string().swap(waiting_);
  if (to_disk && wrote && !failed_) failed_ = ::fdatasync(file_) != 0;
  return !failed_;
}

Result<void> read_records(const std::string& path, bool cut_last,
                          const std::function<std::string(std::string_view)>& take) {
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return failed("open", path);
  const MappedFile mapped(file);
  if (!mapped.is_there()) return failed("read", path);
  const std::string_view bytes = mapped.bytes();
  auto damaged = [&](std::size_t at, const std::string& what) {
    return Error(Errc::invalid_argument, path + " is damaged at byte " + std::to_string(at) + ": " + what);
  };
  std::size_t at = 0;
  std::string_view record;
  while (at < bytes.size() && sound_record(bytes.substr(at), record)) {
    if (const std::string problem = take(record); !problem.empty()) return damaged(at, problem);
    at += kHeaderSize + record.size();
  }
  if (at == bytes.size()) return {};
  if (has_sound_record(bytes.substr(at + 1))) return damaged(at, "a record that others follow is not sound");
  if (!cut_last) return damaged(at, "the end is missing");
  if (::ftruncate(file, static_cast<off_t>(at)) != 0) return failed("cut the end of", path);
  return {};
}

}  // namespace hbmux::mini
