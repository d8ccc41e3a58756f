// Any sequence of operations on the call table, beside a plain map that says what should come of them.
#include "rpc/call_table.h"
#include "tests/fuzz/fuzz_input.h"

#include <map>

using namespace hbmux;
using rpc::TimePoint;

namespace {
struct Payload {
  int number = 0;
};
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using Table = rpc::CallTable<Payload>;
  fuzz::Input input(data, size);
  const std::size_t calls_max = 1 + input.byte();
  Table table(calls_max, 1000);
  if (input.flag()) table.set_next_id(0x7fffff00u | input.byte());
  struct Call {
    int payload = 0;
    TimePoint deadline{};
    bool buried = false;
  };
  std::map<std::uint32_t, Call> model;
  std::vector<std::uint32_t> issued;
  TimePoint now{};
  int next_payload = 1;
  std::size_t calls = 0, tombstones = 0;
  auto pick = [&]() -> std::uint32_t {
    const std::uint8_t choice = input.byte();
    if (issued.empty() || choice == 255) return std::uint32_t{input.byte()} << 8 | input.byte();
    return issued[issued.size() - 1 - choice % issued.size()];
  };
  while (!input.empty()) {
    Payload payload;
    switch (input.byte() % 5) {
      case 0:
      case 1: {
        fuzz::require(table.full() == (calls >= calls_max));
        if (table.full()) break;
        const TimePoint deadline = now + std::chrono::milliseconds(input.byte());
        const std::uint32_t id = table.add({next_payload}, deadline);
        fuzz::require(id <= Table::kIdMask && !model.contains(id));
        model[id] = {next_payload++, deadline, false};
        issued.push_back(id);
        ++calls;
        break;
      }
      case 2: {
        const std::uint32_t id = pick();
        const auto found = table.take(id, payload);
        auto at = model.find(id);
        if (at == model.end()) {
          fuzz::require(found == Table::Found::never_issued);
        } else {
          fuzz::require(found == (at->second.buried ? Table::Found::tombstone : Table::Found::call));
          fuzz::require(at->second.buried || payload.number == at->second.payload);
          --(at->second.buried ? tombstones : calls);
          model.erase(at);
        }
        break;
      }
      case 3: {
        const std::uint32_t id = pick();
        const bool buried = table.bury(id, payload);
        auto at = model.find(id);
        fuzz::require(buried == (at != model.end() && !at->second.buried));
        if (buried) {
          fuzz::require(payload.number == at->second.payload);
          at->second.buried = true;
          --calls, ++tombstones;
        }
        break;
      }
      case 4: {
        now += std::chrono::milliseconds(input.byte());
        std::size_t expired = 0;
        const TimePoint next = table.expire(now, [&](std::uint32_t id, Payload ended) {
          auto at = model.find(id);
          fuzz::require(at != model.end() && !at->second.buried && at->second.payload == ended.number &&
                        at->second.deadline <= now);
          at->second.buried = true;
          ++expired;
        });
        calls -= expired, tombstones += expired;
        TimePoint earliest = TimePoint::max();
        for (const auto& [id, call] : model) {
          if (!call.buried) earliest = std::min(earliest, call.deadline);
        }
        fuzz::require(next == earliest && earliest > now);
        break;
      }
    }
    fuzz::require(table.calls() == calls && table.tombstones() == tombstones);
  }
  fuzz::require(table.take_all().size() == calls);
  return 0;
}
