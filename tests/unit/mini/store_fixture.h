// A region's store with short ways to write into it and to read it back as text.
#pragma once

#include "mini/store/region_scanner.h"
#include "mini/store/region_store.h"

#include <string>
#include <vector>

namespace hbmux::mini {

/// Families "f" (one version), "v" (three versions) and "w" (all versions).
class StoreFixture {
 public:
  StoreFixture() {
    add_family("f", 1);
    add_family("v", 3);
    add_family("w", 1000);
  }

  FamilySettings& add_family(const std::string& name, int versions) {
    FamilySettings& family = families[name];
    family.name = name;
    family.max_versions = versions;
    return family;
  }

  static Mutation put(std::string row, std::string_view family, std::string_view qualifier, std::string_view value,
                      std::int64_t timestamp = kLatestTimestamp, std::string_view tags = {}) {
    return with_cell(pb::MutationProto::PUT, std::move(row), family, qualifier, timestamp, CellType::put, value, tags);
  }
  static Mutation erase(std::string row, std::string_view family, std::string_view qualifier, CellType type,
                        std::int64_t timestamp = kLatestTimestamp) {
    return with_cell(pb::MutationProto::DELETE, std::move(row), family, qualifier, timestamp, type, {}, {});
  }
  static Mutation increment(std::string row, std::string_view family, std::string_view qualifier, std::int64_t amount) {
    std::string bytes;
    core::append_be(bytes, amount);
    return with_cell(pb::MutationProto::INCREMENT, std::move(row), family, qualifier, kLatestTimestamp, CellType::put,
                     bytes, {});
  }
  static Mutation append(std::string row, std::string_view family, std::string_view qualifier, std::string_view tail) {
    return with_cell(pb::MutationProto::APPEND, std::move(row), family, qualifier, kLatestTimestamp, CellType::put,
                     tail, {});
  }

  Answer<void> apply(Mutation mutation) { return apply(std::vector<Mutation>{std::move(mutation)}); }
  Answer<void> apply(std::vector<Mutation> mutations) {
    results.clear();
    return store.mutate_row(mutations, now, reader, results);
  }

  /// The row as "f:q@5=value f:r@7=other".
  std::string get(const pb::Get& get) {
    ReadSpec spec;
    if (auto made = read_spec_of(get, families, store.name(), now, spec); !made) return made.error().class_name;
    RowCells cells;
    store.get(get.row(), spec, reader, cells);
    return text(cells.cells);
  }
  std::string get(std::string row, int versions = 1) {
    pb::Get message;
    message.set_row(std::move(row));
    message.set_max_versions(static_cast<std::uint32_t>(versions));
    return get(message);
  }

  static std::string text(std::span<const StoredCell* const> cells, bool with_row = false) {
    std::string out;
    for (const StoredCell* cell : cells) {
      if (!out.empty()) out += ' ';
      if (with_row) out.append(cell->row()).append("/");
      out.append(cell->family())
          .append(":")
          .append(cell->qualifier())
          .append("@")
          .append(std::to_string(cell->timestamp()));
      if (cell->is_delete()) {
        out.append("!").append(std::to_string(static_cast<int>(cell->type())));
      } else {
        out.append("=").append(cell->value());
      }
    }
    return out;
  }

  Families families;
  RegionStore store{families, "t,,1.0123456789abcdef0123456789abcdef."};
  RowReader reader;
  RowCells results;
  std::int64_t now = 1000;

 private:
  static Mutation with_cell(pb::MutationProto::MutationType type, std::string row, std::string_view family,
                            std::string_view qualifier, std::int64_t timestamp, CellType cell_type,
                            std::string_view value, std::string_view tags) {
    Mutation mutation;
    mutation.type = type;
    mutation.row = std::move(row);
    mutation.cells.push_back(StoredCell::make(mutation.row, family, qualifier, timestamp, cell_type, value, tags));
    return mutation;
  }
};

}  // namespace hbmux::mini
