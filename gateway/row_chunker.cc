#include "gateway/row_chunker.h"

#include <algorithm>
#include <utility>

namespace hbmux::gateway {
namespace {

/// What a chunk takes beside its texts.
constexpr std::size_t kChunkBytes = 16;

}  // namespace

void RowChunker::begin(Row owner, std::string_view row_key, RowCells cells) {
  owner_ = std::move(owner);
  row_key_ = row_key;
  cells_ = std::move(cells);
  at_ = offset_ = 0;
}

void RowChunker::fill(bt::ReadRowsResponse& message) {
  while (!is_done() && !is_full()) add_part(message);
  if (is_done()) {
    cells_.clear();
    at_ = 0;
    owner_ = Row();
  }
}

void RowChunker::add_part(bt::ReadRowsResponse& message) {
  const RowCell& cell = cells_[at_];
  auto& chunk = *message.add_chunks();
  bytes_ += kChunkBytes;
  if (offset_ == 0) {
    const RowCell* before = at_ == 0 ? nullptr : &cells_[at_ - 1];
    if (before == nullptr) {
      chunk.set_row_key(row_key_.data(), row_key_.size());
      bytes_ += row_key_.size();
    }
    const bool new_family = before == nullptr || before->family != cell.family;
    if (new_family) {
      chunk.mutable_family_name()->set_value(cell.family.data(), cell.family.size());
      bytes_ += cell.family.size();
    }
    if (new_family || before->qualifier != cell.qualifier) {
      chunk.mutable_qualifier()->set_value(cell.qualifier.data(), cell.qualifier.size());
      bytes_ += cell.qualifier.size();
    }
    chunk.set_timestamp_micros(cell.timestamp_micros);
    if (!cell.label.empty()) chunk.add_labels(cell.label.data(), cell.label.size());
  }
  const std::size_t left = cell.value.size() - offset_;
  const std::size_t room = std::max<std::size_t>(message_bytes_ - std::min(bytes_, message_bytes_), 1);
  const std::size_t part = std::min(left, room);
  chunk.set_value(cell.value.data() + offset_, part);
  bytes_ += part;
  if (part < left) {
    chunk.set_value_size(static_cast<std::int32_t>(cell.value.size()));
    offset_ += part;
    return;
  }
  offset_ = 0;
  if (++at_ == cells_.size()) chunk.set_commit_row(true);
}

}  // namespace hbmux::gateway
