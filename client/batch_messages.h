// A batch's request and answer as HBase's messages.
#pragma once

#include "client/region_loads.h"
#include "client/request_messages.h"
#include "rpc/rpc_client.h"

#include <hbmux/batch.h>
#include <hbmux/error.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hbmux::client {

/// Builds a MultiRequest: regions one after another, and the actions of each in the order in which they are added.
class MultiRequestBuilder {
 public:
  explicit MultiRequestBuilder(CellPlace place) : place_(place) {}

  void begin_region(std::string_view region_name);
  void add(std::uint32_t index, const Action& action, std::uint64_t nonce);
  void end_region();
  /// One that is applied as a whole: it makes an entry of its own, beside those of the same region's other actions.
  void add_atomic(std::string_view region_name, const RowMutations& mutations, std::uint64_t nonce);
  void add_atomic(std::string_view region_name, const CheckAndMutate& check, std::uint64_t nonce);
  /// `nonce_group`: of the actions' nonces.
  void finish(std::uint64_t nonce_group, rpc::CallRequest& request) &&;

 private:
  template <class Mutation>
  void add_mutation(std::uint32_t index, const Mutation& mutation, std::uint64_t nonce);
  void add_changes(const RowMutations& mutations, std::uint64_t nonce);

  const CellPlace place_;
  std::string region_;
  std::string action_;
  std::string param_;
  std::string cells_;
  bool has_nonce_ = false;
};

/// An exception inside an answer, as the server names it.
Error error_from(const pb::NameBytesPair& exception);

/// What the server says about one region of a MultiRequest.
struct RegionAnswer {
  struct Item {
    std::uint32_t index;
    Result<Row> result;
  };
  std::optional<Error> error;  ///< The whole region failed.
  std::optional<bool> processed;  ///< Whether the condition held, of an entry that has one.
  std::vector<Item> items;
};

/// What an entry that was applied as a whole is answered with.
Result<ActionResult> read_atomic(RegionAnswer answer);

/// What the answer says of them; servers do when their hbase.client.backpressure.enabled is set.
ToldLoads loads_from(const pb::MultiResponse& message);

struct MultiAnswer {
  std::vector<RegionAnswer> regions;
  ToldLoads loads;
};
/// The answers of a MultiResponse, in the order of the request's regions. Errc::protocol_error when their number is not `regions`, or
/// when the cells do not fit.
Result<MultiAnswer> read_multi_reply(const rpc::CallReply& reply, std::size_t regions);

}  // namespace hbmux::client
