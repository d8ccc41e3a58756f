// What servers leave out of the answer to a Get or a Scan.
#pragma once

#include <hbmux/error.h>

#include <memory>
#include <string>
#include <string_view>

namespace hbmux {

/// A filter, as the server will make it: the name of its Java class and its serialized form. `<hbmux/filters.h>` has those of HBase;
/// `Filter(class_name, bytes)` is one that was installed at the servers; parse() reads the text form. Cheap to copy: copies share the bytes,
/// which do not change. A value type; distinct objects may be used from distinct threads.
class Filter {
 public:
  Filter(std::string class_name, std::string serialized);

  const std::string& class_name() const noexcept { return content_->class_name; }
  const std::string& serialized() const noexcept { return content_->serialized; }
  /// What is wrong with it, or with one inside it; told when an operation with it is executed. Empty when nothing is.
  const std::string& problem() const noexcept { return content_->problem; }
  /// The class without its package, such as "PrefixFilter".
  std::string_view simple_name() const noexcept;
  bool operator==(const Filter& other) const noexcept;

  /// The text form of the HBase shell and of Thrift (ParseFilter.java):
  ///
  ///     SingleColumnValueFilter('f', 'q', =, 'binary:x') AND (PageFilter(10) OR SKIP ValueFilter(!=, 'substring:a'))
  ///
  /// SKIP and WHILE bind tightest, then AND, then OR; a quote inside quotes is doubled. Errc::invalid_argument names the position
  /// (counted from 1) and what was expected there. Unlike HBase's parser it accepts `(A OR B AND C)`.
  static Result<Filter> parse(std::string_view text);

 protected:
  /// One of HBase's own.
  Filter(std::string_view simple_name, std::string serialized, std::string problem);
  void replace(std::string serialized);

 private:
  struct Content {
    std::string class_name;
    std::string serialized;
    std::string problem;
  };
  std::shared_ptr<const Content> content_;
};

}  // namespace hbmux
