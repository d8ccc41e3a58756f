#include <hbmux/table_name.h>

#include <clocale>
#include <cwctype>
#include <optional>

#include <locale.h>

namespace hbmux {
namespace {

constexpr std::string_view kDefaultNamespace = "default";

/// One character of UTF-8 at `at`, which is moved behind it; nothing when the bytes are none.
std::optional<char32_t> next_character(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  std::size_t length = 0;
  if (first < 0x80) length = 1;
  if (first >= 0xc2 && first < 0xe0) length = 2;
  if (first >= 0xe0 && first < 0xf0) length = 3;
  if (first >= 0xf0 && first < 0xf5) length = 4;
  if (length == 0 || at + length > text.size()) return std::nullopt;
  char32_t code = length == 1 ? first : first & (0xffu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xc0) != 0x80) return std::nullopt;
    code = code << 6 | (byte(at + i) & 0x3f);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  if (overlong || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff) return std::nullopt;
  at += length;
  return code;
}

/// Letters and digits of any script. Java looks at UTF-16 units, so that nothing above U+FFFF counts as a letter.
bool is_letter_or_digit(char32_t code) {
  if (code < 0x80) return (code >= '0' && code <= '9') || (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
  if (code > 0xffff) return false;
  static const locale_t unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  // On a system without that locale the server decides.
  return unicode == nullptr || iswalnum_l(static_cast<wint_t>(code), unicode) != 0;
}

Result<void> check_part(std::string_view part, std::string_view what, std::string_view also_allowed) {
  auto bad = [&](const std::string& why) { return Error(Errc::invalid_argument, std::string(what) + " " + why); };
  if (part.empty()) return bad("is empty");
  if (part == "zookeeper") return bad("may not be \"zookeeper\", which ZooKeeper keeps for itself");
  if (part[0] == '.' || part[0] == '-') return bad("may not begin with '" + std::string(1, part[0]) + "'");
  for (std::size_t at = 0; at < part.size();) {
    const std::size_t begin = at;
    const auto code = next_character(part, at);
    if (!code) return bad("is not UTF-8 at byte " + std::to_string(begin));
    const bool allowed = is_letter_or_digit(*code) ||
                         (*code < 0x80 && also_allowed.find(static_cast<char>(*code)) != std::string_view::npos);
    if (!allowed) return bad("may not have the character at byte " + std::to_string(begin));
  }
  return {};
}

}  // namespace

Result<TableName> TableName::parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  TableName name;
  name.namespace_ = colon == std::string_view::npos ? kDefaultNamespace : text.substr(0, colon);
  name.qualifier_ = colon == std::string_view::npos ? text : text.substr(colon + 1);
  auto checked = check_part(name.namespace_, "its namespace", "_");
  if (checked) checked = check_part(name.qualifier_, colon == std::string_view::npos ? "it" : "its qualifier", "_-.");
  if (!checked) {
    return Error(Errc::invalid_argument,
                 "\"" + std::string(text) + "\" is no table name: " + checked.error().message());
  }
  name.name_ = name.namespace_ == kDefaultNamespace ? name.qualifier_ : name.namespace_ + ":" + name.qualifier_;
  return name;
}

const TableName& TableName::meta() {
  static const TableName kMeta = parse("hbase:meta").value();
  return kMeta;
}

}  // namespace hbmux
