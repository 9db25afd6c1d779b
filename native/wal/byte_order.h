// Loads and stores of integers at any address: little-endian for our own
// structures, big-endian for Kafka's.
#ifndef WALRUS_WAL_BYTE_ORDER_H_
#define WALRUS_WAL_BYTE_ORDER_H_

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <type_traits>

namespace walrus {

template <std::integral T>
constexpr T ReverseBytes(T value) {
  using Unsigned = std::make_unsigned_t<T>;
  Unsigned from = static_cast<Unsigned>(value);
  Unsigned to = 0;
  for (size_t i = 0; i < sizeof(T); ++i) {
    to = static_cast<Unsigned>((to << (sizeof(T) > 1 ? 8 : 0)) | (from & 0xff));
    from = static_cast<Unsigned>(from >> (sizeof(T) > 1 ? 8 : 0));
  }
  return static_cast<T>(to);
}

template <std::integral T>
T LoadLittle(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  if constexpr (std::endian::native == std::endian::big) {
    value = ReverseBytes(value);
  }
  return value;
}

template <std::integral T>
void StoreLittle(std::byte* to, T value) {
  if constexpr (std::endian::native == std::endian::big) {
    value = ReverseBytes(value);
  }
  std::memcpy(to, &value, sizeof(T));
}

template <std::integral T>
T LoadBig(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  if constexpr (std::endian::native == std::endian::little) {
    value = ReverseBytes(value);
  }
  return value;
}

template <std::integral T>
void StoreBig(std::byte* to, T value) {
  if constexpr (std::endian::native == std::endian::little) {
    value = ReverseBytes(value);
  }
  std::memcpy(to, &value, sizeof(T));
}

}  // namespace walrus

#endif  // WALRUS_WAL_BYTE_ORDER_H_
