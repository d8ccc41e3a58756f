// Every codec and every compressor, as the server itself understands them.
#include "tests/integration/cluster.h"

#include <random>

namespace hbmux::integration {
namespace {

constexpr std::string_view kCodecs = "org.apache.hadoop.hbase.codec.";
constexpr std::string_view kHadoop = "org.apache.hadoop.io.compress.";
constexpr std::string_view kHBase = "org.apache.hadoop.hbase.io.compress.";

struct Encoding {
  std::string name;
  std::string codec;       ///< Empty for none.
  std::string compressor;  ///< Empty for none.
};
std::ostream& operator<<(std::ostream& out, const Encoding& encoding) { return out << encoding.name; }

Encoding plain(std::string name, std::string_view codec) {
  return {std::move(name), codec.empty() ? "" : std::string(kCodecs) + std::string(codec), ""};
}
Encoding compressed(std::string name, std::string_view package, std::string_view compressor) {
  return {std::move(name), std::string(kCodecs) + "KeyValueCodec", std::string(package) + std::string(compressor)};
}

class Encodings : public ClusterTest, public testing::WithParamInterface<Encoding> {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    if (IsSkipped()) return;
    name_ = make_table();
    connect({{"hbase.client.rpc.codec", GetParam().codec}, {"hbase.client.rpc.compressor", GetParam().compressor}});
  }
  bool is_compressed() const { return !GetParam().compressor.empty(); }

  TableName name_;
};

// Values that compress well, and some that do not; small ones, and some larger than any buffer on the way.
std::string value_of(int i) {
  std::mt19937 random(static_cast<unsigned>(i));
  std::string value(i % 10 == 9 ? 300'000 : 1'000 + 10 * static_cast<std::size_t>(i), 'x');
  if (i % 3 == 0) {
    for (char& c : value) c = static_cast<char>(random());
  }
  return value;
}

TEST_P(Encodings, ThereAndBack) {
  auto table = connection().table(name_);
  constexpr int kRows = 60;
  const auto key = [](int i) { return std::to_string(1000 + i); };
  std::vector<Action> puts, gets;
  for (int i = 0; i < kRows; ++i) {
    puts.emplace_back(Put(key(i)).add("f", "v", value_of(i)));
    gets.emplace_back(Get(key(i)));
  }
  for (const auto& result : table.batch(std::move(puts))) HBMUX_ASSERT_OK(result);
  for (int i = 0; i < kRows; ++i) EXPECT_EQ(table.get(Get(key(i))).value().value("f", "v"), value_of(i)) << i;
  const auto rows = table.batch(std::move(gets));
  for (int i = 0; i < kRows; ++i)
    EXPECT_EQ(rows[static_cast<std::size_t>(i)].value().value("f", "v"), value_of(i)) << i;
  int row = 0;
  auto scanner = table.scan(Scan());
  for (const auto& found : scanner) {
    HBMUX_ASSERT_OK(found);
    EXPECT_EQ(found->row(), key(row));
    EXPECT_EQ(found->value("f", "v"), value_of(row));
    ++row;
  }
  EXPECT_EQ(row, kRows);
}

TEST_P(Encodings, EveryOperation) {
  auto table = connection().table(name_);
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "a", "1").add("g", "b", 5, "")));
  EXPECT_EQ(text_of(table.append(Append("r").add("f", "a", "2")).value()), "a=12");
  EXPECT_EQ(table.increment(Increment("r").add("f", "n", 3)).value().value("f", "n"),
            std::string_view("\0\0\0\0\0\0\0\3", 8));
  EXPECT_EQ(table.exists(Get("r").column("g", "b")).value(), true);
  HBMUX_ASSERT_OK(table.remove(Delete("r").add_columns("f", "n")));
  EXPECT_EQ(text_of(table.get(Get("r")).value()), "a=12 b=");
  // An append within the millisecond of what was there gets the next millisecond: "now" may be too early for it.
  const auto appended = table.get(Get("r")).value().latest("f", "a")->timestamp();
  HBMUX_ASSERT_OK(table.remove(Delete("r", appended)));
  EXPECT_FALSE(table.get(Get("r")).value().exists());
  const auto results = table.batch({Put("s").add("f", "a", "1"), Delete("s").add_columns("f", "b"), Get("r"),
                                    Append("s").add("f", "c", "x"), Increment("t").add("f", "n", 1)});
  for (const auto& result : results) HBMUX_EXPECT_OK(result);
}

// That the compressor is really used, in both directions, shows in the number of bytes.
TEST_P(Encodings, Bytes) {
  auto table = connection().table(name_);
  HBMUX_ASSERT_OK(table.get(Get("warm")));
  const std::string value(1'000'000, 'x');
  const auto before = connection().statistics();
  HBMUX_ASSERT_OK(table.put(Put("r").add("f", "a", value)));
  EXPECT_EQ(table.get(Get("r")).value().value("f", "a"), value);
  const auto after = connection().statistics();
  const auto sent = after.bytes_sent - before.bytes_sent, received = after.bytes_received - before.bytes_received;
  if (is_compressed()) {
    EXPECT_LT(sent, value.size() / 5);
    EXPECT_LT(received, value.size() / 5);
  } else {
    EXPECT_GT(sent, value.size());
    EXPECT_GT(received, value.size());
  }
}

INSTANTIATE_TEST_SUITE_P(
    Real, Encodings,
    testing::Values(plain("KeyValueCodec", "KeyValueCodec"), plain("KeyValueCodecWithTags", "KeyValueCodecWithTags"),
                    plain("none", ""), compressed("gzip", kHadoop, "GzipCodec"),
                    compressed("deflate", kHadoop, "DefaultCodec"), compressed("snappy", kHBase, "xerial.SnappyCodec"),
                    compressed("hadoop_snappy", kHadoop, "SnappyCodec"), compressed("lz4", kHBase, "lz4.Lz4Codec"),
                    compressed("zstd", kHBase, "zstd.ZstdCodec"),
                    compressed("aircompressor_lz4", kHBase, "aircompressor.Lz4Codec"),
                    compressed("aircompressor_snappy", kHBase, "aircompressor.SnappyCodec"),
                    compressed("aircompressor_zstd", kHBase, "aircompressor.ZstdCodec")),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace hbmux::integration
