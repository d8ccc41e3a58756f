// A move-only callable: std::move_only_function, which C++20 does not have. Small callables live inside.
#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace hbmux::detail {

template <class Signature>
class UniqueFunction;

/// Holds one callable and calls it. Empty after a move. Callables up to six words are kept in place.
template <class R, class... Args>
class UniqueFunction<R(Args...)> {
 public:
  UniqueFunction() = default;
  UniqueFunction(std::nullptr_t) {}  // NOLINT: as std::function

  template <class F>
    requires(!std::is_same_v<std::decay_t<F>, UniqueFunction> && std::is_invocable_r_v<R, std::decay_t<F>&, Args...>)
  UniqueFunction(F&& f) {  // NOLINT: as std::function
    using D = std::decay_t<F>;
    if constexpr (fits<D>()) {
      ::new (static_cast<void*>(storage_)) D(std::forward<F>(f));
    } else {
      ::new (static_cast<void*>(storage_)) D*(new D(std::forward<F>(f)));
    }
    ops_ = &kOps<D>;
  }

  UniqueFunction(UniqueFunction&& other) noexcept { take(other); }
  UniqueFunction& operator=(UniqueFunction&& other) noexcept {
    if (this != &other) {
      reset();
      take(other);
    }
    return *this;
  }
  UniqueFunction(const UniqueFunction&) = delete;
  UniqueFunction& operator=(const UniqueFunction&) = delete;
  ~UniqueFunction() { reset(); }

  explicit operator bool() const noexcept { return ops_ != nullptr; }

  R operator()(Args... args) { return ops_->call(storage_, std::forward<Args>(args)...); }

 private:
  static constexpr std::size_t kInPlace = 6 * sizeof(void*);
  struct Ops {
    R (*call)(void*, Args&&...);
    void (*move)(void* from, void* to) noexcept;
    void (*destroy)(void*) noexcept;
  };
  template <class D>
  static constexpr bool fits() {
    return sizeof(D) <= kInPlace && alignof(D) <= alignof(std::max_align_t) && std::is_nothrow_move_constructible_v<D>;
  }
  template <class D>
  static D& get(void* storage) noexcept {
    if constexpr (fits<D>()) {
      return *std::launder(static_cast<D*>(storage));
    } else {
      return **std::launder(static_cast<D**>(storage));
    }
  }
  template <class D>
  static constexpr Ops kOps = {
      [](void* storage, Args&&... args) -> R { return get<D>(storage)(std::forward<Args>(args)...); },
      [](void* from, void* to) noexcept {
        if constexpr (fits<D>()) {
          ::new (to) D(std::move(get<D>(from)));
          get<D>(from).~D();
        } else {
          ::new (to) D*(&get<D>(from));
        }
      },
      [](void* storage) noexcept {
        if constexpr (fits<D>()) {
          get<D>(storage).~D();
        } else {
          delete &get<D>(storage);
        }
      }};

  void take(UniqueFunction& other) noexcept {
    if (other.ops_) other.ops_->move(other.storage_, storage_);
    ops_ = std::exchange(other.ops_, nullptr);
  }
  void reset() noexcept {
    if (ops_) std::exchange(ops_, nullptr)->destroy(storage_);
  }

  alignas(std::max_align_t) std::byte storage_[kInPlace];
  const Ops* ops_ = nullptr;
};

}  // namespace hbmux::detail
