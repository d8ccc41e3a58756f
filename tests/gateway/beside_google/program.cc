// Google's messages and ours in one program: the same bytes, and no name is registered twice.
#include "gateway/gateway.h"

#include <hbmux/bt/bigtable.pb.h>

#include <google/bigtable/v2/bigtable.pb.h>
#include <google/protobuf/descriptor.h>

#include <cstdio>
#include <string>

namespace {

bool check(bool holds, const char* what) {
  if (!holds) std::fprintf(stderr, "not so: %s\n", what);
  return holds;
}

}  // namespace

int main() {
  google::bigtable::v2::ReadRowsRequest theirs;
  theirs.set_table_name("projects/p/instances/i/tables/t");
  theirs.mutable_rows()->add_row_ranges()->set_end_key_closed("z");
  theirs.mutable_filter()->mutable_chain()->add_filters()->set_apply_label_transformer("l");
  hbmux::bt::ReadRowsRequest ours;
  bool good = check(ours.ParseFromString(theirs.SerializeAsString()), "ours reads theirs");
  good = check(ours.filter().chain().filters(0).apply_label_transformer() == "l", "a nested field is found") && good;
  good = check(ours.SerializeAsString() == theirs.SerializeAsString(), "the bytes are the same") && good;
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  good = check(pool->FindMessageTypeByName("google.bigtable.v2.ReadRowsRequest") != nullptr, "theirs is registered") && good;
  good = check(pool->FindMessageTypeByName("hbmux.bt.ReadRowsRequest") == nullptr, "ours is not") && good;
  hbmux::gateway::GatewayOptions options;  // the gateway is linked, not only its messages
  options.listen = "127.0.0.1:0";
  auto connection = hbmux::ClusterConnection::open("hbase+rpc://127.0.0.1:1").value();
  auto gateway = hbmux::gateway::Gateway::start(connection, options);
  good = check(gateway.has_value(), "the gateway starts") && good;
  std::puts(good ? "hbmux and Google's definitions go together" : "FAILED");
  return good ? 0 : 1;
}
