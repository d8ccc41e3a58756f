#include "client/row_operations.h"

#include "client/action_traits.h"
#include "client/request_messages.h"
#include "client/typed_row_operation.h"

namespace hbmux::client {
namespace {

/// Put, Delete, Append or Increment. T is Row for those that answer with one.
template <class M, class T>
class MutateOperation final : public TypedRowOperation<T> {
 public:
  MutateOperation(TableContextPtr table, M mutation, std::uint64_t nonce, Repeat repeat, detail::Completion<Result<T>> done)
      : TypedRowOperation<T>(std::move(table), Kind::write, repeat, std::move(done)),
        mutation_(std::move(mutation)),
        nonce_(nonce) {}

 private:
  std::string_view verb() const noexcept override {
    if constexpr (std::is_same_v<M, Put>) return "put";
    if constexpr (std::is_same_v<M, Delete>) return "delete";
    if constexpr (std::is_same_v<M, Append>) return "append";
    return "increment";
  }
  std::string_view row() const noexcept override { return mutation_.row(); }
  std::string problem() const override {
    return mutation_problem(mutation_, std::is_same_v<M, Delete>, this->connection().settings());
  }
  int priority() const noexcept override { return mutation_.options().priority; }

  void encode(std::string_view region_name, rpc::CallRequest& request) override {
    request.method = "Mutate";
    const CellPlace place = cell_place(this->connection().settings());
    request.param.reserve(region_name.size() + mutation_.row().size() + 64);
    append_region(request.param, region_name);
    auto& message = reused<pb::MutationProto>();
    fill_any(message, mutation_, nonce_, place);
    append_field(request.param, pb::MutateRequest::kMutationFieldNumber, message);
    if (nonce_ != 0) append_field(request.param, pb::MutateRequest::kNonceGroupFieldNumber, this->connection().nonce_group());
    if (place == CellPlace::block) {
      request.cells = mutation_.cell_block();
    } else if (message.ByteSizeLong() > kKeepMessageBytes) {
      message = pb::MutationProto();
    }
  }

  Result<T> read(const rpc::CallReply& reply) override {
    return with_message<pb::MutateResponse>(reply, [&](const pb::MutateResponse& message) -> Result<T> {
      if constexpr (std::is_void_v<T>) {
        static_cast<void>(message);
        return {};
      } else {
        return ReplyRows(reply).next(message.result());
      }
    });
  }

  const M mutation_;
  const std::uint64_t nonce_;
};

// Without a nonce a server cannot tell a resend from a second one.
template <class M>
void begin_counting(TableContextPtr table, M mutation, detail::Completion<Result<Row>> done) {
  auto& connection = *table->connection;
  const bool nonces = connection.settings().nonces;
  const std::uint64_t nonce = nonces ? connection.next_nonce() : 0;
  start_operation<MutateOperation<M, Row>>(std::move(table), std::move(mutation), nonce,
                              nonces ? Repeat::always : Repeat::unless_applied, std::move(done));
}

}  // namespace

void start_put(TableContextPtr table, Put put, detail::Completion<Result<void>> done) {
  start_operation<MutateOperation<Put, void>>(std::move(table), std::move(put), std::uint64_t{0}, Repeat::always, std::move(done));
}

void start_delete(TableContextPtr table, Delete del, detail::Completion<Result<void>> done) {
  start_operation<MutateOperation<Delete, void>>(std::move(table), std::move(del), std::uint64_t{0}, Repeat::always, std::move(done));
}

void start_append(TableContextPtr table, Append append, detail::Completion<Result<Row>> done) {
  begin_counting(std::move(table), std::move(append), std::move(done));
}

void start_increment(TableContextPtr table, Increment increment, detail::Completion<Result<Row>> done) {
  begin_counting(std::move(table), std::move(increment), std::move(done));
}

}  // namespace hbmux::client
