#include "mini/disk/journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <set>

namespace hbmux::mini {

namespace fs = std::filesystem;

namespace {

Error failed(const std::string& what, const std::error_code& ec) {
  return Error(Errc::unavailable, "cannot " + what + ": " + ec.message());
}

/// The number in "log-12" for the kind "log"; nothing for other names.
std::optional<std::uint64_t> number_of(std::string_view name, std::string_view kind) {
  if (!name.starts_with(kind) || name.size() <= kind.size() + 1 || name[kind.size()] != '-') return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data() + kind.size() + 1, name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return number;
}

void sync_directory(const std::string& directory) {
  const int file = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  ::fsync(file);
  ::close(file);
}

}  // namespace

std::string Journal::path(std::string_view kind, std::uint64_t number) const {
  return options_.directory + "/" + std::string(kind) + "-" + std::to_string(number);
}

Result<std::unique_ptr<Journal>> Journal::open(Options options, DataImage& image) {
  std::unique_ptr<Journal> journal(new Journal(std::move(options)));
  if (auto locked = journal->lock_directory(); !locked) return locked.error();
  if (auto read = journal->read(image); !read) return read.error();
  auto log = RecordWriter::open(journal->path("log", journal->number_));
  if (!log) return log.error();
  journal->log_ = std::move(*log);
  journal->log_bytes_ = journal->log_.size();
  return journal;
}

Journal::~Journal() {
  (void)commit();
  if (lock_ >= 0) ::close(lock_);
}

Result<void> Journal::lock_directory() {
  std::error_code ec;
  fs::create_directories(options_.directory, ec);
  if (ec) return failed("make " + options_.directory, ec);
  lock_ = ::open((options_.directory + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock_ < 0) return failed("open " + options_.directory + "/lock", {errno, std::generic_category()});
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    return Error(Errc::unavailable, "another process uses " + options_.directory);
  }
  return {};
}

Result<void> Journal::read(DataImage& image) {
  std::set<std::uint64_t> logs;
  std::set<std::uint64_t> snapshots;
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator(options_.directory, ec)) {
    const std::string name = entry.path().filename();
    if (const auto number = number_of(name, "log")) logs.insert(*number);
    if (const auto number = number_of(name, "snapshot")) snapshots.insert(*number);
    if (name.starts_with("new-snapshot-")) fs::remove(entry.path(), ec);  // its process ended before it was whole
  }
  if (ec) return failed("read " + options_.directory, ec);
  auto apply = [&image](std::string_view record) { return image.apply(record); };
  std::uint64_t first = 0;
  if (!snapshots.empty()) {
    first = *snapshots.rbegin();
    if (auto read = read_records(path("snapshot", first), false, apply); !read) return read;
    if (!image.is_whole) {
      return Error(Errc::invalid_argument, path("snapshot", first) + " is damaged: its end is missing");
    }
  }
  logs.erase(logs.begin(), logs.lower_bound(first));  // what the snapshot holds
  number_ = first;
  if (!snapshots.empty() && (logs.empty() || *logs.begin() != first)) {
    return Error(Errc::invalid_argument, path("log", first) + " is missing");
  }
  for (const std::uint64_t log : logs) {
    if (log != *logs.begin() && log != number_ + 1) {
      return Error(Errc::invalid_argument, path("log", number_ + 1) + " is missing");
    }
    number_ = log;
    if (auto read = read_records(path("log", log), log == *logs.rbegin(), apply); !read) return read;
  }
  return {};
}

void Journal::record(std::string_view record) {
  const std::lock_guard lock(mutex_);
  log_.append(record);
  is_dirty_.store(true, std::memory_order_release);
}

void Journal::cells(const Region& region, std::span<const Mutation> mutations, std::uint64_t sequence) {
  const std::lock_guard lock(mutex_);
  record_.clear();
  data_record::cells(region, mutations, sequence, record_);
  log_.append(record_);
  is_dirty_.store(true, std::memory_order_release);
}

void Journal::contents(Region& region) {
  data_record::contents(region, [this](const std::string& part) { record(part); });
}

bool Journal::commit() {
  // Who recorded something finds this set until it is written: it is cleared behind the write, with the lock held.
  if (!is_dirty_.load(std::memory_order_acquire)) return !has_failed_.load(std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  if (!log_.commit(options_.to_disk)) has_failed_ = true;
  log_bytes_.store(log_.size(), std::memory_order_relaxed);
  is_dirty_.store(false, std::memory_order_release);
  return !has_failed_;
}

Result<void> Journal::begin_snapshot() {
  auto snapshot = RecordWriter::open(path("new-snapshot", number_ + 1));
  if (!snapshot) return snapshot.error();
  const std::lock_guard lock(mutex_);
  if (!log_.commit(true)) {
    has_failed_ = true;
    return Error(Errc::unavailable, "cannot write " + path("log", number_));
  }
  auto log = RecordWriter::open(path("log", number_ + 1));
  if (!log) return log.error();
  ++number_;
  log_ = std::move(*log);
  log_bytes_.store(0, std::memory_order_relaxed);
  snapshot_ = std::move(*snapshot);
  return {};
}

void Journal::snapshot(std::string_view record) { snapshot_.append(record); }

Result<void> Journal::end_snapshot() {
  snapshot_.append(data_record::end());
  const bool written = snapshot_.commit(true);
  snapshot_ = RecordWriter();
  std::error_code ec;
  if (!written) {
    fs::remove(path("new-snapshot", number_), ec);
    return Error(Errc::unavailable, "cannot write " + path("snapshot", number_));
  }
  // Only when the new one has its name, and that is on the disk, may the old ones go.
  fs::rename(path("new-snapshot", number_), path("snapshot", number_), ec);
  if (ec) return failed("rename " + path("new-snapshot", number_), ec);
  sync_directory(options_.directory);
  for (const auto& entry : fs::directory_iterator(options_.directory, ec)) {
    const std::string name = entry.path().filename();
    for (const char* kind : {"log", "snapshot"}) {
      if (const auto number = number_of(name, kind); number && *number < number_) fs::remove(entry.path(), ec);
    }
  }
  return {};
}

}  // namespace hbmux::mini
