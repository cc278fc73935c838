// The micro-kernel of gemm: one tile of C held in registers while k runs.
//
// Every matrix-matrix path ends here, so every element of every product is made by the same operations in the
// same order: a chain of fma from zero over a block of k, then one addition to what C holds. Tiles, edges and
// threads decide only which elements are made together, never their bits.
#pragma once

#include <utility>

#include "batch.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// Rows, and batches of columns, of the largest tile. A tile loads rows + columns batches for rows * columns
/// fma, so it is as large as the registers allow: of 32, 28 hold sums, 2 a row of B and 1 an element of A.
template <class T>
struct GemmTile {
#if defined(__AVX512F__)
    static constexpr int rows = 14, columns = 2;
#elif defined(__aarch64__)
    static constexpr int rows = 8, columns = 3;
#elif defined(__AVX__)
    static constexpr int rows = 6, columns = 2;
#else
    static constexpr int rows = 4, columns = 2;
#endif
    static constexpr int64_t width = columns * simd::width<T>;
};

namespace detail {

/// The left operand of a tile: element (i, p), p along k, at data[i * row + p * step].
template <class T>
struct GemmRows {
    const T* data;
    int64_t row, step;
};
/// The right operand: element (p, j) at data[p * step + j].
template <class T>
struct GemmColumns {
    const T* data;
    int64_t step;
};
/// Where a tile goes: element (i, j), j < columns, at data[i * row + j]. `add` adds to what is there.
template <class T>
struct GemmTarget {
    T* data;
    int64_t row, columns;
    bool add;
};

/// f(0), ..., f(N - 1) with arguments that are constants.
template <int N, class F>
TAPEGRAD_INLINE void unroll(F f) {
    [&]<int... I>(std::integer_sequence<int, I...>) __attribute__((always_inline)) {
        (f(std::integral_constant<int, I>{}), ...);
    }
    (std::make_integer_sequence<int, N>{});
}

/// Keeps a loaded value in its register: g++ 12 would read it from memory again at each of its uses, and the
/// load ports would then bound the tile.
template <class T>
TAPEGRAD_INLINE void hold([[maybe_unused]] Batch<T>& v) {
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
    auto bits = static_cast<typename Batch<T>::Raw::register_type>(v.raw);
    asm("" : "+v"(bits));
    v = Batch<T>(typename Batch<T>::Raw(bits));
#endif
}

/// Copies n < 2 * Size elements in pieces of a power of two: one copy of a variable length would be a call.
template <int64_t Size, class T>
TAPEGRAD_INLINE void copy_short(T* to, const T* from, int64_t n) {
    if (n & Size) std::memcpy(to, from, Size * sizeof(T));
    if constexpr (Size > 1) copy_short<Size / 2>(to + (n & Size), from + (n & Size), n);
}

/// The last column of batches of a tile, when only n < W of its elements exist.
template <class T, int Rows>
[[gnu::noinline]] void gemm_store_edge(const T* sums, GemmTarget<T> c, int64_t n) {
    constexpr int64_t w = width<T>;
    T old[Batch<T>::size] = {};
    for (int i = 0; i < Rows; ++i) {
        T* to = c.data + i * c.row;
        Batch<T> v = Batch<T>::load(sums + i * w);
        if (c.add) {
            copy_short<w / 2>(old, to, n);
            v = Batch<T>::load(old) + v;
        }
        T out[Batch<T>::size];
        v.store(out);
        copy_short<w / 2>(to, out, n);
    }
}

/// C = A B, or C += A B, for one tile and k terms.
template <class T, int Rows, int Columns>
[[gnu::noinline]] void gemm_tile(int64_t k, GemmRows<T> a, GemmColumns<T> b, GemmTarget<T> c) {
    using V = Batch<T>;
    constexpr std::size_t rows = Rows, columns = Columns, groups = (rows + 3) / 4;
    V sum[rows][columns];
    unroll<Rows>([&](auto i) __attribute__((always_inline)) {
        unroll<Columns>([&](auto j) __attribute__((always_inline)) { sum[i][j] = V(T(0)); });
    });

    // Rows go in groups of four: a pointer a group and three shared offsets fit the address registers, where
    // an offset a row would not.
    const T* group[groups];
    const int64_t offset[4] = {0, a.row, 2 * a.row, 3 * a.row};
    unroll<int{groups}>([&](auto g) __attribute__((always_inline)) { group[g] = a.data + 4 * g * a.row; });
    const T* right = b.data;
    for (int64_t p = 0; p < k; ++p) {
        V row[columns];
        unroll<Columns>([&](auto j) __attribute__((always_inline)) {
            row[j] = V::load(right + j * width<T>);
            hold(row[j]);
        });
        unroll<Rows>([&](auto i) __attribute__((always_inline)) {
            const V left(group[i / 4][offset[i % 4]]);
            unroll<Columns>([&](auto j)
                                __attribute__((always_inline)) { sum[i][j] = fma(left, row[j], sum[i][j]); });
        });
        unroll<int{groups}>([&](auto g) __attribute__((always_inline)) { group[g] += a.step; });
        right += b.step;
    }

    const auto store = [&](auto i, auto j) __attribute__((always_inline)) {
        T* to = c.data + i * c.row + j * width<T>;
        (c.add ? V::load(to) + sum[i][j] : sum[i][j]).store(to);
    };
    constexpr int last = Columns - 1;
    unroll<Rows>([&](auto i) __attribute__((always_inline)) {
        unroll<last>([&](auto j) __attribute__((always_inline)) { store(i, j); });
    });
    if (c.columns == Columns * width<T>) {
        unroll<Rows>([&](auto i)
                         __attribute__((always_inline)) { store(i, std::integral_constant<int, last>{}); });
    } else {
        T sums[rows * Batch<T>::size];
        unroll<Rows>([&](auto i) __attribute__((always_inline)) { sum[i][last].store(sums + i * width<T>); });
        constexpr int64_t before = last * width<T>;
        gemm_store_edge<T, Rows>(sums, {c.data + before, c.row, c.columns - before, c.add},
                                 c.columns - before);
    }
}

}
}
