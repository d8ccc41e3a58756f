// Which sub-pool belongs to a key, for each thread by itself.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace hbmux::detail {

/// A thread's notes about what it found in maps of pools: a hit takes no lock and writes nothing that other threads read. One that a map has
/// closed or disposed of meanwhile is still found, and must say so itself. A note keeps its sub-pool alive, and what was in its snapshot,
/// until the thread looks again or ends.
template <class SubPool>
class PoolDirectory {
 public:
  struct Note {
    std::uint64_t map = 0;  // 0: nobody's
    std::size_t hash = 0;
    std::shared_ptr<SubPool> pool;
    typename SubPool::Snapshot snapshot;
  };

  static PoolDirectory& of_this_thread() {
    thread_local PoolDirectory directory;
    return directory;
  }

  /// Null when it is not noted. The pointer is good until the next note.
  template <class Key>
  Note* find(std::uint64_t map, std::size_t hash, const Key& key) noexcept {
    Note& note = notes_[place(hash)];
    return note.map == map && note.hash == hash && note.pool->key() == key ? &note : nullptr;
  }
  Note& note(std::uint64_t map, std::size_t hash, std::shared_ptr<SubPool> pool) {
    Note& note = notes_[place(hash)];
    note = {map, hash, std::move(pool), {}};
    return note;
  }

 private:
  static constexpr std::size_t kNotes = 128;
  // Not by the map, which has another number in each run: what a thread has notes of would depend on it.
  static std::size_t place(std::size_t hash) noexcept { return static_cast<std::size_t>((hash * 0x9e3779b97f4a7c15u) >> 57); }

  std::array<Note, kNotes> notes_{};
};

}  // namespace hbmux::detail
