// A sum of arrays, each with a weight of its own.
#pragma once

#include "../core/parallel.hpp"
#include "walk.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// y[i] = w[0] x[0][i] + w[1] x[1][i] + ..., in this order; zeros for no arrays.
template <Vectorized T>
void weighted_sum(const T* const* x, const T* w, int64_t arrays, T* y, int64_t n) {
    if (arrays == 0) return std::fill_n(y, n, T(0)), void();
    constexpr int64_t grain = 1 << 14;
    parallel_for(n, grain, [=](int64_t begin, int64_t end) {
        detail::for_batches<T>(end - begin, [=](int64_t i, int64_t count) TAPEGRAD_LAMBDA {
            auto total = detail::load_some(x[0] + begin + i, count) * Batch<T>(w[0]);
            for (int64_t k = 1; k < arrays; ++k)
                total = fma(detail::load_some(x[k] + begin + i, count), Batch<T>(w[k]), total);
            detail::store_some(total, y + begin + i, count);
        });
    });
}

}
