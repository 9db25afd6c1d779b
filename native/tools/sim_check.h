// SimCheck: opens a crashed disk with the real engine and judges what it finds.
#ifndef WALRUS_TOOLS_SIM_CHECK_H_
#define WALRUS_TOOLS_SIM_CHECK_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "testing/faulty_file_system.h"
#include "testing/test_instance.h"
#include "tools/sim_run.h"

namespace walrus {

/// How many crash states were opened.
struct SimCounts {
  uint64_t states = 0;           ///< the ones below together
  uint64_t second_crashes = 0;   ///< of them, crashed inside recovery
  uint64_t recovered_again = 0;  ///< of them, cut off after recovery
  uint64_t continued = 0;        ///< recovered engines that were written to
  uint64_t retried = 0;          ///< calls of producers that were made again
  /// By Backend: of the states.
  std::array<uint64_t, 4> by_backend{};
};

/// Prints the blocks that a stopped instance's files hold.
void ShowBlocks(FaultyFileSystem& disk);

/// Judges one state.
///
/// Life: Judge() once; a state's disk is used up by it.
class SimCheck {
 public:
  SimCheck(const SimScript& script, SimState* state, SimCounts* counts)
      : script_(script), state_(*state), counts_(*counts) {}

  /// Prints what each opening reports.
  void ShowReports() { shows_reports_ = true; }

  /// Empty, or what is wrong.
  std::string Judge();

 private:
  using Found = std::array<SimFoundLog, kSimTopics>;

  std::string Recover(FaultyFileSystem* disk, bool power_cut, Found* found);
  void CountState() {
    ++counts_.states;
    ++counts_.by_backend[static_cast<size_t>(script_.backend)];
  }
  std::string JudgeReport(TestInstance* instance, bool power_cut,
                          const Found& found);
  std::string ReadLog(TestInstance* instance, uint8_t topic,
                      SimFoundLog* found);
  std::string ProbeLog(TestInstance* instance, uint8_t topic,
                       const SimFoundLog& found);
  std::string JudgeSecond(FaultyFileSystem* disk, const std::string& when,
                          const Found& first, const FaultyFileSystem* before);
  std::string GoOn(TestInstance* instance, FaultyFileSystem* disk,
                   const Found& found);
  std::string Retry(TestInstance* instance, const Found& found);
  std::string RetryLog(TestInstance* instance, uint8_t topic,
                       const SimFoundLog& found, std::vector<SimCall>* calls);
  std::string RetryCall(TestInstance* instance, uint8_t topic,
                        const SimCall& call, bool is_there, uint64_t offset);
  void ShowReport(const char* when, const FaultyFileSystem& disk,
                  TestInstance* instance) const;
  static std::string CompareFiles(const FaultyFileSystem& before,
                                  const FaultyFileSystem& after);

  const SimScript& script_;
  SimState& state_;
  SimCounts& counts_;
  bool shows_reports_ = false;
};

}  // namespace walrus

#endif  // WALRUS_TOOLS_SIM_CHECK_H_
