#include "gateway/admission.h"

#include <chrono>
#include <string>

namespace hbmux::gateway {
namespace {

Status too_much(std::size_t limit, const char* what, const char* property) {
  return {Code::resource_exhausted, "the gateway has " + std::to_string(limit) + " " + what + " under way (" + property + ")",
          std::chrono::milliseconds(100)};
}

}  // namespace

std::optional<Status> Admission::enter(bool is_read, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  if (calls_ >= limits_.calls) return too_much(limits_.calls, "calls", "hbmux.gateway.calls.max");
  if (is_read && reads_ >= limits_.reads) return too_much(limits_.reads, "reads", "hbmux.gateway.reads.max");
  if (bytes_ != 0 && bytes_ + bytes > limits_.request_bytes) {
    return too_much(limits_.request_bytes, "bytes of requests", "hbmux.gateway.request.bytes.max");
  }
  ++calls_;
  reads_ += is_read ? 1 : 0;
  bytes_ += bytes;
  return std::nullopt;
}

void Admission::leave(bool is_read, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  --calls_;
  reads_ -= is_read ? 1 : 0;
  bytes_ -= bytes;
}

}  // namespace hbmux::gateway
