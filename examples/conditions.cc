// Changes that depend on what is there: a lock taken by one only, several changes of a row at once, and filters.
//
//   example_conditions [URI]
#include <hbmux/hbmux.h>
#include <hbmux/mini/cluster.h>

#include <atomic>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace hbmux;

/// True for the one who gets it.
bool take_lock(const Table& table, const std::string& who) {
  auto taken = table.check_and_mutate(CheckAndMutate("job-7").if_not_exists("d", "owner").then(Put("job-7").add("d", "owner", who)));
  return taken.value().success();
}

/// All or nothing, and only by the owner: the counter rises, the state changes, the lock is given back.
bool finish_job(const Table& table, const std::string& who) {
  auto changes = RowMutations("job-7")
                     .add(Increment("job-7").add("d", "runs", 1))
                     .add(Put("job-7").add("d", "state", "done"))
                     .add(Delete("job-7").add_columns("d", "owner"));
  auto done = table.check_and_mutate(CheckAndMutate("job-7").if_equals("d", "owner", who).then(std::move(changes)));
  return done.value().success();
}

}  // namespace

int main(int argc, char** argv) try {
  std::optional<mini::Cluster> mini;
  if (argc < 2) mini.emplace(mini::Cluster::start({}).value());
  auto connection = ClusterConnection::open(mini ? mini->connection_uri() : argv[1]).value();
  auto admin = connection.admin();
  auto name = TableName::parse("hbmux_example_conditions").value();
  admin.create_table(TableDescriptor(name).family("d")).value();
  auto table = connection.table(name);

  std::atomic<int> owners{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) threads.emplace_back([&, t] { owners += take_lock(table, "worker-" + std::to_string(t)) ? 1 : 0; });
  }
  const std::string owner(table.get(Get("job-7").column("d", "owner")).value().value("d", "owner").value());
  const bool finished = !finish_job(table, "somebody else") && finish_job(table, owner);
  std::cout << owners << " of 8 got the lock: " << owner << '\n';

  for (int i = 0; i < 20; ++i) {
    table.put(Put("job-" + std::to_string(i)).add("d", "state", i % 4 == 0 ? "failed" : "done").add("d", "minutes", std::to_string(i))).value();
  }
  // Built from types, or from the text that HBase's shell takes; both leave rows out at the server.
  auto failed = SingleColumnValueFilter("d", "state", CompareOperator::equal, "failed").filter_if_missing(true);
  auto same = Filter::parse("SingleColumnValueFilter('d', 'state', =, 'binary:failed', true, true)").value();
  int found = 0;
  for (const auto& row : table.scan(Scan().filter(failed).column("d", "state").column("d", "minutes"))) {
    std::cout << row.value().row() << " failed after " << row->value("d", "minutes").value_or("?") << " minutes\n";
    ++found;
  }
  // What is wrong with a text is told with its position.
  std::cout << Filter::parse("PageFilter(ten)").error().message() << '\n';

  admin.disable_table(name).value();
  admin.delete_table(name).value();
  return owners == 1 && finished && failed == same && found == 5 ? 0 : 1;
} catch (const Exception& failure) {
  std::cerr << failure.error() << '\n';
  return 1;
}
