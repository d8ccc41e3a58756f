// What is known of the tables that are written to.
#pragma once

#include "gateway/table_schema.h"

#include <hbmux/admin.h>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace hbmux::gateway {

/// Asks the master once in a while. Any thread.
class SchemaCache {
 public:
  using Schema = std::shared_ptr<const TableSchema>;

  explicit SchemaCache(Admin admin) : admin_(std::move(admin)) {}

  /// What is known now; null: nothing.
  Schema find(const TableName& table);
  /// Asks the master. The token's handler gets a Result<Schema>; its cancellation slot is heeded.
  template <class Token>
  void async_get(const TableName& table, Token token) {
    const auto slot = boost::asio::get_associated_cancellation_slot(token);
    admin_.async_describe_table(
        table, boost::asio::bind_cancellation_slot(slot, [this, table, token = std::move(token)](const Result<TableDescriptor>& described) mutable {
          if (!described) return token(Result<Schema>(described.error()));
          auto schema = std::make_shared<const TableSchema>(schema_of(*described));
          keep(table, schema);
          token(Result<Schema>(std::move(schema)));
        }));
  }
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
