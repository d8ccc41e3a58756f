#include "mini/remote_exception.h"

namespace hbmux::mini::exceptions {
namespace {

constexpr std::string_view kPackage = "org.apache.hadoop.hbase.";

RemoteException in_package(std::string_view name, std::string message, bool do_not_retry) {
  return {std::string(kPackage).append(name), std::move(message), do_not_retry};
}

}  // namespace

RemoteException of(std::string_view class_name, std::string message, bool do_not_retry) {
  return {std::string(class_name), std::move(message), do_not_retry};
}

RemoteException do_not_retry(std::string message) {
  return in_package("DoNotRetryIOException", std::move(message), true);
}

RemoteException io(std::string message) { return {"java.io.IOException", std::move(message)}; }

RemoteException unsupported(std::string message) {
  return in_package("DoNotRetryIOException", "java.lang.UnsupportedOperationException: " + std::move(message), true);
}

RemoteException not_serving_region(std::string message) {
  return in_package("NotServingRegionException", std::move(message), false);
}

RemoteException region_moved(std::string_view host, int port, std::int64_t start_code, std::uint64_t seqnum) {
  std::string text = "Region moved to: hostname=";
  text.append(host)
      .append(" port=")
      .append(std::to_string(port))
      .append(" startCode=")
      .append(std::to_string(start_code));
  text.append(". As of locationSeqNum=").append(std::to_string(seqnum)).append(".");
  RemoteException moved = in_package("exceptions.RegionMovedException", std::move(text), false);
  moved.host = host;
  moved.port = port;
  return moved;
}

RemoteException wrong_region(std::string message) {
  return in_package("regionserver.WrongRegionException", std::move(message), false);
}

RemoteException no_such_column_family(std::string message) {
  return in_package("regionserver.NoSuchColumnFamilyException", std::move(message), true);
}

RemoteException unknown_scanner(std::string message) {
  return in_package("UnknownScannerException", std::move(message), true);
}

RemoteException out_of_order_scanner(std::string message) {
  return in_package("exceptions.OutOfOrderScannerNextException", std::move(message), true);
}

RemoteException scanner_reset(std::string message) {
  return in_package("exceptions.ScannerResetException", std::move(message), true);
}

RemoteException table_not_found(std::string_view table) {
  return in_package("TableNotFoundException", std::string(table), true);
}

RemoteException table_exists(std::string_view table) {
  return in_package("TableExistsException", std::string(table), true);
}

RemoteException table_not_enabled(std::string_view table) {
  return in_package("TableNotEnabledException", std::string(table), true);
}

RemoteException table_not_disabled(std::string_view table) {
  return in_package("TableNotDisabledException", std::string(table), true);
}

RemoteException namespace_not_found(std::string_view name) {
  return in_package("NamespaceNotFoundException", std::string(name), true);
}

RemoteException namespace_exists(std::string_view name) {
  return in_package("NamespaceExistException", "Namespace " + std::string(name) + " already exists", true);
}

}  // namespace hbmux::mini::exceptions
