// Pools of something that can be had at several addresses.
#pragma once

#include <hbmux/pool/address_list.h>
#include <hbmux/pool/connector.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hbmux {

/// A PoolConnector for keys that stand for several addresses: it opens by another connector, which knows addresses, and judges by that one too. An
/// opening tries one address after the other until one answers. One that failed is passed over for the retry time, by all openings of
/// the key.
///
///     auto replicas = [](const std::string& service) { return lookup(service); };       // service -> addresses
///     std::make_shared<AddressConnector<std::string, ServerAddress, Line>>(line_connector, replicas, 10s);
///
/// Thread-safe. `resolve` is called at each opening, must not block, and may answer differently each time.
template <class Key, class Address, class T, class Hash = std::hash<Key>>
class AddressConnector final : public PoolConnector<Key, T>,
                               public std::enable_shared_from_this<AddressConnector<Key, Address, T, Hash>> {
  using Base = PoolConnector<Key, T>;

 public:
  using typename Base::Opened;
  using typename Base::Probed;
  using typename Base::Resource;
  using typename Base::TimePoint;
  using Inner = PoolConnector<Address, T>;
  using Resolve = std::function<std::vector<Address>(const Key&)>;
  using Clock = std::function<TimePoint()>;

  AddressConnector(std::shared_ptr<Inner> inner, Resolve resolve, std::chrono::milliseconds retry_time,
                   AddressOrder order = AddressOrder::in_turn, Clock clock = [] { return TimePoint::clock::now(); })
      : inner_(std::move(inner)), resolve_(std::move(resolve)), retry_time_(retry_time), order_(order), clock_(std::move(clock)) {}

  void open(const Key& key, TimePoint deadline, Opened done) override {
    auto attempt = std::make_shared<Attempt>(list_of(key));
    attempt->candidates = attempt->list->candidates(clock_());
    attempt->deadline = deadline;
    attempt->done = std::move(done);
    try_next(std::move(attempt), Error(Errc::cannot_resolve, "no address is known"));
  }
  bool is_alive(const T& resource) const noexcept override { return inner_->is_alive(resource); }
  PoolLoad load(const T& resource) const noexcept override { return inner_->load(resource); }
  std::optional<std::chrono::milliseconds> lifetime(const T& resource) const noexcept override { return inner_->lifetime(resource); }
  bool survives(const T& resource, const Error& error) const noexcept override { return inner_->survives(resource, error); }
  void probe(const Resource& resource, Probed done) override { inner_->probe(resource, std::move(done)); }
  void invalidate(const Resource& resource, CloseReason reason) override { inner_->invalidate(resource, reason); }

  /// The addresses of a key that are passed over now.
  std::vector<Address> failed(const Key& key) { return list_of(key)->failed(clock_()); }

 private:
  using List = AddressList<Address>;
  struct Attempt {
    explicit Attempt(std::shared_ptr<List> l) : list(std::move(l)) {}
    const std::shared_ptr<List> list;
    std::vector<Address> candidates;
    std::size_t tried = 0;
    TimePoint deadline;
    Opened done;
  };

  std::shared_ptr<List> list_of(const Key& key) {
    const auto addresses = resolve_(key);
    std::lock_guard lock(mutex_);
    auto& list = lists_[key];
    if (!list) {
      list = std::make_shared<List>(addresses, retry_time_, order_);
    } else {
      list->replace(addresses);
    }
    return list;
  }
  void try_next(std::shared_ptr<Attempt> attempt, Error last) {
    if (attempt->tried == attempt->candidates.size()) {
      const auto count = attempt->tried;
      if (count > 1) last = std::move(last).with_context("none of " + std::to_string(count) + " addresses could be opened");
      return attempt->done(std::move(last));
    }
    const Address address = attempt->candidates[attempt->tried++];
    const TimePoint deadline = attempt->deadline;
    inner_->open(address, deadline, [self = this->shared_from_this(), attempt, address](Result<Resource> opened) {
      if (opened) {
        attempt->list->succeeded(address);
        return attempt->done(std::move(opened));
      }
      const TimePoint now = self->clock_();
      attempt->list->failed(address, now);
      if (attempt->deadline <= now) return attempt->done(std::move(opened));
      self->try_next(attempt, opened.error());
    });
  }

  const std::shared_ptr<Inner> inner_;
  const Resolve resolve_;
  const std::chrono::milliseconds retry_time_;
  const AddressOrder order_;
  const Clock clock_;
  std::mutex mutex_;
  std::unordered_map<Key, std::shared_ptr<List>, Hash> lists_;
};

}  // namespace hbmux
