// Softmax and log-softmax along the middle axis of (outer, n, inner), row-major, with their gradients.
//
// A row (inner == 1) comes from memory once and is walked in the cache: maximum, exponentials with their sum,
// scaling. Columns (inner > 1) are walked in strips of four batches, so that whole cache lines are used at
// each step.
//
// As in PyTorch, a row of nothing but -inf, and one with +inf or NaN, gives NaN.
#pragma once

#include "../core/parallel.hpp"
#include "exp.hpp"
#include "log.hpp"
#include "reduce.hpp"
#include "walk.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

inline constexpr int64_t softmax_grain = int64_t{1} << 14;  // elements: 10 us of a core and more
inline constexpr std::size_t softmax_strip = 4;             // batches of columns that are walked together
inline constexpr int64_t softmax_block = 64;  // rows that a column adds up before it adds to the total

template <class T>
inline constexpr T minus_infinity = -std::numeric_limits<T>::infinity();

template <class T>
TAPEGRAD_INLINE T log_of(T x) {
    T y;
    store_partial(log(Batch<T>(x)), &y, 1);
    return y;
}

/// 2^-102 (2^-970), which is the smallest normal number of a factor of 2^24 (2^52): a smaller weight counts nothing
/// in a gradient, where its products would be denormal, and slow.
template <class T>
inline constexpr T smallest_weight = std::numeric_limits<T>::min() / std::numeric_limits<T>::epsilon() * T(2);
/// v, and 0 where it is less than `smallest`.
template <class T>
TAPEGRAD_INLINE Batch<T> weight_from(const Batch<T>& v, const Batch<T>& smallest) {
    return where(v < smallest, Batch<T>(T(0)), v);
}

/// sum_i exp(x_i - shift), with the exponentials in y where it is asked for.
template <bool Keep, class T>
TAPEGRAD_INLINE T sum_exp(const T* x, [[maybe_unused]] T* y, int64_t n, T shift) {
    const Batch<T> s(shift);
    return sum_batches<T>(n, [=](int64_t i, int64_t count) TAPEGRAD_LAMBDA {
        const Batch<T> e = exp_weight(load_some(x + i, count, minus_infinity<T>) - s);
        if constexpr (Keep) store_some(e, y + i, count);
        return e;
    });
}

template <bool Log, class T>
void softmax_row(const T* x, T* y, int64_t n) {
    const T top = reduce_run<MaxReduction>(x, n);
    if constexpr (Log) {
        const Batch<T> shift(top), rest(log_of(sum_exp<false>(x, y, n, top)));
        for_batches<T>(n, [=](int64_t i, int64_t count) TAPEGRAD_LAMBDA {
            store_some((load_some(x + i, count) - shift) - rest, y + i, count);
        });
    } else {
        const T total = sum_exp<true>(x, y, n, top);
        const Batch<T> factor(T(1) / total), smallest(total * std::numeric_limits<T>::min());
        for_batches<T>(n, [=](int64_t i, int64_t count) TAPEGRAD_LAMBDA {
            store_some(weight_from(load_some(y + i, count), smallest) * factor, y + i, count);
        });
    }
}

template <bool Log, class T>
void softmax_row_backward(const T* y, const T* dy, T* dx, int64_t n) {
    const T total = sum_batches<T>(n, [=](int64_t i, int64_t count) TAPEGRAD_LAMBDA {
        const Batch<T> g = load_some(dy + i, count);
        if constexpr (Log)
            return g;
        else
            return g * weight_from(load_some(y + i, count), Batch<T>(smallest_weight<T>));
    });
    const Batch<T> sum(total);
    for_batches<T>(n, [=](int64_t i, int64_t count) TAPEGRAD_LAMBDA {
        const Batch<T> g = load_some(dy + i, count), v = load_some(y + i, count);
        if constexpr (Log)
            store_some(fma(-exp_weight(v), sum, g), dx + i, count);
        else
            store_some(weight_from(v, Batch<T>(smallest_weight<T>)) * (g - sum), dx + i, count);
    });
}

/// total[q] = sum over the rows of f(offset, q), for Q batches of columns.
template <std::size_t Q, class T, class F>
TAPEGRAD_INLINE void sum_columns(int64_t n, int64_t inner, Batch<T> (&total)[Q], const F& f) {
    for (Batch<T>& t : total) t = Batch<T>(T(0));
    for (int64_t first = 0; first < n; first += softmax_block) {
        const int64_t end = n - first < softmax_block ? n : first + softmax_block;
        Batch<T> part[Q];
        for (Batch<T>& p : part) p = Batch<T>(T(0));
        for (int64_t i = first; i < end; ++i)
            for (int64_t q = 0; q < int64_t{Q}; ++q) part[q] += f(i * inner + q * width<T>, q);
        for (int64_t q = 0; q < int64_t{Q}; ++q) total[q] += part[q];
    }
}

/// Q batches of columns, or one with `count` columns.
template <bool Log, std::size_t Q, class T>
void softmax_columns(const T* x, T* y, int64_t n, int64_t inner, int64_t count) {
    Batch<T> top[Q], total[Q];
    for (int64_t q = 0; q < int64_t{Q}; ++q) top[q] = load_some(x + q * width<T>, count);
    for (int64_t i = 1; i < n; ++i)
        for (int64_t q = 0; q < int64_t{Q}; ++q)
            top[q] = max(top[q], load_some(x + i * inner + q * width<T>, count));
    sum_columns<Q, T>(n, inner, total, [&](int64_t at, int64_t q) TAPEGRAD_LAMBDA {
        const Batch<T> e = exp_weight(load_some(x + at, count) - top[q]);
        if constexpr (!Log) store_some(e, y + at, count);
        return e;
    });
    Batch<T> smallest[Q];
    for (int64_t q = 0; q < int64_t{Q}; ++q) {
        smallest[q] = total[q] * Batch<T>(std::numeric_limits<T>::min());
        total[q] = Log ? log(total[q]) : Batch<T>(T(1)) / total[q];
    }
    for (int64_t i = 0; i < n; ++i)
        for (int64_t q = 0; q < int64_t{Q}; ++q) {
            const int64_t at = i * inner + q * width<T>;
            if constexpr (Log)
                store_some((load_some(x + at, count) - top[q]) - total[q], y + at, count);
            else
                store_some(weight_from(load_some(y + at, count), smallest[q]) * total[q], y + at, count);
        }
}

template <bool Log, std::size_t Q, class T>
void softmax_columns_backward(const T* y, const T* dy, T* dx, int64_t n, int64_t inner, int64_t count) {
    Batch<T> total[Q];
    sum_columns<Q, T>(n, inner, total, [&](int64_t at, int64_t) TAPEGRAD_LAMBDA {
        const Batch<T> g = load_some(dy + at, count);
        if constexpr (Log)
            return g;
        else
            return g * weight_from(load_some(y + at, count), Batch<T>(smallest_weight<T>));
    });
    for (int64_t i = 0; i < n; ++i)
        for (int64_t q = 0; q < int64_t{Q}; ++q) {
            const int64_t at = i * inner + q * width<T>;
            const Batch<T> g = load_some(dy + at, count), v = load_some(y + at, count);
            if constexpr (Log)
                store_some(fma(-exp_weight(v), total[q], g), dx + at, count);
            else
                store_some(weight_from(v, Batch<T>(smallest_weight<T>)) * (g - total[q]), dx + at, count);
        }
}

/// Calls row(offset) for each row, or wide(offset) and narrow(offset, count) for strips of columns.
template <class T, class Row, class Wide, class Narrow>
void for_softmax(int64_t outer, int64_t n, int64_t inner, const Row& row, const Wide& wide,
                 const Narrow& narrow) {
    if (outer * n * inner == 0) return;
    if (inner == 1)
        return parallel_for(outer, softmax_grain / n, [&](int64_t begin, int64_t end) {
            for (int64_t o = begin; o < end; ++o) row(o * n);
        });
    constexpr int64_t W = width<T>, strip = int64_t{softmax_strip} * W;
    const int64_t strips = (inner - 1) / strip + 1;
    parallel_for(outer * strips, softmax_grain / (n * strip), [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            const int64_t first = i / strips * n * inner, last = inner - i % strips * strip;
            int64_t j = inner - last;
            if (last >= strip)
                wide(first + j);
            else
                for (; j < inner; j += W) narrow(first + j, inner - j < W ? inner - j : W);
        }
    });
}

template <bool Log, class T>
void softmax_axis(const T* x, T* y, int64_t outer, int64_t n, int64_t inner) {
    for_softmax<T>(
        outer, n, inner, [=](int64_t at) { softmax_row<Log>(x + at, y + at, n); },
        [=](int64_t at) { softmax_columns<Log, softmax_strip>(x + at, y + at, n, inner, width<T>); },
        [=](int64_t at, int64_t count) { softmax_columns<Log, 1>(x + at, y + at, n, inner, count); });
}

template <bool Log, class T>
void softmax_axis_backward(const T* y, const T* dy, T* dx, int64_t outer, int64_t n, int64_t inner) {
    for_softmax<T>(
        outer, n, inner, [=](int64_t at) { softmax_row_backward<Log>(y + at, dy + at, dx + at, n); },
        [=](int64_t at) {
            softmax_columns_backward<Log, softmax_strip>(y + at, dy + at, dx + at, n, inner, width<T>);
        },
        [=](int64_t at, int64_t count) {
            softmax_columns_backward<Log, 1>(y + at, dy + at, dx + at, n, inner, count);
        });
}

}

/// y_i = exp(x_i - max x) / sum_j exp(x_j - max x) along n. y may be x.
/// Numeric  max error 5 ulp (float), and n / (64 width) ulp more of a long row; 0 instead of a denormal
template <Vectorized T>
void softmax(const T* x, T* y, int64_t outer, int64_t n, int64_t inner = 1) {
    detail::softmax_axis<false>(x, y, outer, n, inner);
}
/// dx = y (dy - sum(y dy)). dx may be y or dy.
/// Numeric  y below 2^-102 (2^-970) counts as 0
template <Vectorized T>
void softmax_backward(const T* y, const T* dy, T* dx, int64_t outer, int64_t n, int64_t inner = 1) {
    detail::softmax_axis_backward<false>(y, dy, dx, outer, n, inner);
}

/// y_i = x_i - max x - log sum_j exp(x_j - max x) along n. y may be x.
template <Vectorized T>
void log_softmax(const T* x, T* y, int64_t outer, int64_t n, int64_t inner = 1) {
    detail::softmax_axis<true>(x, y, outer, n, inner);
}
/// dx = dy - exp(y) sum(dy). dx may be y or dy.
template <Vectorized T>
void log_softmax_backward(const T* y, const T* dy, T* dx, int64_t outer, int64_t n, int64_t inner = 1) {
    detail::softmax_axis_backward<true>(y, dy, dx, outer, n, inner);
}

}
