# Benchmarks. commit_strategies*.cc make one program, which stands alone and is
# never part of the default build; engine_bench*.cc make one on the engine,
# backend_bench.cc one on its file systems.
file(GLOB STRATEGY_SOURCES CONFIGURE_DEPENDS bench/commit_strategies*.cc)
if(STRATEGY_SOURCES)
  add_executable(commit_strategies EXCLUDE_FROM_ALL ${STRATEGY_SOURCES})
  target_include_directories(commit_strategies
                             PRIVATE ${CMAKE_SOURCE_DIR}
                                     ${CMAKE_SOURCE_DIR}/bench)
  target_link_libraries(commit_strategies PRIVATE Threads::Threads)
endif()
if(WALRUS_BENCH)
  file(GLOB ENGINE_BENCH_SOURCES CONFIGURE_DEPENDS bench/engine_bench*.cc)
  add_executable(engine_bench ${ENGINE_BENCH_SOURCES})
  target_link_libraries(engine_bench PRIVATE walrus_wal)
  if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    add_executable(backend_bench bench/backend_bench.cc)
    target_link_libraries(backend_bench PRIVATE walrus_wal)
  endif()
endif()
