// Scans of all kinds over rows that are rewritten and regions that move, split and merge. No row comes or goes, so that
// each scan has to give exactly the rows of its range.
#include "tests/sim/workload.h"

#include <hbmux/parallel_scan.h>
#include <hbmux/scanner.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace hbmux::sim {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::string_view kTable = "scanned";

/// What a row's cells say: which row, which column, and when it was written.
std::string value_of(std::string_view row, std::string_view column, std::int64_t generation) {
  std::string value = std::string(row) + "|" + std::string(column) + "|" + std::to_string(generation) + "|";
  value.resize(value.size() + static_cast<std::size_t>(row.back() - '0') * 11, '.');
  return value;
}

class Scans {
 public:
  explicit Scans(std::uint64_t seed) : random_(seed) {
    WorldOptions options;
    options.seed = random_.bits();
    options.plan = FaultPlan::draw(random_);
    options.region_servers = static_cast<int>(random_.between(1, 4));
    options.lanes = static_cast<int>(random_.between(1, 2));
    options.client = draw_configuration(random_);
    lease_ = milliseconds(random_.skewed(300, 20'000));
    options.scanner_lease = lease_;
    if (random_.chance(0.5)) {
      options.client.set("hbase.client.scanner.max.result.size", std::to_string(random_.skewed(100, 20'000)));
    }
    if (random_.chance(0.3)) options.client.set("hbase.client.scanner.caching", std::to_string(random_.between(1, 20)));
    write_limit_ = milliseconds_of(options.client, "hbase.client.operation.timeout");
    scan_limit_ = milliseconds_of(options.client, "hbase.client.scanner.timeout.period");
    world_ = std::make_unique<SimulatedWorld>(std::move(options));
    watch_ = std::make_unique<CallWatch>(*world_);
  }
  ~Scans() {
    watch_->stop();
    readers_.clear();
    table_.reset();
    world_.reset();
  }

  RunReport run() {
    std::vector<std::string> splits;
    for (auto left = random_.below(6); left > 0; --left) splits.push_back(std::to_string(random_.between(10, 99)));
    world_->create_table(kTable, {"f", "g"}, splits);
    table_ = std::make_unique<Table>(world_->table(kTable));
    make_rows();
    load();
    world_->begin_trouble();
    const auto readers = random_.between(1, 4);
    for (int i = 0; i < readers; ++i) {
      readers_.push_back(std::make_unique<Reader>(i, random_.fork(), static_cast<int>(random_.between(1, 6))));
    }
    for (auto& reader : readers_) begin_scan(*reader);
    const auto writers = random_.below(3);
    for (std::uint64_t i = 0; i < writers; ++i)
      rewrite(random_.fork(), static_cast<int>(random_.between(5, 40)), i, writers);
    auto done = [this] { return readers_done_ == readers_.size() && watch_->under_way() == 0; };
    if (!world_->run_until(done, std::chrono::hours(3))) world_->fail("the scans do not come to an end");
    world_->calm();
    world_->run_for(std::chrono::seconds(40));
    world_calm_ = true;
    Reader last(-1, random_.fork(), 5);  // a short time-out may take more than one
    last.whole = true;
    readers_done_ = 0;
    begin_scan(last);
    if (!world_->run_until([this] { return readers_done_ == 1; }, std::chrono::hours(1)))
      world_->fail("the last scan has no end");
    last.end();
    readers_.clear();
    check_that_nothing_is_left(*world_, lease_);
    return report_of(*world_, *watch_);
  }

 private:
  struct TableRow {
    std::string key;
    std::vector<std::string> columns;  ///< "f:a"; in order.
    std::int64_t begun = 1;            ///< The newest generation that was written, or tried.
    std::int64_t known = 1;            ///< The newest that was acknowledged.
  };

  struct Reader {
    Reader(int n, Random r, int scans) : number(n), random(r), scans_left(scans) {}
    const int number;
    Random random;
    int scans_left;
    bool whole = false;
    Scan scan;
    std::optional<ParallelScanOptions> parallel;
    std::unique_ptr<Scanner> scanner;               ///< One of these two.
    std::unique_ptr<ParallelScanner> many_scanner;
    std::set<std::size_t> seen;         ///< Rows that have come in no order; their places in `expected`.
    std::vector<std::size_t> expected;  ///< Rows, in the order in which they have to come.
    std::vector<std::int64_t> floors;
    std::size_t count = 0;  ///< Of rows that have to come.
    std::size_t at = 0;     ///< Rows that have come whole.
    std::size_t cells = 0;  ///< Cells of the next that have come.
    std::int64_t generation = 0;
    int rows_until_stop = -1;

    bool in_order() const { return !parallel || parallel->ordered; }
    void close() {
      if (scanner) scanner->close();
      if (many_scanner) many_scanner->close();
    }
    void end() {
      scanner.reset();
      many_scanner.reset();
    }
  };

  void check(const std::string& problem) {
    if (!problem.empty()) world_->fail(problem);
  }

  void make_rows() {
    const auto count = random_.between(5, 120);
    for (std::int64_t i = 0; i < count; ++i) {
      TableRow row;
      row.key = std::to_string(1000 + i * (8999 / count));
      for (const char* column : {"f:a", "f:b", "f:c", "g:a", "g:b"}) {
        if (row.columns.empty() || random_.chance(0.6)) row.columns.emplace_back(column);
      }
      rows_.push_back(std::move(row));
    }
  }

  static Put put_of(const TableRow& row, std::int64_t generation) {
    Put put(row.key, generation);
    for (const std::string& column : row.columns) {
      put.add(column.substr(0, 1), column.substr(2), value_of(row.key, column, generation));
    }
    return put;
  }

  void load() {
    std::vector<Action> actions;
    for (const TableRow& row : rows_) actions.emplace_back(put_of(row, 1));
    bool loaded = false;
    table_->with(TableOptions().operation_timeout(std::chrono::hours(1))).async_batch(std::move(actions), [&](BatchResult results) {
      for (const auto& result : results) {
        if (!result) world_->fail("loading: " + result.error().to_string());
      }
      loaded = true;
    });
    if (!world_->run_until([&] { return loaded; }, std::chrono::hours(1))) world_->fail("loading has no end");
  }

  // ---- Writers: each has rows of its own, so that a row's generations come one after another.

  void rewrite(Random random, int left, std::uint64_t writer, std::uint64_t writers) {
    world_->scheduler().after(microseconds(random.skewed(0, 200'000)), [this, random, left, writer, writers]() mutable {
      if (left == 0) return;
      const std::size_t choices = (rows_.size() - writer + writers - 1) / writers;
      if (choices == 0 || rows_.size() <= writer) return;
      TableRow& row = rows_[writer + writers * random.below(choices)];
      const std::int64_t generation = ++row.begun;
      table_->async_put(put_of(row, generation),
                        watch_->begin("rewriting " + row.key, write_limit_,
                                      [this, &row, generation, random, left, writer, writers](Result<void> result) {
                                        if (result) row.known = std::max(row.known, generation);
                                        rewrite(random, left - 1, writer, writers);
                                      }));
    });
  }

  // ---- Readers.

  std::string any_key(Random& random) const {
    if (random.chance(0.5)) return rows_[random.below(rows_.size())].key;
    return std::to_string(random.between(900, 10'000)).substr(0, 1 + random.below(4));
  }

  void draw_scan(Reader& reader) {
    Random& random = reader.random;
    Scan scan;
    const bool all = reader.whole;
    if (!all && random.chance(0.5)) scan.reversed(true);
    std::string low, high;
    bool with_low = true, with_high = false;
    if (!all && random.chance(0.6)) low = any_key(random);
    if (!all && random.chance(0.6)) high = any_key(random);
    if (!low.empty() && !high.empty() && high < low) std::swap(low, high);
    if (!all && random.chance(0.3)) with_low = false;
    if (!all && random.chance(0.3)) with_high = true;
    if (low == high) low.clear();  // one row, or none: HBase has rules of its own for it
    if (scan.reversed()) {
      if (!high.empty()) scan.start_row(high, with_high);
      if (!low.empty()) scan.stop_row(low, with_low);
    } else {
      if (!low.empty()) scan.start_row(low, with_low);
      if (!high.empty()) scan.stop_row(high, with_high);
    }
    if (!all && random.chance(0.3)) scan.limit(random.between(1, 30));
    if (!all && random.chance(0.4)) scan.caching(static_cast<int>(random.between(1, 12)));
    if (!all && random.chance(0.3)) scan.batch(static_cast<int>(random.between(1, 4)));
    if (!all && random.chance(0.2)) scan.max_result_size(random.skewed(50, 5000));
    if (!all && scan.batch() == 0 && random.chance(0.2)) scan.allow_partial_results(true);
    reader.expected.clear();
    reader.floors.clear();
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const std::string& key = rows_[i].key;
      const bool above = low.empty() || key > low || (with_low && key == low);
      const bool below = high.empty() || key < high || (with_high && key == high);
      if (above && below) reader.expected.push_back(i);
    }
    if (scan.reversed()) std::ranges::reverse(reader.expected);
    for (const std::size_t row : reader.expected) reader.floors.push_back(rows_[row].known);
    const bool whole_rows = scan.batch() == 0 && !scan.allow_partial_results();
    reader.parallel.reset();
    if (random.chance(0.3)) reader.parallel = {.regions_at_once = static_cast<int>(random.between(1, 5)), .ordered = !whole_rows || random.chance(0.5)};
    reader.seen.clear();
    reader.scan = std::move(scan);
    reader.at = reader.cells = 0;
    reader.generation = 0;
    reader.count = reader.expected.size();
    if (reader.scan.limit() != 0) reader.count = std::min(reader.count, static_cast<std::size_t>(reader.scan.limit()));
    reader.rows_until_stop = !all && random.chance(0.1) ? static_cast<int>(random.below(10)) : -1;
  }

  void begin_scan(Reader& reader) {
    if (reader.scans_left-- == 0) {
      ++readers_done_;
      return;
    }
    draw_scan(reader);
    reader.end();
    if (reader.parallel) {
      reader.many_scanner = std::make_unique<ParallelScanner>(table_->parallel_scan(reader.scan, *reader.parallel));
    } else {
      reader.scanner = std::make_unique<Scanner>(table_->scan(reader.scan));
    }
    next(reader);
  }

  void next(Reader& reader) {
    // Each answer of a server begins the time anew, be it that it has found nothing yet.
    const auto limit = scan_limit_ * 4 + write_limit_ + std::chrono::seconds(60);
    auto handler = watch_->begin("next of scan " + std::to_string(reader.number), limit,
                                 [this, &reader](Scanner::NextResult result) { took(reader, std::move(result)); });
    if (reader.parallel) {
      reader.many_scanner->async_next(std::move(handler));
    } else {
      reader.scanner->async_next(std::move(handler));
    }
  }

  void took(Reader& reader, Scanner::NextResult result) {
    if (!result) return ended_with(reader, result.error());
    if (!*result) {
      world_->require(reader.at == reader.count,
                      describe(reader) + " ended after " + std::to_string(reader.at) + " of " + std::to_string(reader.count) + " rows");
      if (world_calm_) reader.scans_left = 0;
      return end(reader);
    }
    check(check_row(reader, **result));
    if (!world_->failure().empty()) return end(reader);
    if (reader.rows_until_stop >= 0 && reader.rows_until_stop-- == 0) return end(reader);
    if (reader.random.chance(0.8)) return next(reader);
    world_->scheduler().after(milliseconds(reader.random.skewed(0, 3 * lease_.count())),
                              [this, &reader] { next(reader); });
  }

  void ended_with(Reader& reader, const Error& error) {
    const Errc code = error.code();
    if (code == Errc::protocol_error || code == Errc::invalid_argument || (world_calm_ && reader.scans_left == 0)) {
      world_->fail(describe(reader) + ": unexpected: " + error.to_string());
    }
    end(reader);
  }

  void end(Reader& reader) {
    // Not within its own handler's chain alone: sometimes the Scanner goes first, sometimes the next one begins.
    if (reader.random.chance(0.5)) reader.close();
    world_->scheduler().after(microseconds(reader.random.skewed(0, 100'000)), [this, &reader] { begin_scan(reader); });
  }

  std::string describe(const Reader& reader) const {
    const Scan& scan = reader.scan;
    const std::string parallel = !reader.parallel ? "" : reader.in_order() ? "parallel, ordered " : "parallel ";
    return parallel + (scan.reversed() ? "reversed " : "") + "scan from '" + scan.start_row() + "'" +
           (scan.include_start_row() ? "" : " (not included)") + " to '" + scan.stop_row() + "'" +
           (scan.include_stop_row() ? " (included)" : "") + " limit " + std::to_string(scan.limit()) + " caching " +
           std::to_string(scan.caching()) + " batch " + std::to_string(scan.batch()) + " bytes " +
           std::to_string(scan.max_result_size()) + (scan.allow_partial_results() ? " with partial rows" : "");
  }

  /// A row, or a part of one where the scan allows it.
  std::string check_row(Reader& reader, const Row& row) {
    const bool parts = reader.scan.batch() != 0 || reader.scan.allow_partial_results();
    const std::string which = describe(reader) + ": ";
    if (row.empty()) return which + "an empty row";
    if (reader.at == reader.count) return which + "more rows than there are: " + std::string(row.row());
    std::size_t place = reader.at;
    if (!reader.in_order()) {
      const auto found = std::ranges::find(reader.expected, row.row(), [this](std::size_t i) { return std::string_view(rows_[i].key); });
      if (found == reader.expected.end()) return which + "a row beyond its bounds: " + std::string(row.row());
      place = static_cast<std::size_t>(found - reader.expected.begin());
      if (!reader.seen.insert(place).second) return which + "row " + std::string(row.row()) + " twice";
    }
    const TableRow& expected = rows_[reader.expected[place]];
    if (row.row() != expected.key) return which + "row " + std::string(row.row()) + " instead of " + expected.key;
    if (reader.scan.batch() != 0 && row.size() > static_cast<std::size_t>(reader.scan.batch())) {
      return which + "more cells than the batch allows";
    }
    for (const Cell& cell : row) {
      if (reader.cells == expected.columns.size()) return which + "doubled cells in row " + expected.key;
      const std::string& column = expected.columns[reader.cells++];
      const std::int64_t generation = cell.timestamp();
      const std::string name = std::string(cell.family()) + ":" + std::string(cell.qualifier());
      if (name != column) return which + "row " + expected.key + " has " + name + " where " + column + " should be";
      if (cell.value() != value_of(expected.key, column, generation)) return which + "a wrong value in " + expected.key;
      if (generation < reader.floors[place] || generation > expected.begun) {
        return which + "generation " + std::to_string(generation) + " of row " + expected.key;
      }
      // Parts of a row may be read at different times, when its region has moved meanwhile; whole rows are whole.
      if (!parts && reader.generation != 0 && generation != reader.generation)
        return which + "row " + expected.key + " is torn";
      if (generation < reader.generation) return which + "row " + expected.key + " goes back in time";
      reader.generation = generation;
    }
    const bool whole = reader.cells == expected.columns.size();
    if (!whole && !parts) return which + "row " + expected.key + " lacks cells";
    if (whole) {
      ++reader.at;
      reader.cells = 0;
      reader.generation = 0;
    }
    return {};
  }

  Random random_;
  milliseconds lease_{0}, write_limit_{0}, scan_limit_{0};
  bool world_calm_ = false;
  std::vector<TableRow> rows_;
  std::vector<std::unique_ptr<Reader>> readers_;
  std::size_t readers_done_ = 0;
  std::unique_ptr<SimulatedWorld> world_;
  std::unique_ptr<CallWatch> watch_;
  std::unique_ptr<Table> table_;
};

}  // namespace

RunReport run_scans(std::uint64_t seed) { return Scans(seed).run(); }

}  // namespace hbmux::sim
