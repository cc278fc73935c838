// A square of elements, transposed in registers. An element is moved as a word of its size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "../core/config.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd::detail {

template <std::size_t Bytes>
struct Word;
template <>
struct Word<1> {
    typedef std::uint8_t type __attribute__((may_alias));
};
template <>
struct Word<2> {
    typedef std::uint16_t type __attribute__((may_alias));
};
template <>
struct Word<4> {
    typedef std::uint32_t type __attribute__((may_alias));
};
template <>
struct Word<8> {
    typedef std::uint64_t type __attribute__((may_alias));
};

/// Sides of the square: a vector register, but at most 16 of them.
template <std::size_t Bytes>
inline constexpr int transpose_side = [] {
#if defined(__AVX512F__)
    constexpr std::size_t bytes = 64;
#elif defined(__AVX2__)
    constexpr std::size_t bytes = 32;
#else
    constexpr std::size_t bytes = 16;
#endif
    return static_cast<int>(bytes / Bytes < 16 ? bytes / Bytes : 16);
}();

/// The lower or the upper halves of a and b, an element of each in turn.
template <bool Upper, class Vector, int... J>
TAPEGRAD_INLINE Vector interleave(const Vector& a, const Vector& b, std::integer_sequence<int, J...>) {
    constexpr int N = sizeof...(J);
    return __builtin_shufflevector(a, b, (J / 2 + J % 2 * N + (Upper ? N / 2 : 0))...);
}

template <std::size_t Bytes, int... I>
TAPEGRAD_INLINE void transpose_rows(const typename Word<Bytes>::type* from, int64_t from_row, int64_t rows,
                                    typename Word<Bytes>::type* to, int64_t to_row,
                                    std::integer_sequence<int, I...> all) {
    constexpr int N = sizeof...(I);
    typedef typename Word<Bytes>::type Vector __attribute__((vector_size(N * Bytes)));
    Vector v[std::size_t{N}], w[std::size_t{N}];
    (std::memcpy(&v[I], from + (I < rows ? I : rows - 1) * from_row, sizeof(Vector)), ...);
    // Interleaving row i with row i + N/2 rotates the bits of (row, column) by one; log2(N) such rounds
    // exchange them.
    for (int round = 1; round < N; round *= 2) {
        ((w[I] = interleave<I % 2 != 0>(v[I / 2], v[I / 2 + N / 2], all)), ...);
        ((v[I] = w[I]), ...);
    }
    (std::memcpy(to + I * to_row, &v[I], sizeof(Vector)), ...);
}

/// to[j * to_row + i] = from[min(i, rows - 1) * from_row + j] for i, j in [0, N), N = transpose_side.
template <std::size_t Bytes>
[[gnu::noinline]] void transpose_block(const typename Word<Bytes>::type* from, int64_t from_row, int64_t rows,
                                       typename Word<Bytes>::type* to, int64_t to_row) {
    transpose_rows<Bytes>(from, from_row, rows, to, to_row,
                          std::make_integer_sequence<int, transpose_side<Bytes>>{});
}

}
