// What operations and batches ask about an action, whatever its kind.
#pragma once

#include "core/client_settings.h"

#include <hbmux/batch.h>
#include <hbmux/buffered_mutator.h>
#include <hbmux/scan.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace hbmux::client {

/// "get", "put" ..., for messages.
std::string_view verb_of(const Action& action);
const std::string& row_of(const Action& action);
/// Why it can never work; empty when nothing is wrong with it.
std::string problem_of(const Action& action, const core::ClientSettings& settings);
/// It increments or appends, alone or among others.
bool needs_nonce(const Action& action);
/// Doing it again is as good as once, given that its nonce (if it needs one) goes along. `nonces`: whether nonces are used.
bool may_repeat(const Action& action, bool nonces);
/// Applied as a whole, and answered as a whole: RowMutations and CheckAndMutate.
bool is_atomic(const Action& action);
/// About so many bytes will travel.
std::size_t size_of(const Action& action);
/// As set by the user, or kPriorityUnset.
int priority_of(const Action& action);

// The same of one change.
const std::string& row_of(const RowChange& change);
std::string problem_of(const RowChange& change, const core::ClientSettings& settings);
bool needs_nonce(const RowChange& change);
std::size_t size_of(const RowChange& change);
int priority_of(const RowChange& change);

/// What is wrong with the replica that a query asks for; empty when nothing is.
std::string replica_problem(const Query& query);
/// Another than the primary replica may answer it.
bool may_read_others(const Query& query);

/// What is wrong with a scan as a whole; empty when nothing is.
std::string scan_problem(const Scan& scan);

/// What is wrong with a mutation; empty when nothing is.
std::string mutation_problem(const Mutation& mutation, bool may_be_empty, const core::ClientSettings& settings);
std::string problem_of(const RowMutations& mutations, const core::ClientSettings& settings);
std::string problem_of(const CheckAndMutate& check, const core::ClientSettings& settings);
bool needs_nonce(const RowMutations& mutations);
bool needs_nonce(const CheckAndMutate& check);
int priority_of(const RowMutations& mutations);
int priority_of(const CheckAndMutate& check);

}  // namespace hbmux::client
