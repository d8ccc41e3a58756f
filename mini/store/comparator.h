// How a filter compares bytes with its own (ByteArrayComparable.java and its subclasses).
#pragma once

#include "mini/remote_exception.h"

#include <hbmux/pb/Comparator.pb.h>
#include <hbmux/pb/HBase.pb.h>

#include <memory>
#include <string_view>

namespace hbmux::mini {

/// In front of the simple names of HBase's filters and comparators.
inline constexpr std::string_view kFilterPackage = "org.apache.hadoop.hbase.filter.";

class Comparator {
 public:
  virtual ~Comparator() = default;
  /// Its own value against `bytes`: below, equal (0), above. Some know only "equal" and "not".
  virtual int compare(std::string_view bytes) const = 0;
};

Answer<std::unique_ptr<Comparator>> make_comparator(const pb::Comparator& message);

/// Whether "bytes OP value" is false, given how the comparator's value compares with the bytes.
bool is_excluded(pb::CompareType op, int comparison) noexcept;

/// What HBase answers when it cannot build a filter or comparator.
RemoteException unknown_class(std::string_view class_name);
RemoteException malformed(std::string_view class_name);

}  // namespace hbmux::mini
