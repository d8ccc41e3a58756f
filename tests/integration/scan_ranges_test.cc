// Bounds, limits and directions of scans over many regions, each in every shape in which rows can come: whole, in batches, in answers too
// small for a row, in parts; blocking and asynchronous.
#include "tests/integration/cluster.h"

#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <cstdio>

namespace hbmux::integration {
namespace {

struct Shape {
  const char* name;
  bool batch = false, small = false, partial = false, asynchronous = false;
};

constexpr Shape kShapes[] = {{"whole"},
                             {"batch", true},
                             {"small", false, true},
                             {"partial", false, false, true},
                             {"batch and small", true, true},
                             {"all", true, true, true},
                             {"whole, asynchronous", false, false, false, true},
                             {"all, asynchronous", true, true, true, true}};

class ScanRanges : public ClusterTest {
 protected:
  static constexpr int kRows = 1000;

  void SetUp() override {
    ClusterTest::SetUp();
    if (IsSkipped()) return;
    std::vector<std::string> splits;
    for (int i = 111; i < 999; i += 111) splits.push_back(key(i));
    table_.emplace(connection().table(make_table(splits)));
    std::vector<Action> puts;
    for (int i = 0; i < kRows; ++i) {
      puts.emplace_back(Put(key(i)).add("f", "1", std::to_string(i)).add("f", "2", std::to_string(i * i)));
    }
    for (const auto& result : table_->batch(std::move(puts))) HBMUX_ASSERT_OK(result);
  }

  const Table& table() const { return *table_; }
  static std::string key(int i) {
    char text[8];
    std::snprintf(text, sizeof text, "%03d", i);
    return text;
  }
  static Scan between(int start, bool start_inclusive, int stop, bool stop_inclusive) {
    return Scan().start_row(key(start), start_inclusive).stop_row(key(stop), stop_inclusive);
  }
  static Result<std::optional<Row>> next(Scanner& scanner, const Shape& shape) {
    return shape.asynchronous ? scanner.async_next(boost::asio::use_future).get() : scanner.next();
  }

  /// The scan in this shape gives rows `first`, `first` + `step` ..., `count` of them, each with both of its cells. With `close_after` it
  /// ends after so many.
  void expect(Scan scan, int first, int count, int step, const Shape& shape, int close_after = 0) {
    if (shape.batch) scan.batch(1);
    if (shape.small) scan.max_result_size(1);
    scan.allow_partial_results(shape.partial);
    Scanner scanner = table_->scan(std::move(scan));
    int rows = 0;
    std::vector<std::string> values;
    for (;;) {
      const auto row = next(scanner, shape);
      HBMUX_ASSERT_OK(row);
      if (!*row) break;
      const int expected = first + rows * step;
      ASSERT_EQ((*row)->row(), key(expected)) << shape.name << ", row " << rows;
      for (const Cell& cell : **row) values.emplace_back(cell.value());
      if (!shape.batch && !shape.partial) {
        ASSERT_FALSE((*row)->partial()) << shape.name << ", row " << rows;
      }
      if ((*row)->partial()) continue;
      ASSERT_EQ(values, (std::vector<std::string>{std::to_string(expected), std::to_string(expected * expected)})) << shape.name;
      values.clear();
      if (++rows == close_after) break;
    }
    EXPECT_TRUE(values.empty()) << shape.name << ": a row without its end";
    EXPECT_EQ(rows, close_after != 0 ? std::min(count, close_after) : count) << shape.name;
  }
  void in_every_shape(const Scan& scan, int first, int count, int step = 1, int close_after = 0) {
    for (const Shape& shape : kShapes) expect(scan, first, count, step, shape, close_after);
  }

 private:
  std::optional<Table> table_;
};

TEST_F(ScanRanges, EverythingAndOpenEnds) {
  in_every_shape(Scan(), 0, kRows);
  in_every_shape(Scan().reversed(true), kRows - 1, kRows, -1);
  in_every_shape(Scan().start_row(key(345)), 345, kRows - 345);
  in_every_shape(Scan().start_row(key(765)).reversed(true), 765, 766, -1);
}

TEST_F(ScanRanges, BetweenTwoRows) {
  in_every_shape(between(1, true, 998, false), 1, 997);
  in_every_shape(between(123, true, 345, true), 123, 223);
  in_every_shape(between(234, true, 456, false), 234, 222);
  in_every_shape(between(345, false, 567, true), 346, 222);
  in_every_shape(between(456, false, 678, false), 457, 221);
}

TEST_F(ScanRanges, BetweenTwoRowsReversed) {
  in_every_shape(between(998, true, 1, false).reversed(true), 998, 997, -1);
  in_every_shape(between(543, true, 321, true).reversed(true), 543, 223, -1);
  in_every_shape(between(654, true, 432, false).reversed(true), 654, 222, -1);
  in_every_shape(between(765, false, 543, true).reversed(true), 764, 222, -1);
  in_every_shape(between(876, false, 654, false).reversed(true), 875, 221, -1);
}

TEST_F(ScanRanges, AtTheBordersOfRegions) {
  in_every_shape(between(222, true, 333, true), 222, 112);
  in_every_shape(between(333, true, 444, false), 333, 111);
  in_every_shape(between(444, false, 555, true), 445, 111);
  in_every_shape(between(555, false, 666, false), 556, 110);
  in_every_shape(between(333, true, 222, true).reversed(true), 333, 112, -1);
  in_every_shape(between(444, true, 333, false).reversed(true), 444, 111, -1);
  in_every_shape(between(555, false, 444, true).reversed(true), 554, 111, -1);
  in_every_shape(between(666, false, 555, false).reversed(true), 665, 110, -1);
}

TEST_F(ScanRanges, Limits) {
  in_every_shape(between(1, true, 998, false).limit(900), 1, 900);
  in_every_shape(between(123, true, 345, true).limit(100), 123, 100);
  in_every_shape(between(345, false, 567, true).limit(100), 346, 100);
  in_every_shape(between(998, true, 1, false).limit(900).reversed(true), 998, 900, -1);
  in_every_shape(between(543, true, 321, true).limit(100).reversed(true), 543, 100, -1);
  in_every_shape(between(876, false, 654, false).limit(100).reversed(true), 875, 100, -1);
}

TEST_F(ScanRanges, LimitsBeyondTheEnd) {
  in_every_shape(between(1, true, 998, false).limit(1000), 1, 997);
  in_every_shape(between(456, false, 678, false).limit(1000), 457, 221);
  in_every_shape(between(998, true, 1, false).limit(1000).reversed(true), 998, 997, -1);
  in_every_shape(between(765, false, 543, true).limit(1000).reversed(true), 764, 222, -1);
}

// Who stops early gets no more, and leaves nothing behind that a later scan would notice.
TEST_F(ScanRanges, EndedEarly) {
  in_every_shape(between(1, true, 998, false), 1, 997, 1, 900);
  in_every_shape(between(123, true, 234, true), 123, 112, 1, 100);
  in_every_shape(between(234, true, 456, false), 234, 222, 1, 100);
}

TEST_F(ScanRanges, OneRowOrNone) {
  in_every_shape(between(500, true, 500, true), 500, 1);
  in_every_shape(between(500, true, 500, false), 500, 0);
  in_every_shape(between(500, false, 500, true), 500, 0);
  in_every_shape(between(500, false, 500, false), 500, 0);
}

TEST_F(ScanRanges, AFamilyThatIsNotThere) {
  for (const Shape& shape : kShapes) {
    Scanner scanner = table().scan(Scan().family("none"));
    HBMUX_EXPECT_ERROR(next(scanner, shape), Errc::no_such_column_family);
  }
}

}  // namespace
}  // namespace hbmux::integration
