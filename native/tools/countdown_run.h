// CountdownRun: one workload whose nth change of the disk fails.
#ifndef WALRUS_TOOLS_COUNTDOWN_RUN_H_
#define WALRUS_TOOLS_COUNTDOWN_RUN_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "testing/faulty_file_system.h"
#include "testing/test_instance.h"
#include "tools/sim_check.h"
#include "tools/sim_model.h"
#include "tools/sim_request.h"
#include "tools/sim_script.h"

namespace walrus {

/// Runs a workload of calls one after another (and of `p`, six at once) with
/// a fault, and judges
///  - each answer: Ok, NO_SPACE (undone, as if never asked) or, once and from
///    then on, FENCED; nothing is acknowledged after a fence;
///  - the logs while the engine runs: what was acknowledged can be read;
///  - the disk after the death of the process and after power cuts, once with
///    the engine closed and once without (SimCheck, with crashes of its own);
///  - a restart on the same machine, whose page cache outlived the failure.
///
/// Life: Run() once.
class CountdownRun {
 public:
  /// nullopt: nothing fails; everything must be answered with Ok then.
  CountdownRun(const SimScript& script, const std::optional<Fault>& fault);

  /// Empty, or what is wrong.
  std::string Run();
  /// Changes of the disk up to the end of Close().
  uint64_t changes() const { return changes_; }
  /// Whether the fault was met.
  bool fenced() const { return fenced_; }
  uint64_t refused() const { return refused_; }

 private:
  using Found = std::array<SimFoundLog, kSimTopics>;

  bool Open();
  void Do(const SimOp& op, size_t index);
  void DoOne(const SimOp& op, size_t index);
  void DoInFlight(size_t index);
  void Reopen();
  void Close();
  /// Takes note of an answer other than Ok; true: nothing of it was done.
  bool IsUndone(const std::string& what, const Status& status);
  void CheckFence();
  void CheckReads(bool power_cut, Found* found);
  void Restart();
  void NoteReadable();
  void JudgeDisk(const std::string& when);
  /// Keeps the first of them; an empty one is none.
  void Wrong(const std::string& what) {
    if (wrong_.empty()) wrong_ = what;
  }

  const SimScript script_;
  const std::optional<Fault> fault_;
  FaultyFileSystem disk_;
  TestInstance instance_;
  SimMoment moment_;
  bool fenced_ = false;
  uint64_t refused_ = 0;
  uint64_t changes_ = 0;
  std::string wrong_;
};

}  // namespace walrus

#endif  // WALRUS_TOOLS_COUNTDOWN_RUN_H_
