#include "mini/store/filter.h"

namespace hbmux::mini {

Answer<std::unique_ptr<Filter>> make_filter(const pb::Filter& message) {
  return exceptions::of("org.apache.hadoop.hbase.exceptions.DeserializationException", message.name(), true);
}

}  // namespace hbmux::mini
