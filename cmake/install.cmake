# What `cmake --install` installs, in two components: Runtime (the shared
# library) and Development (header, link, archive, pkg-config and CMake files).
include(CMakePackageConfigHelpers)

install(TARGETS miopoll EXPORT miopollTargets
  LIBRARY COMPONENT Runtime NAMELINK_COMPONENT Development)
install(TARGETS miopoll_static EXPORT miopollTargets
  ARCHIVE COMPONENT Development)
install(FILES abi/miopoll.h TYPE INCLUDE COMPONENT Development)

include(cmake/man.cmake)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/miopoll)
configure_package_config_file(cmake/miopollConfig.cmake.in
  miopollConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(miopollConfigVersion.cmake
  COMPATIBILITY SameMajorVersion)
install(EXPORT miopollTargets NAMESPACE miopoll:: DESTINATION ${package_dir}
  COMPONENT Development)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/miopollConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/miopollConfigVersion.cmake
  DESTINATION ${package_dir} COMPONENT Development)

# Relative to where the .pc file lies, so that a moved prefix still works.
file(RELATIVE_PATH MIOPOLL_PC_PREFIX
  ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" MIOPOLL_PC_PREFIX "${MIOPOLL_PC_PREFIX}")
configure_file(cmake/miopoll.pc.in miopoll.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/miopoll.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT Development)

# `cpack -G DEB` in the build directory: libmiopoll0 and libmiopoll-dev.
set(CPACK_PACKAGE_NAME miopoll)
set(CPACK_PACKAGE_VENDOR "the libmiopoll developers")
set(CPACK_PACKAGE_CONTACT "the libmiopoll developers <libmiopoll@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY
  "readiness polling with the model of the Rust library mio")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_COMPONENTS_ALL Runtime Development)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME libmiopoll${PROJECT_VERSION_MAJOR})
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libmiopoll-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
  "libmiopoll${PROJECT_VERSION_MAJOR} (= ${PROJECT_VERSION})")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
include(CPack)
