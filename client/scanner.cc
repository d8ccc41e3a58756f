#include <hbmux/scanner.h>

#include "client/blocking.h"
#include "client/scan_source.h"

namespace hbmux {

Scanner::Scanner(std::shared_ptr<client::ScanSource> source) : source_(std::move(source)) {}
Scanner::Scanner(Scanner&&) noexcept = default;

Scanner& Scanner::operator=(Scanner&& other) noexcept {
  if (this != &other) {
    close();
    source_ = std::move(other.source_);
  }
  return *this;
}

Scanner::~Scanner() { close(); }

Scanner::NextResult Scanner::next() {
  if (rpc::current_lane() != nullptr) return client::blocking_call_on_lane();
  if (auto ready = source_->try_next()) return std::move(*ready);
  return client::wait_for<NextResult>([&](auto done) { source_->next(std::move(done)); });
}

ScanMetrics Scanner::metrics() const { return source_->metrics(); }

void Scanner::close() {
  if (source_) source_->close();
}

void Scanner::start_next(const std::shared_ptr<client::ScanSource>& source, detail::Completion<NextResult> done) {
  source->next(std::move(done));
}

Scanner::iterator& Scanner::iterator::operator++() {
  const bool was_error = current_ && !*current_;
  auto next = was_error ? NextResult(std::nullopt) : scanner_->next();
  if (!next) {
    current_.emplace(next.error());
  } else if (*next) {
    current_.emplace(std::move(**next));
  } else {
    scanner_ = nullptr;
  }
  return *this;
}

}  // namespace hbmux
