// What the functions cost that every call goes through.
//   bench_micro [--benchmark_filter=REGEX] ...
#include "bench/frames.h"
#include "client/reply_rows.h"
#include "client/request_messages.h"
#include "core/cell_block.h"
#include "core/failed_servers.h"
#include "core/region_map.h"
#include "rpc/call_table.h"
#include "rpc/connection_key.h"
#include "rpc/wire/frame_reader.h"
#include "rpc/wire/request_frame.h"
#include "rpc/wire/response_frame.h"


#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace {
using namespace hbmux;

const std::string kRegion = "bench,,1700000000000.0123456789abcdef0123456789abcdef.";

std::string cell_block(int cells) {
  std::string block;
  for (int i = 0; i < cells; ++i) {
    const auto row = static_cast<std::uint32_t>(i);
    core::append_cell(block, bench::row_key(row), "f", "q", 1, CellType::put, bench::value_of(row));
  }
  return block;
}

/// A region server's reply to a get of one cell, with its length.
std::string get_reply(std::uint32_t call_id) {
  const auto cells = cell_block(1);
  std::string meta, header, result, message, frame;
  bench::put_number(meta, 1, cells.size());
  bench::put_number(header, 1, call_id);
  bench::put_bytes(header, 3, meta);
  bench::put_number(result, 2, 1);
  bench::put_bytes(message, 1, result);
  std::string body;
  bench::put_varint(body, header.size());
  body += header;
  bench::put_varint(body, message.size());
  body += message + cells;
  bench::put_u32(frame, static_cast<std::uint32_t>(body.size()));
  return frame += body;
}

void encode_get(benchmark::State& state) {
  const Get get(bench::row_key(42));
  std::string param, out;
  std::uint32_t id = 0;
  for (auto _ : state) {
    param.clear();
    out.clear();
    client::append_region(param, kRegion);
    client::append_get(param, get, false);
    rpc::wire::RequestFrame frame;
    frame.call_id = ++id;
    frame.method = "Get";
    frame.param = param;
    frame.timeout_ms = 60000;
    rpc::wire::append_request(out, frame);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(encode_get);

void append_request(benchmark::State& state) {
  const std::string param(80, 'p');
  std::string out;
  rpc::wire::RequestFrame frame;
  frame.method = "Get";
  frame.param = param;
  frame.timeout_ms = 60000;
  for (auto _ : state) {
    out.clear();
    ++frame.call_id;
    rpc::wire::append_request(out, frame);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(append_request);

void make_put(benchmark::State& state) {
  const auto row = bench::row_key(42), value = bench::value_of(42);
  for (auto _ : state) {
    Put put(row);
    put.add("f", "q", value);
    benchmark::DoNotOptimize(put);
  }
}
BENCHMARK(make_put);

/// As many replies as one read brings.
void split_and_parse_replies(benchmark::State& state) {
  std::string stream;
  const auto replies = static_cast<std::uint32_t>(state.range(0));
  for (std::uint32_t i = 0; i < replies; ++i) stream += get_reply(bench::kFirstCallId + i);
  rpc::wire::FrameReader reader(1 << 20);
  std::uint64_t frames = 0;
  for (auto _ : state) {
    for (std::string_view rest = stream; !rest.empty();) {
      const auto space = reader.prepare();
      const auto size = std::min(space.size(), rest.size());
      std::memcpy(space.data(), rest.data(), size);
      reader.commit(size);
      rest.remove_prefix(size);
      while (const auto frame = reader.next().value()) {
        benchmark::DoNotOptimize(rpc::wire::parse_response(frame->bytes).value().call_id);
        ++frames;
      }
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(frames));
}
BENCHMARK(split_and_parse_replies)->Arg(1)->Arg(64);

/// A row out of a get's reply, whose cells are copied for it.
void row_of_reply(benchmark::State& state) {
  const auto frame = get_reply(bench::kFirstCallId).substr(4);
  const auto response = rpc::wire::parse_response(frame).value();
  rpc::CallReply reply;
  reply.message = response.message;
  reply.cells = response.cells;
  for (auto _ : state) {
    client::ReplyRows rows(reply);
    const auto shape = client::read_row_shape(reply.message);
    benchmark::DoNotOptimize(rows.next(*shape));
  }
}
BENCHMARK(row_of_reply);

void read_cell_block(benchmark::State& state) {
  const auto block = cell_block(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    for (core::CellBlockReader reader(block); !reader.at_end();) benchmark::DoNotOptimize(reader.next().value());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(read_cell_block)->Arg(1)->Arg(1000);

/// With as many calls in flight, each reply to the oldest one.
void call_table_add_and_take(benchmark::State& state) {
  using Payload = std::unique_ptr<int>;
  rpc::CallTable<Payload> table(1 << 16, 8192);
  const rpc::TimePoint deadline(std::chrono::hours(1));
  std::vector<std::uint32_t> ids(static_cast<std::size_t>(state.range(0)));
  for (auto& id : ids) id = table.add({}, deadline);
  std::size_t at = 0;
  Payload payload;
  for (auto _ : state) {
    benchmark::DoNotOptimize(table.take(ids[at], payload));
    ids[at] = table.add(std::move(payload), deadline);
    at = at + 1 == ids.size() ? 0 : at + 1;
  }
}
BENCHMARK(call_table_add_and_take)->Arg(1)->Arg(256)->Arg(8192);

void call_table_expire(benchmark::State& state) {
  rpc::CallTable<int> table(1 << 16, 8192);
  const rpc::TimePoint deadline(std::chrono::hours(1));
  for (std::int64_t i = 0; i < state.range(0); ++i) table.add(0, deadline);
  for (auto _ : state) {
    benchmark::DoNotOptimize(table.expire(rpc::TimePoint(std::chrono::minutes(1)), [](std::uint32_t, int) {}));
  }
}
BENCHMARK(call_table_expire)->Arg(256)->Arg(8192);

void failed_servers_when_empty(benchmark::State& state) {
  const core::FailedServers failed(std::chrono::seconds(2));
  for (auto _ : state) benchmark::DoNotOptimize(failed.any());
}
BENCHMARK(failed_servers_when_empty);

core::LocationsPtr location(const std::shared_ptr<const TableName>& table, int i, int regions) {
  const auto key = [&](int n) {
    return n == 0 || n == regions ? std::string() : bench::row_key(static_cast<std::uint32_t>(n));
  };
  auto found = std::make_shared<core::RegionLocations>();
  found->region = std::make_shared<RegionInfo>(table, key(i), key(i + 1), 1);
  found->primary = {found->region, {{"server-17.example.org", 16020}, 1}, 1};
  return found;
}

core::RegionMapPtr region_map(int regions) {
  const auto table = std::make_shared<const TableName>(TableName::parse("bench").value());
  std::vector<core::LocationsPtr> all;
  for (int i = 0; i < regions; ++i) all.push_back(location(table, i, regions));
  return core::RegionMap().with(all);
}

void locate_region(benchmark::State& state) {
  const int regions = static_cast<int>(state.range(0));
  const auto map = region_map(regions);
  std::vector<std::string> rows;
  for (std::uint32_t i = 0; i < 1024; ++i)
    rows.push_back(bench::row_key(i * 7919u % static_cast<std::uint32_t>(regions)));
  std::size_t at = 0;
  for (auto _ : state) benchmark::DoNotOptimize(map->locate(rows[at++ % rows.size()]).get());
}
BENCHMARK(locate_region)->Arg(1)->Arg(100)->Arg(10000);

/// One more region becomes known: the price of a map that readers need not lock.
void region_map_with(benchmark::State& state) {
  const int regions = static_cast<int>(state.range(0));
  const auto map = region_map(regions);
  const auto table = std::make_shared<const TableName>(TableName::parse("bench").value());
  auto found = std::make_shared<core::RegionLocations>(*location(table, regions / 2, regions));
  found->primary.seqnum = 2;
  for (auto _ : state) benchmark::DoNotOptimize(map->with(core::LocationsPtr(found)));
}
BENCHMARK(region_map_with)->Arg(100)->Arg(10000);

}  // namespace

BENCHMARK_MAIN();
