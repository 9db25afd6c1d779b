# One binary, wal_tests, from every *_test.cc; ctest lists each test.
find_package(GTest REQUIRED)
enable_testing()
include(GoogleTest)
file(GLOB TEST_SOURCES CONFIGURE_DEPENDS wal/*_test.cc testing/*.cc)
add_executable(wal_tests ${TEST_SOURCES})
target_link_libraries(wal_tests PRIVATE walrus_wal GTest::gtest_main)
gtest_discover_tests(wal_tests DISCOVERY_MODE PRE_TEST)
