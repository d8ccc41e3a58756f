// A test as a user writes one: load rows, let a write fail, look.
#include <hbmux/mini/testing.h>

using namespace hbmux::mini;

TEST_F(ClusterTest, AFaultIsSurvived) {
  auto users = create_table("users", {"info"});
  load(users, {{"u1", {{"info:name", "Ada"}}}, {"u2", {{"info:name", "Zoe"}}}});
  const int fault = inject("too-busy method=Mutate times=1");
  EXPECT_TRUE(ok(users.put(hbmux::Put("u2").add("info", "name", "Eve"))));
  EXPECT_EQ(happened(fault), 1u);
  EXPECT_EQ(value(users, "u2", "info", "name"), "Eve");
  EXPECT_EQ(rows(users).size(), 2u);
  EXPECT_TRUE(fails_with(users.put(hbmux::Put("u3").add("nothing", "q", "v")), hbmux::Errc::no_such_column_family));
}
