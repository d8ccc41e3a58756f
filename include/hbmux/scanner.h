// The rows of a scan, one after another.
#pragma once

#include <hbmux/detail/completion.h>
#include <hbmux/error.h>
#include <hbmux/row.h>
#include <hbmux/scan_metrics.h>

#include <iterator>
#include <memory>
#include <optional>

namespace hbmux {

namespace client {
class ScanSource;
}

/// Made by Table::scan; nothing is sent before the first row is asked for. A Scanner belongs to one consumer at a time: one next()
/// or async_next() may be under way. It outlives the Table it came from, needs the ClusterConnection, and closes its scanner on the
/// server when it is destroyed. Regions that move, split or merge under it are followed without a lost or doubled row.
class Scanner {
 public:
  using NextResult = Result<std::optional<Row>>;

  explicit Scanner(std::shared_ptr<client::ScanSource> source);
  Scanner(Scanner&&) noexcept;
  Scanner& operator=(Scanner&&) noexcept;
  ~Scanner();

  /// The next row; nothing at the end. After an error the scan is over. The server has hbase.client.scanner.timeout.period for
  /// each answer, be it only that it is still searching. Blocking: not on the connection's own threads (Errc::blocking_call_on_lane).
  NextResult next();

  /// As next(). The handler receives a NextResult. Cancelling ends the scan.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_next(Token&& token = Token()) {
    return detail::initiate<NextResult>(
        [source = source_](detail::Completion<NextResult> done) { start_next(source, std::move(done)); },
        std::forward<Token>(token));
  }

  /// What the scan has cost until now; all zero unless Scan::scan_metrics was set. Any thread.
  ScanMetrics metrics() const;

  /// Ends the scan early: the server forgets its scanner. Does not wait.
  void close();

  /// For `for (const Result<Row>& row : scanner)`: blocking; an error is the last item.
  class iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Result<Row>;
    using difference_type = std::ptrdiff_t;
    using pointer = const Result<Row>*;
    using reference = const Result<Row>&;
    iterator() = default;
    explicit iterator(Scanner* scanner) : scanner_(scanner) { ++*this; }
    reference operator*() const { return *current_; }
    pointer operator->() const { return &*current_; }
    iterator& operator++();
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return scanner_ == nullptr; }

   private:
    Scanner* scanner_ = nullptr;
    std::optional<Result<Row>> current_;
  };
  iterator begin() { return iterator(this); }
  std::default_sentinel_t end() { return {}; }

 private:
  static void start_next(const std::shared_ptr<client::ScanSource>& source, detail::Completion<NextResult> done);

  std::shared_ptr<client::ScanSource> source_;
};

}  // namespace hbmux
