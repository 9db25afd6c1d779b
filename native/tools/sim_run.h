// SimRun: one workload on the real engine, copied at crash points.
#ifndef WALRUS_TOOLS_SIM_RUN_H_
#define WALRUS_TOOLS_SIM_RUN_H_

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "testing/faulty_file_system.h"
#include "testing/test_instance.h"
#include "tools/sim_model.h"
#include "tools/sim_request.h"
#include "tools/sim_script.h"

namespace walrus {

/// A disk after a crash, and what it may be judged by.
struct SimState {
  uint64_t call = 0;  ///< the crash came before this changing call of the run
  CrashMode mode = CrashMode::kKeepAll;
  uint64_t seed = 0;
  SimMoment moment;
  std::unique_ptr<FaultyFileSystem> disk;
};

/// Which crash points of a run become states.
struct SimSampling {
  uint64_t seed = 1;
  std::vector<CrashMode> modes;
  size_t modes_per_point = 1;  ///< of `modes`, drawn for each point
  bool last_op_only = false;   ///< points inside the last operation
  uint64_t one_point_in = 1;   ///< draws the points
  std::vector<Fault> plants;   ///< injected before the first opening
};

/// Options of every engine that the simulator opens.
Options SimOptions(FileSystem* disk, const SimScript& script);

/// Runs a workload once.
///
/// Life: Run() once; then the states and the errors are there.
/// Threads: used by one; the engine's threads call back into it.
class SimRun {
 public:
  SimRun(const SimScript& script, const SimSampling& sampling);

  void Run();
  std::vector<SimState>& states() { return states_; }
  /// What the engine answered wrongly while it ran; empty: nothing.
  const std::string& error() const { return error_; }

 private:
  class Observer;

  void Do(const SimOp& op, size_t index);
  void DoOne(const SimOp& op, size_t index);
  void AppendInFlight(size_t index);
  void Reopen();
  bool Open();
  /// Waits until the engine's reader thread has freed what it was given.
  void DrainPool(uint8_t topic);
  /// Takes over what the engine says is synced.
  void NoteSynced();
  void Promise(uint8_t topic, uint64_t end, bool durable);
  void Expect(bool ok, const std::string& what);
  void OnCall(FaultyCall call);
  void Snapshot();

  const SimScript script_;
  const SimSampling sampling_;
  const uint64_t seed_;
  FaultyFileSystem disk_;
  TestInstance instance_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable settled_;
  SimMoment moment_;
  int open_calls_ = 0;
  bool armed_ = false;
  uint64_t calls_ = 0;
  std::vector<SimState> states_;
  std::string error_;
};

}  // namespace walrus

#endif  // WALRUS_TOOLS_SIM_RUN_H_
