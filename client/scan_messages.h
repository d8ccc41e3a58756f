// The requests and answers of scans as HBase's messages.
#pragma once

#include "core/client_settings.h"
#include "core/scan_state.h"
#include "rpc/rpc_client.h"

#include <hbmux/pb/Client.pb.h>
#include <hbmux/scan.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace hbmux::client {

/// What the user asked for, without where it starts and stops.
pb::Scan scan_message(const Scan& scan, const core::ClientSettings& settings);

/// A ScanRequest that opens a scanner. `message` is that of scan_message(); its bounds are set.
std::string encode_open(std::string_view region_name, pb::Scan& message, const core::ScanState::OpenRequest& request);
std::string encode_next(const core::ScanState::NextRequest& request);
std::string encode_renew(const core::ScanState::NextRequest& request);
std::string encode_close(std::uint64_t scanner_id);

Result<core::ScanReply> read_scan_reply(const rpc::CallReply& reply);

}  // namespace hbmux::client
