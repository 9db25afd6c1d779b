# What proves the engine beside its unit tests: the simulator of power cuts
# and the drivers that are killed. Each *.cc below that has a main() of its own
# is one program; sim_*.cc belong to crash_sim.
file(GLOB FAULTY_SOURCES CONFIGURE_DEPENDS testing/*.cc)
list(FILTER FAULTY_SOURCES EXCLUDE REGEX "_test\\.cc$")
add_library(walrus_testing STATIC ${FAULTY_SOURCES})
target_link_libraries(walrus_testing PUBLIC walrus_wal)

file(GLOB SIM_SOURCES CONFIGURE_DEPENDS tools/sim_*.cc)
list(FILTER SIM_SOURCES EXCLUDE REGEX "_test\\.cc$")
add_executable(crash_sim tools/crash_sim.cc ${SIM_SOURCES})
target_link_libraries(crash_sim PRIVATE walrus_testing)

# wal_kill traces and kills processes as Linux does it.
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
  add_executable(
    wal_kill tools/wal_kill.cc tools/kill_driver.cc tools/kill_story.cc
             tools/kill_tracer.cc tools/sim_model.cc tools/sim_request.cc
             tools/sim_script.cc)
  target_link_libraries(wal_kill PRIVATE walrus_testing)
endif()
