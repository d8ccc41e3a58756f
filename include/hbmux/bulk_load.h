// Store files that another program wrote, taken into a region as they are.
#pragma once

#include <string>
#include <vector>

namespace hbmux {

/// Which HFiles a region takes over (RSRpcServices.bulkLoadHFile; in Java the work of BulkLoadHFilesTool). They lie in the file system that the servers use, were
/// written with HBase's own HFile writer, and have rows of that region only: a file that reaches over its bounds is refused.
struct BulkLoad {
  struct File {
    std::string family;
    std::string path;  ///< "hdfs://namenode/staging/f/0a1b"
  };
  std::vector<File> files;
  /// The region numbers the cells as if they were written now (Java: hbase.mapreduce.bulkload.assign.sequenceNumbers).
  bool assign_sequence_numbers = true;
  /// The files are copied and stay where they are; else they are moved (Java: always.copy.files).
  bool copy_files = false;
  /// Clusters that replicate this one get the files as well, where replication of bulk loads is on.
  bool replicate = true;
};

}  // namespace hbmux
