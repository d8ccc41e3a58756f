#include "mini/store/comparator.h"

#include "core/bytes.h"
#include "mini/parse.h"
#include "mini/store/decimal.h"

#include <boost/regex.hpp>

#include <algorithm>
#include <string>

namespace hbmux::mini {
namespace {

class BinaryComparator : public Comparator {
 public:
  explicit BinaryComparator(std::string value) : value_(std::move(value)) {}
  int compare(std::string_view bytes) const override { return std::string_view(value_).compare(bytes); }

 protected:
  std::string value_;
};

class BinaryPrefixComparator final : public BinaryComparator {
 public:
  using BinaryComparator::BinaryComparator;
  int compare(std::string_view bytes) const override {
    return std::string_view(value_).compare(bytes.substr(0, value_.size()));
  }
};

class BinaryComponentComparator final : public BinaryComparator {
 public:
  BinaryComponentComparator(std::string value, std::size_t offset)
      : BinaryComparator(std::move(value)), offset_(offset) {}
  int compare(std::string_view bytes) const override {
    const std::string_view part = offset_ < bytes.size() ? bytes.substr(offset_, value_.size()) : std::string_view();
    return std::string_view(value_).compare(part);
  }

 private:
  std::size_t offset_;
};

class LongComparator final : public Comparator {
 public:
  explicit LongComparator(std::int64_t value) : value_(value) {}
  int compare(std::string_view bytes) const override {
    if (bytes.size() < 8) return 1;
    const auto other = core::load_be<std::int64_t>(bytes.data());
    return value_ < other ? -1 : value_ > other ? 1 : 0;
  }

 private:
  std::int64_t value_;
};

class BigDecimalComparator final : public BinaryComparator {
 public:
  using BinaryComparator::BinaryComparator;
  /// Where HBase would throw, the stored bytes are just not equal.
  int compare(std::string_view bytes) const override { return compare_decimals(value_, bytes).value_or(1); }
};

class BitComparator final : public BinaryComparator {
 public:
  BitComparator(std::string value, pb::BitComparator::BitwiseOp op) : BinaryComparator(std::move(value)), op_(op) {}
  int compare(std::string_view bytes) const override {
    if (bytes.size() != value_.size()) return 1;
    int bits = 0;
    for (std::size_t i = bytes.size(); i-- > 0 && bits == 0;) {
      const int a = static_cast<unsigned char>(value_[i]);
      const int b = static_cast<unsigned char>(bytes[i]);
      bits = op_ == pb::BitComparator::AND ? a & b : op_ == pb::BitComparator::OR ? a | b : a ^ b;
    }
    return bits == 0 ? 1 : 0;
  }

 private:
  pb::BitComparator::BitwiseOp op_;
};

class NullComparator final : public Comparator {
 public:
  int compare(std::string_view) const override { return 1; }
};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

class SubstringComparator final : public Comparator {
 public:
  explicit SubstringComparator(std::string_view part) : part_(lower(part)) {}
  int compare(std::string_view bytes) const override { return lower(bytes).find(part_) == std::string::npos ? 1 : 0; }

 private:
  std::string part_;
};

/// Boost's Perl syntax is close to Java's, and an expression that would run for ever ends with an exception.
class RegexComparator final : public Comparator {
 public:
  RegexComparator(boost::regex pattern, bool dot_is_all)
      : pattern_(std::move(pattern)),
        flags_(dot_is_all ? boost::regex_constants::match_default : boost::regex_constants::match_not_dot_newline) {}
  int compare(std::string_view bytes) const override {
    try {
      return boost::regex_search(bytes.begin(), bytes.end(), pattern_, flags_) ? 0 : 1;
    } catch (const std::runtime_error&) {
      return 1;
    }
  }

 private:
  boost::regex pattern_;
  boost::regex_constants::match_flags flags_;
};

Answer<std::unique_ptr<Comparator>> make_regex(const pb::RegexStringComparator& message) {
  constexpr int kCaseInsensitive = 2, kDotAll = 32;  // java.util.regex.Pattern
  boost::regex::flag_type syntax = boost::regex::perl;
  if ((message.pattern_flags() & kCaseInsensitive) != 0) syntax |= boost::regex::icase;
  try {
    return std::make_unique<RegexComparator>(boost::regex(message.pattern(), syntax),
                                             (message.pattern_flags() & kDotAll) != 0);
  } catch (const std::runtime_error&) {
    return exceptions::do_not_retry("java.util.regex.PatternSyntaxException: " + message.pattern());
  }
}

}  // namespace

RemoteException unknown_class(std::string_view class_name) {
  return exceptions::do_not_retry("java.lang.ClassNotFoundException: " + std::string(class_name));
}

RemoteException malformed(std::string_view class_name) {
  return exceptions::do_not_retry("java.lang.reflect.InvocationTargetException: " + std::string(class_name));
}

Answer<std::unique_ptr<Comparator>> make_comparator(const pb::Comparator& message) {
  std::string_view name = message.name();
  if (!name.starts_with(kFilterPackage)) return unknown_class(name);
  name.remove_prefix(kFilterPackage.size());
  using Made = std::unique_ptr<Comparator>;
  if (name == "BigDecimalComparator") {
    pb::BigDecimalComparator parsed;
    if (!parse(message.serialized_comparator(), parsed) || !compare_decimals(parsed.comparable().value(), parsed.comparable().value())) {
      return malformed(name);
    }
    return Made(std::make_unique<BigDecimalComparator>(parsed.comparable().value()));
  }
  if (name == "BinaryComparator") {
    pb::BinaryComparator parsed;
    if (!parse(message.serialized_comparator(), parsed)) return malformed(name);
    return Made(std::make_unique<BinaryComparator>(parsed.comparable().value()));
  }
  if (name == "BinaryPrefixComparator") {
    pb::BinaryPrefixComparator parsed;
    if (!parse(message.serialized_comparator(), parsed)) return malformed(name);
    return Made(std::make_unique<BinaryPrefixComparator>(parsed.comparable().value()));
  }
  if (name == "BinaryComponentComparator") {
    pb::BinaryComponentComparator parsed;
    if (!parse(message.serialized_comparator(), parsed)) return malformed(name);
    return Made(std::make_unique<BinaryComponentComparator>(parsed.value(), parsed.offset()));
  }
  if (name == "LongComparator") {
    pb::LongComparator parsed;
    if (!parse(message.serialized_comparator(), parsed) || parsed.comparable().value().size() != 8)
      return malformed(name);
    return Made(std::make_unique<LongComparator>(core::load_be<std::int64_t>(parsed.comparable().value().data())));
  }
  if (name == "BitComparator") {
    pb::BitComparator parsed;
    if (!parse(message.serialized_comparator(), parsed)) return malformed(name);
    return Made(std::make_unique<BitComparator>(parsed.comparable().value(), parsed.bitwise_op()));
  }
  if (name == "NullComparator") return Made(std::make_unique<NullComparator>());
  if (name == "SubstringComparator") {
    pb::SubstringComparator parsed;
    if (!parse(message.serialized_comparator(), parsed)) return malformed(name);
    return Made(std::make_unique<SubstringComparator>(parsed.substr()));
  }
  if (name == "RegexStringComparator") {
    pb::RegexStringComparator parsed;
    if (!parse(message.serialized_comparator(), parsed)) return malformed(name);
    return make_regex(parsed);
  }
  return unknown_class(message.name());
}

bool is_excluded(pb::CompareType op, int comparison) noexcept {
  switch (op) {
    case pb::LESS: return comparison <= 0;
    case pb::LESS_OR_EQUAL: return comparison < 0;
    case pb::EQUAL: return comparison != 0;
    case pb::NOT_EQUAL: return comparison == 0;
    case pb::GREATER_OR_EQUAL: return comparison > 0;
    case pb::GREATER: return comparison >= 0;
    case pb::NO_OP: return true;
  }
  return true;
}

}  // namespace hbmux::mini
