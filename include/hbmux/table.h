// A handle to one table.
#pragma once

#include <hbmux/batch.h>
#include <hbmux/buffered_mutator.h>
#include <hbmux/bulk_load.h>
#include <hbmux/coprocessor.h>
#include <hbmux/detail/completion.h>
#include <hbmux/error.h>
#include <hbmux/parallel_scan.h>
#include <hbmux/region_locator.h>
#include <hbmux/request_scope.h>
#include <hbmux/row.h>
#include <hbmux/scan.h>
#include <hbmux/scanner.h>
#include <hbmux/table_name.h>
#include <hbmux/table_options.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux {

namespace client {
class TableBackend;
}
template <class Number>
class AggregationClient;

/// Cheap to make, to copy and to drop (it costs a pointer): make one per thread, or as many as you like. All members may be called from any
/// number of threads at once. It works as long as its ClusterConnection is open; afterwards every operation is Errc::closed.
///
/// Every operation has a blocking form, and an asynchronous one that takes a Boost.Asio completion token (a callback, `use_future`,
/// `use_awaitable`) whose handler receives the same Result. Requests are taken by value: pass `std::move(put)` to save a copy.
///
/// Threads: a handler runs on its associated executor, or on one of the connection's own lanes when it has none; never within the
/// initiating call. A blocking form called on a lane answers Errc::blocking_call_on_lane.
/// Cancellation (total, partial or terminal) ends the operation with Errc::cancelled; what was already sent may still be applied by the server.
/// Time: each operation ends within hbase.client.operation.timeout, each attempt within hbase.rpc.timeout.
/// Errors: see Errc. A row that does not exist is not an error.
class Table {
 public:
  explicit Table(std::shared_ptr<const client::TableBackend> backend);

  /// As it was asked for: without hbmux.table.prefix. Errors and region names have the name in the cluster.
  const TableName& name() const noexcept;
  /// The same table, in a request scope (RequestScope): with pools of the type Reusable, its calls use the scope's connections. With the
  /// other types the same table. An empty Ref: in none.
  Table in(const RequestScope::Ref& scope) const;
  /// The scope it is in; empty for none, and always with types that lend nothing.
  RequestScope::Ref scope() const noexcept;
  /// The same table with other settings: those that `options` has, over what this handle has.
  Table with(const TableOptions& options) const;
  /// What holds for this handle; everything is set.
  TableOptions options() const;

  /// Looks up all regions of the table, and has a connection to each of their servers (hbmux.pool.size.min of them, at least one) answer. To fail at the
  /// start of a program: look at the result. To go on: do not; what is missing is opened when it is needed. Errors: table_not_found, and why
  /// the first server that did not answer could not be reached.
  Result<void> warm_up() const;
  /// Reads a row.
  Result<Row> get(Get get) const;
  /// Whether the row has any of the cells that `get` asks for; no cells travel.
  Result<bool> exists(Get get) const;
  Result<void> put(Put put) const;
  /// Deletes (the name `delete` is taken by the language).
  Result<void> remove(Delete del) const;
  /// The new values, unless Append::return_results(false).
  Result<Row> append(Append append) const;
  Result<Row> increment(Increment increment) const;
  /// Several changes of one row, atomically. The new values of those that increment or append.
  Result<Row> mutate_row(RowMutations mutations) const;
  /// Changes a row if it is as expected; see CheckAndMutate about attempts whose reply is lost.
  Result<CheckAndMutateResult> check_and_mutate(CheckAndMutate check) const;
  /// Java's batch: grouped by region server, sent at once, retried singly where they failed. `on_result` may be empty.
  BatchResult batch(std::vector<Action> actions, BatchCallback on_result = {}) const;
  /// Which of these rows exist, one answer each (Java: exists(List)).
  std::vector<Result<bool>> exists(std::vector<Get> gets) const;
  /// All rows of a scan, in order and in memory at once: for scans that bring few (Java: scanAll).
  Result<std::vector<Row>> scan_all(Scan scan) const;
  /// Rows in order. Nothing is sent yet.
  Scanner scan(Scan scan) const;
  /// The same of many regions at once. Nothing is sent yet.
  ParallelScanner parallel_scan(Scan scan, const ParallelScanOptions& options = {}) const;
  /// Where the table's regions are.
  RegionLocator region_locator() const;

  /// Calls a coprocessor endpoint of the region with `row`, and again where that helps: its method should bear that. The bytes of its response
  /// message. What the endpoint says is wrong is an error of the server.
  Result<std::string> coprocessor_service(std::string_view row, CoprocessorCall call) const;
  /// The same in every region that has rows from `start_row` to `stop_row`, both inclusive (empty: the ends of the table), all at once; one
  /// answer a region, in order. An error when the regions cannot be found. `on_answer` (it may be empty) is told each as it comes.
  Result<std::vector<CoprocessorAnswer>> coprocessor_service(std::string_view start_row, std::string_view stop_row, CoprocessorCall call,
                                                             CoprocessorCallback on_answer = {}) const;
  /// The region with `row` takes over files that another program has written. Not sent again when its answer is lost, since the files may be in
  /// the region by then. Errc::wrong_region: it did not take them, and they are as they were (it split, say); what the server says of files that are
  /// not there, or reach beyond the region, is an error of the server.
  Result<void> bulk_load(std::string_view row, BulkLoad load) const;
  /// For many writes.
  BufferedMutator buffered_mutator(const BufferedMutatorParams& params = {}) const;

  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_warm_up(Token&& token = Token()) const {
    return detail::initiate<Result<void>>(
        [self = *this](detail::Completion<Result<void>> done) { self.start_warm_up(std::move(done)); }, std::forward<Token>(token));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_get(Get get, Token&& token = Token()) const {
    return detail::initiate<Result<Row>>(
        [self = *this, get = std::move(get)](detail::Completion<Result<Row>> done) mutable {
          self.start(std::move(get), std::move(done));
        },
        std::forward<Token>(token));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_exists(Get get, Token&& token = Token()) const {
    return detail::initiate<Result<bool>>(
        [self = *this, get = std::move(get)](detail::Completion<Result<bool>> done) mutable {
          self.start_exists(std::move(get), std::move(done));
        },
        std::forward<Token>(token));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_put(Put put, Token&& token = Token()) const {
    return detail::initiate<Result<void>>(
        [self = *this, put = std::move(put)](detail::Completion<Result<void>> done) mutable {
          self.start(std::move(put), std::move(done));
        },
        std::forward<Token>(token));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_remove(Delete del, Token&& token = Token()) const {
    return detail::initiate<Result<void>>(
        [self = *this, del = std::move(del)](detail::Completion<Result<void>> done) mutable {
          self.start(std::move(del), std::move(done));
        },
        std::forward<Token>(token));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_append(Append append, Token&& token = Token()) const {
    return detail::initiate<Result<Row>>(
        [self = *this, append = std::move(append)](detail::Completion<Result<Row>> done) mutable {
          self.start(std::move(append), std::move(done));
        },
        std::forward<Token>(token));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_increment(Increment increment, Token&& token = Token()) const {
    return detail::initiate<Result<Row>>(
        [self = *this, increment = std::move(increment)](detail::Completion<Result<Row>> done) mutable {
          self.start(std::move(increment), std::move(done));
        },
        std::forward<Token>(token));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_mutate_row(RowMutations mutations, Token&& token = Token()) const {
    return detail::initiate<Result<Row>>(
        [self = *this, mutations = std::move(mutations)](detail::Completion<Result<Row>> done) mutable {
          self.start(std::move(mutations), std::move(done));
        },
        std::forward<Token>(token));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_check_and_mutate(CheckAndMutate check, Token&& token = Token()) const {
    return detail::initiate<Result<CheckAndMutateResult>>(
        [self = *this, check = std::move(check)](detail::Completion<Result<CheckAndMutateResult>> done) mutable {
          self.start(std::move(check), std::move(done));
        },
        std::forward<Token>(token));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_scan_all(Scan scan, Token&& token = Token()) const {
    return detail::initiate<Result<std::vector<Row>>>(
        [self = *this, scan = std::move(scan)](detail::Completion<Result<std::vector<Row>>> done) mutable {
          self.start(std::move(scan), std::move(done));
        },
        std::forward<Token>(token));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_coprocessor_service(std::string_view row, CoprocessorCall call, Token&& token = Token()) const {
    return detail::initiate<Result<std::string>>(
        [self = *this, row = std::string(row), call = std::move(call)](detail::Completion<Result<std::string>> done) mutable {
          self.start(std::move(row), std::move(call), std::move(done));
        },
        std::forward<Token>(token));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_coprocessor_service(std::string_view start_row, std::string_view stop_row, CoprocessorCall call,
                                 Token&& token = Token()) const {
    return async_coprocessor_service(start_row, stop_row, std::move(call), CoprocessorCallback(), std::forward<Token>(token));
  }
  /// The same with a callback for each answer. The token must be named here, since any function could be one.
  template <class Token>
  auto async_coprocessor_service(std::string_view start_row, std::string_view stop_row, CoprocessorCall call, CoprocessorCallback on_answer,
                                 Token&& token) const {
    using Answers = Result<std::vector<CoprocessorAnswer>>;
    return detail::initiate<Answers>(
        [self = *this, start = std::string(start_row), stop = std::string(stop_row), call = std::move(call),
         on_answer = std::move(on_answer)](detail::Completion<Answers> done) mutable {
          self.start(std::move(start), std::move(stop), std::move(call), std::move(on_answer), std::move(done));
        },
        std::forward<Token>(token));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_bulk_load(std::string_view row, BulkLoad load, Token&& token = Token()) const {
    return detail::initiate<Result<void>>(
        [self = *this, row = std::string(row), load = std::move(load)](detail::Completion<Result<void>> done) mutable {
          self.start(std::move(row), std::move(load), std::move(done));
        },
        std::forward<Token>(token));
  }
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_batch(std::vector<Action> actions, Token&& token = Token()) const {
    return async_batch(std::move(actions), BatchCallback(), std::forward<Token>(token));
  }
  /// The same with a callback for each result. The token must be named here, since any function could be one.
  template <class Token>
  auto async_batch(std::vector<Action> actions, BatchCallback on_result, Token&& token) const {
    return detail::initiate<BatchResult>(
        [self = *this, actions = std::move(actions),
         on_result = std::move(on_result)](detail::Completion<BatchResult> done) mutable {
          self.start(std::move(actions), std::move(on_result), std::move(done));
        },
        std::forward<Token>(token));
  }

 private:
  template <class Number>
  friend class AggregationClient;

  void start_warm_up(detail::Completion<Result<void>> done) const;
  void start(Get get, detail::Completion<Result<Row>> done) const;
  void start_exists(Get get, detail::Completion<Result<bool>> done) const;
  void start(Put put, detail::Completion<Result<void>> done) const;
  void start(Delete del, detail::Completion<Result<void>> done) const;
  void start(Append append, detail::Completion<Result<Row>> done) const;
  void start(Increment increment, detail::Completion<Result<Row>> done) const;
  void start(std::string row, CoprocessorCall call, detail::Completion<Result<std::string>> done) const;
  void start(std::string start_row, std::string stop_row, CoprocessorCall call, CoprocessorCallback on_answer,
             detail::Completion<Result<std::vector<CoprocessorAnswer>>> done) const;
  void start(std::string row, BulkLoad load, detail::Completion<Result<void>> done) const;
  void start(RowMutations mutations, detail::Completion<Result<Row>> done) const;
  void start(Scan scan, detail::Completion<Result<std::vector<Row>>> done) const;
  void start(CheckAndMutate check, detail::Completion<Result<CheckAndMutateResult>> done) const;
  void start(std::vector<Action> actions, BatchCallback on_result, detail::Completion<BatchResult> done) const;

  std::shared_ptr<const client::TableBackend> backend_;
};

}  // namespace hbmux
