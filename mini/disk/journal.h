// A cluster's data on disk: a log of all changes, and from time to time a snapshot to begin the next log with.
#pragma once

#include "mini/disk/data_image.h"
#include "mini/disk/record_file.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace hbmux::mini {

/// The directory holds `log-N`, and for N > 0 `snapshot-N`, which is what the logs before N amount to. Thread-safe, but
/// for snapshots, of which there is one at a time. Changes are recorded while that which they change is locked, so that
/// the log has them in their order; nobody is answered before `commit`.
class Journal {
 public:
  struct Options {
    std::string directory;
    bool to_disk = false;             ///< A commit waits for the disk, not only for the operating system.
    std::uint64_t log_bytes_max = 0;  ///< A snapshot is due when the log is larger.
  };

  /// Reads what is there into `image`, and goes on behind it. Errc::invalid_argument when it is damaged,
  /// Errc::unavailable when the directory cannot be used, or another process uses it.
  static Result<std::unique_ptr<Journal>> open(Options options, DataImage& image);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  void record(std::string_view record);
  void cells(const Region& region, std::span<const Mutation> mutations, std::uint64_t sequence);
  /// All that the region holds, when cells have gone from it for another reason than a write. With its mutex held.
  void contents(Region& region);
  /// Everything recorded so far is kept. False when that cannot be done (a full disk): then nobody may be told that
  /// anything was.
  bool commit();

  bool wants_snapshot() const noexcept { return log_bytes_.load(std::memory_order_relaxed) > options_.log_bytes_max; }
  /// From here on changes go into the next log. What is given to the snapshot must hold all changes before.
  Result<void> begin_snapshot();
  void snapshot(std::string_view record);
  /// The snapshot is whole: what came before it is removed.
  Result<void> end_snapshot();

 private:
  explicit Journal(Options options) : options_(std::move(options)) {}
  Result<void> lock_directory();
  Result<void> read(DataImage& image);
  std::string path(std::string_view kind, std::uint64_t number) const;

  const Options options_;
  int lock_ = -1;
  std::mutex mutex_;
  RecordWriter log_;
  std::string record_;  ///< Reused.
  std::atomic<bool> is_dirty_{false};
  std::atomic<bool> has_failed_{false};
  std::atomic<std::uint64_t> log_bytes_{0};
  std::uint64_t number_ = 0;  ///< Of the log.
  RecordWriter snapshot_;
};

}  // namespace hbmux::mini
