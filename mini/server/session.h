// The server's end of one connection, as a state machine: bytes in, bytes out.
#pragma once

#include "core/cell_block.h"
#include "mini/dialogue.h"
#include "mini/faults/fault_injector.h"
#include "mini/server/call.h"
#include "mini/server/master.h"
#include "mini/server/region_server.h"
#include "rpc/wire/compressor.h"

#include <hbmux/pb/RPC.pb.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hbmux::mini {

/// What listens at an address: a region server, or the master.
struct Endpoint {
  Master* master = nullptr;
  RegionServer* region_server = nullptr;  ///< Null at the master's address.
  FaultInjector* faults = nullptr;        ///< Null where nothing goes wrong.
};

/// HBase's RPC. Pure: no socket, no clock. Used by one thread at a time.
class Session final : public Dialogue {
 public:
  explicit Session(Endpoint endpoint) : endpoint_(endpoint) {}

  std::size_t receive(std::string_view bytes, std::int64_t now, Replies& replies) override;
  bool is_closing() const noexcept override { return state_ == State::closing; }
  std::uint64_t calls() const noexcept override { return calls_; }

 private:
  enum class State { preamble, skip_token, header, calls, closing };
  enum class Service { none, client, admin, master, meta, unsupported };

  bool read_preamble(std::string_view& bytes, Replies& replies);
  void read_header(std::string_view frame, Replies& replies);
  bool choose_codec(const pb::ConnectionHeader& header, Replies& replies);
  void read_call(std::string_view frame, std::int64_t now, Replies& replies);
  void refuse_big_frame(std::string_view rest, std::size_t size, Replies& replies);
  void answer(std::uint32_t call_id, Call& call, const FaultInjector::Verdict& verdict, Replies& replies);
  FaultInjector::Verdict meet_faults(const Call& call) const;
  std::optional<RegionFault> meet_region_faults(const Region& region) const;
  Reply serve(Call& call);
  Answer<void> take_cells(std::string_view block, Call& call);
  void reply(std::uint32_t call_id, const Reply& answer, Replies& replies);
  void reply_exception(std::uint32_t call_id, const RemoteException& exception, Replies& replies);
  void fail(RemoteException exception, Replies& replies);

  Endpoint endpoint_;
  State state_ = State::preamble;
  Service service_ = Service::none;
  std::string service_name_;
  core::CellCodec codec_ = core::CellCodec::none;
  rpc::wire::Compression compression_ = rpc::wire::Compression::none;
  bool retries_immediately_ = false;
  bool over_ = false;  ///< A fault ends the connection: nothing that comes behind is served.
  std::uint64_t calls_ = 0;
};

}  // namespace hbmux::mini
