#include "gateway/schema_cache.h"

#include <utility>

namespace hbmux::gateway {
namespace {

/// So long a family that somebody else made or dropped may be unknown here.
constexpr std::chrono::seconds kSchemaLife{10};
constexpr std::size_t kSchemasMax = 10000;

}  // namespace

SchemaCache::Schema SchemaCache::find(const TableName& table) {
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(table);
  return entry != entries_.end() && Clock::now() < entry->second.until ? entry->second.schema : nullptr;
}

void SchemaCache::keep(const TableName& table, const Schema& schema) {
  const std::lock_guard lock(mutex_);
  if (entries_.size() >= kSchemasMax) entries_.clear();
  entries_.insert_or_assign(table, Entry{schema, Clock::now() + kSchemaLife});
}

void SchemaCache::forget(const TableName& table) {
  const std::lock_guard lock(mutex_);
  entries_.erase(table);
}

}  // namespace hbmux::gateway
