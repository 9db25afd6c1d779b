// VerifyInstance: every byte in use of a stopped instance, read and checked.
#include <algorithm>
#include <array>
#include <utility>

#include "wal/inspection.h"

namespace walrus {

namespace {

// One log: its order and end by recovery's own rules, then all of its blocks
// from their first byte, whatever checkpoint could be trusted.
class LogVerifier {
 public:
  LogVerifier(const Inspection& inspection, VerifyReport* report)
      : inspection_(inspection), report_(*report) {}

  Status Verify(const LogId& id) {
    log_.log = id;
    const CursorState& state = inspection_.state();
    LogFindings findings;
    // Nothing is trusted but what a synced-through offset covers.
    const Status status =
        FindLogEnd(inspection_.scan(), id, TrustRule{}, state.LogStart(id),
                   state.DeletedBelow(id), &findings);
    if (!status.ok()) return status;
    if (findings.blocks.empty() && findings.verdict == LogVerdict::kWhole) {
      return status;
    }
    log_.start_offset = findings.start_offset;
    log_.end_offset = std::max(findings.end.offset, findings.start_offset);
    report_.bytes_read += findings.bytes_read;
    return VerifyBlocks(findings);
  }

 private:
  Status VerifyBlocks(const LogFindings& findings) {
    const size_t good = findings.has_end_block ? findings.end.block + 1 : 0;
    const size_t before = report_.problems.size();
    for (size_t i = 0; i < good; ++i) {
      const Status status =
          VerifyBlock(findings.blocks[i], findings.extents[i]);
      if (!status.ok()) return status;
    }
    // The verdict repeats what a block has told already.
    if (findings.verdict != LogVerdict::kWhole &&
        report_.problems.size() == before) {
      const bool corrupt = findings.verdict == LogVerdict::kCorrupt;
      const FoundBlock* at =
          good > 0 ? &findings.blocks[good - 1]
                   : (findings.blocks.empty() ? nullptr : &findings.blocks[0]);
      Add(corrupt ? ProblemKind::kDamage : ProblemKind::kTorn, at,
          log_.end_offset, findings.end.position, findings.what);
    }
    report_.blocks += log_.blocks;
    report_.runs += log_.runs;
    report_.batches += log_.batches;
    report_.records += log_.records;
    report_.logs.push_back(log_);
    return Status::Ok();
  }

  Status VerifyBlock(const FoundBlock& found, const BlockExtent& extent) {
    ++log_.blocks;
    Status status = VerifyHeaderCopies(found);
    if (!status.ok()) return status;
    FileUse use;
    status = found.file->Use(&use);
    if (!status.ok()) return status;
    BlockScanner scanner(&use.file(), found.start, found.header,
                         found.RunsEnd(), StartOf(found.header));
    while (scanner.at().position < extent.used) {
      ScannedRun run;
      bool is_run = false;
      status = scanner.Next(&run, &is_run);
      if (!status.ok()) return status;
      if (!is_run) {
        log_.end_offset = std::min(log_.end_offset, scanner.at().offset);
        Add(ProblemKind::kDamage, &found, scanner.at().offset,
            scanner.at().position, scanner.broken());
        break;
      }
      TakeRun(found, run);
    }
    report_.bytes_read += scanner.bytes_read();
    return extent.sealed ? VerifySeal(found) : status;
  }

  void TakeRun(const FoundBlock& found, const ScannedRun& run) {
    if (run.frame.HasRecords()) ++log_.runs;
    log_.batches += run.frame.batch_count;
    log_.records += run.frame.next_offset - run.frame.base_offset;
    log_.bytes += run.frame.run_length;
    if (run.damaged_offset) {
      log_.end_offset = std::min(log_.end_offset, *run.damaged_offset);
      Add(ProblemKind::kDamage, &found, *run.damaged_offset,
          run.frame.run_position, "a batch does not match its CRC");
    }
    if (!run.padding_is_zero) {
      // A power cut can leave it; no checksum is about it.
      Add(ProblemKind::kNotice, &found, run.frame.next_offset,
          run.frame.run_position + uint64_t{run.frame.run_length},
          "the padding behind a run is not zero; its records are whole");
    }
  }

  Status VerifyHeaderCopies(const FoundBlock& found) {
    std::array<std::byte, kBlockHeaderAreaBytes> area{};
    size_t got = 0;
    FileUse use;
    Status status = found.file->Use(&use);
    if (!status.ok()) return status;
    status = use.file().Read(found.start, area.data(), area.size(), &got);
    if (!status.ok()) return status;
    const std::span<const std::byte> bytes(area);
    for (const size_t position : {size_t{0}, kBlockHeaderCopyPosition}) {
      BlockHeader copy;
      const Decoded decoded = BlockHeader::Decode(
          bytes.subspan(position, kBlockHeaderBytes), &copy);
      if (decoded == Decoded::kOk && copy == found.header) continue;
      Add(ProblemKind::kDamage, &found, found.header.base_offset, position,
          "one of the two copies of the block's header is damaged");
    }
    return status;
  }

  Status VerifySeal(const FoundBlock& found) {
    const Checkpoint* sealed = nullptr;
    for (const std::optional<Checkpoint>& slot : found.slots) {
      if (slot && slot->sealed) sealed = &*slot;
    }
    if (sealed == nullptr) return Status::Ok();
    std::vector<std::byte> bytes(sealed->seal_length);
    size_t got = 0;
    FileUse use;
    Status status = found.file->Use(&use);
    if (!status.ok()) return status;
    status = use.file().Read(found.start + sealed->seal_position, bytes.data(),
                             bytes.size(), &got);
    if (!status.ok()) return status;
    Seal seal;
    if (Seal::Decode(std::span<const std::byte>(bytes).first(got), &seal) !=
            Decoded::kOk ||
        seal.tag != found.header.tag) {
      // A power cut can leave that: both were only on their way.
      Add(ProblemKind::kNotice, &found, sealed->end_offset,
          sealed->seal_position, "the seal is damaged; its records are whole");
    }
    return status;
  }

  void Add(ProblemKind kind, const FoundBlock* found, uint64_t offset,
           uint64_t position_in_block, std::string what) {
    InspectProblem problem;
    problem.kind = kind;
    problem.log = log_.log;
    problem.offset = offset;
    problem.what = std::move(what);
    if (found != nullptr) {
      problem.file_id = found->file->id();
      problem.block_id = found->header.block_id;
      problem.position = found->start + position_in_block;
    }
    report_.problems.push_back(std::move(problem));
  }

  const Inspection& inspection_;
  VerifyReport& report_;
  VerifiedLog log_;
};

void AddProblem(ProblemKind kind, uint64_t file_id, uint64_t position,
                std::string what, VerifyReport* report) {
  InspectProblem problem;
  problem.kind = kind;
  problem.file_id = file_id;
  problem.position = position;
  problem.what = std::move(what);
  report->problems.push_back(std::move(problem));
}

// What is wrong outside the logs.
void VerifySurroundings(const Inspection& inspection, VerifyReport* report) {
  for (const std::string& name : inspection.file_report().unreadable) {
    AddProblem(ProblemKind::kDamage, 0, 0,
               "data file " + name + ": both copies of its header are damaged",
               report);
  }
  for (const std::string& note : inspection.file_report().notes) {
    AddProblem(ProblemKind::kNotice, 0, 0, note, report);
  }
  for (const SuspectUnit& suspect : inspection.scan().suspects) {
    AddProblem(ProblemKind::kDamage, suspect.file->id(),
               suspect.file->header().UnitPosition(suspect.unit),
               "the header of a block: " + suspect.what, report);
  }
  if (!inspection.state_damage().empty()) {
    AddProblem(ProblemKind::kDamage, 0, 0, inspection.state_damage(), report);
  }
}

}  // namespace

bool VerifyReport::damaged() const {
  return std::any_of(problems.begin(), problems.end(),
                     [](const InspectProblem& problem) {
                       return problem.kind == ProblemKind::kDamage;
                     });
}

Status VerifyInstance(const InspectOptions& options, VerifyReport* report) {
  Inspection inspection;
  Status status = inspection.Open(options);
  if (!status.ok()) return status;
  report->previous_close_was_clean = inspection.closed_cleanly();
  report->files = inspection.files().All().size();
  report->bytes_read = inspection.scan().bytes_read;
  VerifySurroundings(inspection, report);
  std::vector<LogId> ids;
  for (const auto& [id, blocks] : inspection.scan().logs) ids.push_back(id);
  for (const auto& [id, synced] : inspection.scan().suspect_synced) {
    if (!inspection.scan().logs.contains(id)) ids.push_back(id);
  }
  std::sort(ids.begin(), ids.end(), [](const LogId& a, const LogId& b) {
    return a.topic_id != b.topic_id ? a.topic_id < b.topic_id
                                    : a.partition < b.partition;
  });
  for (const LogId& id : ids) {
    status = LogVerifier(inspection, report).Verify(id);
    if (!status.ok()) return status;
  }
  return status;
}

}  // namespace walrus
