// The records of the stress: each can be told from all others.
#ifndef WALRUS_TOOLS_STRESS_RECORD_H_
#define WALRUS_TOOLS_STRESS_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <string>

namespace walrus {

/// What a record says about itself.
struct StressRecord {
  uint32_t writer = 0;
  uint64_t sequence = 0;
  bool operator==(const StressRecord&) const = default;
};

/// A value that can be told from all others, and checked by itself.
std::string StressValue(uint8_t topic, const StressRecord& record,
                        size_t bytes);
/// False when the value is not whole.
bool ParseStressValue(const std::string& value, uint8_t topic,
                      StressRecord* record);

}  // namespace walrus

#endif  // WALRUS_TOOLS_STRESS_RECORD_H_
