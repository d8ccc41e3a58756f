// Bulk load: a token is asked for, the region takes the files, and the token's staging directory goes.
#include "client/compound_operation.h"
#include "client/request_messages.h"
#include "client/typed_row_operation.h"
#include "core/bytes.h"

#include <hbmux/bulk_load.h>

#include <memory>
#include <string>
#include <utility>

namespace hbmux::client {
namespace {

/// PrepareBulkLoad: any region of the table will do, and the first one does (SecureBulkLoadClient.java).
class PrepareOperation final : public TypedRowOperation<std::string> {
 public:
  PrepareOperation(TableContextPtr table, detail::Completion<Result<std::string>> done)
      : TypedRowOperation(std::move(table), Kind::write, Repeat::always, std::move(done)) {}

 private:
  std::string_view verb() const noexcept override { return "preparing a bulk load"; }
  std::string_view row() const noexcept override { return {}; }
  std::string problem() const override { return {}; }
  int priority() const noexcept override { return kPriorityUnset; }

  void encode(std::string_view region_name, rpc::CallRequest& request) override {
    request.method = "PrepareBulkLoad";
    pb::PrepareBulkLoadRequest message;
    message.mutable_table_name()->set_namespace_(table().name().namespace_name());
    message.mutable_table_name()->set_qualifier(table().name().qualifier());
    message.mutable_region()->set_type(pb::RegionSpecifier::REGION_NAME);
    message.mutable_region()->set_value(std::string(region_name));
    message.AppendToString(&request.param);
  }
  Result<std::string> read(const rpc::CallReply& reply) override {
    pb::PrepareBulkLoadResponse message;
    if (auto parsed = parse_reply(reply, message); !parsed) return parsed.error();
    return std::move(*message.mutable_bulk_token());
  }
};

/// BulkLoadHFile. Not repeated when it may have been done: the files would be gone.
class LoadOperation final : public TypedRowOperation<bool> {
 public:
  LoadOperation(TableContextPtr table, std::string row, std::shared_ptr<const BulkLoad> load, std::string token,
                detail::Completion<Result<bool>> done)
      : TypedRowOperation(std::move(table), Kind::write, Repeat::unless_applied, std::move(done)),
        row_(std::move(row)),
        load_(std::move(load)),
        token_(std::move(token)) {}

 private:
  std::string_view verb() const noexcept override { return "bulk load"; }
  std::string_view row() const noexcept override { return row_; }
  std::string problem() const override { return {}; }
  int priority() const noexcept override { return kPriorityUnset; }

  void encode(std::string_view region_name, rpc::CallRequest& request) override {
    request.method = "BulkLoadHFile";
    pb::BulkLoadHFileRequest message;
    message.mutable_region()->set_type(pb::RegionSpecifier::REGION_NAME);
    message.mutable_region()->set_value(std::string(region_name));
    for (const BulkLoad::File& file : load_->files) {
      auto& path = *message.add_family_path();
      path.set_family(file.family);
      path.set_path(file.path);
    }
    message.set_assign_seq_num(load_->assign_sequence_numbers);
    message.set_bulk_token(token_);
    message.set_copy_file(load_->copy_files);
    message.set_replicate(load_->replicate);
    message.AppendToString(&request.param);
  }
  Result<bool> read(const rpc::CallReply& reply) override {
    pb::BulkLoadHFileResponse message;
    if (auto parsed = parse_reply(reply, message); !parsed) return parsed.error();
    return message.loaded();
  }

  const std::string row_;
  const std::shared_ptr<const BulkLoad> load_;
  const std::string token_;
};

class CleanupOperation final : public TypedRowOperation<void> {
 public:
  CleanupOperation(TableContextPtr table, std::string token, detail::Completion<Result<void>> done)
      : TypedRowOperation(std::move(table), Kind::write, Repeat::always, std::move(done)), token_(std::move(token)) {}

 private:
  std::string_view verb() const noexcept override { return "ending a bulk load"; }
  std::string_view row() const noexcept override { return {}; }
  std::string problem() const override { return {}; }
  int priority() const noexcept override { return kPriorityUnset; }

  void encode(std::string_view region_name, rpc::CallRequest& request) override {
    request.method = "CleanupBulkLoad";
    pb::CleanupBulkLoadRequest message;
    message.set_bulk_token(token_);
    message.mutable_region()->set_type(pb::RegionSpecifier::REGION_NAME);
    message.mutable_region()->set_value(std::string(region_name));
    message.AppendToString(&request.param);
  }
  Result<void> read(const rpc::CallReply& reply) override {
    pb::CleanupBulkLoadResponse message;
    return parse_reply(reply, message);
  }

  const std::string token_;
};

std::string bulk_load_problem(const BulkLoad& load) {
  if (load.files.empty()) return "a bulk load needs files";
  for (const BulkLoad::File& file : load.files) {
    if (file.family.empty() || file.path.empty()) return "each file of a bulk load needs a family and a path";
  }
  return {};
}

class BulkLoadOperation final : public CompoundOperation<void> {
 public:
  BulkLoadOperation(TableContextPtr table, std::string row, BulkLoad load, detail::Completion<Result<void>> done)
      : CompoundOperation(std::move(table), std::move(done)),
        row_(std::move(row)),
        load_(std::make_shared<const BulkLoad>(std::move(load))) {}

  void start() {
    if (!begin()) return;
    if (auto problem = bulk_load_problem(*load_); !problem.empty()) return end_later(Error(Errc::invalid_argument, std::move(problem)));
    start_operation<PrepareOperation>(table(), then<std::string>([this](Result<std::string> token) {
      if (!token) return end(token.error());
      load(std::move(*token));
    }));
  }

 private:
  std::string describe() const override { return {}; }  // its parts say it

  template <class T, class Next>
  detail::Completion<Result<T>> then(Next next) {
    detail::Completion<Result<T>> done;
    done.cancel = part();
    done.finish = [self = shared_from_this(), next = std::move(next)](Result<T> result) mutable { next(std::move(result)); };
    return done;
  }
  void load(std::string token) {
    start_operation<LoadOperation>(table(), row_, load_, token, then<bool>([this, token](Result<bool> loaded) { clean_up(token, std::move(loaded)); }));
  }
  /// Whatever came of it; that it fails is not told, since the files are where they are.
  void clean_up(const std::string& token, Result<bool> loaded) {
    start_operation<CleanupOperation>(table(), token, then<void>([this, loaded = std::move(loaded)](const Result<void>&) {
      if (!loaded) return end(loaded.error());
      if (!*loaded) {
        return end(Error(Errc::wrong_region, "the region of row '" + core::to_string_binary(row_.substr(0, 100)) +
                                                "' did not take the files; they are as they were, and may be loaded again"));
      }
      end(Result<void>());
    }));
  }

  const std::string row_;
  const std::shared_ptr<const BulkLoad> load_;
};

}  // namespace

void start_bulk_load(TableContextPtr table, std::string row, BulkLoad load, detail::Completion<Result<void>> done) {
  std::make_shared<BulkLoadOperation>(std::move(table), std::move(row), std::move(load), std::move(done))->start();
}

}  // namespace hbmux::client
