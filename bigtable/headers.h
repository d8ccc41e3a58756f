// The headers by which the service routes a call and knows its client.
#pragma once

#include <string>
#include <string_view>

namespace hbmux::bigtable {

inline constexpr char kRoutingHeader[] = "x-goog-request-params";
inline constexpr char kFeaturesHeader[] = "bigtable-features";

/// A field of the request for kRoutingHeader: "name=value" with the value in percent encoding.
std::string routing_of(std::string_view field, std::string_view value);
/// For calls about the data of a table.
std::string routing_of_table(std::string_view table_name, std::string_view app_profile);
/// What this client can do, as kFeaturesHeader has it.
const std::string& feature_flags();

}  // namespace hbmux::bigtable
