// A cluster's data on disk.
#include "mini/cluster_impl.h"

namespace hbmux::mini {

Result<void> Cluster::Impl::open_journal() {
  if (options.data_directory.empty()) return {};
  auto opened = Journal::open({options.data_directory, options.data_to_disk, options.data_log_bytes}, image);
  if (!opened) return opened.error();
  journal = std::move(*opened);
  return {};
}

Result<void> Cluster::Impl::kept(Result<void> done) {
  if (done && journal != nullptr && !journal->commit()) {
    return Error(Errc::unavailable, "cannot write to " + options.data_directory);
  }
  return done;
}

void Cluster::Impl::snapshot_when_due() {
  if (journal == nullptr || !journal->wants_snapshot() || snapshot_is_under_way.exchange(true)) return;
  director.soon([this] {
    // When it cannot be written, the log goes on, and it is tried again.
    (void)master->write_snapshot();
    snapshot_is_under_way = false;
  });
}

}  // namespace hbmux::mini
