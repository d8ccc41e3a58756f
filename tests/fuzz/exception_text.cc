// An exception's class name and text: the error is readable, and where a region moved and how long to wait are read or
// not.
#include "core/exception_class.h"
#include "core/retry.h"
#include "tests/fuzz/fuzz_input.h"

using namespace hbmux;

namespace {
constexpr std::string_view kClasses[] = {"", "org.apache.hadoop.hbase.exceptions.RegionMovedException",
                                         "org.apache.hadoop.hbase.quotas.RpcThrottlingException",
                                         "org.apache.hadoop.hbase.NotServingRegionException"};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::uint8_t choice = input.byte();
  std::string name(kClasses[choice % std::size(kClasses)]);
  if (name.empty()) name = input.text();
  const std::string_view text = input.rest();
  const std::string trace = choice & 0x80 ? std::string(text) : name + ": " + std::string(text);

  core::ServerException exception;
  exception.class_name = name;
  exception.stack_trace = trace;
  exception.do_not_retry = choice & 0x40;
  exception.server_overloaded = choice & 0x20;
  const Error error = core::make_error(exception);
  fuzz::require(!error.message().empty() && error.message().size() < 4096);
  for (char c : error.exception_message()) fuzz::require(static_cast<unsigned char>(c) >= 0x20);

  if (auto to = core::parse_region_moved(text)) {
    fuzz::require(!to->server.address.host.empty() && to->server.address.port != 0);
  }
  if (auto wait = core::parse_throttle_wait(text)) fuzz::require(wait->count() >= 0);

  const core::RetryPolicy policy;
  const core::RetryState::Clock::time_point now;
  core::RetryState state(policy, now);
  const auto next = state.failed(error, now, 0.5);
  fuzz::require(next.retry ? next.pause.count() >= 0 : !next.error.message().empty());
  return 0;
}
