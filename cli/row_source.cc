#include "cli/row_source.h"

#include "cli/text.h"
#include "core/bytes.h"

#include <boost/json/src.hpp>

#include <charconv>
#include <istream>

namespace hbmux::cli {
namespace {

Error wrong(const std::string& what) { return Error(Errc::invalid_argument, what); }

bool parse_timestamp(std::string_view text, std::int64_t& out) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() && out >= 0;
}

Result<Column> column_of(std::string_view text) {
  auto column = Column::parse(text);
  if (column && !column->qualifier) return wrong("column \"" + std::string(text) + "\" has no qualifier: family:qualifier");
  return column;
}

// ---------------------------------------------------------------- fields between separators

class SeparatedRows final : public RowSource {
 public:
  SeparatedRows(std::istream& in, char separator) : in_(in), separator_(separator) {}

  Result<void> begin(const std::vector<std::string>& columns) {
    std::vector<std::string> names = columns;
    if (names.empty()) {
      auto record = read();
      if (!record) return wrong("the file is empty: it should begin with a header such as row,family:qualifier");
      if (!record->fields) return record->fields.error();
      names = std::move(*record->fields);
      header_ = std::move(record->text);
    }
    if (names == std::vector<std::string>{"row", "column", "timestamp", "value"}) {
      by_cell_ = true;
      return {};
    }
    if (names.empty() || names.front() != "row") return wrong("the first column should be \"row\", not \"" + (names.empty() ? "" : names.front()) + "\"");
    for (std::size_t i = 1; i < names.size(); ++i) {
      auto column = column_of(names[i]);
      if (!column) return column.error();
      columns_.push_back(std::move(*column));
    }
    if (columns_.empty()) return wrong("there are no columns beside \"row\"");
    return {};
  }

  std::optional<SourceRow> next() override {
    auto record = read();
    if (!record) return std::nullopt;
    return SourceRow{record->line, std::move(record->text), record->fields ? put_of(*record->fields) : record->fields.error()};
  }
  const std::string& header() const noexcept override { return header_; }

 private:
  struct Record {
    std::uint64_t line;
    std::string text;
    Result<std::vector<std::string>> fields;
  };

  /// The next record: a line, or several when a quoted field goes on. Empty lines are passed over.
  std::optional<Record> read() {
    std::string line;
    do {
      if (!std::getline(in_, line)) return std::nullopt;
      ++line_;
    } while (line.empty() || line == "\r");
    Record record{line_, line + "\n", std::vector<std::string>()};
    std::vector<std::string> fields(1);
    bool quoted = false;
    for (std::size_t i = 0;; ++i) {
      if (i == line.size()) {
        if (!quoted) break;
        if (!std::getline(in_, line)) {
          record.fields = wrong("a quoted field does not end");
          return record;
        }
        ++line_;
        record.text += line + "\n";
        fields.back() += '\n';
        i = static_cast<std::size_t>(-1);
      } else if (quoted && line[i] == '"') {
        if (i + 1 < line.size() && line[i + 1] == '"') {
          fields.back() += line[i++];
        } else {
          quoted = false;
        }
      } else if (quoted) {
        fields.back() += line[i];
      } else if (line[i] == separator_) {
        fields.emplace_back();
      } else if (line[i] == '"' && separator_ == ',' && fields.back().empty()) {
        quoted = true;
      } else if (line[i] != '\r' || i + 1 != line.size()) {
        fields.back() += line[i];
      }
    }
    record.fields = std::move(fields);
    return record;
  }

  Result<Put> put_of(const std::vector<std::string>& fields) const {
    return by_cell_ ? put_of_cell(fields) : put_of_row(fields);
  }

  Result<Put> put_of_row(const std::vector<std::string>& fields) const {
    if (fields.size() != columns_.size() + 1) {
      return wrong("it has " + std::to_string(fields.size()) + " fields, and should have " + std::to_string(columns_.size() + 1));
    }
    Put put(core::from_string_binary(fields[0]));
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (!fields[i + 1].empty()) put.add(columns_[i].family, *columns_[i].qualifier, core::from_string_binary(fields[i + 1]));
    }
    if (!put.problem().empty()) return wrong(put.problem());
    if (put.empty()) return wrong("it has no values");
    return put;
  }

  static Result<Put> put_of_cell(const std::vector<std::string>& fields) {
    std::int64_t timestamp = kLatestTimestamp;
    if (fields.size() != 4) return wrong("it has " + std::to_string(fields.size()) + " fields, and should have 4");
    if (!fields[2].empty() && !parse_timestamp(fields[2], timestamp)) return wrong("\"" + fields[2] + "\" is not a timestamp");
    auto column = column_of(fields[1]);
    if (!column) return column.error();
    Put put(core::from_string_binary(fields[0]));
    put.add(column->family, *column->qualifier, timestamp, core::from_string_binary(fields[3]));
    if (!put.problem().empty()) return wrong(put.problem());
    return put;
  }

  std::istream& in_;
  const char separator_;
  std::uint64_t line_ = 0;
  std::string header_;
  bool by_cell_ = false;
  std::vector<Column> columns_;
};

// ---------------------------------------------------------------- an object a line

namespace json = boost::json;

Result<std::string> text_of(const json::value& value) {
  if (value.is_string()) return core::from_string_binary(std::string_view(value.get_string()));
  if (value.is_object() || value.is_array() || value.is_null()) return wrong("a value is neither text nor a number");
  return json::serialize(value);
}

Result<void> add_cell(Put& put, const json::value& value) {
  if (!value.is_object()) return wrong("a cell is not an object");
  const json::object& cell = value.get_object();
  std::string parts[3];
  const char* const names[3] = {"family", "qualifier", "value"};
  for (int i = 0; i < 3; ++i) {
    const json::value* part = cell.if_contains(names[i]);
    if (part == nullptr) return wrong(std::string("a cell has no \"") + names[i] + "\"");
    auto text = text_of(*part);
    if (!text) return text.error();
    parts[i] = std::move(*text);
  }
  std::int64_t timestamp = kLatestTimestamp;
  if (const json::value* at = cell.if_contains("timestamp"); at != nullptr && !(at->is_int64() && (timestamp = at->get_int64()) >= 0)) {
    return wrong("a cell's \"timestamp\" is not a number of milliseconds");
  }
  put.add(parts[0], parts[1], timestamp, parts[2]);
  return {};
}

Result<Put> put_of_json(const std::string& line) {
  json::error_code ec;
  const json::value value = json::parse(line, ec);
  if (ec) return wrong("it is not JSON: " + ec.message());
  if (!value.is_object()) return wrong("it is not an object");
  const json::object& object = value.get_object();
  const json::value* row = object.if_contains("row");
  if (row == nullptr) return wrong("it has no \"row\"");
  auto name = text_of(*row);
  if (!name) return name.error();
  Put put(*name);
  for (const auto& [key, member] : object) {
    if (key == "row") continue;
    if (key == "cells" && member.is_array()) {
      for (const json::value& cell : member.get_array()) {
        if (auto added = add_cell(put, cell); !added) return added.error();
      }
      continue;
    }
    auto column = column_of(std::string_view(key.data(), key.size()));
    if (!column) return column.error();
    auto text = text_of(member);
    if (!text) return text.error();
    put.add(column->family, *column->qualifier, *text);
  }
  if (!put.problem().empty()) return wrong(put.problem());
  if (put.empty()) return wrong("it has no values");
  return put;
}

class JsonRows final : public RowSource {
 public:
  explicit JsonRows(std::istream& in) : in_(in) {}
  std::optional<SourceRow> next() override {
    std::string line;
    do {
      if (!std::getline(in_, line)) return std::nullopt;
      ++line_;
    } while (line.find_first_not_of(" \t\r") == std::string::npos);
    auto put = put_of_json(line);
    return SourceRow{line_, line + "\n", std::move(put)};
  }
  const std::string& header() const noexcept override { return none_; }

 private:
  std::istream& in_;
  std::uint64_t line_ = 0;
  const std::string none_;
};

}  // namespace

std::optional<RowFormat> row_format_of(const std::string& path) {
  const std::string_view end = std::string_view(path).substr(path.rfind('.') + 1);
  if (end == "csv") return RowFormat::csv;
  if (end == "tsv") return RowFormat::tsv;
  if (end == "jsonl" || end == "ndjson" || end == "json") return RowFormat::jsonl;
  return std::nullopt;
}

Result<std::unique_ptr<RowSource>> RowSource::open(std::istream& in, RowFormat format, const std::vector<std::string>& columns) {
  if (format == RowFormat::jsonl) {
    if (!columns.empty()) return wrong("--columns is for csv and tsv");
    return std::unique_ptr<RowSource>(std::make_unique<JsonRows>(in));
  }
  auto rows = std::make_unique<SeparatedRows>(in, format == RowFormat::csv ? ',' : '\t');
  if (auto begun = rows->begin(columns); !begun) return begun.error();
  return std::unique_ptr<RowSource>(std::move(rows));
}

}  // namespace hbmux::cli
