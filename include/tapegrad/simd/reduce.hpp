// Sums, products and extremes over the middle axis of (outer, n, inner), row-major.
//
//   inner == 1   rows: eight accumulators; blocks of 64 batches are added in a binary tree
//   inner > 1    columns: a batch is `width` neighbouring columns, eight rows are read at a time
//
// Long axes are cut into pieces of fixed length, whose results are reduced in the same way. So the error of a
// sum grows with the logarithm of n, and its bits depend on the sizes alone, not on threads.
#pragma once

#include <limits>

#include "../core/parallel.hpp"
#include "fold.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

inline constexpr int64_t reduce_piece = int64_t{1} << 16;  // elements of a row: at least 10 us of a core
inline constexpr int64_t reduce_rows = 128;                // rows of a piece of columns
inline constexpr int64_t reduce_strip = 4096;  // columns whose results stay in the first level of cache

/// 16 bytes of integers: xsimd's batches are used for floating types alone.
template <class T>
struct IntegerPack {
    using Element = std::conditional_t<std::is_same_v<T, bool>, std::uint8_t, T>;
    typedef Element Vector __attribute__((vector_size(16)));
    typedef std::make_unsigned_t<Element> Unsigned __attribute__((vector_size(16)));
    static constexpr std::size_t size = 16 / sizeof(T);
    Vector raw;

    TAPEGRAD_INLINE static IntegerPack load(const T* p) {
        IntegerPack v;
        std::memcpy(&v.raw, p, 16);
        return v;
    }
    TAPEGRAD_INLINE void store(T* p) const { std::memcpy(p, &raw, 16); }
    TAPEGRAD_INLINE friend IntegerPack operator+(const IntegerPack& a, const IntegerPack& b) {
        return {(Vector)((Unsigned)a.raw + (Unsigned)b.raw)};  // wraps, as sums of integers do
    }
    TAPEGRAD_INLINE friend IntegerPack operator*(const IntegerPack& a, const IntegerPack& b) {
        return {(Vector)((Unsigned)a.raw * (Unsigned)b.raw)};
    }
    TAPEGRAD_INLINE friend IntegerPack max(const IntegerPack& a, const IntegerPack& b) {
        return {a.raw > b.raw ? a.raw : b.raw};
    }
    TAPEGRAD_INLINE friend IntegerPack min(const IntegerPack& a, const IntegerPack& b) {
        return {a.raw < b.raw ? a.raw : b.raw};
    }
};

/// What a reduction keeps in a register.
template <class T>
using Pack = std::conditional_t<Vectorized<T>, Batch<T>, IntegerPack<T>>;

template <class T>
TAPEGRAD_INLINE Pack<T> load_pack(const T* p, int64_t n, T fill) {
    if constexpr (Vectorized<T>) {
        return load_partial(p, n, fill);
    } else {
        T v[Pack<T>::size];
        for (T& e : v) e = fill;
        std::memcpy(v, p, static_cast<std::size_t>(n) * sizeof(T));
        return Pack<T>::load(v);
    }
}
template <class T>
TAPEGRAD_INLINE void store_pack(const Pack<T>& a, T* p, int64_t n) {
    T v[Pack<T>::size];
    a.store(v);
    std::memcpy(p, v, static_cast<std::size_t>(n) * sizeof(T));
}

struct AddReduction {
    template <class T>
    static constexpr T identity = T(0);
    template <class P>
    TAPEGRAD_INLINE static P combine(const P& a, const P& b) {
        if constexpr (std::is_integral_v<P> && !std::is_same_v<P, bool>)
            return static_cast<P>(static_cast<std::make_unsigned_t<P>>(a) +
                                  static_cast<std::make_unsigned_t<P>>(b));
        else
            return a + b;
    }
};
struct MultiplyReduction {
    template <class T>
    static constexpr T identity = T(1);
    template <class P>
    TAPEGRAD_INLINE static P combine(const P& a, const P& b) {
        if constexpr (std::is_integral_v<P>)
            return static_cast<P>(static_cast<std::make_unsigned_t<P>>(a) *
                                  static_cast<std::make_unsigned_t<P>>(b));
        else
            return a * b;
    }
};
struct MaxReduction {
    template <class T>
    static constexpr T identity = std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity()
                                                                       : std::numeric_limits<T>::lowest();
    template <class P>
    TAPEGRAD_INLINE static P combine(const P& a, const P& b) {
        if constexpr (std::is_arithmetic_v<P>)
            return a > b || a != a ? a : b;
        else
            return max(a, b);
    }
};
struct MinReduction {
    template <class T>
    static constexpr T identity = std::numeric_limits<T>::has_infinity ? std::numeric_limits<T>::infinity()
                                                                       : std::numeric_limits<T>::max();
    template <class P>
    TAPEGRAD_INLINE static P combine(const P& a, const P& b) {
        if constexpr (std::is_arithmetic_v<P>)
            return a < b || a != a ? a : b;
        else
            return min(a, b);
    }
};

/// The elements of a pack as one, in a fixed tree.
template <class R, class T>
TAPEGRAD_INLINE T reduce_pack(const Pack<T>& a) {
    if constexpr (Vectorized<T>) {
        return fold(a, [](const Pack<T>& l, const Pack<T>& r) TAPEGRAD_LAMBDA { return R::combine(l, r); });
    } else {
        T v[Pack<T>::size];
        a.store(v);
        for (std::size_t half = Pack<T>::size / 2; half > 0; half /= 2)
            for (std::size_t i = 0; i < half; ++i) v[i] = static_cast<T>(R::combine(v[i], v[i + half]));
        return v[0];
    }
}
/// Eight packs, each `step` elements from the one before, as one.
template <class R, class T>
TAPEGRAD_INLINE Pack<T> reduce_eight(const T* x, int64_t step) {
    using P = Pack<T>;
    const auto at = [&](int64_t i) TAPEGRAD_LAMBDA { return P::load(x + i * step); };
    const auto both = [](const P& a, const P& b) TAPEGRAD_LAMBDA { return R::combine(a, b); };
    return both(both(both(at(0), at(1)), both(at(2), at(3))), both(both(at(4), at(5)), both(at(6), at(7))));
}

/// One value of at most `reduce_piece` elements.
template <class R, class T>
T reduce_run(const T* x, int64_t n) {
    using P = Pack<T>;
    constexpr int64_t W = static_cast<int64_t>(P::size), block = 64 * W;
    constexpr T identity = R::template identity<T>;
    P total = load_pack(x, 0, identity);
    // Block results wait at the level of the tree that they have reached: the bits of `blocks`, like a
    // counter's.
    P waiting[20];
    int64_t i = 0;
    for (uint32_t blocks = 0; i + block <= n; i += block, ++blocks) {
        P lanes[8];
        for (int64_t k = 0; k < 8; ++k) lanes[k] = P::load(x + i + k * W);
        for (int64_t row = 8; row < 64; row += 8) {
            for (int64_t k = 0; k < 8; ++k) lanes[k] = R::combine(lanes[k], P::load(x + i + (row + k) * W));
        }
        for (int64_t k = 0; k < 4; ++k) lanes[k] = R::combine(lanes[k], lanes[k + 4]);
        P sum = R::combine(R::combine(lanes[0], lanes[2]), R::combine(lanes[1], lanes[3]));
        std::size_t level = 0;
        for (uint32_t bits = blocks; (bits & 1) != 0; bits >>= 1) sum = R::combine(waiting[level++], sum);
        waiting[level] = sum;
    }
    std::size_t level = 0;
    for (auto bits = static_cast<uint32_t>(i / block); bits != 0; bits >>= 1, ++level)
        if ((bits & 1) != 0) total = R::combine(waiting[level], total);
    for (; i + 8 * W <= n; i += 8 * W) total = R::combine(total, reduce_eight<R>(x + i, W));
    for (; i + W <= n; i += W) total = R::combine(total, P::load(x + i));
    if (i < n) total = R::combine(total, load_pack(x + i, n - i, identity));
    return reduce_pack<R, T>(total);
}

/// y[o] of the n elements of row o.
template <class R, class T>
void reduce_along_rows(const T* x, T* y, int64_t outer, int64_t n) {
    if (n <= reduce_piece) {
        parallel_for(outer, reduce_piece / n, [&](int64_t begin, int64_t end) {
            for (int64_t o = begin; o < end; ++o) y[o] = reduce_run<R>(x + o * n, n);
        });
        return;
    }
    const int64_t pieces = (n - 1) / reduce_piece + 1;
    Scratch<T> results(outer * pieces);
    parallel_for(outer * pieces, 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            const int64_t start = i % pieces * reduce_piece, rest = n - start;
            results[i] = reduce_run<R>(x + i / pieces * n + start, rest < reduce_piece ? rest : reduce_piece);
        }
    });
    reduce_along_rows<R>(results.data(), y, outer, pieces);
}

/// y[j] of the `rows` elements of column j, for `columns` columns of a matrix whose rows lie `step` apart.
template <class R, class T>
void reduce_column_piece(const T* x, T* y, int64_t rows, int64_t columns, int64_t step) {
    using P = Pack<T>;
    constexpr int64_t W = static_cast<int64_t>(P::size);
    constexpr T identity = R::template identity<T>;
    for (int64_t i = 0; i < rows;) {
        const int64_t taken = rows - i >= 8 ? 8 : 1;
        const T* const from = x + i * step;
        int64_t j = 0;
        for (; j + W <= columns; j += W) {
            const P v = taken == 8 ? reduce_eight<R>(from + j, step) : P::load(from + j);
            (i == 0 ? v : R::combine(P::load(y + j), v)).store(y + j);
        }
        if (j < columns) {
            P v = load_pack(from + j, columns - j, identity);
            for (int64_t k = 1; k < taken; ++k)
                v = R::combine(v, load_pack(from + k * step + j, columns - j, identity));
            if (i > 0) v = R::combine(load_pack(y + j, columns - j, identity), v);
            store_pack<T>(v, y + j, columns - j);
        }
        i += taken;
    }
}

/// As `reduce_along_rows`, for columns; the matrices lie `apart` elements apart.
template <class R, class T>
void reduce_along_columns(const T* x, T* y, int64_t outer, int64_t n, int64_t inner, int64_t apart) {
    const int64_t pieces = (n - 1) / reduce_rows + 1, strips = (inner - 1) / reduce_strip + 1;
    Scratch<T> results(pieces > 1 ? outer * pieces * inner : 0);
    T* const to = pieces > 1 ? results.data() : y;
    const int64_t unit = (n < reduce_rows ? n : reduce_rows) * (inner < reduce_strip ? inner : reduce_strip);
    parallel_for(outer * pieces * strips, reduce_piece / unit, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            const int64_t strip = i % strips * reduce_strip, piece = i / strips % pieces,
                          o = i / strips / pieces;
            const int64_t row = piece * reduce_rows;
            reduce_column_piece<R>(x + o * apart + row * inner + strip,
                                   to + (o * pieces + piece) * inner + strip,
                                   n - row < reduce_rows ? n - row : reduce_rows,
                                   inner - strip < reduce_strip ? inner - strip : reduce_strip, inner);
        }
    });
    if (pieces > 1) reduce_along_columns<R>(results.data(), y, outer, pieces, inner, pieces * inner);
}

template <class R, class T>
void reduce_axis(const T* x, T* y, int64_t outer, int64_t n, int64_t inner) {
    if (outer * inner == 0) return;
    if (n == 0) {
        for (int64_t i = 0; i < outer * inner; ++i) y[i] = R::template identity<T>;
        return;
    }
    if (inner == 1) return reduce_along_rows<R>(x, y, outer, n);
    constexpr int64_t wide = 4 * static_cast<int64_t>(Pack<T>::size);
    // Few columns: several rows side by side are read as one wide row, and folded in the end.
    const int64_t side = inner < wide ? (wide - 1) / inner + 1 : 1;
    if (side == 1 || n < 4 * side) return reduce_along_columns<R>(x, y, outer, n, inner, n * inner);
    const int64_t columns = side * inner, rows = n / side;
    Scratch<T> folded(outer * columns);
    reduce_along_columns<R>(x, folded.data(), outer, rows, columns, n * inner);
    for (int64_t o = 0; o < outer; ++o)
        for (int64_t j = 0; j < inner; ++j) {
            T total = folded[o * columns + j];
            for (int64_t k = 1; k < side; ++k)
                total = static_cast<T>(R::combine(total, folded[o * columns + k * inner + j]));
            for (int64_t i = rows * side; i < n; ++i)
                total = static_cast<T>(R::combine(total, x[(o * n + i) * inner + j]));
            y[o * inner + j] = total;
        }
}

}

/// y[o, j] = sum_i x[o, i, j]. 0 of nothing. Integers wrap.
/// Numeric  error below (20 + 2 log2 n) eps sum |x|, usually far less; the same bits for any number of
///          threads
template <class T>
void sum(const T* x, T* y, int64_t outer, int64_t n, int64_t inner) {
    detail::reduce_axis<detail::AddReduction>(x, y, outer, n, inner);
}
/// The sum of n elements.
template <class T>
T sum(const T* x, int64_t n) {
    T y;
    sum(x, &y, 1, n, 1);
    return y;
}

/// y[o, j] = prod_i x[o, i, j]. 1 of nothing. Integers wrap.
template <class T>
void prod(const T* x, T* y, int64_t outer, int64_t n, int64_t inner) {
    detail::reduce_axis<detail::MultiplyReduction>(x, y, outer, n, inner);
}

/// y[o, j] = max_i x[o, i, j]; NaN where any is NaN; -inf (the lowest value) of nothing.
template <class T>
void amax(const T* x, T* y, int64_t outer, int64_t n, int64_t inner) {
    detail::reduce_axis<detail::MaxReduction>(x, y, outer, n, inner);
}
/// y[o, j] = min_i x[o, i, j]; NaN where any is NaN; +inf (the largest value) of nothing.
template <class T>
void amin(const T* x, T* y, int64_t outer, int64_t n, int64_t inner) {
    detail::reduce_axis<detail::MinReduction>(x, y, outer, n, inner);
}

}
