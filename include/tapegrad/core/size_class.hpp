// Sizes of the pool's blocks: multiples of 64 bytes up to 1 KiB, then eight to each power of two, so that at
// most an eighth of a block (or 63 bytes) is unused and near sizes reuse each other's blocks.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "config.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::pool::detail {

inline constexpr std::size_t alignment = 64;
inline constexpr std::size_t max_bytes = std::size_t{1} << 47;
inline constexpr unsigned class_count = 312;
inline constexpr unsigned thread_classes = 96;  // up to 1 MiB: kept by threads
inline constexpr unsigned chunk_classes = 32;   // up to 4 KiB: cut from chunks

/// The class whose blocks hold `bytes`, at most `max_bytes`.
constexpr unsigned class_of(std::size_t bytes) {
    const std::size_t last = bytes - (bytes != 0 ? 1 : 0);
    if (last < 1024) return static_cast<unsigned>(last / 64);
    const auto exponent = static_cast<unsigned>(std::bit_width(last)) - 1;
    return 16 + (exponent - 10) * 8 + static_cast<unsigned>((last >> (exponent - 3)) & 7);
}

/// Bytes of a block of class c.
constexpr std::size_t class_bytes(unsigned c) {
    if (c < 16) return std::size_t{c + 1} * 64;
    return std::size_t{(c - 16) % 8 + 9} << ((c - 16) / 8 + 7);
}

/// Blocks to a magazine: enough that the mutex is rare, few enough that a thread hoards little: two magazines
/// of at most 128 KiB, or of one block.
constexpr std::uint32_t magazine_size(unsigned c) {
    const std::size_t n = 128 * 1024 / class_bytes(c);
    return static_cast<std::uint32_t>(n < 1 ? 1 : n > 64 ? 64 : n);
}

}
