#include "client/action_traits.h"

#include "client/request_messages.h"

#include <algorithm>

namespace hbmux::client {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;  // clang 16 does not find it by itself

template <class M>
std::string change_problem(const M& mutation, const core::ClientSettings& settings) {
  return mutation_problem(mutation, std::is_same_v<M, Delete>, settings);
}

std::size_t bytes_of(const Mutation& mutation) { return mutation.row().size() + mutation.cell_block().size(); }
std::size_t bytes_of(const RowMutations& mutations) {
  std::size_t bytes = 0;
  for (const RowChange& change : mutations.changes()) bytes += size_of(change);
  return bytes;
}

}  // namespace

std::string replica_problem(const Query& query) {
  if (!query.has_options()) return {};
  const QueryOptions& options = query.options();
  if (options.replica_id <= 0 || options.consistency == Consistency::timeline) return {};
  return "reading replica " + std::to_string(options.replica_id) + " needs Consistency::timeline: it may be out of date";
}

bool may_read_others(const Query& query) {
  return query.has_options() && query.options().consistency == Consistency::timeline && query.options().replica_id != 0;
}

// A start row behind the stop row is no mistake: there is nothing between them (TestFromClientSide5.testNull).
std::string scan_problem(const Scan& scan) { return scan.problem().empty() ? replica_problem(scan) : scan.problem(); }

std::string mutation_problem(const Mutation& mutation, bool may_be_empty, const core::ClientSettings& settings) {
  if (!mutation.problem().empty()) return mutation.problem();
  if (mutation.empty() && !may_be_empty) return "it has no columns";
  const std::size_t bytes_max = settings.key_value_max_size;
  if (bytes_max != 0 && mutation.largest_cell() > bytes_max) {
    return "a cell of " + std::to_string(mutation.largest_cell()) + " bytes is more than hbase.client.keyvalue.maxsize (" +
           std::to_string(bytes_max) + ") allows";
  }
  if (mutation.has_tags() && settings.codec == core::CellCodec::key_value) {
    return "its cells have tags, which KeyValueCodec does not carry: set hbase.client.rpc.codec to KeyValueCodecWithTags";
  }
  return {};
}

const std::string& row_of(const RowChange& change) {
  return std::visit([](const auto& mutation) -> const std::string& { return mutation.row(); }, change);
}

std::string problem_of(const RowChange& change, const core::ClientSettings& settings) {
  return std::visit([&](const auto& mutation) { return change_problem(mutation, settings); }, change);
}

bool needs_nonce(const RowChange& change) {
  return std::visit([](const auto& mutation) { return counts<std::decay_t<decltype(mutation)>>; }, change);
}

std::size_t size_of(const RowChange& change) {
  return std::visit([](const auto& mutation) { return bytes_of(mutation); }, change);
}

int priority_of(const RowChange& change) {
  return std::visit([](const auto& mutation) { return mutation.options().priority; }, change);
}

std::string problem_of(const RowMutations& mutations, const core::ClientSettings& settings) {
  if (!mutations.problem().empty()) return mutations.problem();
  if (mutations.changes().empty()) return "RowMutations without a mutation";
  for (const RowChange& change : mutations.changes()) {
    if (auto problem = problem_of(change, settings); !problem.empty()) return problem;
  }
  return {};
}

std::string problem_of(const CheckAndMutate& check, const core::ClientSettings& settings) {
  if (auto problem = check.problem(); !problem.empty()) return problem;
  return std::visit(Overloaded{[&](const RowMutations& mutations) { return problem_of(mutations, settings); },
                               [&](const auto& mutation) { return change_problem(mutation, settings); }},
                    *check.consequence());
}

bool needs_nonce(const RowMutations& mutations) {
  return std::ranges::any_of(mutations.changes(), [](const RowChange& change) { return needs_nonce(change); });
}

bool needs_nonce(const CheckAndMutate& check) {
  return check.consequence() != nullptr &&
         std::visit(Overloaded{[](const RowMutations& mutations) { return needs_nonce(mutations); },
                               [](const auto& mutation) { return counts<std::decay_t<decltype(mutation)>>; }},
                    *check.consequence());
}

int priority_of(const RowMutations& mutations) {
  int highest = kPriorityUnset;
  for (const RowChange& change : mutations.changes()) highest = std::max(highest, priority_of(change));
  return highest;
}

int priority_of(const CheckAndMutate& check) {
  if (check.consequence() == nullptr) return kPriorityUnset;
  return std::visit(Overloaded{[](const RowMutations& mutations) { return priority_of(mutations); },
                               [](const auto& mutation) { return mutation.options().priority; }},
                    *check.consequence());
}

std::string_view verb_of(const Action& action) {
  constexpr std::string_view kVerbs[] = {"get", "put", "delete", "append", "increment", "mutate_row", "check_and_mutate"};
  static_assert(std::size(kVerbs) == std::variant_size_v<Action>);
  return kVerbs[action.index()];
}

const std::string& row_of(const Action& action) {
  return std::visit([](const auto& a) -> const std::string& { return a.row(); }, action);
}

std::string problem_of(const Action& action, const core::ClientSettings& settings) {
  return std::visit(Overloaded{[](const Get& get) {
                                 if (!get.problem().empty()) return get.problem();
                                 return replica_problem(get);
                               },
                               [&](const RowMutations& mutations) { return problem_of(mutations, settings); },
                               [&](const CheckAndMutate& check) { return problem_of(check, settings); },
                               [&](const auto& mutation) { return change_problem(mutation, settings); }},
                    action);
}

bool needs_nonce(const Action& action) {
  return std::visit(Overloaded{[](const RowMutations& mutations) { return needs_nonce(mutations); },
                               [](const CheckAndMutate& check) { return needs_nonce(check); },
                               [](const auto& other) { return counts<std::decay_t<decltype(other)>>; }},
                    action);
}

bool may_repeat(const Action& action, bool nonces) {
  const CheckAndMutate* check = std::get_if<CheckAndMutate>(&action);
  return (check == nullptr || check->repeats()) && (nonces || !needs_nonce(action));
}

bool is_atomic(const Action& action) {
  return std::holds_alternative<RowMutations>(action) || std::holds_alternative<CheckAndMutate>(action);
}

std::size_t size_of(const Action& action) {
  return std::visit(Overloaded{[](const Get& get) { return get.row().size(); },
                               [](const CheckAndMutate& check) {
                                 return std::visit([](const auto& mutation) { return bytes_of(mutation); }, *check.consequence());
                               },
                               [](const auto& mutation) { return bytes_of(mutation); }},
                    action);
}

int priority_of(const Action& action) {
  return std::visit(Overloaded{[](const RowMutations& mutations) { return priority_of(mutations); },
                               [](const CheckAndMutate& check) { return priority_of(check); },
                               [](const auto& other) { return other.options().priority; }},
                    action);
}

}  // namespace hbmux::client
