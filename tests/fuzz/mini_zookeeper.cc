// What a client sends to the embedded cluster's ZooKeeper: bytes as they arrive, on one connection or on two of one
// session.
#include "tests/fuzz/mini_world.h"

#include "mini/zookeeper/zookeeper_dialogue.h"

using namespace hbmux;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::size_t step = std::size_t{input.byte()} + 1;
  fuzz::MiniWorld world;
  mini::ZnodeTree tree(*world.master, "/hbase");
  mini::ZooKeeperSessions sessions(1);
  for (int connection = 0; connection < 2 && !input.empty(); ++connection) {
    mini::ZooKeeperDialogue dialogue(tree, sessions);
    mini::Replies replies;
    std::string bytes;
    std::string_view all = connection == 0 ? input.part() : input.rest();
    while (!all.empty() && !dialogue.is_closing()) {
      bytes += all.substr(0, step);
      all.remove_prefix(std::min(step, all.size()));
      const std::size_t taken = dialogue.receive(bytes, world.now, replies);
      fuzz::require(taken <= bytes.size());
      bytes.erase(0, taken);
      fuzz::require(replies.bytes.size() <= (std::size_t{8} << 20));
      world.pass(100);
      if (bytes.size() % 3 == 0) dialogue.tick(world.now, replies);
    }
    if (connection == 0)
      (void)world.master->create_table(
          [] {
            pb::TableSchema schema;
            *schema.mutable_table_name() = mini::table_name_message("u");
            schema.add_column_families()->set_name("f");
            return schema;
          }(),
          {});
  }
  fuzz::require(sessions.size() <= 2);  // one for each connection at the most
  return 0;
}
