// How much the gateway takes on at once.
#include "gateway/admission.h"

#include <gtest/gtest.h>

namespace hbmux::gateway {
namespace {

TEST(AdmissionTest, EachKindHasItsLimit) {
  Admission admission({.calls = 3, .reads = 1, .request_bytes = 100});
  EXPECT_FALSE(admission.enter(true, 10));
  const auto refused = admission.enter(true, 10);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, Code::resource_exhausted);
  EXPECT_GT(refused->retry_after.count(), 0);
  EXPECT_NE(refused->message.find("hbmux.gateway.reads.max"), std::string::npos);
  EXPECT_FALSE(admission.enter(false, 90));
  EXPECT_TRUE(admission.enter(false, 1)) << "too many bytes";
  EXPECT_FALSE(admission.enter(false, 0));
  EXPECT_TRUE(admission.enter(false, 0)) << "too many calls";
  admission.leave(true, 10);
  EXPECT_FALSE(admission.enter(true, 10));
}

TEST(AdmissionTest, ALargeRequestMayComeAlone) {
  Admission admission({.request_bytes = 100});
  EXPECT_FALSE(admission.enter(false, 1000));
  EXPECT_TRUE(admission.enter(false, 1));
  admission.leave(false, 1000);
  EXPECT_FALSE(admission.enter(false, 1));
}

}  // namespace
}  // namespace hbmux::gateway
