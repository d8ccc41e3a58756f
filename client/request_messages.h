// Requests as HBase's messages.
#pragma once

#include "core/client_settings.h"

#include <hbmux/append.h>
#include <hbmux/check_and_mutate.h>
#include <hbmux/delete.h>
#include <hbmux/get.h>
#include <hbmux/increment.h>
#include <hbmux/pb/Client.pb.h>
#include <hbmux/put.h>
#include <hbmux/row_mutations.h>
#include <hbmux/scan.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace hbmux::client {

/// A thread keeps a message for the next call of its kind, cleared and not freed, so that its strings keep their memory; not when it has grown
/// beyond this many bytes.
inline constexpr std::size_t kKeepMessageBytes = 16 * 1024;
/// The same of a buffer.
inline constexpr std::size_t kKeepBytes = 64 * 1024;

/// Where the cells of a mutation travel.
enum class CellPlace : std::uint8_t {
  block,    ///< Behind the message; the message has their number.
  message,  ///< Inside it: no codec was agreed on.
};

inline CellPlace cell_place(const core::ClientSettings& settings) noexcept {
  return settings.codec == core::CellCodec::none ? CellPlace::message : CellPlace::block;
}

/// Increments and appends: they carry a nonce, because doing them twice is not as good as once.
template <class M>
inline constexpr bool counts = std::is_same_v<M, Append> || std::is_same_v<M, Increment>;

void fill(pb::Get& message, const Get& get, bool existence_only);
/// Appends the same message, with its length in front, without building it: gets are what a client does most.
void append_get(std::string& out, const Get& get, bool existence_only);
void fill(pb::MutationProto& message, const Put& put, CellPlace cells);
void fill(pb::MutationProto& message, const Delete& del, CellPlace cells);
/// `nonce`: 0 for none.
void fill(pb::MutationProto& message, const Append& append, std::uint64_t nonce, CellPlace cells);
void fill(pb::MutationProto& message, const Increment& increment, std::uint64_t nonce, CellPlace cells);
/// Any of the four; `nonce` is for those that count.
template <class M>
void fill_any(pb::MutationProto& message, const M& mutation, std::uint64_t nonce, CellPlace cells) {
  if constexpr (counts<M>) {
    fill(message, mutation, nonce, cells);
  } else {
    fill(message, mutation, cells);
  }
}
void fill(pb::Condition& message, const CheckAndMutate& check);
/// What all queries may say: columns, time range, versions, filter, attributes ... What does not change while a scan goes on.
void fill_selection(pb::Scan& message, const Scan& scan);

/// Appends field `number` (below 16) of an enclosing message.
void append_field(std::string& out, int number, std::string_view bytes);
void append_field(std::string& out, int number, const google::protobuf::MessageLite& message);
void append_field(std::string& out, int number, std::uint64_t value);

/// Appends a RegionSpecifier with the region's full name, as field 1: how GetRequest, MutateRequest and ScanRequest begin.
void append_region(std::string& out, std::string_view region_name);

}  // namespace hbmux::client
