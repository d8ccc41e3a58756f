#include <hbmux/buffered_mutator.h>

#include "client/blocking.h"
#include "client/mutator.h"

namespace hbmux {

using client::block;
using client::Mutator;
using detail::Completion;

BufferedMutator::BufferedMutator(std::shared_ptr<Mutator> mutator) : mutator_(std::move(mutator)) {}
BufferedMutator::BufferedMutator(BufferedMutator&&) noexcept = default;
BufferedMutator& BufferedMutator::operator=(BufferedMutator&& other) noexcept {
  std::swap(mutator_, other.mutator_);  // the other one's destructor sends what is left
  return *this;
}
BufferedMutator::~BufferedMutator() {
  if (mutator_) mutator_->abandon();
}

const TableName& BufferedMutator::name() const noexcept { return mutator_->name(); }

Result<void> BufferedMutator::mutate(RowChange mutation) { return mutate(std::move(mutation), WrittenHandler()); }

Result<void> BufferedMutator::mutate(RowChange mutation, WrittenHandler written) {
  if (auto at_once = mutator_->try_mutate(mutation, written)) return std::move(*at_once);
  return block<Result<void>>([&](auto done) { mutator_->wait(std::move(mutation), std::move(written), std::move(done)); });
}

Result<void> BufferedMutator::flush() {
  return block<Result<void>>([&](auto done) { mutator_->flush(std::move(done)); });
}

Result<void> BufferedMutator::close() {
  return block<Result<void>>([&](auto done) { mutator_->close(std::move(done)); });
}

std::size_t BufferedMutator::bytes_held() const { return mutator_->bytes_held(); }
std::size_t BufferedMutator::mutations_held() const { return mutator_->mutations_held(); }

void BufferedMutator::start_mutate(const std::shared_ptr<Mutator>& mutator, RowChange mutation, WrittenHandler written,
                                   Completion<Result<void>> done) {
  mutator->mutate(std::move(mutation), std::move(written), std::move(done));
}
void BufferedMutator::start_flush(const std::shared_ptr<Mutator>& mutator, Completion<Result<void>> done) {
  mutator->flush(std::move(done));
}
void BufferedMutator::start_close(const std::shared_ptr<Mutator>& mutator, Completion<Result<void>> done) {
  mutator->close(std::move(done));
}

}  // namespace hbmux
