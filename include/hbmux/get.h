// Reads one row.
#pragma once

#include <hbmux/query.h>

#include <string>
#include <string_view>
#include <utility>

namespace hbmux {

/// `Get("u42").family("info")`. Without families or columns the whole row is read. The setters are those of QuerySetters.
class Get : public QuerySetters<Get> {
 public:
  explicit Get(std::string_view row);

  const std::string& row() const noexcept { return row_; }
  bool checks_existence_only() const noexcept { return checks_existence_only_; }

  /// Only Row::exists() of the answer counts; no cells travel.
  Get& check_existence_only(bool yes) & { return checks_existence_only_ = yes, *this; }
  Get&& check_existence_only(bool yes) && { return std::move(check_existence_only(yes)); }

 private:
  std::string row_;
  bool checks_existence_only_ = false;
};

}  // namespace hbmux
