// Layer normalisation of contiguous rows, forward and backward.
#pragma once

#include "softmax.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// y = (x - mean) rstd weight + bias, each row of n; mean and rstd (rows) are kept for the backward. The variance is
/// that of the centred row (two passes over a row in cache: no cancellation). Null weight: 1; null bias: 0.
template <class T>
void layer_norm(const T* x, const T* weight, const T* bias, T* y, T* mean, T* rstd, int64_t rows, int64_t n, double eps) {
    detail::for_each_row(rows, n, [&](int64_t r) {
        const T* const from = x + r * n;
        Batch<T> total(T(0));
        detail::for_each_batch<T>(n, [&](int64_t i, auto lanes) TAPEGRAD_LAMBDA {
            total += detail::load_lanes(from + i, lanes);
        });
        const T m = reduce_add(total) / static_cast<T>(n);
        Batch<T> squares(T(0));
        const Batch<T> centre(m);
        detail::for_each_batch<T>(n, [&](int64_t i, auto lanes) TAPEGRAD_LAMBDA {
            const Batch<T> d = detail::load_lanes(from + i, lanes, m) - centre;
            squares = fma(d, d, squares);
        });
        const T s = T(1) / std::sqrt(reduce_add(squares) / static_cast<T>(n) + static_cast<T>(eps));
        const Batch<T> scale(s);
        detail::for_each_batch<T>(n, [&](int64_t i, auto lanes) TAPEGRAD_LAMBDA {
            Batch<T> v = (detail::load_lanes(from + i, lanes) - centre) * scale;
            if (weight != nullptr) v = v * detail::load_lanes(weight + i, lanes);
            if (bias != nullptr) v = v + detail::load_lanes(bias + i, lanes);
            detail::store_lanes(v, y + r * n + i, lanes);
        });
        mean[r] = m;
        rstd[r] = s;
    });
}

/// With h = (x - mean) rstd and g = dy weight:
///   dx = rstd (g - mean(g) - h mean(g h))   dweight = sum over rows of dy h   dbias = sum over rows of dy
/// Any of dx, dweight, dbias may be null. Sums over rows run in chunks of fixed size, added in order.
template <class T>
void layer_norm_backward(const T* x, const T* weight, const T* mean, const T* rstd, const T* dy, T* dx, T* dweight, T* dbias,
                         int64_t rows, int64_t n) {
    const int64_t chunk = detail::row_grain / (n + 1) + 1, chunks = (rows + chunk - 1) / chunk;
    const bool sums = dweight != nullptr || dbias != nullptr;
    Scratch<T> partial(sums ? chunks * 2 * n : 0);
    parallel_for(rows, chunk, [&](int64_t begin, int64_t end) {
        T* const dw = sums ? partial.data() + begin / chunk * 2 * n : nullptr;
        T* const db = dw + n;
        for (int64_t i = 0; sums && i < 2 * n; ++i) dw[i] = T(0);
        for (int64_t r = begin; r < end; ++r) {
            const T *const xr = x + r * n, *const gr = dy + r * n;
            const Batch<T> centre(mean[r]), scale(rstd[r]);
            Batch<T> sum_g(T(0)), sum_gh(T(0));
            detail::for_each_batch<T>(n, [&](int64_t i, auto lanes) TAPEGRAD_LAMBDA {
                const Batch<T> h = (detail::load_lanes(xr + i, lanes, mean[r]) - centre) * scale;
                const Batch<T> d = detail::load_lanes(gr + i, lanes);
                const Batch<T> g = weight != nullptr ? d * detail::load_lanes(weight + i, lanes) : d;
                sum_g += g;
                sum_gh = fma(g, h, sum_gh);
                if (!sums) return;
                detail::store_lanes(fma(d, h, detail::load_lanes(dw + i, lanes)), dw + i, lanes);
                detail::store_lanes(detail::load_lanes(db + i, lanes) + d, db + i, lanes);
            });
            if (dx == nullptr) continue;
            const Batch<T> mean_g(reduce_add(sum_g) / static_cast<T>(n)), mean_gh(reduce_add(sum_gh) / static_cast<T>(n));
            detail::for_each_batch<T>(n, [&](int64_t i, auto lanes) TAPEGRAD_LAMBDA {
                const Batch<T> h = (detail::load_lanes(xr + i, lanes) - centre) * scale;
                const Batch<T> d = detail::load_lanes(gr + i, lanes);
                const Batch<T> g = weight != nullptr ? d * detail::load_lanes(weight + i, lanes) : d;
                detail::store_lanes(scale * (g - mean_g - h * mean_gh), dx + r * n + i, lanes);
            });
        }
    });
    for (int64_t i = 0; i < n && sums; ++i) {
        T w = T(0), b = T(0);
        for (int64_t c = 0; c < chunks; ++c) {
            w += partial.data()[c * 2 * n + i];
            b += partial.data()[c * 2 * n + n + i];
        }
        if (dweight != nullptr) dweight[i] = w;
        if (dbias != nullptr) dbias[i] = b;
    }
}

}
