#include "bigtable/sample_keys.h"

#include "bigtable/parse.h"

#include "proto/hbmux/bt/paths.h"

#include <hbmux/bt/bigtable.pb.h>

#include <utility>

namespace hbmux::bigtable {
namespace {

using Keys = std::vector<std::string>;

class SampleKeys final : public Operation {
 public:
  SampleKeys(TablePtr table, std::shared_ptr<detail::CancelPoint> cancel, core::UniqueFunction<void(Result<Keys>)> done)
      : Operation(table->shared_connection(), plan_for(*table), std::move(cancel)), table_(std::move(table)), done_(std::move(done)) {}

 private:
  static constexpr std::size_t kKeysMax = 1 << 20;

  static CallPlan plan_for(const BigtableTable& table) {
    CallPlan plan = table.plan(bt::path::kSampleRowKeys, table.read_timeout());
    plan.streams = true;
    return plan;
  }
  std::string request() override {
    bt::SampleRowKeysRequest request;
    request.set_table_name(table_->full_name());
    request.set_app_profile_id(table_->app_profile());
    return request.SerializeAsString();
  }
  Result<void> take(grpc::ByteBuffer message) override {
    auto response = parse<bt::SampleRowKeysResponse>(message);
    if (!response) return response.error();
    std::string& key = *response->mutable_row_key();
    if (key.empty()) return {};
    if ((!keys_.empty() && key < keys_.back()) || keys_.size() == kKeysMax) {
      return Error(Errc::protocol_error, "SampleRowKeys: the keys are out of order, or too many");
    }
    if (keys_.empty() || key != keys_.back()) keys_.push_back(std::move(key));
    return {};
  }
  bool prepare_retry() override { return keys_.clear(), true; }
  void succeeded() override { done_(std::move(keys_)); }
  void failed(Error error) override { done_(std::move(error)); }
  std::string describe() const override { return table_->describe("asking for the regions", {}); }

  const TablePtr table_;
  Keys keys_;
  core::UniqueFunction<void(Result<Keys>)> done_;
};

}  // namespace

void start_sampling(TablePtr table, std::shared_ptr<detail::CancelPoint> cancel, core::UniqueFunction<void(Result<Keys>)> done) {
  if (table->problem()) {
    return table->post([done = std::move(done), error = *table->problem()]() mutable { done(std::move(error)); });
  }
  std::make_shared<SampleKeys>(std::move(table), std::move(cancel), std::move(done))->start();
}

}  // namespace hbmux::bigtable
