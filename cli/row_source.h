// Rows out of a file, one after another: csv, tsv, or an object a line.
#pragma once

#include <hbmux/error.h>
#include <hbmux/put.h>

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hbmux::cli {

enum class RowFormat { csv, tsv, jsonl };
/// By the file's name: .csv, .tsv, .jsonl, .ndjson, .json. Nothing for other names.
std::optional<RowFormat> row_format_of(const std::string& path);

/// A row of the file: what it says, or why it says nothing that makes sense.
struct SourceRow {
  std::uint64_t line = 0;  ///< Where it begins, from 1.
  std::string text;        ///< As it stands in the file, with the end of its last line.
  Result<Put> put;
};

/// Reads rows. Text may hold any byte as \xNN. Forms:
///   csv, tsv  a header (or `columns`) of "row" and columns "family:qualifier", then a line a row; an empty field is no cell. Fields may be
///             quoted (csv), with "" for a quote. Or the header "row,column,timestamp,value" and a line a cell, as `scan` writes it.
///   jsonl     {"row": "r", "family:qualifier": "value", ...}, or {"row": "r", "cells": [{"family", "qualifier", "timestamp", "value"}]}, as
///             `scan` writes it. Numbers, true and false are taken as text.
class RowSource {
 public:
  virtual ~RowSource() = default;
  /// Nothing at the end.
  virtual std::optional<SourceRow> next() = 0;
  /// What has to stand before rows that are written to another file; empty for nothing.
  virtual const std::string& header() const noexcept = 0;

  /// `columns`: empty to read them from the header.
  static Result<std::unique_ptr<RowSource>> open(std::istream& in, RowFormat format, const std::vector<std::string>& columns);
};

}  // namespace hbmux::cli
