// What is made of several operations or calls, and completes once.
#pragma once

#include "client/table_context.h"

#include <hbmux/detail/completion.h>
#include <hbmux/error.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace hbmux::client {

/// Kept alive by its parts that are under way. Whoever comes first ends it, from any thread; cancelling ends it at once, and its parts too as far as they
/// asked for that.
template <class T>
class CompoundOperation : public std::enable_shared_from_this<CompoundOperation<T>> {
 public:
  virtual ~CompoundOperation() = default;
  CompoundOperation(const CompoundOperation&) = delete;
  CompoundOperation& operator=(const CompoundOperation&) = delete;

 protected:
  CompoundOperation(std::shared_ptr<const TableContext> table, detail::Completion<Result<T>> done)
      : table_(std::move(table)), cancel_(std::move(done.cancel)), finish_(std::move(done.finish)) {}

  const std::shared_ptr<const TableContext>& table() const noexcept { return table_; }
  ConnectionState& connection() const noexcept { return *table_->connection; }
  /// "aggregation of table 't'", for messages; empty when its parts say it.
  virtual std::string describe() const = 0;

  /// First of all. False when it is over already: cancelled, or closed.
  bool begin() {
    if (cancel_ && !cancel_->arm([weak = this->weak_from_this()] {
          if (auto self = weak.lock()) self->cancelled();
        })) {
      end_later(Error(Errc::cancelled, "cancelled before it began"));
      return false;
    }
    if (auto closed = connection().closed_error()) {
      end_later(std::move(*closed));
      return false;
    }
    return true;
  }
  /// A part's own cancellation: when this one ends, the part does.
  std::shared_ptr<detail::CancelPoint> part() {
    auto point = std::make_shared<detail::CancelPoint>();
    std::lock_guard lock(mutex_);
    parts_.push_back(point);
    return point;
  }
  void end(Result<T> result) {
    detail::UniqueFunction<void(Result<T>)> finish;
    std::vector<std::shared_ptr<detail::CancelPoint>> parts;
    {
      std::lock_guard lock(mutex_);
      finish = std::exchange(finish_, nullptr);
      parts.swap(parts_);
    }
    if (!finish) return;
    if (!result) {
      if (const std::string context = describe(); !context.empty()) result = Error(result.error()).with_context(context);
    }
    finish(std::move(result));
    for (const auto& part : parts) part->cancel();  // nothing to those that have ended
  }
  bool is_over() {
    std::lock_guard lock(mutex_);
    return !finish_;
  }
  /// Not within the function that began it.
  void end_later(Result<T> result) {
    connection().post([self = this->shared_from_this(), result = std::move(result)]() mutable { self->end(std::move(result)); });
  }

 private:
  void cancelled() { end_later(Error(Errc::cancelled, "cancelled")); }

  const std::shared_ptr<const TableContext> table_;
  const std::shared_ptr<detail::CancelPoint> cancel_;  // null when nobody can cancel
  std::mutex mutex_;
  detail::UniqueFunction<void(Result<T>)> finish_;  // taken by who ends it
  std::vector<std::shared_ptr<detail::CancelPoint>> parts_;
};

}  // namespace hbmux::client
