# What proves the engine beside its unit tests: the simulator of power cuts
# and its kin. walrus_sim is what they share; each *.cc that has a main() of its
# own is one program.
file(GLOB FAULTY_SOURCES CONFIGURE_DEPENDS testing/*.cc)
list(FILTER FAULTY_SOURCES EXCLUDE REGEX "_test\\.cc$")
add_library(walrus_testing STATIC ${FAULTY_SOURCES})
target_link_libraries(walrus_testing PUBLIC walrus_wal)

file(GLOB SIM_SOURCES CONFIGURE_DEPENDS tools/sim_*.cc)
list(FILTER SIM_SOURCES EXCLUDE REGEX "_test\\.cc$")
add_library(walrus_sim STATIC ${SIM_SOURCES})
target_link_libraries(walrus_sim PUBLIC walrus_testing)

add_executable(crash_sim tools/crash_sim.cc)
target_link_libraries(crash_sim PRIVATE walrus_sim)
add_executable(io_countdown tools/io_countdown.cc tools/countdown_run.cc)
target_link_libraries(io_countdown PRIVATE walrus_sim)
add_executable(wal_flip tools/wal_flip.cc)
target_link_libraries(wal_flip PRIVATE walrus_testing)
add_executable(wal_stress tools/wal_stress.cc tools/stress_record.cc
               tools/stress_run.cc)
target_link_libraries(wal_stress PRIVATE walrus_sim)

# wal_kill traces and kills processes as Linux does it.
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
  add_executable(wal_kill tools/wal_kill.cc tools/kill_driver.cc
                          tools/kill_story.cc tools/kill_tracer.cc)
  target_link_libraries(wal_kill PRIVATE walrus_sim)
endif()
