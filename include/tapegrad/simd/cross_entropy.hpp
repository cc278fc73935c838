// Cross entropy of rows of logits with integer targets, forward and backward, without a tensor of probabilities.
#pragma once

#include "softmax.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// loss_r = (1 - smoothing) (lse - x_target) + smoothing (lse - mean x), 0 where the target is `ignore`; lse (rows) is
/// kept for the backward. Targets lie in [0, classes) or are `ignore`: the caller has checked.
template <class T>
void cross_entropy(const T* x, const int64_t* target, T* loss, T* lse, int64_t rows, int64_t classes, int64_t ignore,
                   double smoothing) {
    detail::for_each_row(rows, classes, [&](int64_t r) {
        const T* const row = x + r * classes;
        lse[r] = T(0);
        loss[r] = T(0);
        if (target[r] == ignore) return;
        lse[r] = detail::row_logsumexp(row, classes);
        loss[r] = lse[r] - row[target[r]];
        if (smoothing == 0) return;
        Batch<T> total(T(0));
        detail::for_each_batch<T>(classes, [&](int64_t i, auto lanes) TAPEGRAD_LAMBDA {
            total += detail::load_lanes(row + i, lanes);
        });
        const T uniform = lse[r] - reduce_add(total) / static_cast<T>(classes);
        loss[r] = static_cast<T>(1 - smoothing) * loss[r] + static_cast<T>(smoothing) * uniform;
    });
}

/// dx_i = dloss_r (exp(x_i - lse) - (1 - smoothing) [i = target] - smoothing / classes); rows that are ignored get 0.
template <class T>
void cross_entropy_backward(const T* x, const int64_t* target, const T* lse, const T* dloss, T* dx, int64_t rows,
                            int64_t classes, int64_t ignore, double smoothing) {
    detail::for_each_row(rows, classes, [&](int64_t r) {
        T* const to = dx + r * classes;
        const bool ignored = target[r] == ignore;
        const Batch<T> shift(lse[r]), weight(dloss[r]);
        const Batch<T> uniform(static_cast<T>(smoothing / static_cast<double>(classes)));
        detail::for_each_batch<T>(classes, [&](int64_t i, auto lanes) TAPEGRAD_LAMBDA {
            const Batch<T> p = exp(detail::load_lanes(x + r * classes + i, lanes) - shift);
            detail::store_lanes(ignored ? Batch<T>(T(0)) : weight * (p - uniform), to + i, lanes);
        });
        if (!ignored) to[target[r]] -= dloss[r] * static_cast<T>(1 - smoothing);
    });
}

}
