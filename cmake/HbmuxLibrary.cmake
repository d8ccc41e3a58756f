# Joins the folders into the one library that others link: hbmux::hbmux. Also `hbmux_internal`, for what lives in this
# tree and looks behind the public headers (the embedded cluster, the command, tests, benchmarks); it is never exported.

file(STRINGS "${PROJECT_SOURCE_DIR}/include/hbmux/version.h" version_line REGEX "HBMUX_VERSION_STRING")
if(NOT version_line MATCHES "\"${PROJECT_VERSION}\"")
  message(FATAL_ERROR "include/hbmux/version.h does not say ${PROJECT_VERSION}, which CMakeLists.txt does")
endif()

set(parts)
foreach(part proto core rpc client)
  if(TARGET hbmux_${part})
    list(APPEND parts $<TARGET_OBJECTS:hbmux_${part}>)
  endif()
endforeach()

add_library(hbmux ${parts})
add_library(hbmux::hbmux ALIAS hbmux)
set_target_properties(hbmux PROPERTIES LINKER_LANGUAGE CXX VERSION ${PROJECT_VERSION}
                      SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
target_compile_features(hbmux PUBLIC cxx_std_20)
target_include_directories(hbmux PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                           $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
# Users see Boost.Asio's headers and threads, and nothing else. The objects above carry no link requirements, so that
# what they need stands here; hbmuxConfig.cmake.in and hbmux.pc.in say the same.
target_link_libraries(hbmux
  PUBLIC Boost::headers Threads::Threads
  PRIVATE protobuf::libprotobuf LibXml2::LibXml2 OpenSSL::Crypto ZLIB::ZLIB PkgConfig::SNAPPY PkgConfig::LZ4
          PkgConfig::ZSTD)

add_library(hbmux_internal INTERFACE)
target_include_directories(hbmux_internal INTERFACE ${PROJECT_SOURCE_DIR})
target_include_directories(hbmux_internal SYSTEM INTERFACE
                           $<TARGET_PROPERTY:hbmux_proto,INTERFACE_INCLUDE_DIRECTORIES>)
target_link_libraries(hbmux_internal INTERFACE hbmux hbmux_options protobuf::libprotobuf)
add_dependencies(hbmux_internal hbmux_proto)
