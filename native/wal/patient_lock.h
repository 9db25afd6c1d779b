// PatientLock: takes a mutex that is held for moments only.
#ifndef WALRUS_WAL_PATIENT_LOCK_H_
#define WALRUS_WAL_PATIENT_LOCK_H_

#include <mutex>

namespace walrus {

/// Tells the processor that this is a waiting loop.
inline void PauseProcessor() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Locks by trying for about a microsecond before it sleeps. What the mutex
/// guards is done in a tenth of that, while sleeping and being woken costs
/// several, on both sides.
inline void LockPatiently(std::mutex* mutex) {
  constexpr int kTries = 40;
  for (int i = 0; i < kTries; ++i) {
    if (mutex->try_lock()) return;
    PauseProcessor();
  }
  mutex->lock();
}

/// A unique_lock taken that way.
inline std::unique_lock<std::mutex> PatientLock(std::mutex& mutex) {
  LockPatiently(&mutex);
  return std::unique_lock<std::mutex>(mutex, std::adopt_lock);
}

}  // namespace walrus

#endif  // WALRUS_WAL_PATIENT_LOCK_H_
