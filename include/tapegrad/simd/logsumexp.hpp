// Logarithm of the sum of exponentials along the middle axis of (outer, n, inner), row-major, with its
// gradient.
#pragma once

#include "softmax.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

/// What is subtracted before the exponential: the maximum, unless it is infinite, and inf - inf would be NaN.
template <class T>
TAPEGRAD_INLINE Batch<T> finite_shift(const Batch<T>& top) {
    const Batch<T> infinity(std::numeric_limits<T>::infinity());
    return where(abs(top) == infinity, Batch<T>(T(0)), top);
}

template <class T>
T logsumexp_row(const T* x, int64_t n) {
    T shift;
    store_partial(finite_shift(Batch<T>(reduce_run<MaxReduction>(x, n))), &shift, 1);
    return shift + log_of(sum_exp<false>(x, static_cast<T*>(nullptr), n, shift));
}

template <std::size_t Q, class T>
void logsumexp_columns(const T* x, T* y, int64_t n, int64_t inner, int64_t count) {
    Batch<T> shift[Q], total[Q];
    for (int64_t q = 0; q < int64_t{Q}; ++q) shift[q] = load_some(x + q * width<T>, count);
    for (int64_t i = 1; i < n; ++i)
        for (int64_t q = 0; q < int64_t{Q}; ++q)
            shift[q] = max(shift[q], load_some(x + i * inner + q * width<T>, count));
    for (Batch<T>& s : shift) s = finite_shift(s);
    sum_columns<Q, T>(n, inner, total, [&](int64_t at, int64_t q) TAPEGRAD_LAMBDA {
        return exp_weight(load_some(x + at, count) - shift[q]);
    });
    for (int64_t q = 0; q < int64_t{Q}; ++q) store_some(shift[q] + log(total[q]), y + q * width<T>, count);
}

}

/// y = log sum_i exp(x_i) along n. -inf of nothing and of -inf alone, +inf with a +inf, NaN with a NaN.
/// Numeric  no overflow for finite x
template <Vectorized T>
void logsumexp(const T* x, T* y, int64_t outer, int64_t n, int64_t inner = 1) {
    if (n == 0)
        for (int64_t i = 0; i < outer * inner; ++i) y[i] = detail::minus_infinity<T>;
    // An offset into x, as for softmax, says which element of y is meant.
    const auto to = [=](int64_t at) { return y + at / (n * inner) * inner + at % inner; };
    detail::for_softmax<T>(
        outer, n, inner, [=](int64_t at) { y[at / n] = detail::logsumexp_row(x + at, n); },
        [=](int64_t at) {
            detail::logsumexp_columns<detail::softmax_strip>(x + at, to(at), n, inner, width<T>);
        },
        [=](int64_t at, int64_t count) { detail::logsumexp_columns<1>(x + at, to(at), n, inner, count); });
}

/// dx_i = dy exp(x_i - y) along n. dx may be x.
template <Vectorized T>
void logsumexp_backward(const T* x, const T* y, const T* dy, T* dx, int64_t outer, int64_t n,
                        int64_t inner = 1) {
    if (outer * n * inner == 0) return;
    const auto batch = [=](int64_t at, int64_t count, const Batch<T>& sum,
                           const Batch<T>& g) TAPEGRAD_LAMBDA {
        detail::store_some(g * detail::exp_weight(detail::load_some(x + at, count) - sum), dx + at, count);
    };
    if (inner == 1)
        return parallel_for(outer, detail::softmax_grain / n, [&](int64_t begin, int64_t end) {
            for (int64_t o = begin; o < end; ++o)
                detail::for_batches<T>(n, [&](int64_t i, int64_t count) TAPEGRAD_LAMBDA {
                    batch(o * n + i, count, Batch<T>(y[o]), Batch<T>(dy[o]));
                });
        });
    parallel_for(outer * n, detail::softmax_grain / inner, [&](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row)
            detail::for_batches<T>(inner, [&](int64_t j, int64_t count) TAPEGRAD_LAMBDA {
                const int64_t at = row / n * inner + j;
                batch(row * inner + j, count, detail::load_some(y + at, count),
                      detail::load_some(dy + at, count));
            });
    });
}

}
