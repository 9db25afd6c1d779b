# One binary, wal_tests, from every *_test.cc; ctest lists each test.
find_package(GTest REQUIRED)
enable_testing()
include(GoogleTest)
file(GLOB TEST_SOURCES CONFIGURE_DEPENDS wal/*_test.cc testing/*.cc
     fuzz/*_test.cc fuzz/fuzz_*.cc)
list(FILTER TEST_SOURCES EXCLUDE REGEX "/fuzz_main\\.cc$")
if(NOT CMAKE_SYSTEM_NAME STREQUAL "Linux")
  list(FILTER TEST_SOURCES EXCLUDE REGEX "/uring_[a-z_]*_test\\.cc$")
endif()
add_executable(wal_tests ${TEST_SOURCES})
target_link_libraries(wal_tests PRIVATE walrus_wal GTest::gtest_main)
target_compile_definitions(
  wal_tests PRIVATE "WALRUS_FUZZ_CORPUS=\"${CMAKE_SOURCE_DIR}/fuzz/corpus\"")

# The tests need no speed of their own, and GoogleTest's macros cost most of the
# build: 18 s a file with both sanitizers and -O1, 6 s with -O0.
if(WALRUS_SANITIZE)
  target_compile_options(wal_tests PRIVATE -O0 -g1)
else()
  target_compile_options(wal_tests PRIVATE -O1 -g1)
endif()
file(GLOB TESTING_SOURCES CONFIGURE_DEPENDS testing/*.cc)
set_property(SOURCE ${TESTING_SOURCES} APPEND PROPERTY COMPILE_OPTIONS -O1)
gtest_discover_tests(wal_tests DISCOVERY_MODE PRE_TEST)
