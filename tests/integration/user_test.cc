// Other users over the same connection.
#include "tests/integration/cluster.h"

#include <map>

namespace hbmux::integration {
namespace {

class Users : public ClusterTest {};

TEST_F(Users, HaveTheirOwnSockets) {
  const auto name = make_table();
  auto own = connection().table(name);
  auto bobs = connection().as(User{"bob", ""}).table(name);
  HBMUX_ASSERT_OK(own.put(Put("r").add("f", "q", "mine")));
  EXPECT_EQ(text_of(bobs.get(Get("r")).value()), "q=mine");
  HBMUX_ASSERT_OK(bobs.put(Put("r").add("f", "q", "bob's")));
  EXPECT_EQ(text_of(own.get(Get("r")).value()), "q=bob's");
  HBMUX_EXPECT_OK(connection().as(User{"bob", ""}).admin().list_tables());

  std::map<std::string, int> pools;
  for (const auto& pool : connection().statistics().pools) {
    if (pool.service == "ClientService") pools[pool.user] += static_cast<int>(pool.open);
  }
  EXPECT_GE(pools["bob"], 1);
  EXPECT_EQ(pools.size(), 2u);
}

// In the name of another: the header carries who really calls. A server without authentication lets that pass.
TEST_F(Users, SpeakForOthers) {
  const auto name = make_table();
  const auto alice = connection().as("alice");
  EXPECT_FALSE(alice.user().real.empty());
  HBMUX_ASSERT_OK(alice.table(name).put(Put("r").add("f", "q", "1")));
  EXPECT_EQ(text_of(connection().table(name).get(Get("r")).value()), "q=1");
}

}  // namespace
}  // namespace hbmux::integration
