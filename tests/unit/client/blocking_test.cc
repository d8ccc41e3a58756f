#include "client/blocking.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace hbmux::client {
namespace {

TEST(Blocking, ValueComesBeforeOrWhileItIsWaitedFor) {
  for (int i = 0; i < 2000; ++i) {
    std::thread finisher;
    const auto result = block<Result<std::string>>([&](auto done) {
      if (i % 3 == 0) return done.finish(std::string("at once"));
      finisher = std::thread([done = std::move(done)]() mutable { done.finish(std::string("later")); });
    });
    ASSERT_EQ(result.value(), i % 3 == 0 ? "at once" : "later");
    if (finisher.joinable()) finisher.join();
  }
}

}  // namespace
}  // namespace hbmux::client
