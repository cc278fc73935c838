// Places of extremes along the middle axis of (outer, n, inner), row-major: the first one, and NaN counts as
// the extreme, as in PyTorch.
//
// Along a row the extreme of each block is compared with the best so far, and only the block that won is
// searched for the place. Columns carry their places along, as numbers of T, which count exactly as far as a
// segment of rows.
#pragma once

#include "reduce.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

/// Whether v comes before `best`, which stands at an earlier place.
template <class R, class T>
TAPEGRAD_INLINE bool beats(T v, T best) {
    if (v != v) return best == best;
    return std::is_same_v<R, MaxReduction> ? v > best : v < best;
}

template <class R, class T>
int64_t arg_run(const T* x, int64_t n) {
    constexpr int64_t block = 4096;
    T best = x[0];
    int64_t start = 0;
    for (int64_t i = 0; i < n; i += block) {
        const T v = reduce_run<R>(x + i, n - i < block ? n - i : block);
        if (!beats<R>(v, best)) continue;
        best = v;
        start = i;
    }
    if (best != best)
        while (x[start] == x[start]) ++start;
    else
        while (x[start] != best) ++start;
    return start;
}

/// The places in columns [begin, end) of a matrix of n rows.
template <class R, class T>
void arg_columns(const T* x, int64_t* y, int64_t n, int64_t inner, int64_t begin, int64_t end) {
    int64_t j = begin;
    if constexpr (Vectorized<T>) {
        constexpr int64_t W = width<T>, segment = int64_t{1} << 20;
        for (; j + W <= end; j += W) {
            T best[Batch<T>::size], value[Batch<T>::size], place[Batch<T>::size];
            for (int64_t first = 0; first < n; first += segment) {
                const int64_t rows = n - first < segment ? n - first : segment;
                const T* p = x + first * inner + j;
                Batch<T> top = Batch<T>::load(p), at(T(0)), row(T(0));
                for (int64_t i = 1; i < rows; ++i) {
                    p += inner;
                    row += Batch<T>(T(1));
                    const Batch<T> v = Batch<T>::load(p);
                    const Mask<T> wins =
                        (std::is_same_v<R, MaxReduction> ? v > top : v < top) | ((v != v) & (top == top));
                    top = where(wins, v, top);
                    at = where(wins, row, at);
                }
                top.store(value);
                at.store(place);
                for (int64_t k = 0; k < W; ++k) {
                    if (first > 0 && !beats<R>(value[k], best[k])) continue;
                    best[k] = value[k];
                    y[j + k] = first + static_cast<int64_t>(place[k]);
                }
            }
        }
    }
    for (; j < end; ++j) {
        y[j] = 0;
        for (int64_t i = 1; i < n; ++i)
            if (beats<R>(x[i * inner + j], x[y[j] * inner + j])) y[j] = i;
    }
}

template <class R, class T>
void arg_axis(const T* x, int64_t* y, int64_t outer, int64_t n, int64_t inner) {
    if (inner == 1) {
        parallel_for(outer, reduce_piece / n, [&](int64_t begin, int64_t end) {
            for (int64_t o = begin; o < end; ++o) y[o] = arg_run<R>(x + o * n, n);
        });
        return;
    }
    constexpr int64_t strip = 64;
    const int64_t strips = (inner - 1) / strip + 1;
    parallel_for(outer * strips, reduce_piece / (n * strip), [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            const int64_t o = i / strips, j = i % strips * strip;
            arg_columns<R>(x + o * n * inner, y + o * inner, n, inner, j,
                           inner - j < strip ? inner : j + strip);
        }
    });
}

}

/// y[o, j] = the first i with the largest x[o, i, j], or with NaN where there is one. n > 0.
template <class T>
void argmax(const T* x, int64_t* y, int64_t outer, int64_t n, int64_t inner) {
    detail::arg_axis<detail::MaxReduction>(x, y, outer, n, inner);
}
/// y[o, j] = the first i with the smallest x[o, i, j], or with NaN where there is one. n > 0.
template <class T>
void argmin(const T* x, int64_t* y, int64_t outer, int64_t n, int64_t inner) {
    detail::arg_axis<detail::MinReduction>(x, y, outer, n, inner);
}

}
