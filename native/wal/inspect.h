// Looking into the directory of an instance that is not running: what
// `wal dump` prints and what `wal verify` finds. Changes nothing on disk.
#ifndef WALRUS_WAL_INSPECT_H_
#define WALRUS_WAL_INSPECT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "wal/batch_header.h"
#include "wal/format.h"
#include "wal/status.h"
#include "wal/wal.h"

namespace walrus {

enum class ProblemKind {
  kDamage,  ///< bytes that were written are not there any more
  kTorn,    ///< an unfinished write; the next opening cuts it off
  kNotice,  ///< odd, and harmless
};

/// Where and what. Fields that do not apply are 0.
struct InspectProblem {
  ProblemKind kind = ProblemKind::kDamage;
  uint64_t file_id = 0;
  uint64_t block_id = 0;
  std::optional<LogId> log;
  uint64_t offset = 0;    ///< in the log
  uint64_t position = 0;  ///< in the data file
  std::string what;
};

struct InspectedFile {
  FileHeader header;
  uint64_t bytes = 0;
};

struct InspectedBlock {
  BlockHeader header;
  uint64_t position = 0;  ///< in the data file
  uint64_t bytes = 0;
  std::optional<Checkpoint> checkpoint;  ///< the newer one
  bool deleted = false;  ///< of a deleted log or below a log's start
};

struct InspectedRun {
  CommitFrame frame;
  uint64_t position = 0;  ///< in the data file
  bool intact = true;
};

struct InspectedBatch {
  BatchHeader header;
  uint64_t position = 0;  ///< in the data file
};

/// Told everything in order: each file, its blocks, their runs and batches;
/// problems as they are met. The defaults ignore it.
class InspectVisitor {
 public:
  virtual ~InspectVisitor() = default;
  virtual void OnFile(const InspectedFile&) {}
  virtual void OnBlock(const InspectedBlock&) {}
  virtual void OnRun(const InspectedBlock&, const InspectedRun&) {}
  virtual void OnBatch(const InspectedBlock&, const InspectedBatch&) {}
  virtual void OnProblem(const InspectProblem&) {}
};

struct InspectOptions {
  FileSystem* file_system = nullptr;  ///< nullptr: FileSystem::Posix()
  std::string directory;
};

/// One log, as far as it is whole.
struct VerifiedLog {
  LogId log;
  uint64_t start_offset = 0;
  uint64_t end_offset = 0;
  uint64_t blocks = 0;
  uint64_t runs = 0;
  uint64_t batches = 0;
  uint64_t records = 0;
  uint64_t bytes = 0;  ///< of its runs
};

/// What VerifyInstance() counted and found.
struct VerifyReport {
  bool previous_close_was_clean = false;
  uint64_t files = 0;
  uint64_t blocks = 0;
  uint64_t runs = 0;
  uint64_t batches = 0;
  uint64_t records = 0;
  uint64_t bytes_read = 0;
  std::vector<VerifiedLog> logs;  ///< ordered by id
  std::vector<InspectProblem> problems;

  bool damaged() const;
};

/// Walks all data files, in the order of their names, and shows them.
/// kLocked: the instance is running. kInvalidInput: no instance is there, or
/// one of an unknown version. kIo: cannot be read.
Status InspectInstance(const InspectOptions& options, InspectVisitor* visitor);

/// Checks every byte that is in use: file and block headers, frames, batch
/// CRCs, padding, seals, the order of the logs, and the cursor file. The
/// journal is not replayed: after a power cut a log may end earlier here than
/// it will after the next opening. Errors as InspectInstance(); damage is in
/// the report.
Status VerifyInstance(const InspectOptions& options, VerifyReport* report);

}  // namespace walrus

#endif  // WALRUS_WAL_INSPECT_H_
