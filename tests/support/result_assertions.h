// What tests say of a Result<T>.
#pragma once

#include <hbmux/error.h>

#include <gtest/gtest.h>

// For Result<T>: the error as the failure's text.
#define HBMUX_ASSERT_OK(...)                           \
  do {                                                 \
    const auto& hbmux_result = (__VA_ARGS__);          \
    ASSERT_TRUE(hbmux_result) << hbmux_result.error(); \
  } while (false)
#define HBMUX_EXPECT_OK(...)                           \
  do {                                                 \
    const auto& hbmux_result = (__VA_ARGS__);          \
    EXPECT_TRUE(hbmux_result) << hbmux_result.error(); \
  } while (false)
#define HBMUX_EXPECT_ERROR(result, errc)                                    \
  do {                                                                      \
    const auto& hbmux_result = (result);                                    \
    EXPECT_FALSE(hbmux_result);                                             \
    if (!hbmux_result) {                                                    \
      EXPECT_EQ(hbmux_result.error().code(), errc) << hbmux_result.error(); \
    }                                                                       \
  } while (false)
