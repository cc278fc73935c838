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
    const auto found = [best](T v) { return v == best || (best != best && v != v); };
    if constexpr (Vectorized<T>) {
        const Batch<T> wanted(best);
        const Mask<T> none = wanted != wanted;
        for (; start + width<T> <= n; start += width<T>) {
            const Batch<T> v = Batch<T>::load(x + start);
            if (xsimd::any(((v == wanted) | (none & (v != v))).raw)) break;
        }
    }
    while (!found(x[start])) ++start;
    return start;
}

/// The places in Q batches of columns of a matrix of n rows. The place of each is counted in T, which is
/// exact for the rows of a segment.
template <class R, std::size_t Q, class T>
void arg_strip(const T* x, int64_t* y, int64_t n, int64_t inner) {
    constexpr int64_t W = width<T>, segment = int64_t{1} << 20;
    T best[Q * Batch<T>::size], value[Batch<T>::size], place[Batch<T>::size];
    for (int64_t first = 0; first < n; first += segment) {
        const T* p = x + first * inner;
        Batch<T> top[Q], at[Q], row(T(0));
        for (int64_t q = 0; q < int64_t{Q}; ++q) {
            top[q] = Batch<T>::load(p + q * W);
            at[q] = row;
        }
        for (int64_t i = 1; i < (n - first < segment ? n - first : segment); ++i) {
            p += inner;
            row += Batch<T>(T(1));
            for (int64_t q = 0; q < int64_t{Q}; ++q) {
                const Batch<T> v = Batch<T>::load(p + q * W);
                const Mask<T> wins = (std::is_same_v<R, MaxReduction> ? v > top[q] : v < top[q]) |
                                     ((v != v) & (top[q] == top[q]));
                top[q] = where(wins, v, top[q]);
                at[q] = where(wins, row, at[q]);
            }
        }
        for (int64_t q = 0; q < int64_t{Q}; ++q) {
            top[q].store(value);
            at[q].store(place);
            for (int64_t k = 0; k < W; ++k) {
                if (first > 0 && !beats<R>(value[k], best[q * W + k])) continue;
                best[q * W + k] = value[k];
                y[q * W + k] = first + static_cast<int64_t>(place[k]);
            }
        }
    }
}

/// The places in columns [begin, end).
template <class R, class T>
void arg_columns(const T* x, int64_t* y, int64_t n, int64_t inner, int64_t begin, int64_t end) {
    int64_t j = begin;
    if constexpr (Vectorized<T>) {
        for (; j + 4 * width<T> <= end; j += 4 * width<T>) arg_strip<R, 4>(x + j, y + j, n, inner);
        for (; j + width<T> <= end; j += width<T>) arg_strip<R, 1>(x + j, y + j, n, inner);
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
