// The requests and answers of buffered mutations as HBase's messages, and back again.
#pragma once

#include "client/batch_messages.h"
#include "client/request_messages.h"
#include "client/write_buffer.h"
#include "rpc/rpc_client.h"

#include <hbmux/batch.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace hbmux::client {

/// Appends the MutationProto of `mutation` to `message`, which is empty; its cells travel beside it.
void encode_mutation(const RowChange& mutation, std::uint64_t nonce, std::string& message);
/// Fills in method, param, cells and priority (kPriorityUnset: left alone).
void encode_request(const WriteRequest& request, std::uint64_t nonce_group, rpc::CallRequest& call);

/// What one region of the request is told: mutations that failed, by place.
struct WriteFailures {
  std::vector<std::pair<std::uint32_t, Error>> failed;
};
struct WriteAnswer {
  std::vector<WriteFailures> regions;  ///< In the order of the request.
  ToldLoads loads;
};
/// An error when the answer makes no sense.
Result<WriteAnswer> read_write_reply(const rpc::CallReply& reply, const WriteRequest& request);

/// A mutation as its user gave it, with its nonce (0: none).
struct DecodedMutation {
  RowChange mutation;
  std::uint64_t nonce = 0;
};
/// Those at `places` (ascending), for another attempt elsewhere.
std::vector<DecodedMutation> decode_mutations(const RegionWrites& writes, const std::vector<std::uint32_t>& places);

}  // namespace hbmux::client
