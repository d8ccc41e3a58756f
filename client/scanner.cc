#include <hbmux/scanner.h>

#include "client/blocking.h"
#include "client/scan_operation.h"

namespace hbmux {

Scanner::Scanner(std::shared_ptr<client::ScanOperation> operation) : operation_(std::move(operation)) {}
Scanner::Scanner(Scanner&&) noexcept = default;

Scanner& Scanner::operator=(Scanner&& other) noexcept {
  if (this != &other) {
    close();
    operation_ = std::move(other.operation_);
  }
  return *this;
}

Scanner::~Scanner() { close(); }

Scanner::NextResult Scanner::next() {
  if (rpc::current_lane() != nullptr) return client::blocking_call_on_lane();
  if (auto ready = operation_->try_next()) return std::move(*ready);
  return client::wait_for<NextResult>([&](auto done) { operation_->next(std::move(done)); });
}

ScanMetrics Scanner::metrics() const { return operation_->metrics(); }

void Scanner::close() {
  if (operation_) operation_->close();
}

void Scanner::start_next(const std::shared_ptr<client::ScanOperation>& operation, detail::Completion<NextResult> done) {
  operation->next(std::move(done));
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
