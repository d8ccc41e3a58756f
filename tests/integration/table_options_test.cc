// One handle's own settings.
#include "tests/integration/cluster.h"

namespace hbmux::integration {
namespace {

using std::chrono::milliseconds;

class Options : public ClusterTest {};

TEST_F(Options, RequestAttributesTravelWithEveryCall) {
  auto table = connection().table(make_table({"m"})).with(TableOptions().request_attribute("trace", "abc").request_attribute("x", std::string(200, 'y')));
  HBMUX_EXPECT_OK(table.put(Put("a").add("f", "q", "1")));
  EXPECT_EQ(table.get(Get("a"))->value("f", "q"), "1");
  std::vector<Action> actions;
  actions.emplace_back(Get("a"));
  actions.emplace_back(Put("z").add("f", "q", "1"));
  for (const auto& result : table.batch(std::move(actions))) HBMUX_EXPECT_OK(result);
  int rows = 0;
  for (const auto& row : table.scan(Scan())) rows += row ? 1 : 0;
  EXPECT_EQ(rows, 2);
}

// With one attempt only, the first failure is the answer; the other handle is not touched.
TEST_F(Options, AttemptsAndTimeOutsAreTheHandlesOwn) {
  auto table = connection().table("no_such_table");
  const auto hasty = table.with(TableOptions().max_attempts(1).retry_pause(milliseconds(1)).operation_timeout(milliseconds(5000)));
  HBMUX_EXPECT_ERROR(hasty.get(Get("r")), Errc::table_not_found);
  auto there = connection().table(make_table());
  const auto none = there.with(TableOptions().rpc_timeout(milliseconds(0)).operation_timeout(milliseconds(0)));
  HBMUX_EXPECT_OK(none.get(Get("r")));
}

}  // namespace
}  // namespace hbmux::integration
