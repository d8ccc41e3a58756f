// How HBase's requests become Bigtable's, and its answers HBase's.
#include "bigtable/call_status.h"
#include "bigtable/changes.h"
#include "bigtable/family_rules.h"
#include "bigtable/filters.h"
#include "bigtable/headers.h"
#include "bigtable/read_request.h"
#include "bigtable/regex.h"
#include "bigtable/rows.h"
#include "tests/support/result_assertions.h"

#include <hbmux/filters.h>

#include <hbmux/bt/rpc/details.pb.h>
#include <hbmux/bt/rpc/status.pb.h>

#include <gtest/gtest.h>

#include <string>

namespace hbmux::bigtable {
namespace {

using namespace std::chrono_literals;

TEST(BigtableRows, AreSortedAndHaveEachCellOnce) {
  MergedRow merged{"r", {{"g", "a", 3000, {}, "1"}, {"f", "b", 2000, {}, "2"}, {"f", "b", 5999, {}, "3"}, {"f", "b", 2000, {}, "2"}}, 0};
  const auto row = row_of(std::move(merged));
  HBMUX_ASSERT_OK(row);
  ASSERT_EQ(row->size(), 3u);
  EXPECT_EQ((*row)[0].value(), "3");
  EXPECT_EQ((*row)[0].timestamp(), 5);
  EXPECT_EQ((*row)[1].value(), "2");
  EXPECT_EQ((*row)[2].family(), "g");
  EXPECT_EQ(row->value("f", "b"), "3");
  EXPECT_TRUE(row->exists());
}

TEST(BigtableRows, TimesBeforeTheEpochRoundDown) {
  const auto row = row_of({"r", {{"f", "q", -1, {}, "v"}}, 0});
  HBMUX_ASSERT_OK(row);
  EXPECT_EQ((*row)[0].timestamp(), -1);
}

TEST(BigtableRows, NamesThatAreTooLongAreErrors) {
  HBMUX_EXPECT_ERROR(row_of({"r", {{std::string(200, 'f'), "q", 0, {}, "v"}}, 0}), Errc::protocol_error);
  HBMUX_EXPECT_ERROR(row_of({std::string(40'000, 'r'), {{"f", "q", 0, {}, "v"}}, 0}), Errc::protocol_error);
}

TEST(BigtableChanges, Puts) {
  MutationList out;
  HBMUX_ASSERT_OK(append(Put("r").add("f", "a", "1").add("f", "b", 7, "2"), 1234, out));
  ASSERT_EQ(out.size(), 2);
  EXPECT_EQ(out[0].set_cell().timestamp_micros(), 1'234'000);
  EXPECT_EQ(out[1].set_cell().timestamp_micros(), 7000);
  EXPECT_EQ(out[1].set_cell().value(), "2");
  out.Clear();
  HBMUX_ASSERT_OK(append(Put("r").add("f", "a", "1"), std::nullopt, out));
  EXPECT_EQ(out[0].set_cell().timestamp_micros(), -1);
}

TEST(BigtableChanges, Deletes) {
  MutationList out;
  HBMUX_ASSERT_OK(append(Delete("r").add_columns("f", "a").add_columns("f", "b", 5).add_column("f", "c", 6).add_family("g"), out));
  ASSERT_EQ(out.size(), 4);
  EXPECT_FALSE(out[0].delete_from_column().has_time_range());
  EXPECT_EQ(out[1].delete_from_column().time_range().start_timestamp_micros(), 0);
  EXPECT_EQ(out[1].delete_from_column().time_range().end_timestamp_micros(), 6000);
  EXPECT_EQ(out[2].delete_from_column().time_range().start_timestamp_micros(), 6000);
  EXPECT_EQ(out[2].delete_from_column().time_range().end_timestamp_micros(), 7000);
  EXPECT_EQ(out[3].delete_from_family().family_name(), "g");
}

TEST(BigtableChanges, WhatHasNoCounterpart) {
  MutationList out;
  RuleList rules;
  HBMUX_EXPECT_ERROR(append(Put("r").add("f", "q", "v").ttl(1s), 1, out), Errc::unsupported);
  HBMUX_EXPECT_ERROR(append(Put("r").add("f", "q", "v").attribute("x", "y"), 1, out), Errc::unsupported);
  HBMUX_EXPECT_OK(append(Put("r").add("f", "q", "v").id("x").durability(Durability::skip_wal), 1, out));
  HBMUX_EXPECT_ERROR(append(Put("r").add("f", "q", INT64_MAX / 1000 + 1, "v"), 1, out), Errc::unsupported);
  HBMUX_EXPECT_ERROR(append(Delete("r").add_family_version("f", 5), out), Errc::unsupported);
  HBMUX_EXPECT_ERROR(append(Increment("r").add("f", "q", 1).time_range(1, 2), rules), Errc::unsupported);
}

TEST(BigtableFilters, QuotesAreForRe2) {
  EXPECT_EQ(exactly("aZ09_"), "aZ09_");
  EXPECT_EQ(exactly("a.b"), "a\\.b");
  EXPECT_EQ(exactly(std::string("\0\n\xff", 3)), "\\x00\\\n\xff");
}

bt::ReadRowsRequest asked(const Scan& scan) { return read_request_of(scan).value().value(); }

TEST(BigtableFilters, WhatAScanSays) {
  const auto request = asked(Scan().start_row("a").stop_row("c").limit(5).column("f", "q").versions(2));
  EXPECT_EQ(request.rows().row_ranges(0).start_key_closed(), "a");
  EXPECT_EQ(request.rows().row_ranges(0).end_key_open(), "c");
  EXPECT_EQ(request.rows_limit(), 5);
  ASSERT_EQ(request.filter().chain().filters_size(), 2);
  EXPECT_EQ(request.filter().chain().filters(0).column_range_filter().start_qualifier_closed(), "q");
  EXPECT_EQ(request.filter().chain().filters(1).cells_per_column_limit_filter(), 2);
  EXPECT_FALSE(asked(Scan().all_versions()).has_filter());
}

TEST(BigtableFilters, RowsMeetThoseOfTheFilter) {
  const auto request = asked(Scan().start_row("b").stop_row("z").filter(PrefixFilter("ba")));
  ASSERT_EQ(request.rows().row_ranges_size(), 1);
  EXPECT_EQ(request.rows().row_ranges(0).start_key_closed(), "ba");
  EXPECT_EQ(request.rows().row_ranges(0).end_key_open(), "bb");
  EXPECT_FALSE(read_request_of(Scan().start_row("c").filter(PrefixFilter("ba"))).value());
  EXPECT_EQ(asked(Scan().limit(9).filter(PageFilter(3))).rows_limit(), 3);
}

TEST(BigtableFilters, RowsWithinAnOrAreSaidSo) {
  const FilterList either(FilterList::Operator::must_pass_one, {InclusiveStopFilter("a"), KeyOnlyFilter()});
  HBMUX_EXPECT_ERROR(read_request_of(Scan().filter(either)), Errc::unsupported);
}

TEST(BigtableFilters, UnknownOnesAreNamed) {
  const auto request = read_request_of(Scan().filter(Filter("com.example.MyFilter", "")));
  HBMUX_EXPECT_ERROR(request, Errc::unsupported);
  EXPECT_NE(request.error().message().find("com.example.MyFilter"), std::string::npos);
  HBMUX_EXPECT_ERROR(read_request_of(Get("r").filter(ValueFilter(CompareOperator::less, LongComparator(5))), false), Errc::unsupported);
}

TEST(BigtableFilters, NestingHasABound) {
  Filter filter = KeyOnlyFilter();
  for (int i = 0; i < 1000; ++i) filter = FilterList({filter});
  HBMUX_EXPECT_ERROR(read_request_of(Scan().filter(filter)), Errc::unsupported);
}

TEST(BigtableConditions, NothingAndEmptyAreTheSame) {
  for (const auto& check : {CheckAndMutate("r").if_not_exists("f", "q"), CheckAndMutate("r").if_equals("f", "q", "")}) {
    const auto predicate = predicate_of(check.condition());
    HBMUX_ASSERT_OK(predicate);
    EXPECT_FALSE(predicate->wanted);
  }
  EXPECT_TRUE(predicate_of(CheckAndMutate("r").if_matches("f", "q", CompareOperator::not_equal, "").condition())->wanted);
}

std::string with_retry_info(std::int64_t seconds, int nanos) {
  bt::rpc::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(seconds);
  info.mutable_retry_delay()->set_nanos(nanos);
  bt::rpc::Status status;
  status.add_details()->set_type_url("type.googleapis.com/google.rpc.RetryInfo");
  status.mutable_details(0)->set_value(info.SerializeAsString());
  return status.SerializeAsString();
}

TEST(BigtableStatus, PausesThatTheServerAsksFor) {
  EXPECT_EQ(retry_delay_of({Code::unavailable, "", with_retry_info(1, 500'000'000)}), 1500ms);
  EXPECT_EQ(retry_delay_of({Code::unavailable, "", with_retry_info(-5, -1)}), 0ms);
  EXPECT_EQ(retry_delay_of({Code::unavailable, "", with_retry_info(INT64_MAX, INT32_MAX)}).has_value(), true);
  EXPECT_EQ(retry_delay_of({Code::unavailable, "", "garbage"}), std::nullopt);
  EXPECT_EQ(retry_delay_of({Code::unavailable, "", ""}), std::nullopt);
}

TEST(BigtableStatus, WhatIsTriedAgain) {
  const auto retries = [](Code code, const std::string& message = "", bool deadlines = true) {
    return reaction_to({code, message, {}}, deadlines).retry;
  };
  EXPECT_TRUE(retries(Code::unavailable));
  EXPECT_TRUE(retries(Code::aborted));
  EXPECT_TRUE(retries(Code::deadline_exceeded));
  EXPECT_FALSE(retries(Code::deadline_exceeded, "", false));
  EXPECT_TRUE(retries(Code::internal, "Received RST_STREAM with code 2"));
  EXPECT_FALSE(retries(Code::internal, "a bug"));
  EXPECT_FALSE(retries(Code::resource_exhausted));
  EXPECT_TRUE(reaction_to({Code::resource_exhausted, "", with_retry_info(1, 0)}, true).retry);
  EXPECT_FALSE(retries(Code::not_found));
}

TEST(BigtableFamilies, LivesAreRules) {
  for (auto family : {ColumnFamilyDescriptor("f").max_versions(3), ColumnFamilyDescriptor("f").max_versions(2).time_to_live(60),
                      ColumnFamilyDescriptor("f").max_versions(5).min_versions(2).time_to_live(60)}) {
    const auto message = family_message(family);
    HBMUX_ASSERT_OK(message);
    const auto back = family_from("f", *message);
    for (const auto& [name, value] : family.values) EXPECT_EQ(back.values.at(name), value) << name;
  }
  EXPECT_EQ(family_message(ColumnFamilyDescriptor("f"))->gc_rule().max_num_versions(), 1) << "HBase's default";
  ColumnFamilyDescriptor odd("f");
  odd.values["MOB_THRESHOLD"] = "1";
  HBMUX_EXPECT_ERROR(family_message(odd), Errc::unsupported);
  odd.values = {{"VERSIONS", "many"}};
  HBMUX_EXPECT_ERROR(family_message(odd), Errc::invalid_argument);
}

TEST(BigtableHeaders, PercentsAndFeatures) {
  EXPECT_EQ(routing_of("name", "a/b c~"), "name=a%2Fb%20c~");
  EXPECT_EQ(feature_flags().size() % 4, 0u);
}

}  // namespace
}  // namespace hbmux::bigtable
