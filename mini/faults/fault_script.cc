#include "mini/faults/fault_script.h"

#include "mini/faults/fault_text.h"

#include <algorithm>

namespace hbmux::mini {
namespace {

Result<ScriptLine> parse_line(std::span<const std::string> words, std::chrono::milliseconds before) {
  auto bad = [](const std::string& text) { return Error(Errc::invalid_argument, text); };
  ScriptLine line;
  std::string_view time = words.front();
  const bool relative = time.starts_with('+');
  if (relative) time.remove_prefix(1);
  std::chrono::microseconds at{};
  if (!read_duration(time, at) || at.count() < 0) return bad("\"" + words.front() + "\" is no time");
  line.at = std::chrono::duration_cast<std::chrono::milliseconds>(at);
  if (relative) line.at += before;
  if (words.size() < 2) return bad("there is nothing behind the time");
  if (words[1] != "heal") {
    auto fault = parse_fault(words.subspan(1));
    if (!fault) return fault.error();
    line.fault = std::move(*fault);
    return line;
  }
  line.heals = true;
  if (words.size() > 3) return bad("heal takes one name");
  if (words.size() == 3) {
    if (!fault_kind_of(words[2])) return bad("there is no fault \"" + words[2] + "\"");
    line.heals_only = words[2];
  }
  return line;
}

}  // namespace

Result<std::vector<ScriptLine>> parse_fault_script(std::string_view text) {
  std::vector<ScriptLine> lines;
  std::chrono::milliseconds before{0};
  int number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = std::min(text.find('\n'), text.size());
    const auto words = split_words(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (words && words->empty()) continue;
    auto line = words ? parse_line(*words, before) : Error(Errc::invalid_argument, "a quote is not closed");
    if (!line) {
      return Error(Errc::invalid_argument, "line " + std::to_string(number) + ": " + line.error().message());
    }
    before = line->at;
    lines.push_back(std::move(*line));
  }
  std::stable_sort(lines.begin(), lines.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  return lines;
}

}  // namespace hbmux::mini
