#include "client/batch_messages.h"

#include "client/reply_rows.h"
#include "core/exception_class.h"

#include <google/protobuf/arena.h>

namespace hbmux::client {
namespace {

constexpr std::size_t kKeepBytes = 16 * 1024;

Error error_from(const pb::NameBytesPair& exception) {
  return core::make_error({exception.name(), exception.value(), {}, 0, false, false});
}

Result<Row> row_from(const pb::ResultOrException& item, ReplyRows& rows) {
  // Neither a result nor an exception means done, with nothing to give back.
  return item.has_result() ? rows.next(item.result()) : Result<Row>(Row());
}

}  // namespace

void MultiRequestBuilder::begin_region(std::string_view region_name) {
  region_.clear();
  append_region(region_, region_name);
}

void MultiRequestBuilder::add(std::uint32_t index, const Action& action, std::uint64_t nonce) {
  action_.clear();
  append_field(action_, pb::Action::kIndexFieldNumber, std::uint64_t{index});
  if (const Get* get = std::get_if<Get>(&action)) {
    thread_local pb::Get message;
    message.Clear();
    fill(message, *get, false);
    append_field(action_, pb::Action::kGetFieldNumber, message);
  } else {
    thread_local pb::MutationProto message;
    message.Clear();
    std::visit(
        [&](const auto& mutation) {
          using M = std::decay_t<decltype(mutation)>;
          if constexpr (std::is_same_v<M, Append> || std::is_same_v<M, Increment>) {
            fill(message, mutation, nonce, place_);
          } else if constexpr (!std::is_same_v<M, Get>) {
            fill(message, mutation, place_);
          }
          if constexpr (!std::is_same_v<M, Get>) {
            if (place_ == CellPlace::block) cells_ += mutation.cell_block();
          }
        },
        action);
    append_field(action_, pb::Action::kMutationFieldNumber, message);
    if (message.ByteSizeLong() > kKeepBytes) message = pb::MutationProto();
    has_nonce_ = has_nonce_ || nonce != 0;
  }
  append_field(region_, pb::RegionAction::kActionFieldNumber, std::string_view(action_));
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

Result<std::vector<RegionAnswer>> read_multi_reply(const rpc::CallReply& reply, std::size_t regions) {
  google::protobuf::Arena arena;
  auto& message = *google::protobuf::Arena::CreateMessage<pb::MultiResponse>(&arena);
  if (auto parsed = parse_reply(reply, message); !parsed) return parsed.error();
  if (static_cast<std::size_t>(message.regionactionresult_size()) != regions) {
    return Error(Errc::protocol_error, "a batch for " + std::to_string(regions) + " regions was answered for " +
                                           std::to_string(message.regionactionresult_size()));
  }
  ReplyRows rows(reply);
  std::vector<RegionAnswer> answers(regions);
  for (std::size_t i = 0; i < regions; ++i) {
    const pb::RegionActionResult& region = message.regionactionresult(static_cast<int>(i));
    RegionAnswer& answer = answers[i];
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
  return answers;
}

}  // namespace hbmux::client
