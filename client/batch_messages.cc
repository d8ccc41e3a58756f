#include "client/batch_messages.h"

#include "client/reply_rows.h"
#include "core/exception_class.h"

#include <google/protobuf/arena.h>

#include <cassert>

namespace hbmux::client {
namespace {

Result<Row> row_from(const pb::ResultOrException& item, ReplyRows& rows) {
  // Neither a result nor an exception means done, with nothing to give back.
  auto row = item.has_result() ? rows.next(item.result()) : Result<Row>(Row());
  if (row && item.has_metrics()) row->set_metrics(metrics_from(item.metrics()));
  return row;
}

}  // namespace

Error error_from(const pb::NameBytesPair& exception) {
  return core::make_error({exception.name(), exception.value(), {}, 0, false, false});
}

void MultiRequestBuilder::begin_region(std::string_view region_name) {
  region_.clear();
  append_region(region_, region_name);
}

template <class M>
void MultiRequestBuilder::add_mutation(std::uint32_t index, const M& mutation, std::uint64_t nonce) {
  thread_local pb::MutationProto message;
  message.Clear();
  fill_any(message, mutation, nonce, place_);
  if constexpr (counts<M>) has_nonce_ = has_nonce_ || nonce != 0;
  if (place_ == CellPlace::block) cells_ += mutation.cell_block();
  action_.clear();
  append_field(action_, pb::Action::kIndexFieldNumber, std::uint64_t{index});
  append_field(action_, pb::Action::kMutationFieldNumber, message);
  append_field(region_, pb::RegionAction::kActionFieldNumber, std::string_view(action_));
  if (message.ByteSizeLong() > kKeepMessageBytes) message = pb::MutationProto();
}

void MultiRequestBuilder::add(std::uint32_t index, const Action& action, std::uint64_t nonce) {
  std::visit(
      [&](const auto& a) {
        using A = std::decay_t<decltype(a)>;
        if constexpr (std::is_same_v<A, Get>) {
          thread_local pb::Get message;
          message.Clear();
          fill(message, a, false);
          action_.clear();
          append_field(action_, pb::Action::kIndexFieldNumber, std::uint64_t{index});
          append_field(action_, pb::Action::kGetFieldNumber, message);
          append_field(region_, pb::RegionAction::kActionFieldNumber, std::string_view(action_));
        } else if constexpr (std::is_base_of_v<Mutation, A>) {
          add_mutation(index, a, nonce);
        } else {
          assert(false && "atomic actions have entries of their own");
        }
      },
      action);
}

void MultiRequestBuilder::add_changes(const RowMutations& mutations, std::uint64_t nonce) {
  std::uint32_t index = 0;
  for (const auto& change : mutations.changes()) {
    std::visit([&](const auto& mutation) { add_mutation(index, mutation, nonce); }, change);
    ++index;
  }
}

void MultiRequestBuilder::add_atomic(std::string_view region_name, const RowMutations& mutations, std::uint64_t nonce) {
  begin_region(region_name);
  append_field(region_, pb::RegionAction::kAtomicFieldNumber, std::uint64_t{1});
  add_changes(mutations, nonce);
  end_region();
}

void MultiRequestBuilder::add_atomic(std::string_view region_name, const CheckAndMutate& check, std::uint64_t nonce) {
  begin_region(region_name);
  pb::Condition condition;
  fill(condition, check);
  append_field(region_, pb::RegionAction::kConditionFieldNumber, condition);
  std::visit(
      [&](const auto& consequence) {
        if constexpr (std::is_same_v<std::decay_t<decltype(consequence)>, RowMutations>) {
          append_field(region_, pb::RegionAction::kAtomicFieldNumber, std::uint64_t{1});
          add_changes(consequence, nonce);
        } else {
          add_mutation(0, consequence, nonce);
        }
      },
      *check.consequence());
  end_region();
}

void MultiRequestBuilder::end_region() {
  append_field(param_, pb::MultiRequest::kRegionActionFieldNumber, std::string_view(region_));
}

void MultiRequestBuilder::finish(std::uint64_t nonce_group, rpc::CallRequest& request) && {
  if (has_nonce_) append_field(param_, pb::MultiRequest::kNonceGroupFieldNumber, nonce_group);
  request.method = "Multi";
  request.param = std::move(param_);
  request.cells = std::move(cells_);
}

ToldLoads loads_from(const pb::MultiResponse& message) {
  ToldLoads loads;
  const pb::MultiRegionLoadStats& told = message.regionstatistics();
  const int count = std::min(told.region_size(), told.stat_size());
  for (int i = 0; i < count; ++i) {
    const pb::RegionLoadStats& load = told.stat(i);
    loads.emplace_back(told.region(i).value(), core::RegionLoad{load.memstoreload(), load.heapoccupancy(), load.compactionpressure()});
  }
  return loads;
}

Result<MultiAnswer> read_multi_reply(const rpc::CallReply& reply, std::size_t regions) {
  google::protobuf::Arena arena;
  auto& message = *google::protobuf::Arena::CreateMessage<pb::MultiResponse>(&arena);
  if (auto parsed = parse_reply(reply, message); !parsed) return parsed.error();
  if (static_cast<std::size_t>(message.regionactionresult_size()) != regions) {
    return Error(Errc::protocol_error, "a batch for " + std::to_string(regions) + " regions was answered for " +
                                           std::to_string(message.regionactionresult_size()));
  }
  ReplyRows rows(reply);
  MultiAnswer all{std::vector<RegionAnswer>(regions), loads_from(message)};
  for (std::size_t i = 0; i < regions; ++i) {
    const pb::RegionActionResult& region = message.regionactionresult(static_cast<int>(i));
    RegionAnswer& answer = all.regions[i];
    if (region.has_processed()) answer.processed = region.processed();
    if (region.has_exception()) answer.error = error_from(region.exception());
    answer.items.reserve(static_cast<std::size_t>(region.resultorexception_size()));
    for (const pb::ResultOrException& item : region.resultorexception()) {
      if (item.has_exception()) {
        answer.items.push_back({item.index(), error_from(item.exception())});
        continue;
      }
      auto row = row_from(item, rows);
      if (!row) return row.error();
      answer.items.push_back({item.index(), std::move(row)});
    }
  }
  return all;
}

Result<ActionResult> read_atomic(RegionAnswer answer) {
  if (answer.error) return std::move(*answer.error);
  std::vector<Row> rows;
  std::optional<QueryMetrics> metrics;
  for (auto& item : answer.items) {
    if (!item.result) return item.result.error();
    if (!metrics) metrics = item.result->metrics();
    if (!item.result->empty()) rows.push_back(std::move(*item.result));
  }
  Row row = join_rows(std::move(rows));
  if (metrics) row.set_metrics(*metrics);
  return ActionResult(std::move(row), answer.processed.value_or(true));
}

}  // namespace hbmux::client
