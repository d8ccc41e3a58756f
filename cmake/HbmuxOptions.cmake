# What is built, and with which flags. The flags live in `hbmux_options`, which is linked privately and never exported:
# our habits must not become a user's build failure.

option(HBMUX_BUILD_MINI "Build the embedded cluster (hbmux::mini)" ON)
option(HBMUX_BUILD_CLI "Build the hbmux command" ${PROJECT_IS_TOP_LEVEL})
option(HBMUX_BUILD_GATEWAY "Build the gateway (Bigtable's API in front of HBase), where gRPC is found" ${PROJECT_IS_TOP_LEVEL})
option(HBMUX_BUILD_BIGTABLE "Build the client on Bigtable (hbmux::bigtable), where gRPC is found" ${PROJECT_IS_TOP_LEVEL})
option(HBMUX_BUILD_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(HBMUX_BUILD_EXAMPLES "Build the examples" ${PROJECT_IS_TOP_LEVEL})
option(HBMUX_BUILD_BENCH "Build the benchmarks" ${PROJECT_IS_TOP_LEVEL})
option(HBMUX_BUILD_FUZZERS "Build libFuzzer targets (clang only)" OFF)
option(HBMUX_INSTALL "Generate install rules" ${PROJECT_IS_TOP_LEVEL})
set(HBMUX_SANITIZE "" CACHE STRING "Sanitizers, as given to -fsanitize= (address,undefined or thread)")

add_library(hbmux_options INTERFACE)
target_compile_features(hbmux_options INTERFACE cxx_std_20)
target_compile_options(hbmux_options INTERFACE -Wall -Wextra -Wpedantic -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
                       $<$<CXX_COMPILER_ID:GNU>:-Wshadow=local>)
if(CMAKE_UNITY_BUILD)
  # Several sources as one, in most presets: quicker to build by more than half. A name without a namespace of its own then
  # means the same in all of them, and the unnamed namespace of one is no secret from the next.
  target_compile_options(hbmux_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endif()
option(HBMUX_WERROR "Treat warnings as errors" OFF)
if(HBMUX_WERROR)
  target_compile_options(hbmux_options INTERFACE -Werror)
endif()
if(HBMUX_SANITIZE)
  add_compile_options(-fsanitize=${HBMUX_SANITIZE} -fno-omit-frame-pointer -g)
  add_link_options(-fsanitize=${HBMUX_SANITIZE})
  if(HBMUX_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)  # a finding fails the test that has it
  endif()
  if(HBMUX_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-tsan)  # Asio's fences: a warning of the compiler, not a finding
  endif()
endif()

if(PROJECT_IS_TOP_LEVEL)
  find_program(HBMUX_CCACHE ccache)
  if(HBMUX_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${HBMUX_CCACHE}")
  endif()
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release)
  endif()
endif()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_EXTENSIONS OFF)
