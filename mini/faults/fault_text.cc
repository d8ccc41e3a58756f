// The text form of a fault: NAME [FIELD=VALUE]...
#include "mini/faults/fault_text.h"

#include "core/bytes.h"

#include <algorithm>
#include <charconv>

namespace hbmux::mini {
namespace {

using Kind = Fault::Kind;

constexpr std::pair<Kind, std::string_view> kNames[] = {
    {Kind::refuse, "refuse"},
    {Kind::reset, "reset"},
    {Kind::cut, "cut"},
    {Kind::half_close, "half-close"},
    {Kind::stall, "stall"},
    {Kind::delay, "delay"},
    {Kind::reorder, "reorder"},
    {Kind::drop, "drop"},
    {Kind::slow_meta, "slow-meta"},
    {Kind::exception, "exception"},
    {Kind::queue_full, "queue-full"},
    {Kind::throttle, "throttle"},
    {Kind::too_busy, "too-busy"},
    {Kind::region_exception, "region-exception"},
    {Kind::load, "load"},
    {Kind::move, "move"},
    {Kind::split, "split"},
    {Kind::merge, "merge"},
    {Kind::kill, "kill"},
    {Kind::start, "start"},
    {Kind::restart, "restart"},
    {Kind::clock, "clock"},
    {Kind::wrong_meta, "wrong-meta"},
    {Kind::unresolvable_meta, "unresolvable-meta"},
    {Kind::missing_meta, "missing-meta"},
    {Kind::replica_lag, "replica-lag"},
    {Kind::expire_scanners, "expire-scanners"},
    {Kind::mix, "mix"},
};

Error bad(const std::string& text) { return Error(Errc::invalid_argument, "fault: " + text); }

std::string in_quotes(std::string_view text) {
  if (!text.empty() && text.find_first_of(" \t\"\\#") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string text_of(std::chrono::microseconds time) {
  if (time.count() % 1'000'000 == 0) return std::to_string(time.count() / 1'000'000) + "s";
  if (time.count() % 1'000 == 0) return std::to_string(time.count() / 1'000) + "ms";
  return std::to_string(time.count()) + "us";
}

template <class Number>
bool read_number(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::optional<std::vector<std::string>> split_words(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  bool in_quotes = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (in_quotes && c == '\\' && i + 1 < line.size()) {
      word += line[++i];
    } else if (c == '"') {
      in_quotes = !in_quotes;
      in_word = true;
    } else if (!in_quotes && c == '#' && !in_word) {
      break;  // a comment
    } else if (!in_quotes && (c == ' ' || c == '\t' || c == '\r')) {
      if (in_word) words.push_back(std::move(word));
      word.clear();
      in_word = false;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (in_quotes) return std::nullopt;
  if (in_word) words.push_back(std::move(word));
  return words;
}

bool read_duration(std::string_view text, std::chrono::microseconds& out) {
  static constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {
      {"us", 1}, {"ms", 1'000}, {"s", 1'000'000}, {"m", 60'000'000}, {"h", 3'600'000'000}, {"d", 86'400'000'000}};
  const std::size_t unit_at = text.find_last_of("-.0123456789") + 1;
  const std::string_view number = text.substr(0, unit_at);
  const std::string_view unit = text.substr(unit_at);
  double amount = 0;
  if (number.empty() || !read_number(number, amount) || amount > 1e6 || amount < -1e6) return false;
  if (unit.empty() && amount == 0) return out = {}, true;
  for (const auto& [name, microseconds] : kUnits) {
    if (unit == name) {
      out = std::chrono::microseconds(static_cast<std::int64_t>(amount * static_cast<double>(microseconds)));
      return true;
    }
  }
  return false;
}

std::string_view name_of(Kind kind) {
  for (const auto& [each, name] : kNames) {
    if (each == kind) return name;
  }
  return "?";
}

std::optional<Kind> fault_kind_of(std::string_view name) {
  for (const auto& [kind, each] : kNames) {
    if (each == name) return kind;
  }
  return std::nullopt;
}

namespace {

/// False when the value is not one for that field; `known` when there is such a field.
bool set_field(Fault& fault, std::string_view field, const std::string& value, bool& known) {
  auto microseconds = [&](std::chrono::microseconds& out) {
    return read_duration(value, out) && out >= std::chrono::microseconds::zero();
  };
  auto milliseconds = [&](std::chrono::milliseconds& out, bool negative = false) {
    std::chrono::microseconds time{};
    if (!read_duration(value, time) || (!negative && time.count() < 0)) return false;
    out = std::chrono::duration_cast<std::chrono::milliseconds>(time);
    return true;
  };
  auto boolean = [&](bool& out, std::string_view yes = "true", std::string_view no = "false") {
    out = value == yes;
    return value == yes || value == no;
  };
  auto percent = [&](int& out) { return read_number(std::string_view(value), out) && out >= 0 && out <= 100; };
  known = true;
  if (field == "server") {
    fault.server = value;
    return server_index_of(value).has_value();
  }
  if (field == "to") {
    fault.to = value;
    return server_index_of(value).value_or(-1) >= 0;
  }
  if (field == "table") return fault.table = value, !value.empty();
  if (field == "row") return fault.row = core::from_string_binary(value), true;
  if (field == "method") return fault.method = value, !value.empty();
  if (field == "rate") return read_number(std::string_view(value), fault.rate) && fault.rate >= 0 && fault.rate <= 1;
  if (field == "after") return read_number(std::string_view(value), fault.after);
  if (field == "times") return read_number(std::string_view(value), fault.times) && fault.times > 0;
  if (field == "for") return milliseconds(fault.lasts);
  if (field == "seed") return read_number(std::string_view(value), fault.seed);
  if (field == "min") return microseconds(fault.min);
  if (field == "max") return microseconds(fault.max);
  if (field == "window") {
    return read_number(std::string_view(value), fault.window) && fault.window > 0 && fault.window <= 10'000;
  }
  if (field == "class") return fault.class_name = value, !value.empty();
  if (field == "message") return fault.message = value, true;
  if (field == "do-not-retry") return boolean(fault.do_not_retry);
  if (field == "applied") return boolean(fault.applied);
  if (field == "wait") return milliseconds(fault.wait);
  if (field == "by") return milliseconds(fault.by, true);
  if (field == "memory" && fault.kind == Kind::load) return percent(fault.memory);
  if (field == "memory") return boolean(fault.keeps_memory, "keep", "lose");
  if (field == "heap") return percent(fault.heap);
  if (field == "compactions") return percent(fault.compactions);
  if (field == "replica") {
    return read_number(std::string_view(value), fault.replica) && fault.replica > 0 && fault.replica <= 0xffff;
  }
  if (field == "reassign") return milliseconds(fault.reassign);
  if (field == "of") {
    fault.of.clear();
    for (std::size_t at = 0; at <= value.size();) {
      const std::size_t comma = std::min(value.find(',', at), value.size());
      fault.of.push_back(value.substr(at, comma - at));
      at = comma + 1;
    }
    return true;
  }
  known = false;
  return false;
}

}  // namespace

Result<Fault> parse_fault(std::span<const std::string> words) {
  if (words.empty()) return bad("no name");
  const auto kind = fault_kind_of(words.front());
  if (!kind) return bad("there is no \"" + words.front() + "\"");
  Fault fault;
  fault.kind = *kind;
  for (const std::string& word : words.subspan(1)) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) return bad("\"" + word + "\" is not FIELD=VALUE");
    bool known = false;
    if (!set_field(fault, std::string_view(word).substr(0, equals), word.substr(equals + 1), known)) {
      return bad(known ? "\"" + word + "\" has a value that does not fit"
                       : "there is no field \"" + word.substr(0, equals) + "\"");
    }
  }
  if (auto fits = check_fault(fault); !fits) return fits.error();
  return fault;
}

Result<Fault> Fault::parse(std::string_view text) {
  const auto words = split_words(text);
  if (!words) return bad("a quote is not closed");
  return parse_fault(*words);
}

Result<void> check_fault(const Fault& fault) {
  const std::string name(name_of(fault.kind));
  if (!(fault.rate >= 0 && fault.rate <= 1)) return bad("rate is a probability");
  if (!fault.server.empty() && !server_index_of(fault.server))
    return bad("there is no server \"" + fault.server + "\"");
  if (fault.max < fault.min && fault.max.count() != 0) return bad("max is less than min");
  if (is_lasting(fault.kind) && !fault.method.empty()) return bad(name + " does not wait for a call");
  if (server_index_of(fault.server) == kZooKeeperServer && changes_answer(fault.kind)) {
    return bad("ZooKeeper does not answer with " + name);
  }
  auto needs = [&](bool there, const char* field) -> Result<void> {
    if (there) return {};
    return bad(name + " needs " + field);
  };
  switch (fault.kind) {
    case Kind::delay:
    case Kind::slow_meta: return needs(fault.min.count() > 0 || fault.max.count() > 0, "min or max");
    case Kind::exception: return needs(!fault.class_name.empty(), "class");
    case Kind::region_exception:
      if (fault.do_not_retry) return bad(name + " has no do-not-retry: in a Multi, clients tell by the class");
      if (!fault.method.empty() && fault.method != "Multi") return bad(name + " is for method=Multi");
      return needs(!fault.class_name.empty(), "class");
    case Kind::load:
      return needs(fault.memory > 0 || fault.heap > 0 || fault.compactions > 0, "memory, heap or compactions");
    case Kind::replica_lag: return needs(fault.by.count() > 0, "by");
    case Kind::clock: return needs(fault.by.count() != 0, "by");
    case Kind::move:
    case Kind::split:
    case Kind::merge:
    case Kind::wrong_meta:
    case Kind::unresolvable_meta:
    case Kind::missing_meta: return needs(!fault.table.empty(), "table");
    case Kind::kill:
    case Kind::start:
    case Kind::restart: return needs(server_index_of(fault.server).value_or(-1) >= 0, "server=rsN");
    case Kind::mix:
      for (const std::string& each : fault.of) {
        const auto kind = fault_kind_of(each);
        if (!kind || !is_mixable(*kind)) return bad("\"" + each + "\" cannot be mixed");
      }
      return {};
    default: return {};
  }
}

std::string Fault::to_string() const {
  std::string text(name_of(kind));
  const Fault defaults;
  auto add = [&text](std::string_view field, const std::string& value) {
    text.append(1, ' ').append(field).append(1, '=').append(in_quotes(value));
  };
  auto number = [](double value) {
    char digits[32] = {};
    std::to_chars(digits, digits + sizeof digits - 1, value);
    return std::string(digits);
  };
  if (!server.empty()) add("server", server);
  if (!table.empty()) add("table", table);
  if (!row.empty()) add("row", core::to_string_binary(row));
  if (!method.empty()) add("method", method);
  if (rate != 1) add("rate", number(rate));
  if (after != 0) add("after", std::to_string(after));
  if (times != 0) add("times", std::to_string(times));
  if (lasts.count() != 0) add("for", text_of(lasts));
  if (seed != 0) add("seed", std::to_string(seed));
  if (min.count() != 0) add("min", text_of(min));
  if (max.count() != 0) add("max", text_of(max));
  if (window != defaults.window) add("window", std::to_string(window));
  if (!class_name.empty()) add("class", class_name);
  if (!message.empty()) add("message", message);
  if (do_not_retry) add("do-not-retry", "true");
  if (applied) add("applied", "true");
  if (wait != defaults.wait) add("wait", text_of(wait));
  if (by.count() != 0) add("by", text_of(by));
  if (keeps_memory) add("memory", "keep");
  if (replica != 0) add("replica", std::to_string(replica));
  if (memory != 0) add("memory", std::to_string(memory));
  if (heap != 0) add("heap", std::to_string(heap));
  if (compactions != 0) add("compactions", std::to_string(compactions));
  if (reassign != defaults.reassign) add("reassign", text_of(reassign));
  if (!to.empty()) add("to", to);
  std::string kinds;
  for (const std::string& each : of) kinds += (kinds.empty() ? "" : ",") + each;
  if (!of.empty()) add("of", kinds);
  return text;
}

std::optional<int> server_index_of(std::string_view name) {
  if (name == "master") return kMasterServer;
  if (name == "zookeeper") return kZooKeeperServer;
  int index = 0;
  if (!name.starts_with("rs") || !read_number(name.substr(2), index) || index < 0) return std::nullopt;
  return index;
}

}  // namespace hbmux::mini
