// Changes of one row that are applied as a whole: RowMutations and CheckAndMutate.
#include "client/action_traits.h"
#include "client/batch_messages.h"
#include "client/request_messages.h"
#include "client/typed_row_operation.h"

namespace hbmux::client {
namespace {

/// RowMutations, alone.
class MutateRowOperation final : public TypedRowOperation<Row> {
 public:
  MutateRowOperation(TableContextPtr table, RowMutations mutations, std::uint64_t nonce, Repeat repeat,
                     detail::Completion<Result<Row>> done)
      : TypedRowOperation(std::move(table), Kind::write, repeat, std::move(done)), mutations_(std::move(mutations)), nonce_(nonce) {}

 private:
  std::string_view verb() const noexcept override { return "mutate_row"; }
  std::string_view row() const noexcept override { return mutations_.row(); }
  std::string problem() const override { return problem_of(mutations_, connection().settings()); }
  int priority() const noexcept override { return priority_of(mutations_); }

  void encode(std::string_view region_name, rpc::CallRequest& request) override {
    MultiRequestBuilder builder(cell_place(connection().settings()));
    builder.add_atomic(region_name, mutations_, nonce_);
    std::move(builder).finish(connection().nonce_group(), request);
  }

  Result<Row> read(const rpc::CallReply& reply) override {
    auto answer = read_multi_reply(reply, 1);
    if (!answer) return answer.error();
    connection().loads_told(place().server, answer->loads);
    auto result = read_atomic(std::move(answer->regions.front()));
    if (!result) return result.error();
    return Row(std::move(*result));
  }

  const RowMutations mutations_;
  const std::uint64_t nonce_;
};

/// CheckAndMutate, alone: one mutation goes as Mutate with a condition, several as Multi.
class CheckAndMutateOperation final : public TypedRowOperation<CheckAndMutateResult> {
 public:
  CheckAndMutateOperation(TableContextPtr table, CheckAndMutate check, std::uint64_t nonce, Repeat repeat,
                          detail::Completion<Result<CheckAndMutateResult>> done)
      : TypedRowOperation(std::move(table), Kind::write, repeat, std::move(done)), check_(std::move(check)), nonce_(nonce) {}

 private:
  std::string_view verb() const noexcept override { return "check_and_mutate"; }
  std::string_view row() const noexcept override { return check_.row(); }
  std::string problem() const override { return problem_of(check_, connection().settings()); }
  int priority() const noexcept override { return priority_of(check_); }
  bool has_several() const noexcept { return std::holds_alternative<RowMutations>(*check_.consequence()); }

  void encode(std::string_view region_name, rpc::CallRequest& request) override {
    if (has_several()) {
      MultiRequestBuilder builder(cell_place(connection().settings()));
      builder.add_atomic(region_name, check_, nonce_);
      return std::move(builder).finish(connection().nonce_group(), request);
    }
    request.method = "Mutate";
    append_region(request.param, region_name);
    std::visit([&](const auto& consequence) { encode_single(consequence, request); }, *check_.consequence());
    auto& condition = reused<pb::Condition>();
    fill(condition, check_);
    append_field(request.param, pb::MutateRequest::kConditionFieldNumber, condition);
    if (nonce_ != 0) append_field(request.param, pb::MutateRequest::kNonceGroupFieldNumber, connection().nonce_group());
  }

  template <class M>
  void encode_single(const M& mutation, rpc::CallRequest& request) {
    if constexpr (std::is_base_of_v<Mutation, M>) {
      const CellPlace place = cell_place(connection().settings());
      pb::MutationProto message;
      fill_any(message, mutation, nonce_, place);
      append_field(request.param, pb::MutateRequest::kMutationFieldNumber, message);
      if (place == CellPlace::block) request.cells = mutation.cell_block();
    }
  }

  Result<CheckAndMutateResult> read(const rpc::CallReply& reply) override {
    if (has_several()) {
      auto answer = read_multi_reply(reply, 1);
      if (!answer) return answer.error();
      connection().loads_told(place().server, answer->loads);
      return read_atomic(std::move(answer->regions.front()));
    }
    return with_message<pb::MutateResponse>(reply, [&](const pb::MutateResponse& message) -> Result<CheckAndMutateResult> {
      if (!message.has_processed()) return Error(Errc::protocol_error, "the answer does not say whether the condition held");
      auto row = ReplyRows(reply).next(message.result());
      if (!row) return row.error();
      if (message.has_metrics()) row->set_metrics(metrics_from(message.metrics()));
      return CheckAndMutateResult(std::move(*row), message.processed());
    });
  }

  const CheckAndMutate check_;
  const std::uint64_t nonce_;
};

}  // namespace

void start_mutate_row(TableContextPtr table, RowMutations mutations, detail::Completion<Result<Row>> done) {
  auto& connection = *table->connection;
  const bool counting = needs_nonce(mutations), nonces = connection.settings().nonces;
  const std::uint64_t nonce = counting && nonces ? connection.next_nonce() : 0;
  start_operation<MutateRowOperation>(std::move(table), std::move(mutations), nonce,
                            counting && !nonces ? Repeat::unless_applied : Repeat::always, std::move(done));
}

void start_check_and_mutate(TableContextPtr table, CheckAndMutate check, detail::Completion<Result<CheckAndMutateResult>> done) {
  auto& connection = *table->connection;
  const bool counting = needs_nonce(check), nonces = connection.settings().nonces;
  const std::uint64_t nonce = counting && nonces ? connection.next_nonce() : 0;
  const Repeat repeat = check.repeats() && (nonces || !counting) ? Repeat::always : Repeat::unless_applied;
  start_operation<CheckAndMutateOperation>(std::move(table), std::move(check), nonce, repeat, std::move(done));
}

}  // namespace hbmux::client
