#include "mini/server/call_target.h"

#include "core/region_name.h"

namespace hbmux::mini {
namespace {

/// Where a region's name is in the requests: their first field, or in a Multi that of the first RegionAction.
bool read_specifier(const Call& call, pb::RegionSpecifier& specifier) {
  if (call.method == "Get") {
    pb::GetRequest request;
    if (!call.parse(request)) return false;
    specifier.Swap(request.mutable_region());
    return true;
  }
  if (call.method == "Mutate") {
    pb::MutateRequest request;
    if (!call.parse(request)) return false;
    specifier.Swap(request.mutable_region());
    return true;
  }
  if (call.method == "Multi") {
    pb::MultiRequest request;
    if (!call.parse(request) || request.regionaction().empty()) return false;
    specifier.Swap(request.mutable_regionaction(0)->mutable_region());
    return true;
  }
  if (call.method == "ExecService") {
    pb::CoprocessorServiceRequest request;
    if (!call.parse(request)) return false;
    specifier.Swap(request.mutable_region());
    return true;
  }
  return false;
}

}  // namespace

CallTarget target_of(const RegionServer& server, const Call& call, bool wants_region) {
  CallTarget target;
  pb::RegionSpecifier specifier;
  if (call.method == "Scan") {
    pb::ScanRequest request;
    if (!call.parse(request)) return target;
    target.part = !request.has_scanner_id() ? "open" : request.close_scanner() ? "close" : "next";
    if (!wants_region) return target;
    if (request.has_scanner_id()) {
      if (const auto region = server.region_of_scanner(request.scanner_id())) {
        target.table = region->table();
        target.region = region->name();
      }
      return target;
    }
    specifier.Swap(request.mutable_region());
  } else if (!wants_region || !read_specifier(call, specifier)) {
    return target;
  }
  if (const auto region = server.find_region(specifier)) {
    target.table = region->table();
    target.region = region->name();
  } else if (core::RegionNameParts parts; core::parse_region_name(specifier.value(), parts)) {
    target.table = parts.table;  // it is not here, or not any more
    target.region = specifier.value();
  }
  return target;
}

}  // namespace hbmux::mini
