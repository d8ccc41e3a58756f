// Rare parts of a value, kept out of the way until somebody sets one.
#pragma once

#include <memory>
#include <utility>

namespace hbmux::detail {

/// Owns a T that is made when it is first changed; copied with its owner. Until then reading gives an empty T that all share.
template <class T>
class CopyPtr {
 public:
  CopyPtr() = default;
  CopyPtr(const CopyPtr& other) : value_(other.value_ ? std::make_unique<T>(*other.value_) : nullptr) {}
  CopyPtr(CopyPtr&&) noexcept = default;
  CopyPtr& operator=(CopyPtr other) noexcept {
    value_ = std::move(other.value_);
    return *this;
  }

  explicit operator bool() const noexcept { return value_ != nullptr; }
  const T& operator*() const noexcept { return value_ ? *value_ : nothing(); }
  const T* operator->() const noexcept { return &**this; }
  T& change() {
    if (!value_) value_ = std::make_unique<T>();
    return *value_;
  }

 private:
  static const T& nothing() noexcept {
    static const T empty;
    return empty;
  }
  std::unique_ptr<T> value_;
};

}  // namespace hbmux::detail
