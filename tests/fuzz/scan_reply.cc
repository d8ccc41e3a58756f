// Answers to a scan, whatever they say: messages and cell blocks are read or refused, and the scan's state follows
// without losing itself.
#include "client/scan_messages.h"
#include "core/exception_class.h"
#include "core/scan_state.h"
#include "tests/fuzz/fuzz_input.h"

using namespace hbmux;

namespace {

using Step = core::ScanState::Step;

core::ScanSpec read_spec(fuzz::Input& input) {
  core::ScanSpec spec;
  const std::uint8_t flags = input.byte();
  spec.reversed = flags & 1;
  spec.include_start = flags & 2;
  spec.include_stop = flags & 4;
  spec.allow_partial = flags & 8;
  if (flags & 16) spec.batch = 1 + input.byte() % 8;
  if (flags & 32) spec.limit = 1 + input.byte() % 8;
  if (flags & 64) spec.start_row = input.text();
  if (flags & 128) spec.stop_row = input.text();
  return spec;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const core::ScanSpec spec = read_spec(input);
  core::ScanState scan(spec);
  const auto table = std::make_shared<const TableName>(TableName::parse("t").value());
  const RegionInfo low(table, "", "m", 1), high(table, "m", "", 2);
  while (!input.empty() && scan.step() != Step::done) {
    if (scan.step() == Step::open) {
      const auto where = scan.location();
      const bool is_low =
          where.type == core::LocateType::current ? where.row < "m" : !where.row.empty() && where.row <= "m";
      fuzz::require(scan.open_request(std::make_shared<const RegionInfo>(is_low ? low : high)).has_value());
    }
    const std::string_view message = input.part(), cells = input.part();
    auto reply = client::read_scan_reply({message, cells, nullptr});
    Result<void> told = reply ? scan.received(std::move(*reply)) : Result<void>(reply.error());
    if (!told) {
      fuzz::require(told.error().code() == Errc::protocol_error);
      fuzz::require(scan.failed(told.error()) == core::ScanState::Recovery::reopen);
    }
    for (const Row& row : scan.take_rows()) {
      fuzz::require(!row.empty());
      if (spec.batch > 0 && !spec.allow_partial) fuzz::require(row.size() <= static_cast<std::size_t>(spec.batch));
    }
    fuzz::require(spec.limit == 0 || scan.complete_rows() <= spec.limit);
    (void)scan.take_scanner_to_close();
  }
  return 0;
}
