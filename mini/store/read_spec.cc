#include "mini/store/read_spec.h"

#include <algorithm>

namespace hbmux::mini {
namespace {

using Column = pb::Column;

Answer<void> add_family(const Column& column, const Families& families, std::string_view where, TimeRange range,
                        ReadSpec& out) {
  const auto found = families.find(column.family());
  if (found == families.end()) return no_such_family(column.family(), where);
  ReadSpec::Family family{&found->second, range, static_cast<std::uint32_t>(out.columns.size()), 0};
  for (const auto& qualifier : column.qualifier()) out.columns.emplace_back(qualifier);
  const auto begin = out.columns.begin() + family.first_column;
  std::sort(begin, out.columns.end());
  out.columns.erase(std::unique(begin, out.columns.end()), out.columns.end());
  family.column_count = static_cast<std::uint32_t>(out.columns.size()) - family.first_column;
  out.families.push_back(family);
  return {};
}

template <class Message>
Answer<void> fill(const Message& message, const Families& families, std::string_view where, std::int64_t now,
                  ReadSpec& out) {
  out.clear();
  out.now = now;
  const TimeRange range = message.has_time_range() ? TimeRange::of(message.time_range()) : TimeRange();
  if (message.column_size() == 0) {
    for (const auto& [name, settings] : families) out.families.push_back({&settings, range, 0, 0});
  }
  for (const auto& column : message.column()) {
    if (auto added = add_family(column, families, where, range, out); !added) return added;
  }
  if (out.families.size() > 1) {
    std::sort(out.families.begin(), out.families.end(),
              [](const auto& a, const auto& b) { return a.settings->name < b.settings->name; });
  }
  for (const auto& special : message.cf_time_range()) {
    for (auto& family : out.families) {
      if (family.settings->name == special.column_family()) family.range = TimeRange::of(special.time_range());
    }
  }
  out.max_versions = static_cast<int>(std::min<std::uint32_t>(message.max_versions(), 0x7fffffff));
  if (message.has_store_limit()) out.store_limit = static_cast<int>(message.store_limit());
  if (message.has_store_offset()) out.store_offset = static_cast<int>(message.store_offset());
  if (message.has_filter()) {
    auto filter = make_filter(message.filter());
    if (!filter) return filter.error();
    out.filter = std::move(*filter);
    // hbase.hregion.scan.loadColumnFamiliesOnDemand is true unless the client says otherwise.
    if (!message.has_load_column_families_on_demand() || message.load_column_families_on_demand()) {
      for (auto& family : out.families) {
        family.on_demand = !out.filter->is_essential(family.settings->name);
        out.has_on_demand = out.has_on_demand || family.on_demand;
      }
    }
  }
  return {};
}

}  // namespace

void ReadSpec::clear() noexcept {
  families.clear();
  columns.clear();
  max_versions = 1;
  store_limit = -1;
  store_offset = 0;
  raw = reversed = has_on_demand = false;
  filter.reset();
}

Answer<void> read_spec_of(const pb::Get& get, const Families& families, std::string_view where, std::int64_t now,
                          ReadSpec& out) {
  return fill(get, families, where, now, out);
}

Answer<void> read_spec_of(const pb::Scan& scan, const Families& families, std::string_view where, std::int64_t now,
                          ReadSpec& out) {
  if (auto filled = fill(scan, families, where, now, out); !filled) return filled;
  for (const auto& attribute : scan.attribute()) {
    if (attribute.name() == "_raw_") out.raw = !attribute.value().empty() && attribute.value().front() != 0;
  }
  if (out.raw && !out.columns.empty()) return exceptions::do_not_retry("Cannot specify any column for a raw scan");
  out.reversed = scan.reversed();
  if (out.filter) out.filter->set_reversed(scan.reversed());
  if (out.reversed && out.has_on_demand) {
    return exceptions::do_not_retry("Reverse scan with loading CFs on demand is not supported");
  }
  return {};
}

RemoteException no_such_family(std::string_view family, std::string_view where) {
  const std::string_view table = where.substr(0, where.find(','));
  return exceptions::no_such_column_family(std::string("Column family ")
                                               .append(family)
                                               .append(" does not exist in region ")
                                               .append(where)
                                               .append(" in table '")
                                               .append(table)
                                               .append("'"));
}

}  // namespace hbmux::mini
