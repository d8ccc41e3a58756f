// What the operations on one row share: their answer's type, and messages that keep their memory.
#pragma once

#include "client/reply_rows.h"
#include "client/request_messages.h"
#include "client/row_operation.h"
#include "client/row_operations.h"

#include <utility>

namespace hbmux::client {

template <class Message>
Message& reused() {
  thread_local Message message;
  message.Clear();
  return message;
}

/// Parses `reply` into a message that this thread keeps, when the reply is small, and gives it to `use`.
template <class Message, class Use>
auto with_message(const rpc::CallReply& reply, Use use) -> decltype(use(std::declval<Message&>())) {
  if (reply.message.size() <= kKeepMessageBytes) {
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
  TypedRowOperation(TableContextPtr table, Kind kind, Repeat repeat, detail::Completion<Result<T>> done, int replica = 0)
      : RowOperation(std::move(table), std::move(done.cancel), kind, repeat, replica), finish_(std::move(done.finish)) {}

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

/// Makes an operation and starts it; it keeps itself alive.
template <class Op, class... Args>
void start_operation(Args&&... args) {
  boost::intrusive_ptr<Op> operation(new Op(std::forward<Args>(args)...));
  operation->start();
}

}  // namespace hbmux::client
