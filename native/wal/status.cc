#include "wal/status.h"

#include <cerrno>
#include <system_error>

namespace walrus {

std::string_view CodeName(Code code) {
  switch (code) {
    case Code::kOk:
      return "OK";
    case Code::kWouldBlock:
      return "WOULD_BLOCK";
    case Code::kInvalidInput:
      return "INVALID_INPUT";
    case Code::kCorrupt:
      return "CORRUPT";
    case Code::kFenced:
      return "FENCED";
    case Code::kNoSpace:
      return "NO_SPACE";
    case Code::kLocked:
      return "LOCKED";
    case Code::kBusy:
      return "BUSY";
    case Code::kOutOfRange:
      return "OUT_OF_RANGE";
    case Code::kIo:
      return "IO";
    case Code::kClosed:
      return "CLOSED";
    case Code::kOutOfOrderSequence:
      return "OUT_OF_ORDER_SEQUENCE";
    case Code::kDuplicateSequence:
      return "DUPLICATE_SEQUENCE_NUMBER";
    case Code::kInvalidProducerEpoch:
      return "INVALID_PRODUCER_EPOCH";
  }
  return "UNKNOWN";
}

Status Status::FromErrno(std::string_view what, int error_number) {
  const bool no_space = error_number == ENOSPC || error_number == EDQUOT;
  // generic_category().message() is safe with threads; strerror() is not.
  return Status(
      no_space ? Code::kNoSpace : Code::kIo,
      std::string(what) + ": " + std::generic_category().message(error_number));
}

std::string Status::ToString() const {
  std::string text(CodeName(code_));
  if (!message_.empty()) text += ": " + message_;
  return text;
}

}  // namespace walrus
