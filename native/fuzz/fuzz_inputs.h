// What the fuzzers feed the engine with. Each takes any bytes; a finding ends
// the process.
#ifndef WALRUS_FUZZ_FUZZ_INPUTS_H_
#define WALRUS_FUZZ_FUZZ_INPUTS_H_

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "testing/faulty_file_system.h"

namespace walrus {

using FuzzBytes = std::span<const std::byte>;

/// A directory: one byte that chooses schedule, backend and depth, then pieces
/// of files. A piece is one byte that names the file (0 to 3 data files, 4 and
/// 5 the journal, 6 the cursor file, 7 LOCK), its position (u32), its length
/// (u16) and its bytes; numbers are little-endian.
///
/// The directory is verified; then recovered twice, or, which is slower,
/// opened, read, appended to, closed and opened again.
void FuzzRecovery(FuzzBytes input);

/// A produce call: one byte for the number of cuts, that many bytes for the
/// chunks' lengths, then the chunks.
void FuzzBatch(FuzzBytes input);

/// The cursor file's bytes.
void FuzzCursors(FuzzBytes input);

/// The directory of `disk` as input of FuzzRecovery(): its files without their
/// zeros.
std::vector<std::byte> RecoveryInput(const FaultyFileSystem& disk,
                                     uint8_t choice);

/// Ends the process unless `holds`.
inline void FuzzExpect(bool holds, const std::string& what) {
  if (holds) return;
  std::fprintf(stderr, "FINDING %s\n", what.c_str());
  std::abort();
}

}  // namespace walrus

#endif  // WALRUS_FUZZ_FUZZ_INPUTS_H_
