# Benchmarks. commit_strategies*.cc make one program, which stands alone and is
# never part of the default build; every other bench/*.cc is a program.
file(GLOB STRATEGY_SOURCES CONFIGURE_DEPENDS bench/commit_strategies*.cc)
if(STRATEGY_SOURCES)
  add_executable(commit_strategies EXCLUDE_FROM_ALL ${STRATEGY_SOURCES})
  target_include_directories(commit_strategies
                             PRIVATE ${CMAKE_SOURCE_DIR}
                                     ${CMAKE_SOURCE_DIR}/bench)
  target_link_libraries(commit_strategies PRIVATE Threads::Threads)
endif()
if(WALRUS_BENCH)
  file(GLOB BENCH_SOURCES CONFIGURE_DEPENDS bench/*.cc)
  list(FILTER BENCH_SOURCES EXCLUDE REGEX "commit_strategies[^/]*\\.cc$")
  foreach(source ${BENCH_SOURCES})
    cmake_path(GET source STEM name)
    add_executable(${name} ${source})
    target_link_libraries(${name} PRIVATE walrus_wal)
  endforeach()
endif()
