#include "client/scan_all.h"

#include "client/compound_operation.h"
#include "client/scan_operation.h"

#include <optional>
#include <utility>

namespace hbmux::client {
namespace {

class ScanAll final : public CompoundOperation<std::vector<Row>> {
 public:
  ScanAll(std::shared_ptr<const TableContext> table, Scan scan, detail::Completion<Result<std::vector<Row>>> done)
      : CompoundOperation(std::move(table), std::move(done)), scan_(make_scan(this->table(), std::move(scan))) {}
  ~ScanAll() override { scan_->close(); }

  void start() {
    if (!begin()) return;
    cancel_ = part();
    wait();
  }

 private:
  std::string describe() const override { return {}; }

  // Rows of one answer come without a call each, those of the next one when it is there.
  void wait() {
    ScanOperation::Done done;
    done.cancel = cancel_;
    done.finish = [self = shared_from_this(), this](ScanOperation::NextResult row) {
      for (std::optional next = std::move(row); next; next = scan_->try_next()) {
        if (!*next) return end(std::move(*next).error());
        if (!**next) return end(std::move(rows_));
        rows_.push_back(std::move(***next));
      }
      wait();
    };
    scan_->next(std::move(done));
  }

  const std::shared_ptr<ScanOperation> scan_;
  std::shared_ptr<detail::CancelPoint> cancel_;
  std::vector<Row> rows_;
};

}  // namespace

void start_scan_all(std::shared_ptr<const TableContext> table, Scan scan, detail::Completion<Result<std::vector<Row>>> done) {
  std::make_shared<ScanAll>(std::move(table), std::move(scan), std::move(done))->start();
}

}  // namespace hbmux::client
