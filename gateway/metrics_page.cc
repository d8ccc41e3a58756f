#include "gateway/pages.h"

#include <cstdio>
#include <initializer_list>
#include <utility>

namespace hbmux::gateway {
namespace {

using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

std::string number_text(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

class MetricsText {
 public:
  void begin(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    text_.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
  }
  void add(Labels labels, const std::string& value, std::string_view suffix = {}) {
    text_.append(name_).append(suffix);
    char before = '{';
    for (const auto& [label, text] : labels) {
      text_ += before;
      before = ',';
      text_.append(label).append("=\"");
      for (const char c : text) {
        if (c == '\\' || c == '"') text_ += '\\';
        text_ += c == '\n' ? std::string("\\n") : std::string(1, c);
      }
      text_ += '"';
    }
    if (before == ',') text_ += '}';
    text_.append(" ").append(value).append("\n");
  }
  template <class Number>
  void add(Labels labels, Number value) {
    if constexpr (std::is_floating_point_v<Number>) {
      add(labels, number_text(value));
    } else {
      add(labels, std::to_string(value));
    }
  }
  template <class Number>
  void one(std::string_view name, std::string_view type, std::string_view help, Number value) {
    begin(name, type, help);
    add({}, value);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string name_;
  std::string text_;
};

void add_calls(MetricsText& out, const CallJournal::Snapshot& calls) {
  out.begin("hbmux_gateway_calls_total", "counter", "Calls that have ended, by gRPC's status.");
  for (const auto& method : calls.methods) {
    for (std::size_t code = 0; code < CallJournal::kCodes; ++code) {
      if (method.by_code[code] != 0) out.add({{"method", method.name}, {"status", to_string(static_cast<Code>(code))}}, method.by_code[code]);
    }
  }
  out.begin("hbmux_gateway_calls_in_flight", "gauge", "Calls that have not ended.");
  for (const auto& method : calls.methods) out.add({{"method", method.name}}, method.in_flight);
  out.begin("hbmux_gateway_call_duration_seconds", "histogram", "How long calls lasted, until their last byte was handed over.");
  for (const auto& method : calls.methods) {
    if (method.calls() == 0) continue;
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < CallJournal::kBounds.size(); ++i) {
      below += method.durations[i];
      const std::string bound = number_text(static_cast<double>(CallJournal::kBounds[i]) / 1e6);
      out.add({{"method", method.name}, {"le", bound}}, std::to_string(below), "_bucket");
    }
    out.add({{"method", method.name}, {"le", "+Inf"}}, std::to_string(method.calls()), "_bucket");
    out.add({{"method", method.name}}, number_text(std::chrono::duration<double>(method.duration).count()), "_sum");
    out.add({{"method", method.name}}, std::to_string(method.calls()), "_count");
  }
  out.begin("hbmux_gateway_rows_total", "counter", "Rows returned or changed.");
  for (const auto& method : calls.methods) {
    if (method.calls() != 0) out.add({{"method", method.name}}, method.rows);
  }
  out.begin("hbmux_gateway_bytes_total", "counter", "Bytes of messages.");
  for (const auto& method : calls.methods) {
    if (method.calls() == 0) continue;
    out.add({{"method", method.name}, {"direction", "in"}}, method.bytes_in);
    out.add({{"method", method.name}, {"direction", "out"}}, method.bytes_out);
  }
}

void add_pools(MetricsText& out, const ConnectionStatistics& cluster) {
  const auto each = [&](std::string_view name, std::string_view type, std::string_view help, auto value) {
    out.begin(name, type, help);
    for (const auto& pool : cluster.pools) out.add({{"address", pool.address}, {"user", pool.user}, {"service", pool.service}}, value(pool));
  };
  each("hbmux_pool_connections_open", "gauge", "Sockets to servers of HBase, also those that are connecting.", [](auto& p) { return p.open; });
  each("hbmux_pool_connections_in_use", "gauge", "Sockets with calls in flight, or lent out.", [](auto& p) { return p.in_use; });
  each("hbmux_pool_connections_max", "gauge", "The pool's bound; 0: none.", [](auto& p) { return p.size_max; });
  each("hbmux_pool_calls_in_flight", "gauge", "Calls in flight.", [](auto& p) { return p.calls_in_flight; });
  each("hbmux_pool_waiting", "gauge", "Calls that wait for a connection.", [](auto& p) { return p.waiting; });
  each("hbmux_pool_connections_created_total", "counter", "Sockets opened.", [](auto& p) { return p.created; });
  each("hbmux_pool_connections_closed_total", "counter", "Sockets closed.", [](auto& p) { return p.closed; });
  each("hbmux_pool_given_up_total", "counter", "Calls that ended without a connection.", [](auto& p) { return p.given_up; });
}

}  // namespace

std::string metrics_page(const GatewayView& view) {
  MetricsText out;
  add_calls(out, view.calls);
  out.one("hbmux_gateway_draining", "gauge", "1 while the gateway ends.", view.draining ? 1 : 0);
  out.one("hbmux_gateway_access_log_lost_total", "counter", "Lines that the access log had no room for.", view.log_lines_lost);
  const auto& cluster = view.cluster;
  out.one("hbmux_calls_total", "counter", "Calls sent to HBase, retries included.", cluster.calls);
  out.one("hbmux_calls_failed_total", "counter", "Calls to HBase that ended with an error.", cluster.calls_failed);
  out.one("hbmux_calls_in_flight", "gauge", "Calls to HBase in flight.", cluster.calls_in_flight);
  out.one("hbmux_retries_total", "counter", "Attempts after the first one of an operation.", cluster.retries);
  out.one("hbmux_timed_out_total", "counter", "Calls to HBase that timed out.", cluster.timed_out);
  out.one("hbmux_sent_bytes_total", "counter", "Bytes sent to HBase.", cluster.bytes_sent);
  out.one("hbmux_received_bytes_total", "counter", "Bytes received from HBase.", cluster.bytes_received);
  out.one("hbmux_region_lookups_total", "counter", "Scans of hbase:meta.", cluster.region_lookups);
  out.one("hbmux_failed_servers", "gauge", "Servers that are not tried for a while, as connecting failed.", cluster.failed_servers.size());
  add_pools(out, cluster);
  out.one("process_resident_memory_bytes", "gauge", "Resident memory.", view.memory_bytes);
  out.one("process_cpu_seconds_total", "counter", "Processor time, of user and system.", view.cpu_seconds);
  return out.take();
}

}  // namespace hbmux::gateway
