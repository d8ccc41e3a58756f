#include "cli/demo_load.h"

#include <hbmux/table.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <random>

namespace hbmux::cli {
namespace {

constexpr int kBatchOfGets = 100;
constexpr int kRowsOfScan = 10;

/// A counter that one thread writes and others read.
class Count {
 public:
  void add(std::uint64_t n = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

}  // namespace

/// One thread's part. The thread itself writes; the reporter reads the counters.
class DemoLoad::Worker {
 public:
  Worker(DemoLoad& load, int number, int rows)
      : load_(load),
        table_(load.connection_.table(load.table_)),
        ledger_(number, rows),
        random_(static_cast<unsigned>(number)) {}

  void run() {
    while (!load_.stopping_.load(std::memory_order_relaxed)) step();
  }
  void read_back();

  Latency latency;
  Count puts, gets, increments, scans, failed, written;
  Count rows_read_back, lost, wrong;

 private:
  void step();
  void put(int index);
  void get(int index);
  void increment(int index);
  void scan(int index);
  /// Counts a failure. Whether there was none.
  template <class T>
  bool ended(const Result<T>& result) {
    if (result) return true;
    failed.add();
    load_.note(result.error());
    return false;
  }
  int any_row() { return static_cast<int>(random_() % static_cast<unsigned>(known_)); }

  DemoLoad& load_;
  Table table_;
  DemoLedger ledger_;
  std::minstd_rand random_;
  int known_ = 0;  // rows 0 to known_-1 have been written, or tried
};

void DemoLoad::Worker::step() {
  unsigned dice = random_() % 100;
  auto began = std::chrono::steady_clock::now();
  if (known_ == 0 || dice < 45) {
    int index = known_ < ledger_.size() ? known_++ : any_row();
    if (!ledger_.is_settled(index)) return;
    put(index);
  } else if (dice < 85) {
    get(any_row());
  } else if (dice < 95) {
    int index = any_row();
    if (!ledger_.is_settled(index)) return;
    increment(index);
  } else {
    scan(any_row());
  }
  latency.record(std::chrono::steady_clock::now() - began);
}

void DemoLoad::Worker::put(int index) {
  puts.add();
  std::string row = ledger_.key(index);
  Put request(row);
  request.add(kDemoFamily, kDemoValue, demo_value(row, ledger_.next_version(index)));
  bool first = !ledger_.is_written(index);
  auto result = table_.put(std::move(request));
  ledger_.put_done(index, ended(result));
  written.add(first && result.has_value());
}

void DemoLoad::Worker::get(int index) {
  gets.add();
  auto row = table_.get(Get(ledger_.key(index)));
  if (ended(row)) wrong.add(ledger_.judge(index, *row) != Verdict::good);
}

void DemoLoad::Worker::increment(int index) {
  increments.add();
  auto result = table_.increment(Increment(ledger_.key(index)).add(kDemoFamily, kDemoCounter, 1));
  ledger_.increment_done(index, ended(result));
}

// The rows are of all threads, so that only what they say about themselves can be compared; the first is known to be
// there.
void DemoLoad::Worker::scan(int index) {
  scans.add();
  std::string start = ledger_.key(index), previous;
  bool start_seen = false;
  Scanner scanner = table_.scan(Scan().start_row(start).limit(kRowsOfScan));
  for (const Result<Row>& row : scanner) {
    if (!ended(row)) return;
    auto value = row->value(kDemoFamily, kDemoValue);
    bool in_order = previous.empty() ? row->row() >= start : row->row() > previous;
    wrong.add(!in_order || (value && !demo_value_names_row(*value, row->row())));
    start_seen = start_seen || row->row() == start;
    previous = row->row();
  }
  wrong.add(ledger_.is_written(index) && !start_seen);
}

void DemoLoad::Worker::read_back() {
  for (int begin = 0; begin < known_; begin += kBatchOfGets) {
    int end = std::min(begin + kBatchOfGets, known_);
    std::vector<Action> actions;
    for (int index = begin; index < end; ++index) actions.emplace_back(Get(ledger_.key(index)));
    BatchResult rows = table_.batch(std::move(actions));
    for (int index = begin; index < end; ++index) {
      const Result<Row>& row = rows[static_cast<std::size_t>(index - begin)];
      rows_read_back.add();
      if (!row) load_.note(row.error());
      Verdict verdict = row ? ledger_.judge(index, *row) : Verdict::lost;
      lost.add(verdict == Verdict::lost);
      wrong.add(verdict == Verdict::wrong);
    }
  }
}

DemoLoad::DemoLoad(const ClusterConnection& connection, std::string table, int threads, int rows)
    : connection_(connection), table_(std::move(table)) {
  for (int i = 0; i < threads; ++i) {
    workers_.push_back(std::make_unique<Worker>(*this, i, std::max(1, rows / threads + (i < rows % threads))));
  }
}

DemoLoad::~DemoLoad() { stop(); }

void DemoLoad::start() {
  for (auto& worker : workers_) threads_.emplace_back([&worker] { worker->run(); });
}

void DemoLoad::stop() {
  stopping_.store(true);
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void DemoLoad::read_back() {
  for (auto& worker : workers_) threads_.emplace_back([&worker] { worker->read_back(); });
  stop();
  scan_whole_table();
}

void DemoLoad::scan_whole_table() {
  Table table = connection_.table(table_);
  Scanner scanner = table.scan(Scan().column(kDemoFamily, kDemoValue));
  CheckCounts& found = scan_check_;
  for (const Result<Row>& row : scanner) {
    if (!row) {
      note(row.error());
      break;
    }
    ++found.rows_scanned;
    found.wrong += !demo_value_names_row(row->value(kDemoFamily, kDemoValue).value_or(""), row->row());
  }
  // Each failed operation may have written a row that nobody was told of.
  std::uint64_t at_least = rows_written(), at_most = at_least + operations().failed;
  if (found.rows_scanned < at_least) found.lost = at_least - found.rows_scanned;
  if (found.rows_scanned > at_most) found.wrong += found.rows_scanned - at_most;
}

LatencyCounts DemoLoad::latency() const {
  LatencyCounts sum;
  for (const auto& worker : workers_) worker->latency.add_to(sum);
  return sum;
}

OperationCounts DemoLoad::operations() const {
  OperationCounts sum;
  for (const auto& worker : workers_) {
    sum.puts += worker->puts.get();
    sum.gets += worker->gets.get();
    sum.increments += worker->increments.get();
    sum.scans += worker->scans.get();
    sum.failed += worker->failed.get();
  }
  return sum;
}

CheckCounts DemoLoad::checks() const {
  CheckCounts sum;
  for (const auto& worker : workers_) {
    sum.rows_read_back += worker->rows_read_back.get();
    sum.lost += worker->lost.get();
    sum.wrong += worker->wrong.get();
  }
  sum.rows_scanned = scan_check_.rows_scanned;
  sum.lost = std::max(sum.lost, scan_check_.lost);  // the same rows, looked for in two ways
  sum.wrong += scan_check_.wrong;
  return sum;
}

std::uint64_t DemoLoad::rows_written() const {
  std::uint64_t sum = 0;
  for (const auto& worker : workers_) sum += worker->written.get();
  return sum;
}

void DemoLoad::note(const Error& error) {
  std::lock_guard lock(mutex_);
  if (first_error_.empty()) first_error_ = error.to_string();
}

std::string DemoLoad::first_error() const {
  std::lock_guard lock(mutex_);
  return first_error_;
}

}  // namespace hbmux::cli
