#include "core/region_map.h"

#include "core/exception_class.h"

#include <gtest/gtest.h>

#include <malloc.h>

#include <map>
#include <random>
#include <thread>

namespace hbmux::core {
namespace {

const auto kTable = std::make_shared<const TableName>(TableName::parse("t").value());

struct Place {
  std::string start;
  std::string end;
  std::uint64_t id = 1;
  std::string host = "rs1";
  std::int64_t seqnum = 1;
};

LocationsPtr at(const Place& p) {
  auto locations = std::make_shared<RegionLocations>();
  locations->region = std::make_shared<const RegionInfo>(kTable, p.start, p.end, p.id);
  locations->primary = {locations->region, {{p.host, 16020}, 1}, p.seqnum};
  return locations;
}

LocationsPtr with_replica(LocationsPtr base, int id, std::string host, std::int64_t seqnum = 1) {
  auto locations = std::make_shared<RegionLocations>(*base);
  const RegionInfo& r = *base->region;
  auto region = std::make_shared<const RegionInfo>(kTable, r.start_key(), std::string(r.end_key()), r.region_id(), id);
  locations->secondaries.push_back({region, {{std::move(host), 16020}, 1}, seqnum});
  return locations;
}

RegionMapPtr map_of(std::vector<LocationsPtr> places) { return RegionMap().with(places); }

std::string host_of(const LocationsPtr& locations) {
  return locations && locations->get() ? locations->get()->server.address.host : "";
}

// "a-m m-" and the like: what a map knows.
std::string text_of(const RegionMap& map) {
  std::string text;
  for (const auto& l : map.all()) {
    text += (text.empty() ? "" : " ") + std::string(l->region->start_key()) + "-" + std::string(l->region->end_key());
  }
  return text;
}

Error told(const std::string& name, const std::string& text = "text") {
  const std::string class_name = "org.apache.hadoop.hbase." + name, trace = class_name + ": " + text;
  ServerException e;
  e.class_name = class_name;
  e.stack_trace = trace;
  return make_error(e);
}
Error moved_to(const std::string& host, std::int64_t seqnum) {
  return told("exceptions.RegionMovedException",
              "Region moved to: hostname=" + host +
                  " port=16020 startCode=1. As of locationSeqNum=" + std::to_string(seqnum) + ".");
}

TEST(RegionMap, Locate) {
  auto map = map_of({at({"", "g", 1, "a"}), at({"g", "m", 1, "b"}), at({"p", "", 1, "d"})});
  EXPECT_EQ(host_of(map->locate("")), "a");
  EXPECT_EQ(host_of(map->locate("fzzz")), "a");
  EXPECT_EQ(host_of(map->locate("g")), "b");
  EXPECT_EQ(map->locate("m"), nullptr);  // a hole
  EXPECT_EQ(map->locate("o"), nullptr);
  EXPECT_EQ(host_of(map->locate("p")), "d");
  EXPECT_EQ(host_of(map->locate("\xff\xff")), "d");
  EXPECT_EQ(RegionMap().locate("x"), nullptr);
}

// For reversed scans: the region that holds what stands before a row; at a region's start that is the one before it.
TEST(RegionMap, LocateBefore) {
  auto map = map_of({at({"", "g", 1, "a"}), at({"g", "m", 1, "b"}), at({"p", "", 1, "d"})});
  EXPECT_EQ(host_of(map->locate_before("g")), "a");
  EXPECT_EQ(host_of(map->locate_before(std::string("g\0", 2))), "b");
  EXPECT_EQ(host_of(map->locate_before("m")), "b");
  EXPECT_EQ(map->locate_before("n"), nullptr);
  EXPECT_EQ(map->locate_before("p"), nullptr);
  EXPECT_EQ(host_of(map->locate_before("q")), "d");
  EXPECT_EQ(host_of(map->locate_before("")), "d");
  EXPECT_EQ(map_of({at({"a", "b"})})->locate_before(""), nullptr);
  EXPECT_EQ(RegionMap().locate_before(""), nullptr);
}

// A merged region takes the place of those it was made from, also of those that get no request of their own
// (HBASE-27650).
TEST(RegionMap, OverlappedRegionsAreForgotten) {
  auto map = map_of({at({"", "g"}), at({"g", "m"}), at({"m", "p"}), at({"p", ""})});
  EXPECT_EQ(text_of(*map->with(at({"g", "p", 2}))), "-g g-p p-");
  EXPECT_EQ(text_of(*map->with(at({"", "", 2}))), "-");
  EXPECT_EQ(text_of(*map->with(at({"h", "i", 2}))), "-g h-i m-p p-");  // a daughter: the parent is no more
  EXPECT_EQ(text_of(*map->with(at({"h", "", 2}))), "-g h-");
  EXPECT_EQ(text_of(*map->with(at({"g", "k", 2}))), "-g g-k m-p p-");
  EXPECT_EQ(text_of(*map), "-g g-m m-p p-");  // the map itself never changes
}

TEST(RegionMap, TableMadeAgainHasOtherRegions) {
  auto map = map_of({at({"", "", 1, "old"})});
  EXPECT_EQ(host_of(map->with(at({"", "", 2, "new", 0}))->locate("x")), "new");
}

// Of two locations of a region the one with the higher sequence number is newer; a late answer must not undo it.
TEST(RegionMap, SequenceNumberGuard) {
  auto map = map_of({at({"", "", 1, "rs5", 5})});
  EXPECT_EQ(map->with(at({"", "", 1, "rs4", 4})), nullptr);
  EXPECT_EQ(map->with(at({"", "", 1, "rs5", 5})), nullptr);
  EXPECT_EQ(host_of(map->with(at({"", "", 1, "rs6", 5}))->locate("x")), "rs6");
  EXPECT_EQ(host_of(map->with(at({"", "", 1, "rs6", 6}))->locate("x")), "rs6");
}

TEST(RegionMap, ErrorsDropOrKeep) {
  auto map = map_of({at({"", "g"}), at({"g", ""})});
  const RegionLocation used = *map->locate("x")->get();
  for (const char* keeps : {"RegionTooBusyException", "exceptions.RegionOpeningException", "CallQueueTooBigException",
                            "quotas.RpcThrottlingException", "TableNotFoundException"}) {
    EXPECT_EQ(map->after_error(used, told(keeps)), nullptr) << keeps;
  }
  EXPECT_EQ(text_of(*map->after_error(used, told("NotServingRegionException"))), "-g");
  EXPECT_EQ(text_of(*map->after_error(used, Error(Errc::connection_lost, "x"))), "-g");
  EXPECT_EQ(map->after_error(used, Error(Errc::cancelled, "x")), nullptr);
}

// An error tells about the location that was used; what has been learned since stays.
TEST(RegionMap, ErrorsOfOldLocationsChangeNothing) {
  auto old_map = map_of({at({"", "", 1, "rs1", 5})});
  const RegionLocation used = *old_map->locate("x")->get();
  EXPECT_EQ(map_of({at({"", "", 1, "rs2", 5})})->after_error(used, told("NotServingRegionException")), nullptr);
  EXPECT_EQ(map_of({at({"", "", 1, "rs1", 6})})->after_error(used, told("NotServingRegionException")), nullptr);
  EXPECT_NE(map_of({at({"", "", 1, "rs1", 4})})->after_error(used, told("NotServingRegionException")), nullptr);
  EXPECT_EQ(map_of({at({"a", "", 1, "rs1", 5})})->after_error(used, told("NotServingRegionException")), nullptr);
  EXPECT_EQ(RegionMap().after_error(used, told("NotServingRegionException")), nullptr);
  EXPECT_EQ(old_map->after_error(RegionLocation(), told("NotServingRegionException")), nullptr);
}

TEST(RegionMap, MovedRegionIsFollowed) {
  auto map = map_of({at({"", "", 1, "rs1", 5})});
  const RegionLocation used = *map->locate("x")->get();
  auto next = map->after_error(used, moved_to("rs2", 9));
  ASSERT_NE(next, nullptr);
  EXPECT_EQ(host_of(next->locate("x")), "rs2");
  EXPECT_EQ(next->locate("x")->get()->seqnum, 9);
  // What is older than what was used, or leads to where we were, or cannot be read, leads to hbase:meta.
  EXPECT_EQ(map->after_error(used, moved_to("rs2", 4))->size(), 0u);
  EXPECT_EQ(map->after_error(used, moved_to("rs1", 9))->size(), 0u);
  EXPECT_EQ(map->after_error(used, told("exceptions.RegionMovedException", "somewhere"))->size(), 0u);
}

// Two servers that each believe the other has the region (it was moved there and back, and then the table truncated), as HBase's do for
// two minutes.
TEST(RegionMap, ServersThatPointAtEachOtherLeadToMeta) {
  auto map = map_of({at({"", "", 1, "rs1", 5})});
  const auto told_by = [&](const std::string& to, std::int64_t seqnum) {
    return map->after_error(*map->locate("x")->get(), moved_to(to, seqnum));
  };
  map = told_by("rs2", 5);  // nothing had been written
  EXPECT_EQ(host_of(map->locate("x")), "rs2");
  map = told_by("rs1", 7);
  EXPECT_EQ(host_of(map->locate("x")), "rs1");
  EXPECT_EQ(told_by("rs2", 5)->size(), 0u);
}

TEST(RegionMap, RemoveServer) {
  auto map = map_of({at({"", "g", 1, "a"}), at({"g", "m", 1, "b"}), at({"m", "", 1, "a"})});
  EXPECT_EQ(text_of(*map->without_server({{"a", 16020}, 1})), "g-m");
  EXPECT_EQ(map->without_server({{"a", 16020}, 2}), nullptr);  // another life of that server
  EXPECT_EQ(map->without_server({{"c", 16020}, 1}), nullptr);
}

TEST(RegionMap, Replicas) {
  auto map = map_of({with_replica(with_replica(at({"", "", 1, "a", 5}), 1, "b", 5), 3, "c", 5)});
  EXPECT_EQ(map->locate("x")->get(3)->server.address.host, "c");
  // An error of one replica leaves the others.
  auto next = map->without(*map->locate("x")->get(0));
  EXPECT_EQ(next->locate("x")->get(0), nullptr);
  EXPECT_NE(next->locate("x")->get(1), nullptr);
  next = next->without(*next->locate("x")->get(1));
  next = next->without(*next->locate("x")->get(3));
  EXPECT_EQ(next->size(), 0u);
  EXPECT_EQ(map->without_server({{"b", 16020}, 1})->locate("x")->get(1), nullptr);
  EXPECT_EQ(map->after_error(*map->locate("x")->get(1), moved_to("z", 9))->locate("x")->get(1)->server.address.host,
            "z");
  // A newer row of hbase:meta: each replica by its own number, and those that are gone are gone.
  auto merged = map->with(with_replica(at({"", "", 1, "a2", 4}), 1, "b2", 6));
  EXPECT_EQ(host_of(merged->locate("x")), "a");
  EXPECT_EQ(merged->locate("x")->get(1)->server.address.host, "b2");
  EXPECT_EQ(merged->locate("x")->get(3), nullptr);
}

// Random splits, merges and moves against a plain model: the last that was said about a row is what is known of it.
TEST(RegionMap, AgainstModel) {
  std::mt19937 random(11);
  auto key = [&](int i) { return i == 0 ? std::string() : std::string(1, static_cast<char>('a' + i)); };
  RegionMapPtr map = std::make_shared<const RegionMap>();
  std::vector<std::string> model(20);  // host by row; empty: not known
  std::vector<std::pair<int, int>> bounds(20, {-1, -1});
  std::int64_t id = 1;
  for (int round = 0; round < 5000; ++round) {
    std::vector<LocationsPtr> found;
    for (int n = static_cast<int>(random() % 4); n >= 0; --n) {
      int from = static_cast<int>(random() % 20),
          to = from + 1 + static_cast<int>(random() % (20 - static_cast<unsigned>(from)));
      const std::string host = "h" + std::to_string(id);
      for (int i = 0; i < 20; ++i) {
        const bool overlapped =
            bounds[static_cast<std::size_t>(i)].first < to && from < bounds[static_cast<std::size_t>(i)].second;
        if (overlapped) model[static_cast<std::size_t>(i)].clear(), bounds[static_cast<std::size_t>(i)] = {-1, -1};
      }
      for (int i = from; i < to; ++i)
        model[static_cast<std::size_t>(i)] = host, bounds[static_cast<std::size_t>(i)] = {from, to};
      found.push_back(at({key(from), to == 20 ? "" : key(to), static_cast<std::uint64_t>(id++), host}));
    }
    if (auto next = map->with(found)) map = next;
    if (random() % 3 == 0) {
      const auto row = random() % 20;
      if (const auto& l = map->locate(key(static_cast<int>(row)))) {
        const auto range = bounds[row];
        map = map->without(*l->get());
        ASSERT_NE(map, nullptr);
        for (int i = range.first; i < range.second; ++i)
          model[static_cast<std::size_t>(i)].clear(), bounds[static_cast<std::size_t>(i)] = {-1, -1};
      }
    }
    for (int i = 0; i < 20; ++i) {
      ASSERT_EQ(host_of(map->locate(key(i) + (i == 0 ? "" : "x"))), model[static_cast<std::size_t>(i)])
          << round << " " << i;
      ASSERT_EQ(host_of(map->locate(key(i))), model[static_cast<std::size_t>(i)]);
      ASSERT_EQ(host_of(map->locate_before(i == 19 ? "" : key(i + 1))), model[static_cast<std::size_t>(i)]);
    }
  }
}

// Ten thousand regions of a table take well under ten MiB, however they came to be known.
TEST(RegionMap, MemoryOfTenThousandRegions) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizer's allocator counts its own memory";
#endif
  const auto before = mallinfo2().uordblks;
  TableRegions regions(*kTable);
  auto key = [](int i) {
    char text[32];
    std::snprintf(text, sizeof text, "user%08d-0123456789", i);
    return std::string(text);
  };
  for (int i = 0; i < 10000; i += 10) {
    std::vector<LocationsPtr> found;
    for (int j = i; j < i + 10; ++j) {
      found.push_back(
          at({j == 0 ? "" : key(j), j == 9999 ? "" : key(j + 1), 1700000000000, "regionserver-17.example.com"}));
    }
    ASSERT_TRUE(regions.add(found));
  }
  EXPECT_EQ(regions.snapshot()->size(), 10000u);
  const auto used = mallinfo2().uordblks - before;
  RecordProperty("bytes", static_cast<int>(used));
  EXPECT_LT(used, std::size_t{6} << 20);
  EXPECT_EQ(regions.snapshot()->locate(key(5000))->region->start_key(), key(5000));
}

// Readers hold what they read, and see each change after it was made.
TEST(TableRegions, ReadersAndWriters) {
  auto regions = std::make_shared<TableRegions>(*kTable);
  RegionMapReader reader(regions);
  EXPECT_EQ(reader.current().size(), 0u);
  const std::vector<LocationsPtr> one{at({"", "m"})}, two{at({"m", "", 1, "b"})};
  EXPECT_TRUE(regions->add(one));
  EXPECT_FALSE(regions->add(one));
  EXPECT_EQ(reader.current().size(), 1u);
  const auto version = regions->version();
  EXPECT_TRUE(regions->add(two));
  EXPECT_NE(regions->version(), version);
  EXPECT_TRUE(regions->update_after_error(*one[0]->get(), Error(Errc::connection_lost, "x")));
  EXPECT_FALSE(regions->update_after_error(*one[0]->get(), Error(Errc::connection_lost, "x")));
  EXPECT_EQ(host_of(reader.current().locate("z")), "b");
  EXPECT_TRUE(regions->remove_server({{"b", 16020}, 1}));
  EXPECT_EQ(reader.current().size(), 0u);
  EXPECT_FALSE(regions->clear());
}

TEST(TableRegions, ManyThreads) {
  auto regions = std::make_shared<TableRegions>(*kTable);
  std::atomic<bool> done{false};
  std::vector<std::thread> readers;
  std::atomic<int> wrong{0};
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      RegionMapReader reader(regions);
      while (!done) {
        const RegionMap& map = reader.current();
        const auto& found = map.locate("k");
        if (found && !found->region->contains("k")) ++wrong;
      }
    });
  }
  for (int i = 0; i < 3000; ++i) {
    const std::vector<LocationsPtr> found{i % 2 ? at({"a", "m", static_cast<std::uint64_t>(i)})
                                                : at({"", "", static_cast<std::uint64_t>(i)})};
    regions->add(found);
    regions->update_after_error(*found[0]->get(), told("NotServingRegionException"));
  }
  done = true;
  for (auto& t : readers) t.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace hbmux::core
