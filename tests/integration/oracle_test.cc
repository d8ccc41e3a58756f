// The Java client as the oracle: it does random operations on a table and prints them with its answers (OracleOps.java); the same operations
// through hbmux on a twin table must be answered alike, cell by cell. HBMUX_ORACLE_SEEDS (1,2,3 ...) and HBMUX_ORACLE_OPERATIONS choose others.
#include "core/bytes.h"
#include "tests/integration/cluster.h"

#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace hbmux::integration {
namespace {

using Words = std::vector<std::string>;

Words split(const std::string& text, const std::string& by) {
  Words parts;
  std::size_t at = 0;
  for (std::size_t next; (next = text.find(by, at)) != std::string::npos; at = next + by.size()) parts.push_back(text.substr(at, next - at));
  parts.push_back(text.substr(at));
  return parts;
}

struct Column {
  explicit Column(const std::string& word) : family(word.substr(0, word.find(':'))), qualifier(word.substr(word.find(':') + 1)) {}
  std::string family, qualifier;
};

// ---------------------------------------------------------------- words to operations

Put put_of(const Words& words) {
  Put put(words[1]);
  for (std::size_t i = 2; i + 2 < words.size(); i += 3) {
    const Column c(words[i]);
    put.add(c.family, c.qualifier, std::stoll(words[i + 1]), words[i + 2]);
  }
  return put;
}

Delete delete_of(const Words& words) {
  if (words[2] == "row") return Delete(words[1], std::stoll(words[4]));
  Delete del(words[1]);
  for (std::size_t i = 2; i + 2 < words.size(); i += 3) {
    const Column c(words[i + 1]);
    const std::int64_t at = std::stoll(words[i + 2]);
    if (words[i] == "column") del.add_column(c.family, c.qualifier, at);
    if (words[i] == "columns") del.add_columns(c.family, c.qualifier, at);
    if (words[i] == "family") del.add_family(c.family, at);
    if (words[i] == "familyversion") del.add_family_version(c.family, at);
  }
  return del;
}

RowMutations::Change change_of(const std::string& part) {
  const Words words = split(part, " ");
  if (words[0] == "put") return put_of(words);
  if (words[0] == "delete") return delete_of(words);
  const Column c(words[2]);
  if (words[0] == "incr") return Increment(words[1]).add(c.family, c.qualifier, std::stoll(words[3]));
  return Append(words[1]).add(c.family, c.qualifier, words[3]);
}

RowMutations mutations_of(const std::string& row, const Words& parts) {
  RowMutations mutations(row);
  for (std::size_t i = 1; i < parts.size(); ++i) mutations.add(change_of(parts[i]));
  return mutations;
}

CheckAndMutate check_of(const Words& words, const std::string& then) {
  static const Words kOperators = {"<", "<=", "=", "!=", ">=", ">"};  // in the order of CompareOperator
  const Column c(words[2]);
  CheckAndMutate check(words[1]);
  if (words[3] == "missing") {
    check.if_not_exists(c.family, c.qualifier);
  } else {
    const auto op = static_cast<CompareOperator>(std::ranges::find(kOperators, words[3]) - kOperators.begin());
    check.if_matches(c.family, c.qualifier, op, words[4]);
  }
  if (words.back().starts_with("tr=")) {
    const Words range = split(words.back().substr(3), ":");
    check.time_range(std::stoll(range[0]), std::stoll(range[1]));
  }
  if (then.starts_with("rowmut")) return check.then(mutations_of(words[1], split(then, " , ")));
  return std::visit([&](auto&& change) { return check.then(std::forward<decltype(change)>(change)); }, change_of(then));
}

/// What a Get and a Scan have in common.
template <class Q>
void apply(Q& query, const std::string& word) {
  const std::string value = word.substr(word.find('=') + 1);
  const Words c = split(value, ":");
  if (word.starts_with("fam=")) query.family(value);
  if (word.starts_with("col=")) query.column(c[0], c[1]);
  if (word.starts_with("ver=")) query.versions(std::stoi(value));
  if (word.starts_with("tr=")) query.time_range(std::stoll(c[0]), std::stoll(c[1]));
  if (word.starts_with("ftr=")) query.family_time_range(c[0], std::stoll(c[1]), std::stoll(c[2]));
  if (word.starts_with("limit-in-family=")) query.max_results_per_column_family(std::stoi(value));
  if (word.starts_with("offset-in-family=")) query.row_offset_per_column_family(std::stoi(value));
}

/// The words before the filter; the filter is set.
template <class Q>
Words words_of(Q& query, const std::string& part) {
  const std::size_t at = part.find(" filter=");
  if (at != std::string::npos) query.filter(Filter::parse(part.substr(at + 8)).value());
  return split(part.substr(0, at), " ");
}

Get get_of(const std::string& part) {
  Get get(split(part, " ")[1]);
  for (const std::string& word : words_of(get, part)) apply(get, word);
  return get;
}

Scan scan_of(const std::string& part) {
  Scan scan;
  for (const std::string& word : words_of(scan, part)) {
    const std::string value = word.substr(word.find('=') + 1);
    const Words c = split(value, ":");
    if (word.starts_with("start=")) scan.start_row(c[0], c[1] == "true");
    if (word.starts_with("stop=")) scan.stop_row(c[0], c[1] == "true");
    if (word == "reversed") scan.reversed(true);
    if (word == "raw") scan.raw(true);
    if (word.starts_with("rows=")) scan.limit(std::stoi(value));
    if (word.starts_with("caching=")) scan.caching(std::stoi(value));
    if (word.starts_with("bytes=")) scan.max_result_size(std::stoi(value));
    if (word.starts_with("batch=")) scan.batch(std::stoi(value));
    apply(scan, word);
  }
  return scan;
}

// ---------------------------------------------------------------- answers

std::string text_of_cells(const Row& row, bool timed) {
  std::string text;
  for (const Cell& cell : row) {
    const std::string qualifier(cell.qualifier());
    const bool counted = qualifier.starts_with('n') || qualifier.starts_with('s');
    if (!text.empty()) text += ' ';
    text += std::string(cell.family()) + ":" + qualifier;
    if (timed && !counted) text += "/" + std::to_string(cell.timestamp());
    text += "/" + std::to_string(static_cast<int>(cell.type())) + "=" + core::to_string_binary(cell.value());
  }
  return text;
}

std::string error_of(const Error& error) {
  const std::string& name = error.exception_class();
  return "error " + (name.empty() ? error.to_string() : name.substr(name.rfind('.') + 1));
}

std::string bool_text(bool yes) { return yes ? "true" : "false"; }

std::string run_batch(const Table& table, const Words& parts) {
  std::vector<Action> actions;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const Words words = split(parts[i], " ");
    if (words[0] == "get") {
      actions.emplace_back(get_of(parts[i]));
    } else if (words[0] == "exists") {
      actions.emplace_back(get_of(parts[i]).check_existence_only(true));
    } else if (words[0] == "rowmut-put") {
      actions.emplace_back(RowMutations(words[1]).add(put_of(words)));
    } else {
      std::visit([&](auto&& change) { actions.emplace_back(std::forward<decltype(change)>(change)); }, change_of(parts[i]));
    }
  }
  std::string text;
  const auto results = table.batch(std::move(actions));
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i]) return error_of(results[i].error());
    const bool exists = parts[i + 1].starts_with("exists");
    text += i > 0 ? " || " : "";
    text += exists ? bool_text(results[i]->exists()) : text_of_cells(*results[i], parts[i + 1].starts_with("get"));
  }
  return text;
}

std::string run_scan(const Table& table, const std::string& part) {
  std::string text;
  for (const auto& row : table.scan(scan_of(part))) {
    if (!row) return error_of(row.error());
    text += (text.empty() ? "" : " | ") + std::string(row->row()) + " " + text_of_cells(*row, true);
  }
  return text;
}

std::string run(const Table& table, const std::string& line) {
  const Words parts = split(line, " ; ");
  const Words words = split(parts[0], " ");
  const auto row_text = [](const Result<Row>& row, bool timed) { return row ? text_of_cells(*row, timed) : error_of(row.error()); };
  if (words[0] == "put") {
    const auto done = table.put(put_of(words));
    return done ? "ok" : error_of(done.error());
  }
  if (words[0] == "delete") {
    const auto done = table.remove(delete_of(words));
    return done ? "ok" : error_of(done.error());
  }
  if (words[0] == "get") return row_text(table.get(get_of(parts[0])), true);
  if (words[0] == "exists") {
    const auto exists = table.exists(get_of(parts[0]));
    return exists ? bool_text(*exists) : error_of(exists.error());
  }
  if (words[0] == "incr") return row_text(table.increment(std::get<Increment>(change_of(parts[0]))), false);
  if (words[0] == "append") return row_text(table.append(std::get<Append>(change_of(parts[0]))), false);
  if (words[0] == "rowmut") return row_text(table.mutate_row(mutations_of(words[1], parts)), false);
  if (words[0] == "scan") return run_scan(table, parts[0]);
  if (words[0] == "check") {
    const auto result = table.check_and_mutate(check_of(words, parts[1]));
    return result ? bool_text(result->success()) + " " + text_of_cells(*result, false) : error_of(result.error());
  }
  return run_batch(table, parts);
}

class Oracle : public ClusterTest {
 protected:
  TableName make_twin() {
    TableDescriptor descriptor(new_name());
    descriptor.family(ColumnFamilyDescriptor("a").max_versions(1)).family(ColumnFamilyDescriptor("b").max_versions(3));
    descriptor.family(ColumnFamilyDescriptor("c").max_versions(1000));
    EXPECT_TRUE(admin().create_table(descriptor, {"rowd", "rowh"}));
    return descriptor.name;
  }
  void compare(const std::string& seed, const std::string& operations) {
    const TableName theirs = make_twin();
    const Table ours = connection().table(make_twin());
    const std::string log = testing::TempDir() + "hbmux-oracle-" + seed;
    const std::string quorum = cluster().zookeeper();
    const std::string command = std::string(HBMUX_PEERS_DIR) + "/java/run hbase-2.6 OracleOps.java " + theirs.to_string() + " " + seed + " " +
                                operations + " hbase.zookeeper.quorum=" + quorum.substr(0, quorum.find(':')) +
                                " hbase.zookeeper.property.clientPort=" + quorum.substr(quorum.find(':') + 1) + " 2>" + log;
    FILE* java = ::popen(command.c_str(), "r");
    ASSERT_NE(java, nullptr);
    std::string line;
    int compared = 0, different = 0;
    bool done = false;
    for (int c; (c = std::fgetc(java)) != EOF;) {
      if (c != '\n') {
        line += static_cast<char>(c);
        continue;
      }
      const std::size_t arrow = line.find(" => ");
      if (arrow != std::string::npos) {
        const std::string answer = run(ours, line.substr(0, arrow));
        ++compared;
        if (answer != line.substr(arrow + 4) && ++different <= 5) {
          ADD_FAILURE() << "seed " << seed << ", operation " << compared << ": " << line.substr(0, arrow) << "\n  Java:  "
                        << line.substr(arrow + 4) << "\n  hbmux: " << answer;
        }
      }
      done = done || line == "done";
      line.clear();
    }
    const int status = ::pclose(java);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) GTEST_SKIP() << "the Java client cannot run here; see " << log;
    EXPECT_TRUE(done) << "the Java client ended early (" << status << "); see " << log;
    EXPECT_EQ(different, 0) << "of " << compared;
    std::printf("seed %s: %d operations compared\n", seed.c_str(), compared);
    if (done) std::remove(log.c_str());
  }
};

TEST_F(Oracle, TheJavaClientGetsTheSameAnswers) {
  const char* seeds = std::getenv("HBMUX_ORACLE_SEEDS");
  const char* operations = std::getenv("HBMUX_ORACLE_OPERATIONS");
  for (const std::string& seed : split(seeds != nullptr ? seeds : "1", ",")) compare(seed, operations != nullptr ? operations : "1000");
}

}  // namespace
}  // namespace hbmux::integration
