#include <hbmux/buffered_mutator.h>

#include "client/blocking.h"
#include "client/mutation_sink.h"

namespace hbmux {

using client::block;
using client::MutationSink;
using detail::Completion;

BufferedMutator::BufferedMutator(std::shared_ptr<MutationSink> sink) : sink_(std::move(sink)) {}
BufferedMutator::BufferedMutator(BufferedMutator&&) noexcept = default;
BufferedMutator& BufferedMutator::operator=(BufferedMutator&& other) noexcept {
  std::swap(sink_, other.sink_);  // the other one's destructor sends what is left
  return *this;
}
BufferedMutator::~BufferedMutator() {
  if (sink_) sink_->abandon();
}

const TableName& BufferedMutator::name() const noexcept { return sink_->name(); }

Result<void> BufferedMutator::mutate(RowChange mutation) { return mutate(std::move(mutation), WrittenHandler()); }

Result<void> BufferedMutator::mutate(RowChange mutation, WrittenHandler written) {
  if (auto at_once = sink_->try_mutate(mutation, written)) return std::move(*at_once);
  return block<Result<void>>([&](auto done) { sink_->wait(std::move(mutation), std::move(written), std::move(done)); });
}

Result<void> BufferedMutator::flush() {
  return block<Result<void>>([&](auto done) { sink_->flush(std::move(done)); });
}

Result<void> BufferedMutator::close() {
  return block<Result<void>>([&](auto done) { sink_->close(std::move(done)); });
}

std::size_t BufferedMutator::bytes_held() const { return sink_->bytes_held(); }
std::size_t BufferedMutator::mutations_held() const { return sink_->mutations_held(); }

void BufferedMutator::start_mutate(const std::shared_ptr<MutationSink>& sink, RowChange mutation, WrittenHandler written,
                                   Completion<Result<void>> done) {
  sink->mutate(std::move(mutation), std::move(written), std::move(done));
}
void BufferedMutator::start_flush(const std::shared_ptr<MutationSink>& sink, Completion<Result<void>> done) {
  sink->flush(std::move(done));
}
void BufferedMutator::start_close(const std::shared_ptr<MutationSink>& sink, Completion<Result<void>> done) {
  sink->close(std::move(done));
}

}  // namespace hbmux
