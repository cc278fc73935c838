// Walking along contiguous elements in batches, with a partial batch at the end.
#pragma once

#include <utility>

#include "fold.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd::detail {

/// `count` elements; `fill` behind them.
template <class T>
TAPEGRAD_INLINE Batch<T> load_some(const T* p, int64_t count, T fill = T(0)) {
    return count == width<T> ? Batch<T>::load(p) : load_partial(p, count, fill);
}
template <class T>
TAPEGRAD_INLINE void store_some(const Batch<T>& v, T* p, int64_t count) {
    if (count == width<T>)
        v.store(p);
    else
        store_partial(v, p, count);
}

/// Calls f(i, count) for each batch of n elements; count is the width, and less for the last one.
template <class T, class F>
TAPEGRAD_INLINE void for_batches(int64_t n, const F& f) {
    constexpr int64_t W = width<T>;
    int64_t i = 0;
    for (; i + W <= n; i += W) f(i, W);
    if (i < n) f(i, n - i);
}

/// The sum of the batches f(i, count), whose elements behind `count` must be 0. Four accumulators in blocks
/// of 64 batches, so that the error grows with n / (64 width).
template <class T, class F>
TAPEGRAD_INLINE T sum_batches(int64_t n, const F& f) {
    constexpr int64_t W = width<T>, block = 64 * W;
    const Batch<T> zero(T(0));
    Batch<T> total = zero;
    int64_t i = 0;
    while (i + 4 * W <= n) {
        const int64_t end = n - i < block ? n : i + block;
        Batch<T> a = zero, b = zero, c = zero, d = zero;
        for (; i + 4 * W <= end; i += 4 * W) {
            a += f(i, W);
            b += f(i + W, W);
            c += f(i + 2 * W, W);
            d += f(i + 3 * W, W);
        }
        total += (a + b) + (c + d);
    }
    for (; i + W <= n; i += W) total += f(i, W);
    if (i < n) total += f(i, n - i);
    return fold_sum(total);
}

/// As `sum_batches`, for an f that returns a pair of batches.
template <class T, class F>
TAPEGRAD_INLINE std::pair<T, T> sum_batch_pairs(int64_t n, const F& f) {
    constexpr int64_t W = width<T>, block = 64 * W;
    const Batch<T> zero(T(0));
    std::pair total{zero, zero};
    const auto add = [](std::pair<Batch<T>, Batch<T>>& sum, const auto& term) TAPEGRAD_LAMBDA {
        sum.first += term.first;
        sum.second += term.second;
    };
    int64_t i = 0;
    while (i + 2 * W <= n) {
        const int64_t end = n - i < block ? n : i + block;
        std::pair a{zero, zero}, b{zero, zero};
        for (; i + 2 * W <= end; i += 2 * W) {
            add(a, f(i, W));
            add(b, f(i + W, W));
        }
        add(a, b);
        add(total, a);
    }
    for (; i + W <= n; i += W) add(total, f(i, W));
    if (i < n) add(total, f(i, n - i));
    return {fold_sum(total.first), fold_sum(total.second)};
}

}
