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

/// What the next strip of tiles reads first, and has to fetch from L3: a line of it is asked for with each term.
/// Without it the first tile of a strip waits for its panel of B, which costs a product of 1024^3 a twelfth.
template <class T>
struct GemmAhead {
    const T* data;
    int64_t step = 0;  // a line, or 0 where nothing is left to ask for
};

/// What a tile is made of. It is passed by reference: copies of it on the stack would be read back in wider
/// pieces than they were written in, which stalls for a hundred cycles, the time of a tile with k = 4.
template <class T>
struct GemmOperands {
    GemmRows<T> a;
    GemmColumns<T> b;
    GemmTarget<T> c;
    GemmAhead<T> ahead = {b.data};
};

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

/// The sums of a tile whose operands are packed, both: everything lies at a fixed distance from two pointers that
/// step once in two terms. What a core does beside the fma then fits into the slots that they leave, also where
/// another thread of the core takes half of them: 96 % of the fma rate, where the tile of any strides has 88.
template <class T, int Columns, int... E, int... J>
TAPEGRAD_INLINE void gemm_sums_of_panels(int64_t k, const GemmOperands<T>& of, Batch<T>* sum,
                                         std::integer_sequence<int, E...>, std::integer_sequence<int, J...>) {
    using V = Batch<T>;
    constexpr int64_t w = width<T>, rows = sizeof...(E) / Columns;
    const T *left_panel = of.a.data, *right_panel = of.b.data;
    V row[sizeof...(J)], left;
    auto [soon, soon_step] = of.ahead;
    const auto term = [&](int64_t p) TAPEGRAD_LAMBDA {
        __builtin_prefetch(soon, 0, 2);
        soon += soon_step;
        ((row[J] = V::load(right_panel + (p * Columns + J) * w), hold(row[J])), ...);
        ((left = E % Columns == 0 ? V(left_panel[p * rows + E / Columns]) : left,
          sum[E] = fma(left, row[E % Columns], sum[E])),
         ...);
    };
    for (; k > 1; k -= 2) {
        term(0);
        term(1);
        left_panel += 2 * rows;
        right_panel += 2 * Columns * w;
    }
    if (k > 0) term(0);
}
/// The sums of a tile of any strides; `G` counts the groups of four rows.
template <class T, int Columns, int... E, int... J, int... G>
TAPEGRAD_INLINE void gemm_sums(int64_t k, const GemmOperands<T>& of, Batch<T>* sum,
                               std::integer_sequence<int, E...>, std::integer_sequence<int, J...>,
                               std::integer_sequence<int, G...>) {
    using V = Batch<T>;
    constexpr int64_t w = width<T>;
    // A pointer a group and three shared offsets fit the address registers, where an offset a row would not.
    const GemmRows<T> a = of.a;
    const T* group[sizeof...(G)] = {(a.data + 4 * G * a.row)...};
    const int64_t offset[4] = {0, a.row, 2 * a.row, 3 * a.row};
    const T* right = of.b.data;
    const int64_t right_step = of.b.step;
    V row[sizeof...(J)], left;
    auto [soon, soon_step] = of.ahead;
    for (int64_t p = 0; p < k; ++p) {
        __builtin_prefetch(soon, 0, 2);
        soon += soon_step;
        ((row[J] = V::load(right + J * w), hold(row[J])), ...);
        ((left = E % Columns == 0 ? V(group[E / Columns / 4][offset[E / Columns % 4]]) : left,
          sum[E] = fma(left, row[E % Columns], sum[E])),
         ...);
        ((group[G] += a.step), ...);
        right += right_step;
    }
}

/// The tile, with its loops written as folds: `E` counts the sums, row after row, `J` the batches of a row. A lambda
/// for each element would double what gemm costs to compile.
template <class T, int Columns, bool Panels, int... E>
TAPEGRAD_INLINE void unrolled_tile(int64_t k, const GemmOperands<T>& of,
                                   std::integer_sequence<int, E...> each) {
    using V = Batch<T>;
    constexpr std::size_t sums = sizeof...(E), columns = Columns;
    constexpr int64_t w = width<T>;
    constexpr auto batches = std::make_integer_sequence<int, Columns>{};
    V sum[sums] = {V((void(E), T(0)))...};

    // C comes from far while k runs; a short run leaves it no time, and pays for asking.
    T* to = of.c.data;
    const int64_t next_row = of.c.row - (Columns - 1) * w;
    if (k >= 96) {
        const T* ahead = to;
        ((__builtin_prefetch(ahead, 1), ahead += E % Columns == Columns - 1 ? next_row : w), ...);
    }
    if constexpr (Panels)
        gemm_sums_of_panels<T, Columns>(k, of, sum, each, batches);
    else
        gemm_sums<T, Columns>(k, of, sum, each, batches,
                              std::make_integer_sequence<int, (static_cast<int>(sums) / Columns + 3) / 4>{});

    // The pointer walks: from indices g++ 12 would make an address for each row, and spill them.
    if (of.c.columns != Columns * w) {
        T tile[sums * V::size];
        (sum[E].store(tile + E * w), ...);
        gemm_store_edge<T>(tile, sums / columns, columns, of.c);
    } else if (of.c.add) {
        (((V::load(to) + sum[E]).store(to), to += E % Columns == Columns - 1 ? next_row : w), ...);
    } else {
        ((sum[E].store(to), to += E % Columns == Columns - 1 ? next_row : w), ...);
    }
}

/// C = A B, or C += A B, for one tile and k terms. `Panels`: both operands are packed.
template <class T, int Rows, int Columns, bool Panels = false>
[[gnu::noinline]] void gemm_tile(int64_t k, const GemmOperands<T>& of) {
    unrolled_tile<T, Columns, Panels>(k, of, std::make_integer_sequence<int, Rows * Columns>{});
}

}
}
