// What the encoders and decoders of format*.cc share: fields one after another,
// magic first, CRC-32C last.
#ifndef WALRUS_WAL_FORMAT_CODEC_H_
#define WALRUS_WAL_FORMAT_CODEC_H_

#include <array>
#include <cassert>
#include <concepts>
#include <cstring>
#include <utility>

#include "wal/byte_order.h"
#include "wal/crc32c.h"
#include "wal/format.h"

namespace walrus {

inline constexpr uint32_t kFormatVersion = 1;
inline constexpr uint16_t kFrameVersion = 1;
inline constexpr size_t kMagicBytes = 8;
inline constexpr size_t kCrcBytes = 4;

/// Writes a structure of `size` bytes: zeros where no field was put.
class Encoder {
 public:
  Encoder(std::byte* out, size_t size, const char* magic)
      : out_(out), size_(size), position_(kMagicBytes) {
    std::memset(out, 0, size);
    std::memcpy(out, magic, kMagicBytes);
  }

  template <std::integral T>
  void Put(T value) {
    assert(position_ + sizeof(T) + kCrcBytes <= size_);
    StoreLittle(out_ + position_, value);
    position_ += sizeof(T);
  }
  template <size_t n>
  void Put(const std::array<uint8_t, n>& bytes) {
    assert(position_ + n + kCrcBytes <= size_);
    std::memcpy(out_ + position_, bytes.data(), n);
    position_ += n;
  }

  /// Writes the CRC over everything before it and returns it.
  uint32_t Finish() {
    const uint32_t crc = Crc32c(out_, size_ - kCrcBytes);
    StoreLittle(out_ + size_ - kCrcBytes, crc);
    return crc;
  }

 private:
  std::byte* const out_;
  const size_t size_;
  size_t position_;
};

/// Reads a structure of `size` bytes. Length, magic and CRC are judged first;
/// when they are bad every Get() gives zeros and Finish() says why.
class Decoder {
 public:
  Decoder(std::span<const std::byte> bytes, size_t size, const char* magic)
      : bytes_(bytes.data()), size_(size), position_(kMagicBytes) {
    assert(size >= kMagicBytes + kCrcBytes);
    if (bytes.size() < size) {
      verdict_ = Decoded::kTooShort;
    } else if (std::memcmp(bytes_, magic, kMagicBytes) != 0) {
      verdict_ = Decoded::kBadMagic;
    } else {
      crc_ = LoadLittle<uint32_t>(bytes_ + size - kCrcBytes);
      if (!SameCrc(Crc32c(bytes_, size - kCrcBytes), crc_)) {
        verdict_ = Decoded::kBadChecksum;
      }
    }
  }

  template <std::integral T>
  T Get() {
    if (verdict_ != Decoded::kOk) return T{0};
    assert(position_ + sizeof(T) + kCrcBytes <= size_);
    const T value = LoadLittle<T>(bytes_ + position_);
    position_ += sizeof(T);
    return value;
  }
  template <size_t n>
  void Get(std::array<uint8_t, n>* to) {
    if (verdict_ != Decoded::kOk) return;
    assert(position_ + n + kCrcBytes <= size_);
    std::memcpy(to->data(), bytes_ + position_, n);
    position_ += n;
  }

  uint32_t stored_crc() const { return crc_; }

  /// Moves `found` to `*to` when all is well; else says what is not.
  template <typename T>
  Decoded Finish(bool version_known, bool fields_valid, T& found, T* to) const {
    if (verdict_ != Decoded::kOk) return verdict_;
    if (!version_known) return Decoded::kBadVersion;
    if (!fields_valid) return Decoded::kBadField;
    *to = std::move(found);
    return Decoded::kOk;
  }

 private:
  const std::byte* const bytes_;
  const size_t size_;
  size_t position_;
  uint32_t crc_ = 0;
  Decoded verdict_ = Decoded::kOk;
};

/// From the copy at 0, or, when that one is bad, from the one at
/// `copy_position`. When both are bad: the verdict on the first, unless only
/// the second is whole enough to tell an unknown version.
template <typename T>
Decoded DecodeEither(std::span<const std::byte> area, size_t copy_position,
                     T* to) {
  const Decoded first = T::Decode(area, to);
  if (first == Decoded::kOk || area.size() < copy_position) return first;
  const Decoded second = T::Decode(area.subspan(copy_position), to);
  if (second == Decoded::kOk || second == Decoded::kBadVersion) return second;
  return first;
}

}  // namespace walrus

#endif  // WALRUS_WAL_FORMAT_CODEC_H_
