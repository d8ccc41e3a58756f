// The data calls that read no rows: where a table's regions begin, and whether anybody is there.
#pragma once

#include "gateway/call.h"

#include <hbmux/bt/bigtable.pb.h>

#include <vector>

namespace hbmux::gateway {

/// The keys at which regions end. How large regions are HBase's clients do not know: each counts the same.
class SampleRowKeysCall final : public StreamCall<bt::SampleRowKeysRequest, bt::SampleRowKeysResponse> {
 public:
  using StreamCall::StreamCall;
  static constexpr std::int64_t kRegionBytes = std::int64_t{1} << 30;

  void start();
  void OnWriteDone(bool ok) override;

 private:
  void write_next();

  std::optional<FullTableName> name_;
  std::vector<std::string> ends_;
  std::size_t next_ = 0;
  Response message_;
};

/// Answered when the cluster answers.
class PingAndWarmCall final : public UnaryCall<bt::PingAndWarmRequest, bt::PingAndWarmResponse> {
 public:
  using UnaryCall::UnaryCall;
  void start();
};

}  // namespace hbmux::gateway
