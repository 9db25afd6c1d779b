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
