// What is known of the tables that are written to.
#pragma once

#include "gateway/table_schema.h"

#include <hbmux/admin.h>
#include <hbmux/detail/unique_function.h>

#include <chrono>
#include <map>
#include <memory>
#include <mutex>

namespace hbmux::gateway {

/// Asks the master once in a while. Any thread.
class SchemaCache {
 public:
  using Schema = std::shared_ptr<const TableSchema>;
  using Handler = detail::UniqueFunction<void(Result<Schema>)>;

  explicit SchemaCache(Admin admin) : admin_(std::move(admin)) {}

  /// Calls the handler once: within this call when the schema is known, else on a lane of the connection.
  void get(const TableName& table, Handler handler);
  /// It is asked for anew: after a change of the table, or an error that tells of one.
  void forget(const TableName& table);

 private:
  using Clock = std::chrono::steady_clock;
  struct Entry {
    Schema schema;
    Clock::time_point until;
  };
  void keep(const TableName& table, const Schema& schema);

  Admin admin_;
  std::mutex mutex_;
  std::map<TableName, Entry> entries_;
};

}  // namespace hbmux::gateway
