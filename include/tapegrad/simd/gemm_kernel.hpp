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

/// What a tile is made of. It is passed by reference: copies of it on the stack would be read back in wider
/// pieces than they were written in, which stalls for a hundred cycles, the time of a tile with k = 4.
template <class T>
struct GemmOperands {
    GemmRows<T> a;
    GemmColumns<T> b;
    GemmTarget<T> c;
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

/// Stores a tile, in rows of `batches` batches, whose last batch is not whole.
template <class T>
[[gnu::noinline]] void gemm_store_edge(const T* sums, int64_t rows, int64_t batches, const GemmTarget<T>& c) {
    constexpr int64_t w = width<T>;
    const int64_t whole = (batches - 1) * w, n = c.columns - whole;
    T edge[Batch<T>::size] = {};
    T* to = c.data;
    for (int64_t i = 0; i < rows; ++i, sums += batches * w, to += c.row) {
        for (int64_t j = 0; j < whole; j += w) {
            const Batch<T> v = Batch<T>::load(sums + j);
            (c.add ? Batch<T>::load(to + j) + v : v).store(to + j);
        }
        Batch<T> v = Batch<T>::load(sums + whole);
        if (c.add) {
            copy_short<w / 2>(edge, to + whole, n);
            v = Batch<T>::load(edge) + v;
        }
        v.store(edge);
        copy_short<w / 2>(to + whole, edge, n);
    }
}

/// C = A B, or C += A B, for one tile and k terms.
template <class T, int Rows, int Columns>
[[gnu::noinline]] void gemm_tile(int64_t k, const GemmOperands<T>& of) {
    using V = Batch<T>;
    const GemmRows<T> a = of.a;
    const GemmColumns<T> b = of.b;
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
    // C comes from far while k runs; a short run leaves it no time, and pays for asking.
    if (k >= 96) {
        const T* ahead = of.c.data;
        unroll<Rows>([&](auto) __attribute__((always_inline)) {
            unroll<Columns>([&](auto j) __attribute__((always_inline)) {
                __builtin_prefetch(ahead + j * width<T>, 1);
            });
            ahead += of.c.row;
        });
    }
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

    // The pointer walks: from indices g++ 12 would make an address for each row, and spill them.
    const GemmTarget<T>& c = of.c;
    T* to = c.data;
    if (c.columns != Columns * width<T>) {
        T sums[rows * columns * Batch<T>::size];
        unroll<Rows * Columns>([&](auto e) __attribute__((always_inline)) {
            sum[e / Columns][e % Columns].store(sums + e * width<T>);
        });
        gemm_store_edge<T>(sums, Rows, Columns, c);
    } else if (c.add) {
        unroll<Rows>([&](auto i) __attribute__((always_inline)) {
            unroll<Columns>([&](auto j) __attribute__((always_inline)) {
                (V::load(to + j * width<T>) + sum[i][j]).store(to + j * width<T>);
            });
            to += c.row;
        });
    } else {
        unroll<Rows>([&](auto i) __attribute__((always_inline)) {
            unroll<Columns>([&](auto j)
                                __attribute__((always_inline)) { sum[i][j].store(to + j * width<T>); });
            to += c.row;
        });
    }
}

}
}
