// A coprocessor endpoint of all regions of a range of rows.
#include "client/compound_operation.h"
#include "client/region_locator.h"
#include "client/row_operations.h"
#include "client/user_callback.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace hbmux::client {
namespace {

using Answers = std::vector<CoprocessorAnswer>;

class RangeCoprocessor final : public CompoundOperation<Answers> {
 public:
  RangeCoprocessor(TableContextPtr table, RowRange range, CoprocessorCall call, CoprocessorCallback on_answer,
                   detail::Completion<Result<Answers>> done)
      : CompoundOperation(std::move(table), std::move(done)),
        range_(std::move(range)),
        call_(std::move(call)),
        on_answer_(std::move(on_answer)) {}

  void start() {
    if (!begin()) return;
    connection().locator().all_regions(table()->locations, WhichReplicas::primary, connection().now() + table()->operation_timeout,
                                       [self = shared_from_this(), this](auto regions) {
                                         if (!regions) return end(regions.error());
                                         ask(*regions);
                                       });
  }

 private:
  std::string describe() const override { return "coprocessor calls in table '" + table()->name().to_string() + "'"; }

  bool has_rows(const RegionInfo& region) const {
    if (!region.end_key().empty() && region.end_key() <= range_.start) return false;
    if (range_.stop.empty()) return true;
    return range_.include_stop ? region.start_key() <= range_.stop : region.start_key() < range_.stop;
  }
  void ask(const std::vector<RegionLocation>& regions) {
    for (const RegionLocation& location : regions) {
      if (has_rows(*location.region)) answers_.push_back({location.region, Error(Errc::closed, "not asked")});
    }
    missing_ = answers_.size() + 1;
    for (std::size_t i = 0; i < answers_.size(); ++i) {
      detail::Completion<Result<std::string>> answered;
      answered.cancel = part();
      answered.finish = [self = shared_from_this(), this, i](Result<std::string> response) {
        answers_[i].response = std::move(response);
        tell(answers_[i]);
        one_less();
      };
      start_coprocessor(table(), std::string(std::max(answers_[i].region->start_key(), std::string_view(range_.start))), call_,
                        std::move(answered));
    }
    one_less();
  }
  void tell(const CoprocessorAnswer& answer) {
    if (!on_answer_) return;
    const std::lock_guard lock(telling_);
    if (!is_over()) call_user("the callback of a coprocessor call", [&] { on_answer_(answer); });
  }
  void one_less() {
    if (missing_.fetch_sub(1) == 1) end(std::move(answers_));
  }

  const RowRange range_;
  const CoprocessorCall call_;
  const CoprocessorCallback on_answer_;
  std::mutex telling_;  // one at a time
  Answers answers_;  // each written by the end of its own call
  std::atomic<std::size_t> missing_{0};
};

}  // namespace

void start_coprocessor(TableContextPtr table, RowRange range, CoprocessorCall call, CoprocessorCallback on_answer,
                       detail::Completion<Result<Answers>> done) {
  std::make_shared<RangeCoprocessor>(std::move(table), std::move(range), std::move(call), std::move(on_answer), std::move(done))->start();
}

}  // namespace hbmux::client
