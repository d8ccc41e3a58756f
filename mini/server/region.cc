#include "mini/server/region.h"

#include "core/bytes.h"
#include "core/region_name.h"
#include "mini/disk/journal.h"

#include <utility>

namespace hbmux::mini {

std::string pbuf(const google::protobuf::MessageLite& message) {
  std::string bytes = "PBUF";
  message.AppendPartialToString(&bytes);
  return bytes;
}

pb::TableName table_name_message(std::string_view table) {
  pb::TableName message;
  const std::size_t colon = table.find(':');
  message.set_namespace_(std::string(colon == std::string_view::npos ? "default" : table.substr(0, colon)));
  message.set_qualifier(std::string(colon == std::string_view::npos ? table : table.substr(colon + 1)));
  return message;
}

std::string table_name_of(const pb::TableName& message) {
  if (message.namespace_().empty() || message.namespace_() == "default") return message.qualifier();
  return message.namespace_() + ":" + message.qualifier();
}

Region::Region(std::string table, std::string start_key, std::string end_key, std::uint64_t id,
               std::shared_ptr<const Families> families, RowCompare compare, int replica)
    : table_(std::move(table)),
      start_key_(std::move(start_key)),
      end_key_(std::move(end_key)),
      id_(id),
      replica_(replica),
      name_(std::string_view(core::make_region_name(table_, start_key_, id_, replica))),  // of just its size
      encoded_name_(core::encoded_region_name(name_)),
      families_(std::move(families)),
      store_(*families_, name_, compare) {}

std::shared_ptr<Region> Region::replica_of(Region& primary, int replica) {
  const std::unique_lock lock(primary.mutex_);
  auto made = std::make_shared<Region>(primary.table_, primary.start_key_, primary.end_key_, primary.id_,
                                       primary.families_, primary.store_.rows().row_compare(), replica);
  made->store_.copy_from(primary.store_);
  auto feed = std::make_shared<ReplicaFeed>();
  made->feeds_ = std::make_unique<Feeds>(Feeds{feed});
  if (primary.feeds_ == nullptr) primary.feeds_ = std::make_unique<Feeds>();
  Feeds& feeds = *primary.feeds_;
  feeds.resize(std::max(feeds.size(), static_cast<std::size_t>(replica)));
  feeds[static_cast<std::size_t>(replica) - 1] = std::move(feed);
  return made;
}

std::shared_lock<std::shared_mutex> Region::lock_to_read(std::int64_t now) {
  if (ReplicaFeed* own = feed(); own != nullptr && own->is_due(now)) {
    const std::unique_lock lock(mutex_);
    own->apply(store_, now);
  }
  return std::shared_lock(mutex_);
}

void Region::ship(std::span<const Mutation> mutations, std::int64_t now) {
  if (feeds_ == nullptr) return;
  auto step = std::make_shared<ReplicaStep>();
  step->time = now;
  step->sequence = store_.sequence();
  for (const Mutation& mutation : mutations) {
    step->cells.insert(step->cells.end(), mutation.cells.begin(), mutation.cells.end());
  }
  for (const auto& feed : *feeds_) feed->add(step);
}

void Region::ship(ReplicaStep::Kind kind, std::int64_t now) {
  if (feeds_ == nullptr) return;
  auto step = std::make_shared<ReplicaStep>();
  step->kind = kind;
  step->time = now;
  for (const auto& feed : *feeds_) feed->add(step);
}

void Region::erase(std::string_view row, std::vector<std::string> qualifiers, std::int64_t now) {
  store_.rows().erase_cells(row, qualifiers);
  if (feeds_ == nullptr) return;
  auto step = std::make_shared<ReplicaStep>();
  step->kind = ReplicaStep::Kind::erase;
  step->time = now;
  step->row = row;
  step->qualifiers = std::move(qualifiers);
  for (const auto& feed : *feeds_) feed->add(step);
}

void Region::put_logged_nonces(std::vector<NonceTable::Logged> logged) {
  if (!logged.empty()) logged_nonces_ = std::make_unique<std::vector<NonceTable::Logged>>(std::move(logged));
}

std::vector<NonceTable::Logged> Region::take_logged_nonces() {
  const auto logged = std::exchange(logged_nonces_, nullptr);
  return logged ? std::move(*logged) : std::vector<NonceTable::Logged>();
}

void Region::stop_feeding(int replica) noexcept {
  if (feeds_ == nullptr) return;
  feeds_->resize(std::min(feeds_->size(), static_cast<std::size_t>(replica) - 1));
  if (feeds_->empty()) feeds_.reset();
}

std::string Region::meta_row() const {
  return is_replica() ? core::make_region_name(table_, start_key_, id_) : name_;
}

bool Region::is_meta() const noexcept { return encoded_name_ == core::kMetaEncodedName; }

bool Region::is_of_meta() const noexcept { return table_ == core::kMetaTable; }

pb::RegionInfo Region::info() const {
  pb::RegionInfo info;
  info.set_region_id(id_);
  *info.mutable_table_name() = table_name_message(table_);
  info.set_start_key(start_key_);
  info.set_end_key(end_key_);
  info.set_offline(false);
  info.set_split(false);
  info.set_replica_id(replica_);
  return info;
}

std::string Region::encoded_info(bool split_parent) const {
  pb::RegionInfo message = info();
  message.set_offline(split_parent);
  message.set_split(split_parent);
  message.set_replica_id(0);
  return pbuf(message);
}

void Region::keep(Journal* journal, std::span<const Mutation> mutations) {
  if (journal == nullptr || is_meta() || is_replica()) return;
  if (store_.purges() != purges_kept_) {
    purges_kept_ = store_.purges();
    journal->contents(*this);
  } else if (!mutations.empty()) {
    journal->cells(*this, mutations, store_.sequence());
  }
}

RemoteException Region::wrong_region(std::string_view row, std::string_view operation) const {
  using core::to_string_binary;
  return exceptions::wrong_region("Requested row out of range for " + std::string(operation) + " on HRegion " +
                                  to_string_binary(name_) + ", startKey='" + to_string_binary(start_key_) +
                                  "', getEndKey()='" + to_string_binary(end_key_) + "', row='" + to_string_binary(row) +
                                  "'");
}

}  // namespace hbmux::mini
