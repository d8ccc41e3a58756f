#include "client/request_messages.h"

#include "client/batch_messages.h"
#include "client/scan_messages.h"
#include "core/cell_block.h"

#include <gtest/gtest.h>

namespace hbmux::client {
namespace {

template <class M, class... Args>
pb::MutationProto message_of(const M& mutation, Args... args) {
  pb::MutationProto message;
  fill(message, mutation, args...);
  return message;
}

// The block has the cells; the message says how many.
TEST(RequestMessages, PutWithABlock) {
  const auto message = message_of(Put("r", 7).add("f", "q", "v").add("g", "q", 9, "w"), CellPlace::block);
  EXPECT_EQ(message.row(), "r");
  EXPECT_EQ(message.mutate_type(), pb::MutationProto::PUT);
  EXPECT_EQ(message.associated_cell_count(), 2);
  EXPECT_EQ(message.column_value_size(), 0);
  EXPECT_EQ(message.timestamp(), 7u);
  EXPECT_FALSE(message.has_durability());
}

// Without a codec the cells are in the message, those of a family together.
TEST(RequestMessages, PutWithoutABlock) {
  auto put = Put("r").add("f", "q", "v").add("g", "", 9, "w").add("f", "p", "u").durability(Durability::skip_wal);
  const auto message = message_of(put, CellPlace::message);
  EXPECT_FALSE(message.has_associated_cell_count());
  ASSERT_EQ(message.column_value_size(), 2);
  EXPECT_EQ(message.column_value(0).family(), "f");
  ASSERT_EQ(message.column_value(0).qualifier_value_size(), 2);
  EXPECT_EQ(message.column_value(0).qualifier_value(1).qualifier(), "p");
  EXPECT_EQ(message.column_value(0).qualifier_value(1).value(), "u");
  EXPECT_EQ(message.column_value(0).qualifier_value(0).timestamp(), static_cast<std::uint64_t>(kLatestTimestamp));
  EXPECT_EQ(message.column_value(1).qualifier_value(0).timestamp(), 9u);
  EXPECT_TRUE(message.column_value(1).qualifier_value(0).has_qualifier());
  EXPECT_EQ(message.durability(), pb::MutationProto::SKIP_WAL);
}

// The numbers of the kinds of deletes differ between cells and messages.
TEST(RequestMessages, Deletes) {
  auto del = Delete("r").add_column("f", "a", 1).add_columns("f", "b", 2).add_family("g", 3).add_family_version("h", 4);
  const auto message = message_of(del, CellPlace::message);
  ASSERT_EQ(message.column_value_size(), 3);
  EXPECT_EQ(message.column_value(0).qualifier_value(0).delete_type(), pb::MutationProto::DELETE_ONE_VERSION);
  EXPECT_EQ(message.column_value(0).qualifier_value(1).delete_type(), pb::MutationProto::DELETE_MULTIPLE_VERSIONS);
  EXPECT_EQ(message.column_value(1).qualifier_value(0).delete_type(), pb::MutationProto::DELETE_FAMILY);
  EXPECT_EQ(message.column_value(2).qualifier_value(0).delete_type(), pb::MutationProto::DELETE_FAMILY_VERSION);

  // A whole row: no cells, and the timestamp counts.
  const auto row = message_of(Delete("r", 5), CellPlace::block);
  EXPECT_EQ(row.timestamp(), 5u);
  EXPECT_FALSE(row.has_associated_cell_count());
  EXPECT_EQ(row.column_value_size(), 0);
}

TEST(RequestMessages, CountersAndAppends) {
  const auto increment = message_of(Increment("r").add("f", "n", 3), std::uint64_t{77}, CellPlace::block);
  EXPECT_EQ(increment.nonce(), 77u);
  EXPECT_EQ(increment.attribute_size(), 0);
  const auto append = message_of(Append("r").add("f", "n", "x").return_results(false), std::uint64_t{0}, CellPlace::block);
  EXPECT_FALSE(append.has_nonce());
  ASSERT_EQ(append.attribute_size(), 1);
  EXPECT_EQ(append.attribute(0).name(), "_rr_");
  EXPECT_EQ(append.attribute(0).value(), std::string(1, '\0'));
}

TEST(RequestMessages, AppendRegionIsARegionSpecifier) {
  for (const std::size_t size : {0, 1, 100, 127, 128, 20000}) {
    const std::string name(size, 'r');
    std::string param;
    append_region(param, name);
    append_field(param, pb::GetRequest::kGetFieldNumber, std::string_view("\x0a\x01x"));
    pb::GetRequest request;
    ASSERT_TRUE(request.ParseFromString(param)) << size;
    EXPECT_EQ(request.region().type(), pb::RegionSpecifier::REGION_NAME);
    EXPECT_EQ(request.region().value(), name);
    EXPECT_EQ(request.get().row(), "x");
  }
}

TEST(RequestMessages, OpeningAScan) {
  core::ClientSettings settings;
  auto message = scan_message(Scan().column("f", "q").batch(4).reversed(true).time_range(3, 9), settings);
  pb::ScanRequest request;
  ASSERT_TRUE(request.ParseFromString(encode_open("region", message, {"b", false, "a", true, 50, 7, 33})));
  EXPECT_EQ(request.scan().start_row(), "b");
  EXPECT_FALSE(request.scan().include_start_row());
  EXPECT_EQ(request.scan().stop_row(), "a");
  EXPECT_TRUE(request.scan().include_stop_row());
  EXPECT_TRUE(request.scan().reversed());
  EXPECT_EQ(request.scan().batch_size(), 4u);
  EXPECT_EQ(request.scan().mvcc_read_point(), 33u);
  EXPECT_EQ(request.scan().max_result_size(), static_cast<std::uint64_t>(settings.scanner_max_result_size));
  EXPECT_EQ(request.number_of_rows(), 50u);
  EXPECT_EQ(request.limit_of_rows(), 7u);
  EXPECT_TRUE(request.client_handles_partials());
  EXPECT_TRUE(request.client_handles_heartbeats());
  EXPECT_FALSE(request.has_next_call_seq());
  // The next region, without what was only the first one's.
  ASSERT_TRUE(request.ParseFromString(encode_open("region", message, {"c", true, "", false, 50, 0, std::nullopt})));
  EXPECT_FALSE(request.scan().has_mvcc_read_point());
  EXPECT_FALSE(request.has_limit_of_rows());
}

TEST(RequestMessages, GoingOnWithAScan) {
  pb::ScanRequest request;
  ASSERT_TRUE(request.ParseFromString(encode_next({9, 4, 100, 0})));
  EXPECT_EQ(request.scanner_id(), 9u);
  EXPECT_EQ(request.next_call_seq(), 4u);
  EXPECT_EQ(request.number_of_rows(), 100u);
  EXPECT_FALSE(request.renew());
  ASSERT_TRUE(request.ParseFromString(encode_renew({9, 5, 0, 0})));
  EXPECT_TRUE(request.renew());
  EXPECT_EQ(request.number_of_rows(), 0u);
  ASSERT_TRUE(request.ParseFromString(encode_close(9)));
  EXPECT_TRUE(request.close_scanner());
  EXPECT_FALSE(request.has_next_call_seq());
}

// Actions keep their indexes, and cells stand in the order of the actions.
TEST(RequestMessages, ABatch) {
  MultiRequestBuilder builder(CellPlace::block);
  builder.begin_region("one");
  builder.add(4, Put("a").add("f", "q", "1"), 0);
  builder.add(7, Get("b"), 0);
  builder.end_region();
  builder.begin_region("two");
  builder.add(1, Increment("z").add("f", "n", 1), 55);
  builder.add(2, Delete("y"), 0);
  builder.end_region();
  rpc::CallRequest call;
  std::move(builder).finish(99, call);
  pb::MultiRequest request;
  ASSERT_TRUE(request.ParseFromString(call.param));
  ASSERT_EQ(request.regionaction_size(), 2);
  EXPECT_EQ(request.regionaction(0).region().value(), "one");
  ASSERT_EQ(request.regionaction(0).action_size(), 2);
  EXPECT_EQ(request.regionaction(0).action(0).index(), 4u);
  EXPECT_EQ(request.regionaction(0).action(1).get().row(), "b");
  EXPECT_EQ(request.regionaction(1).action(0).mutation().nonce(), 55u);
  EXPECT_FALSE(request.regionaction(1).action(1).mutation().has_associated_cell_count());
  EXPECT_EQ(request.noncegroup(), 99u);
  core::CellBlockReader cells(call.cells);
  EXPECT_EQ(cells.next()->row(), "a");
  EXPECT_EQ(cells.next()->row(), "z");
  EXPECT_TRUE(cells.at_end());
}

TEST(RequestMessages, ABatchIsAnswered) {
  pb::MultiResponse message;
  auto& first = *message.add_regionactionresult();
  first.add_resultorexception()->set_index(4);
  auto& row = *first.add_resultorexception();
  row.set_index(7);
  row.mutable_result()->set_associated_cell_count(1);
  auto& second = *message.add_regionactionresult();
  second.mutable_exception()->set_name("org.apache.hadoop.hbase.NotServingRegionException");
  second.mutable_exception()->set_value("org.apache.hadoop.hbase.NotServingRegionException: gone");
  std::string cells;
  core::append_cell(cells, "b", "f", "q", 1, CellType::put, "v");
  auto& loads = *message.mutable_regionstatistics();
  for (const char* name : {"t,,1.x.", "a region without a load"}) {
    auto& region = *loads.add_region();
    region.set_type(pb::RegionSpecifier::REGION_NAME);
    region.set_value(name);
  }
  loads.add_stat()->set_heapoccupancy(97);
  loads.mutable_stat(0)->set_memstoreload(40);
  loads.mutable_stat(0)->set_compactionpressure(7);
  const std::string bytes = message.SerializeAsString();
  const auto answer = read_multi_reply({bytes, cells, nullptr}, 2);
  ASSERT_TRUE(answer) << answer.error();
  const auto& regions = answer->regions;
  ASSERT_EQ(regions[0].items.size(), 2u);
  EXPECT_TRUE(regions[0].items[0].result->empty());
  EXPECT_EQ(regions[0].items[1].result->value("f", "q"), "v");
  EXPECT_EQ(regions[1].error->code(), Errc::not_serving_region);
  ASSERT_EQ(answer->loads.size(), 1u);
  EXPECT_EQ(answer->loads[0].first, "t,,1.x.");
  EXPECT_EQ(answer->loads[0].second.heap, 97);
  EXPECT_EQ(answer->loads[0].second.memstore, 40);
  EXPECT_EQ(answer->loads[0].second.compaction, 7);
  EXPECT_EQ(read_multi_reply({bytes, cells, nullptr}, 3).error().code(), Errc::protocol_error);
  EXPECT_EQ(read_multi_reply({bytes, {}, nullptr}, 2).error().code(), Errc::protocol_error);
}

}  // namespace
}  // namespace hbmux::client
