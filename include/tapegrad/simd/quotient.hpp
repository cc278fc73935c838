// A row divided by a number, and the mean and spread of what is finite in it.
#pragma once

#include <cmath>

#include "walk.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// y_i = x_i / divisor. y may be x.
template <Vectorized T>
void divide(const T* x, T* y, int64_t n, T divisor) {
    const Batch<T> d(divisor);
    detail::for_batches<T>(n, [=](int64_t i, int64_t count) TAPEGRAD_LAMBDA {
        detail::store_some(detail::load_some(x + i, count) / d, y + i, count);
    });
}

struct Spread {
    double mean = 0, deviation = 0;  // the standard deviation of the elements as a population
    int64_t count = 0;               // of finite elements
};

/// The mean and standard deviation of the finite elements of x.
/// Numeric  two passes; sums of blocks in T, of blocks in double
template <Vectorized T>
Spread finite_spread(const T* x, int64_t n) {
    constexpr int64_t block = 1024;
    const Batch<T> zero(T(0)), one(T(1)), limit(std::numeric_limits<T>::max());
    Spread spread;
    double total = 0, count = 0, squares = 0;
    for (int64_t i = 0; i < n; i += block) {
        const auto [sum, found] = detail::sum_batch_pairs<T>(
            n - i < block ? n - i : block, [=](int64_t k, int64_t some) TAPEGRAD_LAMBDA {
                const Batch<T> v = detail::load_some(x + i + k, some, std::numeric_limits<T>::infinity());
                const Mask<T> finite = (v <= limit) & (-v <= limit);
                return std::pair(where(finite, v, zero), where(finite, one, zero));
            });
        total += static_cast<double>(sum);
        count += static_cast<double>(found);
    }
    spread.count = static_cast<int64_t>(count);
    if (spread.count == 0) return spread;
    spread.mean = total / count;
    const Batch<T> mean(static_cast<T>(spread.mean));
    for (int64_t i = 0; i < n; i += block)
        squares += static_cast<double>(detail::sum_batches<T>(
            n - i < block ? n - i : block, [=](int64_t k, int64_t some) TAPEGRAD_LAMBDA {
                const Batch<T> v = detail::load_some(x + i + k, some, std::numeric_limits<T>::infinity());
                const Batch<T> d = v - mean;
                return where((v <= limit) & (-v <= limit), d * d, zero);
            }));
    spread.deviation = std::sqrt(squares / count);
    return spread;
}

}
