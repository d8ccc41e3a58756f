// What those who run a gateway see of it.
#include "gateway/published_names.h"
#include "gateway/refusal.h"
#include "gateway/tls_files.h"
#include "tests/gateway/gateway_test.h"

#include <hbmux/bt/rpc/details.pb.h>
#include <hbmux/bt/rpc/status.pb.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>

#include <grpcpp/security/credentials.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <thread>

#include <unistd.h>

namespace hbmux::gateway {
namespace {

namespace fs = std::filesystem;
using boost::asio::ip::tcp;

std::string talk(const std::string& address, const std::string& request) {
  boost::asio::io_context context;
  tcp::socket socket(context);
  const auto colon = address.rfind(':');
  socket.connect({boost::asio::ip::make_address(address.substr(0, colon)), static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1)))});
  boost::asio::write(socket, boost::asio::buffer(request));
  std::string answer;
  boost::system::error_code end;
  boost::asio::read(socket, boost::asio::dynamic_buffer(answer), end);
  return answer;
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class OperateTest : public GatewayTest {
 protected:
  void SetUp() override {
    GatewayTest::SetUp();
    folder_ = fs::path(testing::TempDir()) / ("hbmux-gateway-" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override {
    gateway_.reset();
    fs::remove_all(folder_);
  }
  /// In place of the one that the fixture has started.
  void start(GatewayOptions options) {
    options.listen = "127.0.0.1:0";
    options.names = NameRules::parse("i=default").value();
    auto started = Gateway::start(*connection_, options);
    ASSERT_TRUE(started) << started.error();
    gateway_.emplace(std::move(*started));
    client_.emplace(gateway_->address());
  }
  std::string get(const std::string& path, const std::string& method = "GET") {
    return talk(gateway_->http_address(), method + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  }
  /// A certificate for localhost, made by itself: NAME.crt, NAME.key.
  bool make_certificate(const std::string& name) {
    const std::string command = "cd '" + folder_.string() + "' && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=" + name +
                                " -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout " + name + ".key -out " + name + ".crt 2>openssl.log";
    return std::system(command.c_str()) == 0;  // NOLINT: a test's own folder
  }
  TlsFiles files(const std::string& name) { return {(folder_ / (name + ".crt")).string(), (folder_ / (name + ".key")).string(), {}}; }
  std::shared_ptr<grpc::Channel> channel(const std::string& authority, const std::string& own = {}) {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = read_file(folder_ / (authority + ".crt"));
    if (!own.empty()) {
      options.pem_cert_chain = read_file(folder_ / (own + ".crt"));
      options.pem_private_key = read_file(folder_ / (own + ".key"));
    }
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(gateway_->address(), grpc::SslCredentials(options), arguments);
  }
  static grpc::Status ping(const std::shared_ptr<grpc::Channel>& channel, std::chrono::milliseconds patience = std::chrono::seconds(5)) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + patience);
    bt::PingAndWarmRequest request;
    request.set_name(kParent);
    bt::PingAndWarmResponse response;
    const grpc::internal::RpcMethod method(path::kPingAndWarm, grpc::internal::RpcMethod::NORMAL_RPC, channel);
    return grpc::internal::BlockingUnaryCall(channel.get(), method, &context, request, &response);
  }

  fs::path folder_;
};

TEST_F(OperateTest, ThePageAndTheMetrics) {
  GatewayOptions options;
  options.http = "127.0.0.1:0";
  options.slow_call = std::chrono::milliseconds(0);
  start(options);
  make_table();
  put("r", "q", 1000, "v");
  row("r");
  EXPECT_EQ(client_->call(path::kDeleteTable, bt::admin::DeleteTableRequest(), *std::make_unique<google::protobuf::Empty>()).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  // A call's client may know its end before the journal does.
  std::string metrics;
  for (int i = 0; i < 1000 && metrics.find("DeleteTable\",status") == std::string::npos; ++i) metrics = get("/metrics");
  EXPECT_NE(metrics.find("200 OK"), std::string::npos);
  EXPECT_NE(metrics.find("\nhbmux_gateway_calls_total{method=\"MutateRow\",status=\"OK\"} 1\n"), std::string::npos) << metrics;
  EXPECT_NE(metrics.find("\nhbmux_gateway_calls_total{method=\"DeleteTable\",status=\"INVALID_ARGUMENT\"} 1\n"), std::string::npos);
  EXPECT_NE(metrics.find("\nhbmux_gateway_rows_total{method=\"ReadRows\"} 1\n"), std::string::npos);
  EXPECT_NE(metrics.find("hbmux_pool_connections_open{address="), std::string::npos);
  const std::string page = get("/");
  EXPECT_NE(page.find("text/html"), std::string::npos);
  EXPECT_NE(page.find("projects/p/instances/i/tables/t"), std::string::npos) << "slow calls are named";
  EXPECT_NE(get("/healthz").find("\r\n\r\nok\n"), std::string::npos);
  EXPECT_NE(get("/else").find("404 Not Found"), std::string::npos);
  EXPECT_NE(get("/", "POST").find("405 Method Not Allowed"), std::string::npos);
  const std::string head = get("/metrics", "HEAD");
  EXPECT_NE(head.find("200 OK"), std::string::npos);
  EXPECT_EQ(head.find("hbmux_"), std::string::npos);
  EXPECT_NE(talk(gateway_->http_address(), "nonsense\r\n\r\n"), "200 OK");
  EXPECT_NE(get("/healthz?x=" + std::string(1000, 'y')).find("200 OK"), std::string::npos);
}

TEST_F(OperateTest, AnAddressThatIsTakenIsAnError) {
  GatewayOptions options;
  options.listen = "127.0.0.1:0";
  options.http = gateway_->address();
  EXPECT_FALSE(Gateway::start(*connection_, options));
  options.http = "nonsense";
  EXPECT_FALSE(Gateway::start(*connection_, options));
}

TEST_F(OperateTest, EachCallIsALine) {
  GatewayOptions options;
  options.access_log = (folder_ / "access.log").string();
  start(options);
  make_table();
  put("r", "q", 1000, "value");
  ASSERT_EQ(row("r"), "r f:q@1000=value\n");
  fs::rename(options.access_log, options.access_log + ".1");
  ASSERT_TRUE(gateway_->reload());
  ASSERT_EQ(row("none"), "");
  gateway_.reset();
  const std::string before = read_file(options.access_log + ".1"), after = read_file(options.access_log);
  const std::string all = before + after;
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 4) << all;
  EXPECT_NE(all.find("\"method\":\"CreateTable\",\"table\":\"projects/p/instances/i/tables/t\""), std::string::npos) << all;
  EXPECT_NE(all.find("\"method\":\"ReadRows\",\"table\":\"projects/p/instances/i/tables/t\",\"rows\":1,"), std::string::npos) << all;
  EXPECT_NE(all.find("\"peer\":\"ipv4:127.0.0.1:"), std::string::npos) << all;
}

TEST_F(OperateTest, Encrypted) {
  if (!make_certificate("server") || !make_certificate("other")) GTEST_SKIP() << "no openssl command";
  GatewayOptions options;
  options.tls = files("server");
  start(options);
  EXPECT_EQ(text_of(ping(channel("server"))), "ok");
  EXPECT_EQ(ping(channel("other"), std::chrono::milliseconds(500)).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_FALSE(ping(grpc::CreateChannel(gateway_->address(), grpc::InsecureChannelCredentials()), std::chrono::milliseconds(500)).ok());
  // Another certificate in the same files is in use after a while.
  fs::copy_file(folder_ / "other.key", options.tls.key, fs::copy_options::overwrite_existing);
  EXPECT_FALSE(gateway_->reload()) << "the key does not belong to the certificate yet";
  fs::copy_file(folder_ / "other.crt", options.tls.certificate, fs::copy_options::overwrite_existing);
  EXPECT_TRUE(gateway_->reload());
  bool changed = false;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!changed && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));  // each attempt is a line on the standard error
    changed = ping(channel("other"), std::chrono::milliseconds(300)).ok();
  }
  EXPECT_TRUE(changed);
}

TEST_F(OperateTest, ClientsWithCertificates) {
  if (!make_certificate("server") || !make_certificate("client")) GTEST_SKIP() << "no openssl command";
  GatewayOptions options;
  options.tls = files("server");
  options.tls.client_authority = (folder_ / "client.crt").string();
  start(options);
  EXPECT_EQ(text_of(ping(channel("server", "client"))), "ok");
  EXPECT_FALSE(ping(channel("server"), std::chrono::milliseconds(500)).ok());
  EXPECT_FALSE(ping(channel("server", "server"), std::chrono::milliseconds(500)).ok());
}

TEST_F(OperateTest, FilesThatCannotBe) {
  const auto refused = [&](TlsFiles tls) {
    GatewayOptions options;
    options.listen = "127.0.0.1:0";
    options.tls = std::move(tls);
    const auto started = Gateway::start(*connection_, options);
    return started ? "started" : started.error().message();
  };
  EXPECT_NE(refused(files("missing")).find("cannot be read"), std::string::npos);
  std::ofstream(folder_ / "empty.crt") << "nothing";
  std::ofstream(folder_ / "empty.key") << "nothing";
  EXPECT_NE(refused(files("empty")).find("has no certificate"), std::string::npos);
  GatewayOptions log;
  log.access_log = (folder_ / "no" / "such").string();
  EXPECT_FALSE(Gateway::start(*connection_, log));
}

TEST_F(OperateTest, ReflectionAnswersQuestionAfterQuestion) {
  const auto channel = grpc::CreateChannel(gateway_->address(), grpc::InsecureChannelCredentials());
  using Request = served::reflection::ServerReflectionRequest;
  using Response = served::reflection::ServerReflectionResponse;
  for (const char* path : {path::kReflectionAlpha, path::kReflection}) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    const grpc::internal::RpcMethod method(path, grpc::internal::RpcMethod::BIDI_STREAMING, channel);
    const std::unique_ptr<grpc::ClientReaderWriter<Request, Response>> stream(
        grpc::internal::ClientReaderWriterFactory<Request, Response>::Create(channel.get(), method, &context));
    Request request;
    Response response;
    request.set_list_services("");
    ASSERT_TRUE(stream->Write(request));
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.list_services_response().service_size(), 5);
    request.set_file_containing_symbol("google.bigtable.v2.Bigtable");
    ASSERT_TRUE(stream->Write(request));
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_TRUE(response.has_file_descriptor_response());
    stream->WritesDone();
    EXPECT_TRUE(stream->Finish().ok());
  }
}

// The pause grows with what a client brings back of the last answer.
TEST_F(OperateTest, RefusedClientsAreToldWhenToComeAgain) {
  make_table();
  Configuration configuration = cluster_->client_configuration();
  configuration.set("hbase.client.retries.number", "0");
  connection_->close();
  gateway_.reset();
  connection_ = ClusterConnection::open(configuration).value();
  start({});
  ASSERT_TRUE(cluster_->inject("too-busy method=Mutate"));
  const auto channel = grpc::CreateChannel(gateway_->address(), grpc::InsecureChannelCredentials());
  auto request = mutation("r");
  add_cell(request, "f", "q", 1000, "v");
  std::string cookie;
  for (const int pause : {100, 200, 400}) {
    grpc::ClientContext context;
    context.AddMetadata("bigtable-features", "MAE=");  // routing_cookie
    if (!cookie.empty()) context.AddMetadata(kRefusalsCookie, cookie);
    bt::MutateRowResponse response;
    const grpc::internal::RpcMethod method(path::kMutateRow, grpc::internal::RpcMethod::NORMAL_RPC, channel);
    const grpc::Status status = grpc::internal::BlockingUnaryCall(channel.get(), method, &context, request, &response);
    ASSERT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE) << status.error_message();
    bt::rpc::Status details;
    ASSERT_TRUE(details.ParseFromString(status.error_details()));
    ASSERT_EQ(details.details_size(), 1);
    bt::rpc::RetryInfo info;
    ASSERT_TRUE(info.ParseFromString(details.details(0).value()));
    EXPECT_EQ(info.retry_delay().nanos(), pause * 1'000'000);
    const auto found = context.GetServerTrailingMetadata().find(kRefusalsCookie);
    ASSERT_NE(found, context.GetServerTrailingMetadata().end());
    cookie.assign(found->second.data(), found->second.size());
  }
}

TEST_F(OperateTest, MoreReadsThanMayBeAreRefused) {
  GatewayOptions options;
  options.limits.reads = 2;
  start(options);
  make_table();
  const std::string large(100'000, 'v');
  for (int i = 0; i < 100; ++i) put("r" + std::to_string(i), "q", 1000, large);
  {
    grpc::ClientContext contexts[2];
    std::vector<std::unique_ptr<grpc::ClientReader<bt::ReadRowsResponse>>> readers;
    for (auto& context : contexts) {
      readers.push_back(client_->stream<bt::ReadRowsResponse>(path::kReadRows, context, read_request()));
      bt::ReadRowsResponse first;
      ASSERT_TRUE(readers.back()->Read(&first));
    }
    EXPECT_EQ(rows(read_request()).substr(0, 8), "error 8:");
    put("other", "q", 1000, "v");  // calls of another kind go on
    for (auto& context : contexts) context.TryCancel();
    for (auto& reader : readers) reader->Finish();
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (row("other") != "other f:q@1000=v\n" && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  EXPECT_EQ(row("other"), "other f:q@1000=v\n");
}

// Deadlines that pass anywhere in a call: before it begins, between its steps, while several rows are read at once.
TEST_F(OperateTest, CallsThatAreCutOffLeaveNothing) {
  GatewayOptions options;
  options.http = "127.0.0.1:0";
  start(options);
  make_table("t", {"r3", "r6"});
  for (int i = 0; i < 10; ++i) put("r" + std::to_string(i), "q", 2000, std::string(5000, 'v'));
  ASSERT_TRUE(cluster_->inject("delay min=0ms max=4ms rate=0.3 seed=5"));
  std::atomic<int> ended = 0, succeeded = 0;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 6; ++i) {
    threads.emplace_back([&, i] {
      std::mt19937 random(i);
      GatewayClient client(gateway_->address());
      bt::MutateRowsRequest bulk;
      bulk.set_table_name(table_name());
      for (int n = 0; n < 20; ++n) {
        auto& entry = *bulk.add_entries();
        entry.set_row_key("r" + std::to_string(n % 10));
        auto& column = *entry.add_mutations()->mutable_delete_from_column();  // of times from the middle: the row is read first
        column.set_family_name("f");
        column.set_column_qualifier("q");
        column.mutable_time_range()->set_start_timestamp_micros(5000);
        column.mutable_time_range()->set_end_timestamp_micros(9000);
      }
      bt::CheckAndMutateRowRequest check = insert_if_absent(table_name(), "r" + std::to_string(i), "v");
      for (int n = 0; n < 150; ++n) {
        grpc::ClientContext context;
        context.set_deadline(std::chrono::system_clock::now() + std::chrono::microseconds(random() % 8000));
        grpc::Status status;
        switch (random() % 3) {
          case 0: {
            auto reader = client.stream<bt::MutateRowsResponse>(path::kMutateRows, context, bulk);
            for (bt::MutateRowsResponse message; reader->Read(&message);) {
            }
            status = reader->Finish();
            break;
          }
          case 1: {
            auto reader = client.stream<bt::ReadRowsResponse>(path::kReadRows, context, read_request());
            bt::ReadRowsResponse message;
            reader->Read(&message);
            if (random() % 2 == 0) context.TryCancel();
            while (reader->Read(&message)) {
            }
            status = reader->Finish();
            break;
          }
          default: {
            bt::CheckAndMutateRowResponse response;
            status = client.call(path::kCheckAndMutateRow, check, response);
            break;
          }
        }
        ++ended;
        succeeded += status.ok() ? 1 : 0;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(ended, 900);
  EXPECT_GT(succeeded, 100);
  cluster_->heal_all();
  const auto nothing_is_left = [&] {
    const std::string metrics = get("/metrics");
    for (const char* method : {"ReadRows", "MutateRows", "CheckAndMutateRow"}) {
      if (metrics.find("calls_in_flight{method=\"" + std::string(method) + "\"} 0\n") == std::string::npos) return false;
    }
    return true;
  };
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!nothing_is_left() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  EXPECT_TRUE(nothing_is_left());
  EXPECT_NE(row("r9").find("f:q@2000="), std::string::npos);
}

// A master that says nothing: calls that wait for it end with the gateway.
TEST_F(OperateTest, StoppingWaitsForNobody) {
  make_table();
  start({});  // which knows no table yet
  ASSERT_TRUE(cluster_->inject("stall method=GetTableDescriptors"));
  std::vector<std::thread> callers;
  callers.emplace_back([&] { mutate(mutation("r")); });
  auto request = mutation("r");
  add_cell(request, "f", "q", 1000, "v");
  for (int i = 0; i < 4; ++i) callers.emplace_back([this, request] { EXPECT_FALSE(mutate(request).ok()); });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  const auto began = std::chrono::steady_clock::now();
  gateway_->stop(std::chrono::milliseconds(0));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(3));
  for (auto& caller : callers) caller.join();
}

// Those who ask are told before the last call has ended.
TEST_F(OperateTest, DrainingIsTold) {
  GatewayOptions options;
  options.http = "127.0.0.1:0";
  start(options);
  make_table();
  put("r", "q", 1000, "v");
  ASSERT_TRUE(cluster_->inject("stall method=Get"));
  std::thread reader([&] { row("r"); });
  while (get("/metrics").find("calls_in_flight{method=\"ReadRows\"} 1") == std::string::npos) std::this_thread::yield();
  std::thread stopper([&] { gateway_->stop(std::chrono::milliseconds(700)); });
  bool told = false;
  for (int i = 0; i < 1000 && !told; ++i) told = get("/healthz").find("503") != std::string::npos;
  EXPECT_TRUE(told);
  stopper.join();
  reader.join();
}

}  // namespace
}  // namespace hbmux::gateway
