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

TEST_F(Options, AHandleTellsWhatHoldsForIt) {
  const auto table = connection().table(make_table());
  const TableOptions usual = table.options();
  EXPECT_TRUE(usual.operation_timeout() && usual.read_rpc_timeout() && usual.write_rpc_timeout() && usual.scan_timeout());
  EXPECT_TRUE(usual.retry_pause() && usual.retry_pause_for_server_overloaded() && usual.max_attempts() && usual.start_log_errors());
  EXPECT_TRUE(usual.request_attributes().empty());

  const auto other = table.with(TableOptions()
                                    .operation_timeout(milliseconds(1))
                                    .read_rpc_timeout(milliseconds(2))
                                    .write_rpc_timeout(milliseconds(3))
                                    .scan_timeout(milliseconds(4))
                                    .retry_pause(milliseconds(5))
                                    .retry_pause_for_server_overloaded(milliseconds(6))
                                    .max_attempts(7)
                                    .start_log_errors(8)
                                    .request_attribute("trace", "abc"));
  for (const TableOptions& told : {other.options(), table.with(other.options()).options(), other.with(TableOptions()).options()}) {
    EXPECT_EQ(told.operation_timeout(), milliseconds(1));
    EXPECT_EQ(told.read_rpc_timeout(), milliseconds(2));
    EXPECT_EQ(told.write_rpc_timeout(), milliseconds(3));
    EXPECT_EQ(told.scan_timeout(), milliseconds(4));
    EXPECT_EQ(told.retry_pause(), milliseconds(5));
    EXPECT_EQ(told.retry_pause_for_server_overloaded(), milliseconds(6));
    EXPECT_EQ(told.max_attempts(), 7);
    EXPECT_EQ(told.start_log_errors(), 8);
    EXPECT_EQ(told.request_attributes(), (Attributes{{"trace", "abc"}}));
  }
  EXPECT_EQ(table.options().max_attempts(), usual.max_attempts());
}

}  // namespace
}  // namespace hbmux::integration
