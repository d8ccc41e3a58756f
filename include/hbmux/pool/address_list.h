// Several addresses for the same thing, of which some may have failed.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

namespace hbmux {

/// How the next address is chosen among those in order.
enum class AddressOrder {
  in_turn,    ///< Each gets its share.
  as_listed,  ///< The first one that has not failed: later ones are spares.
};

/// Which address to try next. One that failed is passed over until its retry time has passed, unless there is no other. Time is a
/// parameter; thread-safe. Address: equality.
template <class Address>
class AddressList {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// `retry_time` of 0: a failed one is tried again like the others.
  AddressList(std::vector<Address> addresses, std::chrono::milliseconds retry_time, AddressOrder order = AddressOrder::in_turn)
      : retry_time_(retry_time), order_(order) {
    for (auto& address : addresses) entries_.push_back({std::move(address), TimePoint::min()});
  }

  /// What to try, one after the other: those in order, by `order`; when there are none, the one alone that comes back first. Empty only when
  /// the list is.
  std::vector<Address> candidates(TimePoint now) {
    std::lock_guard lock(mutex_);
    std::vector<Address> chosen;
    const std::size_t first = order_ == AddressOrder::in_turn ? next_++ : 0;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const Entry& entry = entries_[(first + i) % entries_.size()];
      if (entry.failed_until <= now) chosen.push_back(entry.address);
    }
    if (chosen.empty() && !entries_.empty()) chosen.push_back(std::ranges::min_element(entries_, {}, &Entry::failed_until)->address);
    return chosen;
  }
  void failed(const Address& address, TimePoint now) { note(address, now + retry_time_); }
  void succeeded(const Address& address) { note(address, TimePoint::min()); }
  /// The list as it is now; what is known of addresses that stay is kept.
  void replace(const std::vector<Address>& addresses) {
    std::lock_guard lock(mutex_);
    std::vector<Entry> entries;
    for (const auto& address : addresses) {
      const auto known = std::ranges::find(entries_, address, &Entry::address);
      entries.push_back({address, known == entries_.end() ? TimePoint::min() : known->failed_until});
    }
    entries_ = std::move(entries);
  }
  /// Those that are passed over now.
  std::vector<Address> failed(TimePoint now) const {
    std::lock_guard lock(mutex_);
    std::vector<Address> out;
    for (const Entry& entry : entries_) {
      if (entry.failed_until > now) out.push_back(entry.address);
    }
    return out;
  }

 private:
  struct Entry {
    Address address;
    TimePoint failed_until;
  };
  void note(const Address& address, TimePoint failed_until) {
    std::lock_guard lock(mutex_);
    if (const auto at = std::ranges::find(entries_, address, &Entry::address); at != entries_.end()) at->failed_until = failed_until;
  }

  const std::chrono::milliseconds retry_time_;
  const AddressOrder order_;
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
  std::size_t next_ = 0;
};

}  // namespace hbmux
