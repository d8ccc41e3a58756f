#include "gateway/pages.h"

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <vector>

namespace hbmux::gateway {
namespace {

constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="5"><meta name="viewport" content="width=device-width">
<title>hbmux gateway</title><style>
:root{color-scheme:light dark;--line:#8883;--dim:#888;--bad:#c33;--mark:#27a}
body{font:15px/1.45 system-ui,sans-serif;margin:0 auto;max-width:70rem;padding:1.2rem}
h1{font-size:1.35rem;margin:0}h2{font-size:1rem;margin:1.8rem 0 .4rem}
p{margin:.2rem 0}.dim{color:var(--dim)}.bad{color:var(--bad)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(10rem,1fr));gap:.7rem;margin-top:1rem}
.tile{border:1px solid var(--line);border-radius:.5rem;padding:.6rem .8rem}
.tile b{display:block;font-size:1.5rem;font-variant-numeric:tabular-nums}
svg{display:block;width:100%;height:2.2rem}polyline{fill:none;stroke:var(--mark);stroke-width:1.5;vector-effect:non-scaling-stroke}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .6rem;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
th{font-weight:600;color:var(--dim)}td.t,th.t{text-align:left}
</style></head><body>
)";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string with_digits(double value, int digits) {
  char text[48];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

/// "0.02", "4.5", "123", "45.6 k", "6.7 M"
std::string short_number(double value) {
  if (value >= 1e9) return with_digits(value / 1e9, 1) + " G";
  if (value >= 1e6) return with_digits(value / 1e6, 1) + " M";
  if (value >= 1e4) return with_digits(value / 1e3, 1) + " k";
  if (value >= 10 || value == static_cast<double>(static_cast<int>(value))) return with_digits(value, 0);
  return with_digits(value, value < 1 ? 2 : 1);
}

std::string age_text(std::chrono::seconds up) {
  const auto s = up.count();
  if (s < 120) return std::to_string(s) + " s";
  if (s < 7200) return std::to_string(s / 60) + " min";
  if (s < 172800) return std::to_string(s / 3600) + " h";
  return std::to_string(s / 86400) + " days";
}

class Html {
 public:
  Html& raw(std::string_view html) { return text_ += html, *this; }
  Html& text(std::string_view text) { return text_ += escaped(text), *this; }
  /// Columns whose name begins with '<' are text.
  void table(const std::vector<std::string_view>& columns, const std::vector<std::vector<std::string>>& rows) {
    raw("<div class=\"wide\"><table><tr>");
    for (const auto& column : columns) {
      const bool left = column.starts_with('<');
      raw(left ? "<th class=\"t\">" : "<th>").text(left ? column.substr(1) : column).raw("</th>");
    }
    raw("</tr>\n");
    for (const auto& row : rows) {
      raw("<tr>");
      for (std::size_t i = 0; i < row.size(); ++i) raw(columns[i].starts_with('<') ? "<td class=\"t\">" : "<td>").text(row[i]).raw("</td>");
      raw("</tr>\n");
    }
    raw("</table></div>\n");
  }
  void tile(std::string_view name, const std::string& value, const std::vector<double>& line = {}) {
    raw("<div class=\"tile\"><span class=\"dim\">").text(name).raw("</span><b>").text(value).raw("</b>");
    if (!line.empty()) {
      const double top = std::max(1.0, *std::max_element(line.begin(), line.end()));
      raw("<svg viewBox=\"0 0 100 20\" preserveAspectRatio=\"none\"><polyline points=\"");
      for (std::size_t i = 0; i < line.size(); ++i) {
        raw(with_digits(static_cast<double>(i) * 100 / static_cast<double>(line.size() - 1), 1) + "," + with_digits(19 - 18 * line[i] / top, 1) + " ");
      }
      raw("\"/></svg>");
    }
    raw("</div>\n");
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

void add_tiles(Html& out, const GatewayView& view) {
  const auto tile = [&](std::string_view name, auto number_of) {
    std::vector<double> line;
    double sum = 0;
    for (const auto& second : view.calls.seconds) sum += line.emplace_back(static_cast<double>(number_of(second)));
    out.tile(name, short_number(line.empty() ? 0 : sum / static_cast<double>(line.size())), line);
  };
  out.raw("<div class=\"tiles\">\n");
  tile("calls / s", [](const auto& second) { return second.calls; });
  tile("failed / s", [](const auto& second) { return second.failed; });
  tile("rows / s", [](const auto& second) { return second.rows; });
  tile("bytes / s", [](const auto& second) { return second.bytes; });
  std::int64_t in_flight = 0;
  for (const auto& method : view.calls.methods) in_flight += method.in_flight;
  out.tile("calls in flight", std::to_string(in_flight));
  out.tile("sockets to HBase", std::to_string(view.cluster.sockets_open()));
  out.tile("memory", short_number(static_cast<double>(view.memory_bytes)) + "B");
  out.raw("</div>\n<p class=\"dim\">Means and courses of the last minute.</p>\n");
}

void add_methods(Html& out, const GatewayView& view) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& method : view.calls.methods) {
    const auto calls = method.calls();
    if (calls == 0 && method.in_flight == 0) continue;
    const double mean = calls == 0 ? 0 : std::chrono::duration<double, std::milli>(method.duration).count() / static_cast<double>(calls);
    rows.push_back({method.name, std::to_string(calls), std::to_string(calls - method.by_code[0]), std::to_string(method.in_flight),
                    short_number(static_cast<double>(method.rows)), with_digits(mean, 2), with_digits(method.quantile_millis(0.5), 2),
                    with_digits(method.quantile_millis(0.99), 2)});
  }
  out.raw("<h2>Calls</h2>\n");
  if (rows.empty()) {
    out.raw("<p class=\"dim\">None yet.</p>\n");
  } else {
    out.table({"<method", "calls", "failed", "in flight", "rows", "mean ms", "p50 ms ≤", "p99 ms ≤"}, rows);
  }
}

void add_pools(Html& out, const ConnectionStatistics& cluster) {
  out.raw("<h2>Pools</h2>\n");
  std::vector<std::vector<std::string>> rows;
  for (const auto& pool : cluster.pools) {
    rows.push_back({pool.address, pool.service, pool.user, pool.type, std::to_string(pool.open) + " / " + (pool.size_max == 0 ? "∞" : std::to_string(pool.size_max)),
                    std::to_string(pool.in_use), std::to_string(pool.calls_in_flight), std::to_string(pool.waiting), std::to_string(pool.created),
                    std::to_string(pool.closed)});
  }
  out.table({"<server", "<service", "<user", "<type", "open / max", "in use", "calls", "waiting", "opened", "closed"}, rows);
  out.raw("<h2>Failed servers</h2>\n");
  if (cluster.failed_servers.empty()) out.raw("<p class=\"dim\">None.</p>\n");
  for (const auto& server : cluster.failed_servers) out.raw("<p class=\"bad\">").text(server).raw("</p>\n");
}

void add_slow(Html& out, const std::vector<CallReport>& calls) {
  out.raw("<h2>Slow calls</h2>\n");
  if (calls.empty()) {
    out.raw("<p class=\"dim\">None.</p>\n");
    return;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& call : calls) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(call.began).time_since_epoch().count() % 86400;
    char clock[16];
    std::snprintf(clock, sizeof clock, "%02d:%02d:%02d", static_cast<int>(seconds / 3600), static_cast<int>(seconds / 60 % 60), static_cast<int>(seconds % 60));
    rows.push_back({clock, std::string(call.method), call.table, call.peer, std::string(to_string(call.code)), short_number(static_cast<double>(call.rows)),
                    with_digits(std::chrono::duration<double>(call.duration).count(), 2)});
  }
  out.table({"<began (UTC)", "<method", "<table", "<client", "<status", "rows", "seconds"}, rows);
}

}  // namespace

std::string status_page(const GatewayView& view) {
  Html out;
  out.raw(kHead).raw("<h1>hbmux gateway</h1>\n<p class=\"dim\">Bigtable's API on ").text(view.address);
  out.raw(view.encrypted ? ", with TLS" : ", not encrypted").raw("; up for ").text(age_text(view.up)).raw("; <a href=\"/metrics\">metrics</a></p>\n");
  if (view.draining) out.raw("<p class=\"bad\">It is ending: no new calls are taken.</p>\n");
  add_tiles(out, view);
  add_methods(out, view);
  add_pools(out, view.cluster);
  const auto& cluster = view.cluster;
  out.raw("<p class=\"dim\">").text(std::to_string(cluster.calls)).raw(" calls to HBase, ").text(std::to_string(cluster.calls_failed));
  out.raw(" of them failed; ").text(std::to_string(cluster.retries)).raw(" retries; ").text(std::to_string(cluster.region_lookups));
  out.raw(" lookups in hbase:meta.</p>\n");
  add_slow(out, view.calls.slow);
  out.raw("</body></html>\n");
  return out.take();
}

}  // namespace hbmux::gateway
