// What calls that change one row have in common.
#pragma once

#include "gateway/call.h"
#include "gateway/row_change.h"

#include <hbmux/scanner.h>

#include <optional>
#include <utility>

namespace hbmux::gateway {

template <class Request, class Response>
class RowCall : public UnaryCall<Request, Response> {
 protected:
  using UnaryCall<Request, Response>::UnaryCall;

  /// From here on the call has its table. False when that cannot be: the call is then finished.
  bool open(FullTableName name) {
    auto table = table_of(this->state_, this->context_, name);
    if (!table) return this->finish(table.error()), false;
    name_ = std::move(name);
    table_ = std::move(*table);
    return true;
  }
  /// `use` gets the schema of the table, or the call is finished.
  template <class Use>
  void with_schema(Use use) {
    this->find_schema(name_->table, std::move(use), [this](const Error& error) { this->finish(status(error)); });
  }
  /// `use` gets what `change` has to know of the row: a Result<Row>.
  template <class Use>
  void read_for(const RowChange& change, Use use) {
    scanner_.emplace(table_->scan(change.read_request()));
    this->run([this](auto token) { scanner_->async_next(std::move(token)); },
              [use = std::move(use)](const Scanner::NextResult& row) { use(row ? Result<Row>(row->value_or(Row())) : row.error()); });
  }
  Status status(const Error& error) { return status_of(this->state_, name_->table, error); }

  std::optional<FullTableName> name_;
  std::optional<Table> table_;

 private:
  std::optional<Scanner> scanner_;
};

}  // namespace hbmux::gateway
