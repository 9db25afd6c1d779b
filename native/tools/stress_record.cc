#include "tools/stress_record.h"

#include <algorithm>
#include <cstdio>

namespace walrus {

std::string StressValue(uint8_t topic, const StressRecord& record,
                        size_t bytes) {
  std::string value = std::to_string(topic) + " " +
                      std::to_string(record.writer) + " " +
                      std::to_string(record.sequence) + ";";
  const auto fill = static_cast<char>('a' + record.sequence % 26);
  value.resize(std::max(value.size(), bytes), fill);
  return value;
}

bool ParseStressValue(const std::string& value, uint8_t topic,
                      StressRecord* record) {
  unsigned found = 0;
  unsigned writer = 0;
  unsigned long long sequence = 0;
  if (std::sscanf(value.c_str(), "%u %u %llu;", &found, &writer, &sequence) !=
          3 ||
      found != topic) {
    return false;
  }
  *record = {writer, sequence};
  return value == StressValue(topic, *record, value.size());
}

}  // namespace walrus
