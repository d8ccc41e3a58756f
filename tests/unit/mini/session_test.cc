#include "mini/server/session.h"

#include "core/bytes.h"
#include "rpc/wire/delimited.h"

#include <hbmux/pb/Master.pb.h>
#include <hbmux/pb/Registry.pb.h>

#include <gtest/gtest.h>

#include <random>

namespace hbmux::mini {
namespace {

namespace wire = rpc::wire;
using namespace std::chrono_literals;

std::string framed(std::string_view body) {
  std::string out;
  core::append_be(out, static_cast<std::uint32_t>(body.size()));
  return out.append(body);
}

std::string header(std::string_view service, std::string_view codec = "org.apache.hadoop.hbase.codec.KeyValueCodec",
                   std::string_view compressor = {}) {
  pb::ConnectionHeader message;
  message.set_service_name(std::string(service));
  if (!codec.empty()) message.set_cell_block_codec_class(std::string(codec));
  if (!compressor.empty()) message.set_cell_block_compressor_class(std::string(compressor));
  auto& version = *message.mutable_version_info();
  for (auto set : {&pb::VersionInfo::set_version<std::string>, &pb::VersionInfo::set_url<std::string>,
                   &pb::VersionInfo::set_revision<std::string>, &pb::VersionInfo::set_user<std::string>,
                   &pb::VersionInfo::set_date<std::string>, &pb::VersionInfo::set_src_checksum<std::string>}) {
    (version.*set)("x");
  }
  version.set_version_major(2);
  version.set_version_minor(6);
  return std::string("HBas\0\x50", 6) + framed(message.SerializeAsString());
}

std::string call(std::uint32_t id, std::string_view method, const google::protobuf::MessageLite& param,
                 std::string_view cells = {}) {
  pb::RequestHeader message;
  message.set_call_id(id);
  message.set_method_name(std::string(method));
  message.set_request_param(true);
  if (!cells.empty()) message.mutable_cell_block_meta()->set_length(static_cast<std::uint32_t>(cells.size()));
  std::string body;
  wire::append_delimited(body, message);
  wire::append_delimited(body, param);
  return framed(body.append(cells));
}

struct Answered {
  pb::ResponseHeader header;
  std::string body;
  std::string cells;
};

/// Takes a stream of answers apart.
std::vector<Answered> answers(std::string_view bytes) {
  std::vector<Answered> out;
  while (bytes.size() >= 4) {
    const std::size_t size = core::load_be<std::uint32_t>(bytes.data());
    std::string_view frame = bytes.substr(4, size), part;
    bytes.remove_prefix(4 + size);
    Answered answered;
    EXPECT_TRUE(wire::read_delimited(frame, part));
    EXPECT_TRUE(answered.header.ParseFromArray(part.data(), static_cast<int>(part.size())));
    if (!frame.empty()) {
      EXPECT_TRUE(wire::read_delimited(frame, part));
      answered.body = part;
    }
    answered.cells = frame;
    out.push_back(std::move(answered));
  }
  EXPECT_TRUE(bytes.empty());
  return out;
}

/// A cluster of two region servers without a single socket; time stands still.
struct SessionTest : ::testing::Test {
  SessionTest() {
    for (int i = 0; i < 2; ++i) {
      servers.push_back(std::make_shared<RegionServer>(
          i, ServerName{{"host", static_cast<std::uint16_t>(16020 + i)}, 100 + i}, 60s, [this] { return now; }));
    }
    MasterEnvironment environment{[this] { return now; },
                                  [this](auto, auto work) { later.push_back(std::move(work)); }};
    master =
        std::make_unique<Master>(ServerName{{"host", 16000}, 99}, "the-cluster", servers, 0ms, std::move(environment));
    pb::TableSchema schema;
    schema.mutable_table_name()->set_namespace_("default");
    schema.mutable_table_name()->set_qualifier("t");
    schema.add_column_families()->set_name("f");
    EXPECT_TRUE(master->create_table(schema, {}));
    region = master->regions("t").front().region;
    server = servers[static_cast<std::size_t>(master->regions("t").front().server)].get();
  }

  Session session_at_server() { return Session({master.get(), server}); }
  std::string feed(Session& session, std::string_view bytes) {
    Replies replies;
    std::string waiting;
    waiting += bytes;
    const std::size_t taken = session.receive(waiting, now, replies);
    rest = waiting.substr(taken);
    return replies.bytes;
  }
  RemoteException exception_of(const Answered& answered) {
    const auto& e = answered.header.exception();
    return {e.exception_class_name(), e.stack_trace(), e.do_not_retry()};
  }
  pb::RegionSpecifier specifier() const {
    pb::RegionSpecifier out;
    out.set_type(pb::RegionSpecifier::REGION_NAME);
    out.set_value(region->name());
    return out;
  }
  pb::MutateRequest put(std::string row, std::string value) const {
    pb::MutateRequest request;
    *request.mutable_region() = specifier();
    auto& mutation = *request.mutable_mutation();
    mutation.set_row(std::move(row));
    mutation.set_mutate_type(pb::MutationProto::PUT);
    auto& column = *mutation.add_column_value();
    column.set_family("f");
    auto& cell = *column.add_qualifier_value();
    cell.set_qualifier("q");
    cell.set_value(std::move(value));
    return request;
  }
  pb::GetRequest get(std::string row) const {
    pb::GetRequest request;
    *request.mutable_region() = specifier();
    request.mutable_get()->set_row(std::move(row));
    return request;
  }

  std::int64_t now = 1'000'000;
  std::vector<std::function<void()>> later;
  std::vector<std::shared_ptr<RegionServer>> servers;
  std::unique_ptr<Master> master;
  std::shared_ptr<Region> region;
  RegionServer* server = nullptr;
  std::string rest;
};

TEST_F(SessionTest, PutAndGetWithACellBlock) {
  Session session = session_at_server();
  EXPECT_EQ(feed(session, header("ClientService")), "") << "a good header is not answered";
  const auto put_answer = answers(feed(session, call(1, "Mutate", put("r", "hello"))));
  ASSERT_EQ(put_answer.size(), 1u);
  EXPECT_EQ(put_answer[0].header.call_id(), 1u);
  const auto get_answer = answers(feed(session, call(2, "Get", get("r"))));
  ASSERT_EQ(get_answer.size(), 1u);
  pb::GetResponse response;
  ASSERT_TRUE(response.ParseFromString(get_answer[0].body));
  EXPECT_EQ(response.result().associated_cell_count(), 1);
  EXPECT_EQ(get_answer[0].header.cell_block_meta().length(), get_answer[0].cells.size());
  core::CellBlockReader cells(get_answer[0].cells);
  const auto cell = cells.next();
  ASSERT_TRUE(cell);
  EXPECT_EQ(cell->value(), "hello");
  EXPECT_EQ(cell->timestamp(), now);
  EXPECT_TRUE(cells.at_end());
}

TEST_F(SessionTest, WithoutACodecCellsComeInsideTheMessage) {
  Session session = session_at_server();
  feed(session, header("ClientService", ""));
  feed(session, call(1, "Mutate", put("r", "hello")));
  const auto got = answers(feed(session, call(2, "Get", get("r"))));
  pb::GetResponse response;
  ASSERT_TRUE(response.ParseFromString(got.at(0).body));
  ASSERT_EQ(response.result().cell_size(), 1);
  EXPECT_EQ(response.result().cell(0).value(), "hello");
  EXPECT_FALSE(got[0].header.has_cell_block_meta());
}

TEST_F(SessionTest, ManyCallsInOnePieceAreAnsweredInOnePiece) {
  Session session = session_at_server();
  std::string bytes = header("ClientService");
  for (std::uint32_t i = 0; i < 100; ++i) bytes += call(i, "Mutate", put("r" + std::to_string(i), "v"));
  const auto all = answers(feed(session, bytes));
  ASSERT_EQ(all.size(), 100u);
  for (std::uint32_t i = 0; i < 100; ++i) EXPECT_EQ(all[i].header.call_id(), i);
  EXPECT_EQ(session.calls(), 100u);
}

// However the stream is cut, the answers are the same.
TEST_F(SessionTest, BytesMayComeOneByOne) {
  Session session = session_at_server();
  const std::string bytes = header("ClientService") + call(1, "Mutate", put("r", "v")) + call(2, "Get", get("r"));
  std::string buffer;
  Replies replies;
  for (const char c : bytes) {
    buffer += c;
    buffer.erase(0, session.receive(buffer, now, replies));
  }
  EXPECT_EQ(answers(replies.bytes).size(), 2u);
}

TEST_F(SessionTest, TheRegistryPreambleIsAnsweredWithTheClusterId) {
  Session session = session_at_server();
  const auto got = answers(feed(session, "Regist"));
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].header.call_id(), 0xffffffffu);
  pb::GetConnectionRegistryResponse response;
  ASSERT_TRUE(response.ParseFromString(got[0].body));
  EXPECT_EQ(response.cluster_id(), "the-cluster");
  EXPECT_TRUE(session.is_closing());
}

TEST_F(SessionTest, TheSecurityPreambleKeepsTheConnection) {
  Session session = session_at_server();
  const auto got = answers(feed(session, "Securi" + header("ClientService")));
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(exception_of(got[0]).class_name, "org.apache.hadoop.hbase.ipc.SecurityNotEnabledException");
  EXPECT_FALSE(session.is_closing());
}

TEST_F(SessionTest, AServerWithoutSecurityTellsASaslClientToGoOnWithout) {
  Session session = session_at_server();
  std::string bytes =
      std::string("HBas\0\x51", 6) + framed("a token that is not looked at") + header("ClientService").substr(6);
  EXPECT_EQ(feed(session, bytes), std::string("\0\0\0\0\xff\xff\xff\xa8", 8));
  EXPECT_EQ(answers(feed(session, call(1, "Get", get("r")))).size(), 1u);
}

TEST_F(SessionTest, BadBeginningsAreAnsweredWithCallIdMinusOneAndEndTheConnection) {
  const std::pair<std::string, std::string> cases[] = {
      {std::string("HBas\x01\x50", 6), "WrongVersionException"},
      {std::string("HBas\0\x00", 6), "BadAuthException"},
      {"GET / HTTP/1.1\r\n", "FatalConnectionException"},
      {header("NoSuchService"), "UnknownServiceException"},
      {header(""), "EmptyServiceNameException"},
      {header("MasterService"), "UnknownServiceException"},
      {header("ClientService", "com.example.Codec"), "UnsupportedCellCodecException"},
      {header("ClientService", "org.apache.hadoop.hbase.codec.KeyValueCodec", "com.example.Zip"),
       "UnsupportedCompressionCodecException"},
      {std::string("HBas\0\x50", 6) + framed("\xff\xff\xff"), "FatalConnectionException"},
  };
  for (const auto& [bytes, name] : cases) {
    Session session = session_at_server();
    const auto got = answers(feed(session, bytes));
    ASSERT_EQ(got.size(), 1u) << name;
    EXPECT_EQ(got[0].header.call_id(), 0xffffffffu) << name;
    const RemoteException exception = exception_of(got[0]);
    EXPECT_EQ(exception.class_name, "org.apache.hadoop.hbase.ipc." + name);
    EXPECT_TRUE(exception.message.starts_with(exception.class_name + ": ")) << "the first line of the stack trace";
    EXPECT_TRUE(exception.do_not_retry) << name;
    EXPECT_TRUE(session.is_closing()) << name;
  }
}

TEST_F(SessionTest, AFrameThatIsTooBigIsAnsweredWithoutWaitingForIt) {
  Session session = session_at_server();
  feed(session, header("ClientService"));
  std::string bytes = call(77, "Get", get("r"));
  core::store_be(bytes.data(), std::uint32_t{300} << 20);
  const auto got = answers(feed(session, bytes));
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].header.call_id(), 77u);
  EXPECT_EQ(exception_of(got[0]).class_name, "org.apache.hadoop.hbase.exceptions.RequestTooBigException");
  EXPECT_TRUE(session.is_closing());
}

TEST_F(SessionTest, AnUnknownMethodAndAMalformedRequestAreExceptionsOfTheCall) {
  Session session = session_at_server();
  feed(session, header("ClientService"));
  const auto unknown = answers(feed(session, call(1, "Fly", get("r"))));
  EXPECT_TRUE(exception_of(unknown.at(0)).do_not_retry);
  pb::RequestHeader message;
  message.set_call_id(2);
  message.set_method_name("Get");
  message.set_request_param(true);
  std::string body;
  wire::append_delimited(body, message);
  const auto truncated = answers(feed(session, framed(body)));
  EXPECT_EQ(truncated.at(0).header.call_id(), 2u);
  EXPECT_TRUE(truncated.at(0).header.has_exception());
  EXPECT_FALSE(session.is_closing());
}

TEST_F(SessionTest, ACompressedCellBlockComesAndGoes) {
  for (const char* compressor :
       {"org.apache.hadoop.io.compress.GzipCodec", "org.apache.hadoop.io.compress.SnappyCodec",
        "org.apache.hadoop.hbase.io.compress.lz4.Lz4Codec", "org.apache.hadoop.hbase.io.compress.zstd.ZstdCodec",
        "org.apache.hadoop.io.compress.DefaultCodec"}) {
    Session session = session_at_server();
    feed(session, header("ClientService", "org.apache.hadoop.hbase.codec.KeyValueCodec", compressor));
    const auto algorithm = std::string_view(compressor).ends_with("GzipCodec")     ? wire::Compression::gzip
                           : std::string_view(compressor).ends_with("SnappyCodec") ? wire::Compression::snappy
                           : std::string_view(compressor).ends_with("Lz4Codec")    ? wire::Compression::lz4
                           : std::string_view(compressor).ends_with("ZstdCodec")   ? wire::Compression::zstd
                                                                                   : wire::Compression::deflate;
    std::string block, compressed, plain;
    core::append_cell(block, "r", "f", "q", kLatestTimestamp, CellType::put, compressor);
    ASSERT_TRUE(wire::compress(algorithm, block, compressed));
    pb::MutateRequest request;
    *request.mutable_region() = specifier();
    request.mutable_mutation()->set_mutate_type(pb::MutationProto::PUT);
    request.mutable_mutation()->set_row("r");
    request.mutable_mutation()->set_associated_cell_count(1);
    now += 1;
    ASSERT_FALSE(answers(feed(session, call(1, "Mutate", request, compressed))).at(0).header.has_exception());
    const auto got = answers(feed(session, call(2, "Get", get("r"))));
    ASSERT_TRUE(wire::decompress(algorithm, got.at(0).cells, 1 << 20, plain));
    EXPECT_EQ(core::CellBlockReader(plain).next()->value(), compressor);
  }
}

TEST_F(SessionTest, ARegionThatMovedSaysWhereTo) {
  Session session = session_at_server();
  feed(session, header("ClientService"));
  const int other = 1 - server->index();
  ASSERT_TRUE(master->move_region(region->encoded_name(), other));
  const auto got = answers(feed(session, call(1, "Get", get("r"))));
  const auto& exception = got.at(0).header.exception();
  EXPECT_EQ(exception.exception_class_name(), "org.apache.hadoop.hbase.exceptions.RegionMovedException");
  EXPECT_EQ(exception.hostname(), "host");
  EXPECT_EQ(exception.port(), 16020 + other);
  EXPECT_NE(exception.stack_trace().find("Region moved to: hostname=host port=" + std::to_string(16020 + other) +
                                         " startCode=" + std::to_string(100 + other) + ". As of locationSeqNum="),
            std::string::npos);
  now += 121'000;  // after two minutes it has forgotten
  server->sweep(now);
  const auto later_answer = answers(feed(session, call(2, "Get", get("r"))));
  EXPECT_EQ(exception_of(later_answer.at(0)).class_name, "org.apache.hadoop.hbase.NotServingRegionException");
}

TEST_F(SessionTest, ARepeatedNonceIsAnsweredAndNotAppliedAgain) {
  Session session = session_at_server();
  feed(session, header("ClientService"));
  pb::MutateRequest request = put("r", std::string("\0\0\0\0\0\0\0\x05", 8));
  request.mutable_mutation()->set_mutate_type(pb::MutationProto::INCREMENT);
  request.mutable_mutation()->set_nonce(77);
  request.set_nonce_group(5);
  for (std::uint32_t id = 1; id <= 3; ++id) {
    const auto got = answers(feed(session, call(id, "Mutate", request)));
    EXPECT_EQ(core::CellBlockReader(got.at(0).cells).next()->value(), std::string("\0\0\0\0\0\0\0\x05", 8)) << id;
  }
  request.mutable_mutation()->set_nonce(78);
  const auto got = answers(feed(session, call(4, "Mutate", request)));
  EXPECT_EQ(core::CellBlockReader(got.at(0).cells).next()->value(), std::string("\0\0\0\0\0\0\0\x0a", 8));
}

struct ScanCallTest : SessionTest {
  ScanCallTest() : session(session_at_server()) {
    feed(session, header("ClientService"));
    for (const char* row : {"a", "b", "c", "d"}) feed(session, call(1, "Mutate", put(row, "v")));
  }
  pb::ScanResponse open(std::uint32_t rows) {
    pb::ScanRequest request;
    *request.mutable_region() = specifier();
    request.mutable_scan();
    request.set_number_of_rows(rows);
    return ask(request);
  }
  pb::ScanResponse next(std::uint64_t id, std::uint64_t sequence, std::uint32_t rows = 1) {
    pb::ScanRequest request;
    request.set_scanner_id(id);
    request.set_next_call_seq(sequence);
    request.set_number_of_rows(rows);
    return ask(request);
  }
  pb::ScanResponse ask(const pb::ScanRequest& request) {
    const auto got = answers(feed(session, call(++id, "Scan", request)));
    failed = got.at(0).header.exception().exception_class_name();
    pb::ScanResponse response;
    EXPECT_TRUE(response.ParsePartialFromString(got[0].body));
    return response;
  }
  Session session;
  std::uint32_t id = 10;
  std::string failed;
};

TEST_F(ScanCallTest, CallsAreCountedFromTheFirstNext) {
  const auto opened = open(1);
  EXPECT_EQ(opened.cells_per_result_size(), 1) << "data comes with the scanner's id";
  EXPECT_GT(opened.scanner_id(), 0u);
  EXPECT_EQ(opened.ttl(), 60'000u);
  next(opened.scanner_id(), 0);
  EXPECT_EQ(failed, "");
  next(opened.scanner_id(), 0);
  EXPECT_EQ(failed, "org.apache.hadoop.hbase.exceptions.OutOfOrderScannerNextException");
  next(opened.scanner_id(), 1);
  EXPECT_EQ(failed, "");
  pb::ScanRequest renew;
  renew.set_scanner_id(opened.scanner_id());
  renew.set_next_call_seq(2);
  renew.set_number_of_rows(0);
  renew.set_renew(true);
  ask(renew);
  EXPECT_EQ(failed, "") << "renewing counts as a call";
  const auto last = next(opened.scanner_id(), 3);
  EXPECT_EQ(last.cells_per_result_size(), 1);
  EXPECT_FALSE(last.more_results_in_region());
}

TEST_F(ScanCallTest, AClosedScannerIsForgivenAnUnknownOneIsNot) {
  const auto opened = open(100);
  EXPECT_FALSE(opened.more_results_in_region());
  EXPECT_EQ(server->scanner_count(), 0u) << "closed by the server itself";
  pb::ScanRequest close;
  close.set_scanner_id(opened.scanner_id());
  close.set_close_scanner(true);
  ask(close);
  EXPECT_EQ(failed, "");
  next(12345, 0);
  EXPECT_EQ(failed, "org.apache.hadoop.hbase.UnknownScannerException");
}

TEST_F(ScanCallTest, LeasesExpireAndAreRenewedByUse) {
  const auto opened = open(1);
  now += 59'000;
  next(opened.scanner_id(), 0);
  now += 59'000;
  server->sweep(now);
  EXPECT_EQ(server->scanner_count(), 1u);
  now += 2'000;
  server->sweep(now);
  EXPECT_EQ(server->scanner_count(), 0u);
  next(opened.scanner_id(), 1);
  EXPECT_EQ(failed, "org.apache.hadoop.hbase.UnknownScannerException");
}

TEST_F(ScanCallTest, AScannerEndsWhenItsRegionMoves) {
  const auto opened = open(1);
  const int home = server->index();
  ASSERT_TRUE(master->move_region(region->encoded_name(), 1 - home));
  next(opened.scanner_id(), 0);
  EXPECT_EQ(failed, "org.apache.hadoop.hbase.NotServingRegionException");
  const auto again = open(1);
  EXPECT_EQ(failed, "org.apache.hadoop.hbase.exceptions.RegionMovedException");
  ASSERT_TRUE(master->move_region(region->encoded_name(), home));
  EXPECT_GT(open(1).scanner_id(), 0u);
}

// Seeded garbage: whatever comes, nothing worse than an answer or the end of the connection.
TEST_F(SessionTest, GarbageEndsNothingButItsOwnConnection) {
  std::mt19937 random(20240601);
  const std::string good = header("ClientService") + call(1, "Mutate", put("r", "v")) + call(2, "Get", get("r"));
  for (int round = 0; round < 20'000; ++round) {
    Session session = session_at_server();
    std::string bytes = good;
    const int changes = 1 + static_cast<int>(random() % 4);
    for (int i = 0; i < changes; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
    if (round % 3 == 0) bytes.resize(random() % bytes.size());
    feed(session, bytes);
  }
  Session session = session_at_server();
  feed(session, header("ClientService"));
  EXPECT_FALSE(answers(feed(session, call(1, "Get", get("r")))).at(0).header.has_exception());
}

}  // namespace
}  // namespace hbmux::mini
