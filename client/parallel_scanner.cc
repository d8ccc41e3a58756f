#include <hbmux/parallel_scan.h>

#include "client/blocking.h"
#include "client/scan_source.h"

namespace hbmux {

ParallelScanner::ParallelScanner(std::shared_ptr<client::ScanSource> source) : source_(std::move(source)) {}
ParallelScanner::ParallelScanner(ParallelScanner&&) noexcept = default;

ParallelScanner& ParallelScanner::operator=(ParallelScanner&& other) noexcept {
  if (this != &other) {
    close();
    source_ = std::move(other.source_);
  }
  return *this;
}

ParallelScanner::~ParallelScanner() { close(); }

ParallelScanner::NextResult ParallelScanner::next() {
  if (rpc::current_lane() != nullptr) return client::blocking_call_on_lane();
  if (auto ready = source_->try_next()) return std::move(*ready);
  return client::wait_for<NextResult>([&](auto done) { source_->next(std::move(done)); });
}

ScanMetrics ParallelScanner::metrics() const { return source_->metrics(); }

void ParallelScanner::close() {
  if (source_) source_->close();
}

void ParallelScanner::start_next(const std::shared_ptr<client::ScanSource>& source, detail::Completion<NextResult> done) {
  source->next(std::move(done));
}

}  // namespace hbmux
