// All of hbmux's public API.
#pragma once

#include <hbmux/admin.h>
#include <hbmux/batch.h>
#include <hbmux/buffered_mutator.h>
#include <hbmux/cell.h>
#include <hbmux/cluster_connection.h>
#include <hbmux/comparator.h>
#include <hbmux/configuration.h>
#include <hbmux/error.h>
#include <hbmux/filters.h>
#include <hbmux/log.h>
#include <hbmux/pool_map.h>
#include <hbmux/pool_statistics.h>
#include <hbmux/region_info.h>
#include <hbmux/region_locator.h>
#include <hbmux/request_scope.h>
#include <hbmux/row.h>
#include <hbmux/scan.h>
#include <hbmux/scanner.h>
#include <hbmux/server_name.h>
#include <hbmux/table.h>
#include <hbmux/table_descriptor.h>
#include <hbmux/table_name.h>
#include <hbmux/user.h>
#include <hbmux/version.h>
