// Status: what every engine call that can fail returns. No exceptions.
#ifndef WALRUS_WAL_STATUS_H_
#define WALRUS_WAL_STATUS_H_

#include <string>
#include <string_view>
#include <utility>

namespace walrus {

/// The codes of the engine's contract (design.md, section 3). Each says what
/// state the failed call leaves; the binding maps them one to one.
enum class Code {
  kOk,
  kWouldBlock,
  kInvalidInput,
  kCorrupt,
  kFenced,
  kNoSpace,
  kLocked,
  kBusy,
  kOutOfRange,
  kIo,
  kClosed,
  // Idempotent producers: nothing was appended, nothing changed.
  kOutOfOrderSequence,
  kDuplicateSequence,
  kInvalidProducerEpoch,
};

/// The code's name as users see it: "WOULD_BLOCK", "INVALID_INPUT", …
std::string_view CodeName(Code code);

/// A code and, unless it is kOk, a sentence that says what was wrong.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string message)
      : code_(code), message_(std::move(message)) {}

  static Status Ok() { return Status(); }
  /// Maps errno: ENOSPC and EDQUOT to kNoSpace, everything else to kIo.
  static Status FromErrno(std::string_view what, int error_number);

  bool ok() const { return code_ == Code::kOk; }
  Code code() const { return code_; }
  const std::string& message() const { return message_; }
  /// "CODE: message".
  std::string ToString() const;

 private:
  Code code_ = Code::kOk;
  std::string message_;
};

}  // namespace walrus

#endif  // WALRUS_WAL_STATUS_H_
