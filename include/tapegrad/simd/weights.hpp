// Elements of a row as weights e^(x - shift): their sum, their mean logarithm, and draws from them.
#pragma once

#include "../core/storage.hpp"
#include "exp.hpp"
#include "walk.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// Sums over a row, where w_i = e^(x_i - shift).
struct WeightSums {
    double total = 0;     // sum_i w_i
    double weighted = 0;  // sum_i w_i (x_i - shift), where 0 * -inf is 0
};

namespace detail {

inline constexpr int64_t weight_block = 1024;  // elements that are summed in T, and cheap to walk once more

template <class T>
TAPEGRAD_INLINE WeightSums sum_weights_block(const T* x, int64_t n, T shift) {
    const Batch<T> s(shift), zero(T(0));
    const auto [total, weighted] = sum_batch_pairs<T>(n, [=](int64_t i, int64_t count) TAPEGRAD_LAMBDA {
        const Batch<T> d = load_some(x + i, count, -std::numeric_limits<T>::infinity()) - s;
        const Batch<T> w = exp_weight(d);
        return std::pair(w, where(w == zero, zero, w * d));
    });
    return {static_cast<double>(total), static_cast<double>(weighted)};
}

}

/// The sums of a row.
/// Numeric  relative error some 20 eps for any n; a weight below the smallest normal number counts as 0
template <Vectorized T>
WeightSums sum_weights(const T* x, int64_t n, T shift) {
    WeightSums sums;
    for (int64_t i = 0; i < n; i += detail::weight_block) {
        const int64_t rest = n - i;
        const auto part = detail::sum_weights_block(
            x + i, rest < detail::weight_block ? rest : detail::weight_block, shift);
        sums.total += part.total;
        sums.weighted += part.weighted;
    }
    return sums;
}

/// A place that was drawn, and the sums that were met on the way.
struct WeightedDraw {
    int64_t place = -1;  // -1: no weight at all
    WeightSums sums;
};

/// Place i with probability w_i / sum w, for a u that is even over [0, 1): the first whose running sum is above u sum w.
template <Vectorized T>
WeightedDraw draw_weighted(const T* x, int64_t n, T shift, double u) {
    constexpr int64_t block = detail::weight_block;
    WeightedDraw result;
    Scratch<double> running((n + block - 1) / block);
    for (int64_t b = 0; b < running.size(); ++b) {
        const int64_t rest = n - b * block;
        const auto part = detail::sum_weights_block(x + b * block, rest < block ? rest : block, shift);
        result.sums.weighted += part.weighted;
        running[b] = result.sums.total += part.total;
    }
    if (!(result.sums.total > 0)) return result;
    const double target = u * result.sums.total;
    int64_t b = 0;
    while (b + 1 < running.size() && !(running[b] > target)) ++b;
    while (b > 0 && running[b] == running[b - 1]) --b;  // u sum w was rounded up to the end
    double sum = b > 0 ? running[b - 1] : 0;
    alignas(64) T weights[block];
    const int64_t count = n - b * block < block ? n - b * block : block;
    const Batch<T> s(shift);
    detail::for_batches<T>(count, [&](int64_t i, int64_t some) TAPEGRAD_LAMBDA {
        detail::store_some(detail::exp_weight(detail::load_some(x + b * block + i, some) - s), weights + i,
                           some);
    });
    for (int64_t i = 0; i < count; ++i) {
        if (!(weights[i] > T(0))) continue;
        result.place = b * block + i;
        if ((sum += static_cast<double>(weights[i])) > target) break;
    }
    return result;
}

}
