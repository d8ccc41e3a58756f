// Where the regions of a table are.
#pragma once

#include <hbmux/detail/completion.h>
#include <hbmux/error.h>
#include <hbmux/region_info.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hbmux {

namespace client {
class LocatorBackend;
}

/// Answers from what the connection knows, and from hbase:meta where that is not enough; made by Table::region_locator. A value that costs a
/// pointer; all members may be called from any number of threads at once. Asynchronous forms run their handlers as Table's do, and end
/// within the table's operation time-out; they cannot be cancelled.
class RegionLocator {
 public:
  /// A region's start and end key; empty: the beginning or the end of the table.
  using KeyRange = std::pair<std::string, std::string>;

  explicit RegionLocator(std::shared_ptr<const client::LocatorBackend> backend);

  const TableName& name() const noexcept;

  /// The region with that row. `reload`: what is known does not count. Errc::table_not_found; Errc::not_serving_region when the region is
  /// nowhere now.
  Result<RegionLocation> region_location(std::string_view row, bool reload = false) const;
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_region_location(std::string_view row, bool reload = false, Token&& token = Token()) const {
    return detail::initiate<Result<RegionLocation>>(
        [self = *this, row = std::string(row), reload](detail::Completion<Result<RegionLocation>> done) {
          self.start_location(row, reload, std::move(done));
        },
        std::forward<Token>(token));
  }
  /// One replica of it; 0 is the primary one. Errc::invalid_argument when the region has none of that number,
  /// Errc::not_serving_region when it is nowhere now.
  Result<RegionLocation> region_location(std::string_view row, int replica_id, bool reload) const;
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_region_location(std::string_view row, int replica_id, bool reload, Token&& token = Token()) const {
    return detail::initiate<Result<RegionLocation>>(
        [self = *this, row = std::string(row), replica_id, reload](detail::Completion<Result<RegionLocation>> done) {
          self.start_replica(row, replica_id, reload, std::move(done));
        },
        std::forward<Token>(token));
  }
  /// The region with that row and its read replicas, as far as they are known; by replica id, the primary one first.
  Result<std::vector<RegionLocation>> region_locations(std::string_view row, bool reload = false) const;
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_region_locations(std::string_view row, bool reload = false, Token&& token = Token()) const {
    return detail::initiate<Result<std::vector<RegionLocation>>>(
        [self = *this, row = std::string(row), reload](detail::Completion<Result<std::vector<RegionLocation>>> done) {
          self.start_locations(row, reload, std::move(done));
        },
        std::forward<Token>(token));
  }

  /// All regions in order, each followed by its replicas, read from hbase:meta; known from then on. Those that are nowhere have an empty
  /// server.
  Result<std::vector<RegionLocation>> all_region_locations() const;
  template <class Token = boost::asio::use_awaitable_t<>>
  auto async_all_region_locations(Token&& token = Token()) const {
    return detail::initiate<Result<std::vector<RegionLocation>>>(
        [self = *this](detail::Completion<Result<std::vector<RegionLocation>>> done) { self.start_all(std::move(done)); },
        std::forward<Token>(token));
  }

  /// Start and end keys of all regions in order: what parallel work is split by.
  Result<std::vector<KeyRange>> start_end_keys() const;
  Result<std::vector<std::string>> start_keys() const;
  Result<std::vector<std::string>> end_keys() const;

  /// Forgets what is known about the table.
  void clear_region_location_cache() const;

 private:
  void start_location(const std::string& row, bool reload, detail::Completion<Result<RegionLocation>> done) const;
  void start_replica(const std::string& row, int replica_id, bool reload, detail::Completion<Result<RegionLocation>> done) const;
  void start_locations(const std::string& row, bool reload, detail::Completion<Result<std::vector<RegionLocation>>> done) const;
  void start_all(detail::Completion<Result<std::vector<RegionLocation>>> done) const;

  std::shared_ptr<const client::LocatorBackend> backend_;
};

}  // namespace hbmux
