// What all calls of a gateway share.
#pragma once

#include "gateway/admission.h"
#include "gateway/applied_tokens.h"
#include "gateway/call_journal.h"
#include "gateway/names.h"
#include "gateway/row_locks.h"
#include "gateway/schema_cache.h"

#include <hbmux/cluster_connection.h>

namespace hbmux::gateway {

/// Outlives every call.
struct GatewayState {
  GatewayState(ClusterConnection& connection, NameRules names, const AdmissionLimits& limits, CallJournal::Nanoseconds slow)
      : connection(connection), names(std::move(names)), schemas(connection.admin()), admission(limits), journal(slow) {}

  ClusterConnection& connection;
  NameRules names;
  SchemaCache schemas;
  RowLocks locks;        ///< Of rows.
  RowLocks table_locks;  ///< Of tables that change.
  Admission admission;
  AppliedTokens tokens;
  CallJournal journal;
};

}  // namespace hbmux::gateway
