# What `cmake --install` puts where, and how others find it: find_package(hbmux) and pkg-config.
if(NOT HBMUX_INSTALL)
  return()
endif()
include(CMakePackageConfigHelpers)

set(targets hbmux)
set(not_installed)
if(TARGET hbmux_mini)
  list(APPEND targets hbmux_mini)
else()
  set(not_installed PATTERN "mini" EXCLUDE)
endif()
install(TARGETS ${targets} EXPORT hbmuxTargets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
# In a set of its own: who does not ask for it needs no gRPC.
if(TARGET hbmux_bigtable)
  install(TARGETS hbmux_bigtable EXPORT hbmuxBigtableTargets
          LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
endif()
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/hbmux" DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT library
        FILES_MATCHING PATTERN "*.h" ${not_installed})
if(TARGET hbmux_cli)
  install(TARGETS hbmux_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
  if(TARGET hbmux_gateway)
    set(HBMUX_SYSTEMD_UNIT_DIR lib/systemd/system CACHE STRING "Where the gateway's systemd unit is installed")
    # When it is installed: only then is it known where the command will be.
    install(CODE "
      set(HBMUX_PROGRAM \"${CMAKE_INSTALL_BINDIR}/hbmux\")
      cmake_path(ABSOLUTE_PATH HBMUX_PROGRAM BASE_DIRECTORY \"\${CMAKE_INSTALL_PREFIX}\")
      configure_file(\"${PROJECT_SOURCE_DIR}/gateway/hbmux-gateway.service.in\" \"${PROJECT_BINARY_DIR}/hbmux-gateway.service\" @ONLY)"
      COMPONENT program)
    install(FILES "${PROJECT_BINARY_DIR}/hbmux-gateway.service" DESTINATION ${HBMUX_SYSTEMD_UNIT_DIR} COMPONENT program)
  endif()
endif()
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_SOURCE_DIR}/README.md"
        DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT library)

# A static library leaves it to its user to link what it needs; a shared one brings it along.
get_target_property(library_type hbmux TYPE)
set(HBMUX_IS_STATIC OFF)
if(library_type STREQUAL "STATIC_LIBRARY")
  set(HBMUX_IS_STATIC ON)
endif()

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/hbmux)
configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/hbmuxConfig.cmake.in"
                              "${PROJECT_BINARY_DIR}/hbmuxConfig.cmake" INSTALL_DESTINATION ${package_dir})
# 0.x: every minor version may change the interface.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/hbmuxConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(EXPORT hbmuxTargets NAMESPACE hbmux:: DESTINATION ${package_dir} COMPONENT library)
if(TARGET hbmux_bigtable)
  install(EXPORT hbmuxBigtableTargets NAMESPACE hbmux:: DESTINATION ${package_dir} COMPONENT library)
endif()
install(FILES "${PROJECT_BINARY_DIR}/hbmuxConfig.cmake" "${PROJECT_BINARY_DIR}/hbmuxConfigVersion.cmake"
        DESTINATION ${package_dir} COMPONENT library)

set(HBMUX_PC_PACKAGES "protobuf libxml-2.0 libcrypto zlib snappy liblz4 libzstd")
set(HBMUX_PC_LIBRARIES "-pthread")
if(HBMUX_IS_STATIC)
  set(HBMUX_PC_REQUIRES "Requires: ${HBMUX_PC_PACKAGES}")
  set(HBMUX_PC_LIBS "-lhbmux ${HBMUX_PC_LIBRARIES}")
else()
  set(HBMUX_PC_REQUIRES "Requires.private: ${HBMUX_PC_PACKAGES}")
  set(HBMUX_PC_LIBS "-lhbmux -pthread")
endif()
# Boost has no .pc file. Where its headers lie in the compiler's own path nothing need be said.
set(HBMUX_PC_BOOST "")
if(Boost_INCLUDE_DIRS AND NOT Boost_INCLUDE_DIRS STREQUAL "/usr/include")
  set(HBMUX_PC_BOOST " -I${Boost_INCLUDE_DIRS}")
endif()
# The prefix is known only at the time of installing (cmake --install --prefix), so the file finds it from where it lies.
string(REGEX REPLACE "[^/]+" ".." HBMUX_PC_UP "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
set(pc_files)
set(HBMUX_PC_GRPC "Requires: hbmux = ${PROJECT_VERSION}\nRequires.private: grpc++")
if(HBMUX_IS_STATIC)
  set(HBMUX_PC_GRPC "Requires: hbmux = ${PROJECT_VERSION} grpc++")
endif()
foreach(name hbmux hbmux-mini hbmux-bigtable)
  string(REPLACE "-" "_" pc_target ${name})
  if(TARGET ${pc_target})
    configure_file("${CMAKE_CURRENT_LIST_DIR}/${name}.pc.in" "${PROJECT_BINARY_DIR}/${name}.pc" @ONLY)
    list(APPEND pc_files "${PROJECT_BINARY_DIR}/${name}.pc")
  endif()
endforeach()
install(FILES ${pc_files} DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT library)
