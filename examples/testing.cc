// Tests of a program that keeps its accounts in HBase, on an embedded cluster that is made to fail. See
// docs/testing.md.
#include <hbmux/bytes.h>
#include <hbmux/mini/testing.h>

#include <cstdint>
#include <string>

namespace {

using hbmux::mini::ok;

/// The program under test.
class Accounts {
 public:
  explicit Accounts(hbmux::Table table) : table_(std::move(table)) {}

  hbmux::Result<std::int64_t> deposit(const std::string& account, std::int64_t amount) {
    auto row = table_.increment(hbmux::Increment(account).add("f", "balance", amount));
    if (!row) return row.error();
    return hbmux::bytes::to<std::int64_t>(row->value("f", "balance").value_or("")).value();
  }

 private:
  hbmux::Table table_;
};

class AccountsTest : public hbmux::mini::ClusterTest {
 protected:
  hbmux::mini::Options cluster_options() const override { return {.region_servers = 3}; }
  Accounts accounts() { return Accounts(create_table("accounts", {"f"}, {"m"})); }
};

TEST_F(AccountsTest, DepositsAddUp) {
  Accounts all = accounts();
  EXPECT_EQ(all.deposit("ada", 10).value(), 10);
  EXPECT_EQ(all.deposit("ada", 32).value(), 42);
}

// The reply to a deposit is lost, so that the client sends it again: it must not count twice.
TEST_F(AccountsTest, ALostReplyDoesNotDepositTwice) {
  Accounts all = accounts();
  EXPECT_TRUE(ok(all.deposit("ada", 10)));
  const int fault = inject("reset method=Mutate times=1 applied=true");
  EXPECT_EQ(all.deposit("ada", 10).value(), 20);
  EXPECT_EQ(happened(fault), 1u);
}

TEST_F(AccountsTest, ARegionServerMayDie) {
  Accounts all = accounts();
  EXPECT_TRUE(ok(all.deposit("ada", 10)));
  EXPECT_TRUE(ok(all.deposit("zoe", 10)));
  for (int server = 0; server < 2; ++server) ASSERT_TRUE(ok(cluster().kill_region_server(server)));
  EXPECT_EQ(all.deposit("ada", 1).value(), 11);
  EXPECT_EQ(all.deposit("zoe", 1).value(), 11);
}

}  // namespace
