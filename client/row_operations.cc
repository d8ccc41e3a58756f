#include "client/row_operations.h"

#include "client/action_traits.h"
#include "client/batch_messages.h"
#include "client/request_messages.h"
#include "client/row_operation.h"

namespace hbmux::client {
namespace {

// A message is cleared, not freed, from one call to the next: its strings keep their memory. Large ones would keep it for ever.
constexpr std::size_t kKeepBytes = 16 * 1024;

template <class Message>
Message& reused() {
  thread_local Message message;
  message.Clear();
  return message;
}

/// Parses `reply` into a message that this thread keeps, when the reply is small, and gives it to `use`.
template <class Message, class Use>
auto with_message(const rpc::CallReply& reply, Use use) -> decltype(use(std::declval<Message&>())) {
  if (reply.message.size() <= kKeepBytes) {
    Message& message = reused<Message>();
    if (auto parsed = parse_reply(reply, message); !parsed) return parsed.error();
    return use(message);
  }
  Message message;
  if (auto parsed = parse_reply(reply, message); !parsed) return parsed.error();
  return use(message);
}

template <class T>
class TypedRowOperation : public RowOperation {
 protected:
  TypedRowOperation(TableContextPtr table, Kind kind, Repeat repeat, detail::Completion<Result<T>> done)
      : RowOperation(std::move(table), std::move(done.cancel), kind, repeat), finish_(std::move(done.finish)) {}

  virtual Result<T> read(const rpc::CallReply& reply) = 0;

 private:
  Result<void> take(const rpc::CallReply& reply) final {
    Result<T> result = read(reply);
    if (!result) return result.error();
    if (claim()) finish_(std::move(result));
    return {};
  }
  void complete_with(Error error) final { finish_(std::move(error)); }

  detail::UniqueFunction<void(Result<T>)> finish_;
};

template <class T>
class GetOperation final : public TypedRowOperation<T> {
 public:
  GetOperation(TableContextPtr table, Get get, detail::Completion<Result<T>> done)
      : TypedRowOperation<T>(std::move(table), Kind::read, Repeat::always, std::move(done)), get_(std::move(get)) {}

 private:
  static constexpr bool kExistenceOnly = std::is_same_v<T, bool>;

  std::string_view verb() const noexcept override { return kExistenceOnly ? "exists" : "get"; }
  std::string_view row() const noexcept override { return get_.row(); }
  std::string problem() const override { return get_.problem(); }
  int priority() const noexcept override { return get_.options().priority; }

  void encode(std::string_view region_name, rpc::CallRequest& request) override {
    request.method = "Get";
    request.param.reserve(region_name.size() + get_.row().size() + 64);
    append_region(request.param, region_name);
    append_get(request.param, get_, kExistenceOnly);
  }

  Result<T> read(const rpc::CallReply& reply) override {
    if constexpr (!kExistenceOnly) {
      if (const auto shape = read_row_shape(reply.message)) return ReplyRows(reply).next(*shape);
    }
    return with_message<pb::GetResponse>(reply, [&](const pb::GetResponse& message) -> Result<T> {
      if constexpr (kExistenceOnly) {
        return message.result().exists();
      } else {
        return ReplyRows(reply).next(message.result());
      }
    });
  }

  const Get get_;
};

/// Put, Delete, Append or Increment. T is Row for those that answer with one.
template <class M, class T>
class MutateOperation final : public TypedRowOperation<T> {
 public:
  MutateOperation(TableContextPtr table, M mutation, std::uint64_t nonce, Repeat repeat, detail::Completion<Result<T>> done)
      : TypedRowOperation<T>(std::move(table), Kind::write, repeat, std::move(done)),
        mutation_(std::move(mutation)),
        nonce_(nonce) {}

 private:
  static constexpr bool kCounts = counts<M>;

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
    if constexpr (kCounts) {
      fill(message, mutation_, nonce_, place);
    } else {
      fill(message, mutation_, place);
    }
    append_field(request.param, pb::MutateRequest::kMutationFieldNumber, message);
    if (nonce_ != 0) append_field(request.param, pb::MutateRequest::kNonceGroupFieldNumber, this->connection().nonce_group());
    if (place == CellPlace::block) {
      request.cells = mutation_.cell_block();
    } else if (message.ByteSizeLong() > kKeepBytes) {
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
    auto answers = read_multi_reply(reply, 1);
    if (!answers) return answers.error();
    auto result = read_atomic(std::move(answers->front()));
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
      if constexpr (counts<M>) {
        fill(message, mutation, nonce_, place);
      } else {
        fill(message, mutation, place);
      }
      append_field(request.param, pb::MutateRequest::kMutationFieldNumber, message);
      if (place == CellPlace::block) request.cells = mutation.cell_block();
    }
  }

  Result<CheckAndMutateResult> read(const rpc::CallReply& reply) override {
    if (has_several()) {
      auto answers = read_multi_reply(reply, 1);
      if (!answers) return answers.error();
      return read_atomic(std::move(answers->front()));
    }
    return with_message<pb::MutateResponse>(reply, [&](const pb::MutateResponse& message) -> Result<CheckAndMutateResult> {
      if (!message.has_processed()) return Error(Errc::protocol_error, "the answer does not say whether the condition held");
      auto row = ReplyRows(reply).next(message.result());
      if (!row) return row.error();
      return CheckAndMutateResult(std::move(*row), message.processed());
    });
  }

  const CheckAndMutate check_;
  const std::uint64_t nonce_;
};

class CoprocessorOperation final : public TypedRowOperation<std::string> {
 public:
  CoprocessorOperation(TableContextPtr table, std::string row, CoprocessorCall call, detail::Completion<Result<std::string>> done)
      : TypedRowOperation(std::move(table), Kind::write, Repeat::always, std::move(done)), row_(std::move(row)), call_(std::move(call)) {}

 private:
  std::string_view verb() const noexcept override { return "coprocessor call"; }
  std::string_view row() const noexcept override { return row_; }
  std::string problem() const override {
    return call_.service.empty() || call_.method.empty() ? "a coprocessor call needs a service and a method" : "";
  }
  int priority() const noexcept override { return call_.priority; }

  void encode(std::string_view region_name, rpc::CallRequest& request) override {
    request.method = "ExecService";
    append_region(request.param, region_name);
    pb::CoprocessorServiceCall message;
    message.set_row(row_);
    message.set_service_name(service_name());
    message.set_method_name(call_.method);
    message.set_request(call_.request);
    append_field(request.param, pb::CoprocessorServiceRequest::kCallFieldNumber, message);
  }

  /// HBase's own services are registered without their package, others with it (CoprocessorRpcUtils.getServiceName).
  std::string service_name() const {
    constexpr std::string_view kOwn = "hbase.pb.";
    return call_.service.starts_with(kOwn) ? call_.service.substr(kOwn.size()) : call_.service;
  }

  Result<std::string> read(const rpc::CallReply& reply) override {
    pb::CoprocessorServiceResponse message;
    if (auto parsed = parse_reply(reply, message); !parsed) return parsed.error();
    return std::move(*message.mutable_value()->mutable_value());
  }

  const std::string row_;
  const CoprocessorCall call_;
};

template <class Op, class... Args>
void begin(Args&&... args) {
  boost::intrusive_ptr<Op> operation(new Op(std::forward<Args>(args)...));
  operation->start();
}

// Without a nonce a server cannot tell a resend from a second one.
template <class M>
void begin_counting(TableContextPtr table, M mutation, detail::Completion<Result<Row>> done) {
  auto& connection = *table->connection;
  const bool nonces = connection.settings().nonces;
  const std::uint64_t nonce = nonces ? connection.next_nonce() : 0;
  begin<MutateOperation<M, Row>>(std::move(table), std::move(mutation), nonce,
                                 nonces ? Repeat::always : Repeat::unless_applied, std::move(done));
}

}  // namespace

void start_get(TableContextPtr table, Get get, detail::Completion<Result<Row>> done) {
  begin<GetOperation<Row>>(std::move(table), std::move(get), std::move(done));
}

void start_exists(TableContextPtr table, Get get, detail::Completion<Result<bool>> done) {
  begin<GetOperation<bool>>(std::move(table), std::move(get), std::move(done));
}

void start_put(TableContextPtr table, Put put, detail::Completion<Result<void>> done) {
  begin<MutateOperation<Put, void>>(std::move(table), std::move(put), std::uint64_t{0}, Repeat::always, std::move(done));
}

void start_delete(TableContextPtr table, Delete del, detail::Completion<Result<void>> done) {
  begin<MutateOperation<Delete, void>>(std::move(table), std::move(del), std::uint64_t{0}, Repeat::always, std::move(done));
}

void start_append(TableContextPtr table, Append append, detail::Completion<Result<Row>> done) {
  begin_counting(std::move(table), std::move(append), std::move(done));
}

void start_increment(TableContextPtr table, Increment increment, detail::Completion<Result<Row>> done) {
  begin_counting(std::move(table), std::move(increment), std::move(done));
}

void start_mutate_row(TableContextPtr table, RowMutations mutations, detail::Completion<Result<Row>> done) {
  auto& connection = *table->connection;
  const bool counting = needs_nonce(mutations), nonces = connection.settings().nonces;
  const std::uint64_t nonce = counting && nonces ? connection.next_nonce() : 0;
  begin<MutateRowOperation>(std::move(table), std::move(mutations), nonce,
                            counting && !nonces ? Repeat::unless_applied : Repeat::always, std::move(done));
}

void start_coprocessor(TableContextPtr table, std::string row, CoprocessorCall call, detail::Completion<Result<std::string>> done) {
  begin<CoprocessorOperation>(std::move(table), std::move(row), std::move(call), std::move(done));
}

void start_check_and_mutate(TableContextPtr table, CheckAndMutate check, detail::Completion<Result<CheckAndMutateResult>> done) {
  auto& connection = *table->connection;
  const bool counting = needs_nonce(check), nonces = connection.settings().nonces;
  const std::uint64_t nonce = counting && nonces ? connection.next_nonce() : 0;
  const Repeat repeat = check.repeats() && (nonces || !counting) ? Repeat::always : Repeat::unless_applied;
  begin<CheckAndMutateOperation>(std::move(table), std::move(check), nonce, repeat, std::move(done));
}

}  // namespace hbmux::client
