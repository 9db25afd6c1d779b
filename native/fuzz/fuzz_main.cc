// One fuzzer; WALRUS_FUZZ_ENTRY says which.
#include "fuzz/fuzz_inputs.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  walrus::WALRUS_FUZZ_ENTRY(std::as_bytes(std::span(data, size)));
  return 0;
}
