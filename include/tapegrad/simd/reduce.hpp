// Reductions of the middle axis of row-major (outer, n, inner): sums, extremes and their places, log-sum-exp.
//
// inner == 1 reduces rows, vectorised along the row; else columns, vectorised across them. Sums run in blocks of fixed
// sizes whose results are added in order, so the error grows with the number of blocks and the bits depend on the shape
// alone.
#pragma once

#include <limits>

#include "../core/parallel.hpp"
#include "math.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

inline constexpr int64_t reduce_grain = int64_t{1} << 15;  // elements that are worth a thread
inline constexpr int64_t reduce_block = 1024;              // elements that are added without a break

/// Sum of n contiguous elements: four accumulators within a block, blocks in order.
template <class T>
T sum_block(const T* x, int64_t n) {
    constexpr int64_t w = width<T>;
    Batch<T> a(T(0)), b(T(0)), c(T(0)), d(T(0));
    int64_t i = 0;
    for (; i + 4 * w <= n; i += 4 * w) {
        a += Batch<T>::load(x + i);
        b += Batch<T>::load(x + i + w);
        c += Batch<T>::load(x + i + 2 * w);
        d += Batch<T>::load(x + i + 3 * w);
    }
    for (; i + w <= n; i += w) a += Batch<T>::load(x + i);
    if (i < n) b += load_partial(x + i, n - i);
    return reduce_add((a + b) + (c + d));
}
template <class T>
T sum_run(const T* x, int64_t n) {
    T total = T(0);
    for (int64_t i = 0; i < n; i += reduce_block) total += sum_block(x + i, n - i < reduce_block ? n - i : reduce_block);
    return total;
}

/// Combines n rows of `inner` columns into y, starting from `first`: columns in batches, rows in blocks.
template <class T, class Op>
void fold_columns(const T* x, T* y, int64_t n, int64_t inner, T first, const Op& op, int64_t begin, int64_t end) {
    constexpr int64_t w = width<T>, rows = 64;
    for (int64_t j = begin; j < end; j += w) {
        const int64_t lanes = end - j < w ? end - j : w;
        const auto at = [&](const T* p) { return lanes == w ? Batch<T>::load(p) : load_partial(p, lanes); };
        Batch<T> total(first);
        for (int64_t i0 = 0; i0 < n; i0 += rows) {
            const int64_t i1 = i0 + rows < n ? i0 + rows : n;
            Batch<T> block = at(x + i0 * inner + j);
            for (int64_t i = i0 + 1; i < i1; ++i) block = op(block, at(x + i * inner + j));
            total = op(total, block);
        }
        if (lanes == w) total.store(y + j);
        else store_partial(total, y + j, lanes);
    }
}

template <class T, class Row, class Op>
void reduce(const T* x, T* y, int64_t outer, int64_t n, int64_t inner, T first, const Row& row, const Op& op) {
    if (outer * inner == 0) return;
    if (inner == 1) {
        parallel_for(outer, reduce_grain / (n + 1) + 1, [&](int64_t begin, int64_t end) {
            for (int64_t o = begin; o < end; ++o) y[o] = row(x + o * n, n);
        });
        return;
    }
    // Few slices of many columns: the columns are shared out, in whole cache lines.
    const int64_t span = (reduce_grain / (n + 1) / 64 + 1) * 64, spans = (inner + span - 1) / span;
    const int64_t work = n * (inner < span ? inner : span);
    parallel_for(outer * spans, reduce_grain / (work + 1) + 1, [&](int64_t begin, int64_t end) {
        for (int64_t t = begin; t < end; ++t) {
            const int64_t o = t / spans, j = t % spans * span;
            fold_columns(x + o * n * inner, y + o * inner, n, inner, first, op, j, j + span < inner ? j + span : inner);
        }
    });
}

template <class T, class Op>
T extreme_run(const T* x, int64_t n, T first, const Op& op) {
    constexpr int64_t w = width<T>;
    Batch<T> top(first);
    int64_t i = 0;
    for (; i + w <= n; i += w) top = op(top, Batch<T>::load(x + i));
    if (i < n) top = op(top, load_partial(x + i, n - i, first));
    T lanes[Batch<T>::size];
    top.store(lanes);
    Batch<T> best(lanes[0]);
    for (std::size_t l = 1; l < Batch<T>::size; ++l) best = op(best, Batch<T>(lanes[l]));
    best.store(lanes);
    return lanes[0];
}

template <class T>
constexpr T lowest() {
    return std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest();
}
template <class T>
constexpr T highest() {
    return std::numeric_limits<T>::has_infinity ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::max();
}

/// y = the first place of the extreme; a NaN is more extreme than any number.
template <class T, class Better>
void arg_extreme(const T* x, int64_t* y, int64_t outer, int64_t n, int64_t inner, const Better& better) {
    parallel_for(outer * inner, reduce_grain / (n + 1) + 1, [&](int64_t begin, int64_t end) {
        for (int64_t t = begin; t < end; ++t) {
            const T* const p = x + t / inner * n * inner + t % inner;
            T best = p[0];
            int64_t place = 0;
            for (int64_t i = 1; i < n && best == best; ++i) {
                const T v = p[i * inner];
                if (better(v, best) || v != v) {
                    best = v;
                    place = i;
                }
            }
            y[t] = place;
        }
    });
}

}

/// y (outer, inner) = sum over n. Numeric: |error| <= (64 + n / 1024) eps sum |x| for rows, (64 + n / 64) for columns;
/// the bits depend on the shape alone. A single long row is cut into chunks that threads share.
template <class T>
void sum(const T* x, T* y, int64_t outer, int64_t n, int64_t inner) {
    if (outer == 1 && inner == 1) {
        y[0] = parallel_reduce(
            n, detail::reduce_grain, T(0), [&](int64_t begin, int64_t end) { return detail::sum_run(x + begin, end - begin); },
            [](T a, T b) { return static_cast<T>(a + b); });
        return;
    }
    if (outer == 1 && n > detail::reduce_grain / 16 && n * inner > 4 * detail::reduce_grain) {
        // Many rows of few columns: chunks of rows first, then the chunks in order.
        const int64_t rows = detail::reduce_grain / inner + 1, chunks = (n + rows - 1) / rows;
        Scratch<T> partial(chunks * inner);
        parallel_for(chunks, 1, [&](int64_t begin, int64_t end) {
            for (int64_t c = begin; c < end; ++c)
                detail::fold_columns(x + c * rows * inner, partial.data() + c * inner, n - c * rows < rows ? n - c * rows : rows,
                                     inner, T(0), [](const Batch<T>& a, const Batch<T>& b) { return a + b; }, 0, inner);
        });
        detail::fold_columns(partial.data(), y, chunks, inner, T(0), [](const Batch<T>& a, const Batch<T>& b) { return a + b; },
                             0, inner);
        return;
    }
    detail::reduce(x, y, outer, n, inner, T(0), [](const T* p, int64_t count) { return detail::sum_run(p, count); },
                   [](const Batch<T>& a, const Batch<T>& b) { return a + b; });
}

/// y (outer, inner) = the largest of n; NaN where any is NaN.
template <class T>
void amax(const T* x, T* y, int64_t outer, int64_t n, int64_t inner) {
    const auto op = [](const Batch<T>& a, const Batch<T>& b) { return max(a, b); };
    constexpr T first = detail::lowest<T>();
    detail::reduce(x, y, outer, n, inner, first,
                   [&](const T* p, int64_t count) { return detail::extreme_run(p, count, first, op); }, op);
}
/// y (outer, inner) = the smallest of n; NaN where any is NaN.
template <class T>
void amin(const T* x, T* y, int64_t outer, int64_t n, int64_t inner) {
    const auto op = [](const Batch<T>& a, const Batch<T>& b) { return min(a, b); };
    constexpr T first = detail::highest<T>();
    detail::reduce(x, y, outer, n, inner, first,
                   [&](const T* p, int64_t count) { return detail::extreme_run(p, count, first, op); }, op);
}

/// y (outer, inner) = the first place of the largest of n >= 1; the first NaN where there is one, as in PyTorch.
template <class T>
void argmax(const T* x, int64_t* y, int64_t outer, int64_t n, int64_t inner) {
    detail::arg_extreme(x, y, outer, n, inner, [](T a, T b) { return a > b; });
}
/// y (outer, inner) = the first place of the smallest of n >= 1; the first NaN where there is one.
template <class T>
void argmin(const T* x, int64_t* y, int64_t outer, int64_t n, int64_t inner) {
    detail::arg_extreme(x, y, outer, n, inner, [](T a, T b) { return a < b; });
}

}
