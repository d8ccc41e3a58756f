// What can go wrong in an embedded cluster, on request.
#pragma once

#include <hbmux/error.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hbmux::mini {

/// One thing that goes wrong, for whom, when and how often. docs/mini.md describes all of them, and their text form:
///
///     drop method=Mutate rate=0.01            one reply to a write in a hundred is never sent
///     exception class=java.io.IOException message="disk is full" times=2
///     move table=users method=Scan.next after=3
///
/// In the text form every field has the name that it has here, with - for _.
struct Fault {
  enum class Kind : std::uint8_t {
    // What a call meets.
    refuse,      ///< Connecting is refused; connections that are open go on.
    reset,       ///< The call is not applied; its connection is reset (RST).
    cut,         ///< Of the reply only half is sent, then the connection is closed.
    half_close,  ///< The server closes its direction after the reply, and reads on.
    stall,       ///< The connection is kept, and nothing is read from it or said on it any more.
    delay,       ///< The reply waits.
    reorder,     ///< Replies of a connection change places.
    drop,        ///< The reply is never sent; the call was applied.
    slow_meta,   ///< `delay` for calls to hbase:meta.
    exception,   ///< The answer is an exception, by `class_name` and `message`.
    queue_full,  ///< The answer is CallQueueTooBigException.
    throttle,    ///< The answer is RpcThrottlingException, "wait <wait>".
    too_busy,    ///< The answer is RegionTooBusyException.
    region_exception,  ///< In the answer to a Multi, one region's part is an exception, by `class_name` and `message`.
    load,              ///< The answer to a Multi says that its regions are under this load.
    // What happens to the cluster: at once, or where `method` is given, when such a call comes, before it is served.
    move,               ///< A region of `table` goes to another server.
    split,              ///< A region of `table` splits.
    merge,              ///< A region of `table` and its neighbour become one.
    kill,               ///< A region server dies.
    start,              ///< A region server that died comes back.
    restart,            ///< `kill`, and `start` after `wait`.
    clock,              ///< A server's clock jumps by `by`.
    wrong_meta,         ///< hbase:meta says that regions of `table` are on a server where they are not.
    unresolvable_meta,  ///< hbase:meta names a host that does not exist.
    missing_meta,       ///< hbase:meta has no row for regions of `table`.
    replica_lag,        ///< Replicas of regions see writes `by` later.
    expire_scanners,    ///< The leases of all scanners pass.
    // Several of the first group, each now and then.
    mix,
  };

  Kind kind = Kind::delay;

  // For whom. Empty: for all.
  std::string server = {};  ///< "rs0", "rs1", ..., "master", "zookeeper"; also which server dies.
  std::string table = {};
  std::string row = {};  ///< Names a region of the table (of each table, where none is said); empty for any.
  std::string method =
      {};  ///< "Get", "Mutate", "Multi", "Scan", "Scan.open", "Scan.next", "Scan.close", "CreateTable", ...

  // When.
  double rate = 1;                     ///< It happens with this probability,
  std::uint64_t after = 0;             ///< not to the first so many calls,
  std::uint64_t times = 0;             ///< so many times; 0 for no bound (for the cluster's: once),
  std::chrono::milliseconds lasts{0};  ///< and for so long; 0 until it is healed. In text: `for`.
  std::uint64_t seed = 0;              ///< 0: from the cluster's seed.

  // What.
  std::chrono::microseconds min{0};  ///< Of a delay.
  std::chrono::microseconds max{0};  ///< In text, `delay for=...` is not it: `delay min=1ms max=5ms`.
  int window = 8;                    ///< Up to so many replies change places.
  std::string class_name = {};       ///< In text: `class`.
  std::string message = {};
  bool do_not_retry = false;
  bool applied = false;                  ///< The call is applied all the same.
  std::chrono::milliseconds wait{1000};  ///< What RpcThrottlingException says; how long a restart takes.
  std::chrono::milliseconds by{0};       ///< Of a clock, or of replicas.
  int replica = 0;                       ///< Only the replicas of this number, from 1; 0 for all.
  int memory = 0;                        ///< Of a load, in percent: of the memory for writes,
  int heap = 0;                          ///< of the server's heap,
  int compactions = 0;                   ///< and how urgent compactions are.
  bool keeps_memory = false;  ///< The server that dies comes back with its scanners and nonces. In text: `memory=keep`.
  std::chrono::milliseconds reassign{100};  ///< After this a dead server's regions open elsewhere.
  std::string to = {};                      ///< Where a region goes to, or is said to be: "rs1".
  std::vector<std::string> of = {};         ///< The kinds in a mixture; empty for all that leave tables whole.

  static Result<Fault> parse(std::string_view text);
  std::string to_string() const;
};

/// "slow-meta"
std::string_view name_of(Fault::Kind kind);

/// How often a fault has happened.
struct FaultCount {
  int id = 0;
  std::string fault;  ///< As text.
  Fault::Kind kind{};
  std::uint64_t happened = 0;
  bool active = true;
};

}  // namespace hbmux::mini
