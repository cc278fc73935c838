// Softmax and log-softmax of contiguous rows, and log-sum-exp; forward and backward, each row in one or two passes
// over memory that is in the first level of cache by then.
#pragma once

#include <limits>

#include "../core/parallel.hpp"
#include "math.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

inline constexpr int64_t row_grain = int64_t{1} << 14;  // elements of rows that are worth a thread

/// Calls body(row) for every row, on as many threads as the work is worth.
template <class Body>
void for_each_row(int64_t rows, int64_t n, const Body& body) {
    parallel_for(rows, row_grain / (n + 1) + 1, [&](int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; ++r) body(r);
    });
}

/// Calls body(i, lanes) for the batches of a row; lanes is the width but for the last one.
template <class T, class Body>
TAPEGRAD_INLINE void for_each_batch(int64_t n, const Body& body) {
    constexpr int64_t w = width<T>;
    int64_t i = 0;
    for (; i + w <= n; i += w) body(i, std::integral_constant<int64_t, w>());
    if (i < n) body(i, n - i);
}
/// A whole batch, or its first `lanes` elements with `fill` behind them.
template <class T, class Lanes>
TAPEGRAD_INLINE Batch<T> load_lanes(const T* p, Lanes lanes, T fill = T(0)) {
    if constexpr (std::is_same_v<Lanes, int64_t>) return load_partial(p, lanes, fill);
    else return Batch<T>::load(p);
}
template <class T, class Lanes>
TAPEGRAD_INLINE void store_lanes(const Batch<T>& v, T* p, Lanes lanes) {
    if constexpr (std::is_same_v<Lanes, int64_t>) store_partial(v, p, lanes);
    else v.store(p);
}

template <class T>
T row_max(const T* x, int64_t n) {
    constexpr T none = -std::numeric_limits<T>::infinity();
    Batch<T> top(none);
    for_each_batch<T>(n, [&](int64_t i, auto lanes) TAPEGRAD_LAMBDA { top = max(top, load_lanes(x + i, lanes, none)); });
    return reduce_max(top);
}
/// sum of exp(x_i - shift)
template <class T>
T row_sum_exp(const T* x, int64_t n, T shift) {
    constexpr T none = -std::numeric_limits<T>::infinity();
    Batch<T> total(T(0));
    for_each_batch<T>(n, [&](int64_t i, auto lanes) TAPEGRAD_LAMBDA {
        total += exp(load_lanes(x + i, lanes, none) - Batch<T>(shift));
    });
    return reduce_add(total);
}
/// log(sum of exp(x_i)); -inf for a row of -inf, +inf where one is +inf.
template <class T>
T row_logsumexp(const T* x, int64_t n) {
    const T m = row_max(x, n);
    if (std::isinf(m)) return m;
    return m + static_cast<T>(std::log(row_sum_exp(x, n, m)));
}

}

/// y (rows) = log(sum_i exp(x_i)) of each row of n; -inf for a row of -inf and for an empty one.
template <class T>
void logsumexp(const T* x, T* y, int64_t rows, int64_t n) {
    detail::for_each_row(rows, n, [&](int64_t r) { y[r] = detail::row_logsumexp(x + r * n, n); });
}

/// y_i = exp(x_i - max x) / sum_j exp(x_j - max x), each row of n. A row of -inf, or with +inf or NaN, gives NaN.
template <class T>
void softmax(const T* x, T* y, int64_t rows, int64_t n) {
    detail::for_each_row(rows, n, [&](int64_t r) {
        const T* const from = x + r * n;
        T* const to = y + r * n;
        const Batch<T> m(detail::row_max(from, n));
        constexpr T none = -std::numeric_limits<T>::infinity();
        Batch<T> total(T(0));
        detail::for_each_batch<T>(n, [&](int64_t i, auto lanes) TAPEGRAD_LAMBDA {
            const Batch<T> e = exp(detail::load_lanes(from + i, lanes, none) - m);
            total += e;
            detail::store_lanes(e, to + i, lanes);
        });
        const Batch<T> factor(T(1) / reduce_add(total));
        detail::for_each_batch<T>(n, [&](int64_t i, auto lanes) TAPEGRAD_LAMBDA {
            detail::store_lanes(detail::load_lanes(to + i, lanes) * factor, to + i, lanes);
        });
    });
}
/// dx = y * (dy - sum(y * dy))
template <class T>
void softmax_backward(const T* y, const T* dy, T* dx, int64_t rows, int64_t n) {
    detail::for_each_row(rows, n, [&](int64_t r) {
        const T *const yr = y + r * n, *const gr = dy + r * n;
        Batch<T> dot(T(0));
        detail::for_each_batch<T>(n, [&](int64_t i, auto lanes) TAPEGRAD_LAMBDA {
            dot = fma(detail::load_lanes(yr + i, lanes), detail::load_lanes(gr + i, lanes), dot);
        });
        const Batch<T> mean(reduce_add(dot));
        detail::for_each_batch<T>(n, [&](int64_t i, auto lanes) TAPEGRAD_LAMBDA {
            const Batch<T> d = detail::load_lanes(yr + i, lanes) * (detail::load_lanes(gr + i, lanes) - mean);
            detail::store_lanes(d, dx + r * n + i, lanes);
        });
    });
}

/// y_i = x_i - log(sum_j exp(x_j)), each row of n. A row of -inf gives NaN.
template <class T>
void log_softmax(const T* x, T* y, int64_t rows, int64_t n) {
    detail::for_each_row(rows, n, [&](int64_t r) {
        const Batch<T> shift(detail::row_logsumexp(x + r * n, n));
        detail::for_each_batch<T>(n, [&](int64_t i, auto lanes) TAPEGRAD_LAMBDA {
            detail::store_lanes(detail::load_lanes(x + r * n + i, lanes) - shift, y + r * n + i, lanes);
        });
    });
}
/// dx = dy - exp(y) * sum(dy)
template <class T>
void log_softmax_backward(const T* y, const T* dy, T* dx, int64_t rows, int64_t n) {
    detail::for_each_row(rows, n, [&](int64_t r) {
        const T *const yr = y + r * n, *const gr = dy + r * n;
        Batch<T> total(T(0));
        detail::for_each_batch<T>(n, [&](int64_t i, auto lanes) TAPEGRAD_LAMBDA {
            total += detail::load_lanes(gr + i, lanes);
        });
        const Batch<T> sum(reduce_add(total));
        detail::for_each_batch<T>(n, [&](int64_t i, auto lanes) TAPEGRAD_LAMBDA {
            const Batch<T> p = exp(detail::load_lanes(yr + i, lanes));
            detail::store_lanes(detail::load_lanes(gr + i, lanes) - p * sum, dx + r * n + i, lanes);
        });
    });
}

}
