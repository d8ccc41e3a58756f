// Mutations of one request, reduced to what HBase can do in one step.
#include "gateway/row_change.h"

#include <gtest/gtest.h>

#include <sstream>

namespace hbmux::gateway {
namespace {

class RowChangeTest : public testing::Test {
 protected:
  void set(const std::string& family, const std::string& qualifier, std::int64_t micros, const std::string& value) {
    auto& cell = *mutations_.Add()->mutable_set_cell();
    cell.set_family_name(family);
    cell.set_column_qualifier(qualifier);
    cell.set_timestamp_micros(micros);
    cell.set_value(value);
  }
  void delete_row() { mutations_.Add()->mutable_delete_from_row(); }
  void delete_family(const std::string& family) { mutations_.Add()->mutable_delete_from_family()->set_family_name(family); }
  void delete_column(const std::string& family, const std::string& qualifier, std::int64_t start = 0, std::int64_t end = 0) {
    auto& column = *mutations_.Add()->mutable_delete_from_column();
    column.set_family_name(family);
    column.set_column_qualifier(qualifier);
    if (start == 0 && end == 0) return;
    column.mutable_time_range()->set_start_timestamp_micros(start);
    column.mutable_time_range()->set_end_timestamp_micros(end);
  }
  Answer<RowChange> change() { return RowChange::of("r", mutations_, schema_); }
  Code code() {
    const auto made = change();
    return made ? Code::ok : made.error().code;
  }

  /// What HBase is asked, cell by cell; "read" in front when the row has to be known.
  std::string text() {
    auto made = change();
    if (!made) return made.error().message;
    if (!made->needs_row()) return text_of(made->build(nullptr, 77));
    Put stored("r");
    for (const auto& [family, qualifier, millis] : stored_) stored.add(family, qualifier, millis, "");
    const std::string block = stored.cell_block();
    std::vector<Cell> cells;
    for (std::size_t at = 0; at < block.size();) {
      const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(block[at + i])); };
      const std::uint32_t size = byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
      Cell cell;
      EXPECT_TRUE(Cell::from_bytes(std::string_view(block).substr(at + 4, size), cell));
      cells.push_back(cell);
      at += 4 + size;
    }
    const Row row(std::make_shared<int>(), cells, true);
    return "read " + text_of(made->build(&row, 77));
  }

  static void add_text(std::ostream& out, const Mutation& mutation) {
    const std::string& block = mutation.cell_block();
    for (std::size_t at = 0; at < block.size();) {
      const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(block[at + i])); };
      const std::uint32_t size = byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
      Cell cell;
      EXPECT_TRUE(Cell::from_bytes(std::string_view(block).substr(at + 4, size), cell));
      out << ' ' << cell.family() << ':' << cell.qualifier() << '@';
      if (cell.timestamp() >= kLatestTimestamp - 2) {
        out << (cell.timestamp() == kLatestTimestamp ? "now" : cell.timestamp() == kLatestTimestamp - 1 ? "first" : "end");
      } else {
        out << cell.timestamp();
      }
      if (cell.type() == CellType::put) {
        out << '=' << cell.value();
      } else {
        out << '!' << to_string(cell.type());
      }
      at += 4 + size;
    }
  }
  static std::string text_of(const std::optional<RowChange::Request>& request) {
    if (!request) return "nothing";
    std::ostringstream out;
    if (const auto* put = std::get_if<Put>(&*request)) {
      out << "put";
      add_text(out, *put);
    } else if (const auto* deletes = std::get_if<Delete>(&*request)) {
      out << "delete";
      add_text(out, *deletes);
    } else if (const auto* increment = std::get_if<Increment>(&*request)) {
      out << "increment";
      add_text(out, *increment);
    } else {
      out << "both";
      for (const auto& part : std::get<RowMutations>(*request).changes()) std::visit([&](const auto& m) { add_text(out, m); }, part);
    }
    return out.str();
  }

  RowChange::Mutations mutations_;
  TableSchema schema_{{{"f", {true, false}}, {"g", {true, false}}}};
  std::vector<std::tuple<std::string, std::string, std::int64_t>> stored_;
};

TEST_F(RowChangeTest, PutsAreOnePut) {
  set("f", "q", 2000, "a");
  set("g", "q", -1, "b");
  EXPECT_EQ(text(), "put f:q@2=a g:q@now=b");
}

TEST_F(RowChangeTest, OfTwoPutsOfOneCellTheLaterStays) {
  set("f", "q", 2000, "first");
  set("f", "q", 1000, "other");
  set("f", "q", 2000, "second");
  EXPECT_EQ(text(), "put f:q@1=other f:q@2=second");
}

TEST_F(RowChangeTest, DeletesAreMarkersOverAllTimes) {
  delete_column("f", "q");
  EXPECT_EQ(text(), "delete f:@first!Delete f:q@end!DeleteColumn");
  delete_family("g");
  EXPECT_EQ(text(), "delete g:@end!DeleteFamily g:@end!DeleteColumn g:@first!Delete f:@first!Delete f:q@end!DeleteColumn");
  delete_row();
  EXPECT_EQ(text(), "delete f:@end!DeleteFamily f:@end!DeleteColumn f:@first!Delete g:@end!DeleteFamily g:@end!DeleteColumn g:@first!Delete");
}

TEST_F(RowChangeTest, APutBeforeADeleteNeverComesToBe) {
  set("f", "q", 1000, "gone");
  set("f", "p", 1000, "stays");
  delete_column("f", "q");
  EXPECT_EQ(text(), "both f:@first!Delete f:q@end!DeleteColumn f:p@1=stays");
}

TEST_F(RowChangeTest, TimesUpToAnEndAreOneMarker) {
  delete_column("f", "q", 0, 5000);
  EXPECT_EQ(text(), "delete f:@first!Delete f:q@4!DeleteColumn");
}

TEST_F(RowChangeTest, OneTimeIsOneVersion) {
  delete_column("f", "q", 4000, 5000);
  EXPECT_EQ(text(), "delete f:@first!Delete f:q@4!Delete");
}

TEST_F(RowChangeTest, TimesFromAStartAreReadFirst) {
  stored_ = {{"f", "q", 9}, {"f", "q", 5}, {"f", "q", 3}, {"f", "p", 5}};
  delete_column("f", "q", 4000, 9000);
  EXPECT_EQ(text(), "read delete f:@first!Delete f:q@5!Delete");
}

// A marker would hide the put that follows it: both have one sequence number.
TEST_F(RowChangeTest, APutBehindADeleteThatCoversItIsKept) {
  stored_ = {{"f", "q", 9}, {"f", "q", 5}, {"g", "q", 2}};
  delete_row();
  set("f", "q", 5000, "new");
  EXPECT_EQ(text(), "read both f:@first!Delete f:q@9!Delete g:@first!Delete g:q@2!Delete f:q@5=new");
}

TEST_F(RowChangeTest, APutOfNowIsNotHiddenByACellOfNow) {
  stored_ = {{"f", "q", 78}, {"f", "q", 77}};
  delete_row();
  set("f", "q", -1, "new");
  EXPECT_EQ(text(), "read both f:@first!Delete f:q@78!Delete f:q@77!Delete f:q@79=new");
}

TEST_F(RowChangeTest, WithoutOrderedDeletesCellsAreDeletedOneByOne) {
  schema_.families["f"].orders_deletes = false;
  stored_ = {{"f", "q", 9}, {"f", "q", 5}};
  delete_column("f", "q");
  EXPECT_EQ(text(), "read delete f:q@9!Delete f:q@5!Delete");
  stored_.clear();
  EXPECT_EQ(text(), "read nothing");
}

TEST_F(RowChangeTest, WhatCannotBeIsRefused) {
  set("unknown", "q", 0, "");
  EXPECT_EQ(code(), Code::not_found);
  mutations_.Clear();
  set("f", "q", 1500, "");
  EXPECT_EQ(code(), Code::invalid_argument);
  mutations_[0].set_timestamp_origin(bt::Mutation::CLIENT_AUTO_GENERATED);
  EXPECT_EQ(text(), "put f:q@1=") << "a time that the client's library made is cut";
  mutations_.Clear();
  set("f", "q", -2, "");
  EXPECT_EQ(code(), Code::invalid_argument);
  mutations_.Clear();
  delete_column("f", "q", 5000, 5000);
  EXPECT_EQ(code(), Code::invalid_argument);
  mutations_.Clear();
  mutations_.Add();
  EXPECT_EQ(code(), Code::invalid_argument);
  mutations_.Clear();
  EXPECT_EQ(RowChange::of("", {}, schema_).error().code, Code::invalid_argument);
}

// ---------------------------------------------------------------- sums

class SumChangeTest : public RowChangeTest {
 protected:
  SumChangeTest() { schema_.families["s"] = {true, true}; }
  void add(const std::string& family, const std::string& qualifier, std::int64_t micros, std::int64_t amount) {
    auto& addition = *mutations_.Add()->mutable_add_to_cell();
    addition.set_family_name(family);
    addition.mutable_column_qualifier()->set_raw_value(qualifier);
    addition.mutable_timestamp()->set_raw_timestamp_micros(micros);
    addition.mutable_input()->set_int_value(amount);
  }
  void merge(const std::string& qualifier, std::int64_t micros, const std::string& state) {
    auto& addition = *mutations_.Add()->mutable_merge_to_cell();
    addition.set_family_name("s");
    addition.mutable_column_qualifier()->set_raw_value(qualifier);
    addition.mutable_timestamp()->set_raw_timestamp_micros(micros);
    addition.mutable_input()->set_raw_value(state);
  }
  /// Of a time's eight bytes only the last one, which is turned around.
  static std::string stored(char time) { return std::string(7, '\xff') + static_cast<char>(~time); }
  static std::string number(char n) { return std::string(7, '\0') + n; }
};

TEST_F(SumChangeTest, AdditionsAreOneIncrement) {
  add("s", "q", 2000, 3);
  add("s", "q", 1000, 4);
  add("s", "p", 1000, 6);
  merge("q", 2000, number(5));
  EXPECT_EQ(text(), "increment s+sum:p" + stored(1) + "@now=" + number(6) + " s+sum:q" + stored(2) + "@now=" + number(8) + " s+sum:q" + stored(1) +
                        "@now=" + number(4));
}

TEST_F(SumChangeTest, BesidePutsAndDeletes) {
  set("f", "q", 1000, "v");
  add("s", "q", 1000, 1);
  delete_family("g");
  EXPECT_EQ(text(), "both g:@end!DeleteFamily g:@end!DeleteColumn g:@first!Delete f:q@1=v s+sum:q" + stored(1) + "@now=" + number(1));
}

TEST_F(SumChangeTest, DeletesBehindAnAdditionCoverIt) {
  add("s", "q", 1000, 1);
  delete_family("s");
  EXPECT_EQ(text(), "delete s+sum:@end!DeleteFamily s+sum:@end!DeleteColumn s+sum:@first!Delete");
}

TEST_F(SumChangeTest, ADeleteBeforeAnAdditionIsRefused) {
  delete_column("s", "q", 0, 5000);
  add("s", "q", 5000, 1);
  EXPECT_EQ(code(), Code::ok) << "another time";
  add("s", "q", 4000, 1);
  EXPECT_EQ(code(), Code::unimplemented);
}

// Which columns a delete covers is known when the row is: each time is one.
TEST_F(SumChangeTest, DeletesOfColumns) {
  stored_ = {{"s+sum", "p" + stored(1), 50}, {"s+sum", "q" + stored(1), 60}, {"s+sum", "q" + stored(1), 55}, {"s+sum", "q" + stored(9), 70}};
  delete_column("s", "q", 0, 5000);
  EXPECT_EQ(text(), "read delete s+sum:@first!Delete s+sum:q" + stored(1) + "@end!DeleteColumn");
}

TEST_F(SumChangeTest, WhatCannotBe) {
  const auto refused = [&](auto&& make) {
    mutations_.Clear();
    make();
    return code() == Code::invalid_argument;
  };
  EXPECT_TRUE(refused([&] { set("s", "q", 1000, "v"); }));
  EXPECT_TRUE(refused([&] { add("f", "q", 1000, 1); }));
  EXPECT_TRUE(refused([&] { add("s", "q", -1, 1); }));
  EXPECT_TRUE(refused([&] { add("s", "q", 1, 1); }));
  EXPECT_TRUE(refused([&] { merge("q", 1000, "short"); }));
  EXPECT_TRUE(refused([&] {
    add("s", "q", 1000, 1);
    mutations_[0].mutable_add_to_cell()->mutable_input()->set_float_value(1);
  }));
  EXPECT_TRUE(refused([&] {
    add("s", "q", 1000, 1);
    mutations_[0].mutable_add_to_cell()->clear_timestamp();
  }));
  mutations_.Clear();
  add("none", "q", 1000, 1);
  EXPECT_EQ(code(), Code::not_found);
}

// Neither the number of deletes nor of their ranges makes it slow.
TEST_F(RowChangeTest, ManyMutationsTakeNoLongTime) {
  for (int i = 0; i < 50000; ++i) {
    set("f", "q", i * 2000, "v");
    delete_column("f", "q", i * 2000 + 1000, i * 2000 + 2000);
  }
  EXPECT_TRUE(change());
  set("f", "q", 0, "");
  EXPECT_EQ(code(), Code::invalid_argument) << "more than 100,000";
}

}  // namespace
}  // namespace hbmux::gateway
