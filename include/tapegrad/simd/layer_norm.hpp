// Layer normalisation of the rows of a (rows, n) matrix, with its gradient; without the mean, it is
// root-mean-square normalisation (rms_norm.hpp).
//
// A row comes from memory once and is walked in the cache: mean, then variance around it (no cancellation),
// then result. The gradients of weight and bias are summed over chunks of a fixed number of rows, beside dx,
// and the chunks are added in a fixed order.
#pragma once

#include "../core/parallel.hpp"
#include "reduce.hpp"
#include "round.hpp"
#include "walk.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

inline constexpr int64_t norm_grain = int64_t{1} << 15;  // elements: 10 us of a core and more
inline constexpr int64_t norm_rows_of_chunk = 32;  // of a chunk; its sums cost a 16th of its rows' memory

/// Around the mean when `Centred`, else around 0.
template <bool Centred, class T>
void layer_norm_row(const T* x, const T* weight, const T* bias, T* y, T* mean, T* rstd, int64_t n, T eps) {
    const T count = static_cast<T>(n);
    T middle(0);
    if constexpr (Centred)
        middle =
            sum_batches<T>(n, [=](int64_t i, int64_t c) TAPEGRAD_LAMBDA { return load_some(x + i, c); }) /
            count;
    const Batch<T> m(middle);
    const T variance = sum_batches<T>(n,
                                      [=](int64_t i, int64_t c) TAPEGRAD_LAMBDA {
                                          const Batch<T> d = load_some(x + i, c, middle) - m;
                                          return d * d;
                                      }) /
                       count;
    const T scale = T(1) / std::sqrt(variance + eps);
    const Batch<T> s(scale);
    for_batches<T>(n, [=](int64_t i, int64_t c) TAPEGRAD_LAMBDA {
        Batch<T> v = (load_some(x + i, c) - m) * s;
        if (weight != nullptr) v = v * load_some(weight + i, c);
        if (bias != nullptr) v = v + load_some(bias + i, c);
        store_some(v, y + i, c);
    });
    if (mean != nullptr) *mean = middle;
    if (rstd != nullptr) *rstd = scale;
}

/// dx of a row; the row's share of the gradients of weight and bias is added to dweight and dbias.
template <bool Centred, class T>
void layer_norm_row_backward(const T* x, const T* weight, const T* dy, T mean, T rstd, T* dx, T* dweight,
                             T* dbias, int64_t n) {
    const Batch<T> m(mean), s(rstd);
    // Zero behind the end: dy is.
    const auto normal = [=](int64_t i, int64_t c) TAPEGRAD_LAMBDA { return (load_some(x + i, c) - m) * s; };
    const auto scaled = [=](int64_t i, int64_t c) TAPEGRAD_LAMBDA {
        const Batch<T> g = load_some(dy + i, c);
        return weight != nullptr ? g * load_some(weight + i, c) : g;
    };
    Batch<T> shift(T(0)), slope(T(0));
    if (dx != nullptr) {
        const T count = static_cast<T>(n);
        const auto [sum, dot] = sum_batch_pairs<T>(n, [=](int64_t i, int64_t c) TAPEGRAD_LAMBDA {
            const Batch<T> g = scaled(i, c);
            return std::pair(g, g * normal(i, c));
        });
        if constexpr (Centred) shift = Batch<T>(sum / count);
        slope = Batch<T>(dot / count);
    }
    for_batches<T>(n, [=](int64_t i, int64_t c) TAPEGRAD_LAMBDA {
        const Batch<T> v = normal(i, c), g = load_some(dy + i, c);
        if (dweight != nullptr) store_some(fma(g, v, load_some(dweight + i, c)), dweight + i, c);
        if (dbias != nullptr) store_some(load_some(dbias + i, c) + g, dbias + i, c);
        if (dx != nullptr) store_some(s * (fma(-slope, v, scaled(i, c)) - shift), dx + i, c);
    });
}

template <bool Centred, class T>
void norm_rows(const T* x, const T* weight, const T* bias, T* y, T* mean, T* rstd, int64_t rows, int64_t n,
               T eps) {
    if (n == 0) return;
    parallel_for(rows, norm_grain / n, [&](int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; ++r)
            layer_norm_row<Centred>(x + r * n, weight, bias, y + r * n, mean != nullptr ? mean + r : nullptr,
                                    rstd != nullptr ? rstd + r : nullptr, n, eps);
    });
}
template <bool Centred, class T>
void norm_rows_backward(const T* x, const T* weight, const T* mean, const T* rstd, const T* dy, T* dx,
                        T* dweight, T* dbias, int64_t rows, int64_t n) {
    if (n == 0) return;
    const int64_t chunks = rows == 0 ? 0 : (rows - 1) / norm_rows_of_chunk + 1;
    // All sums of weight first, then all of bias: each is a (chunks, n) matrix.
    Scratch<T> weights(dweight != nullptr ? chunks * n : 0), biases(dbias != nullptr ? chunks * n : 0);
    parallel_for(chunks, norm_grain / (norm_rows_of_chunk * n), [&](int64_t begin, int64_t end) {
        for (int64_t chunk = begin; chunk < end; ++chunk) {
            T* const w = dweight != nullptr ? weights.data() + chunk * n : nullptr;
            T* const b = dbias != nullptr ? biases.data() + chunk * n : nullptr;
            for (int64_t i = 0; w != nullptr && i < n; ++i) w[i] = T(0);
            for (int64_t i = 0; b != nullptr && i < n; ++i) b[i] = T(0);
            const int64_t first = chunk * norm_rows_of_chunk, last = first + norm_rows_of_chunk;
            for (int64_t r = first; r < (last < rows ? last : rows); ++r)
                layer_norm_row_backward<Centred>(x + r * n, weight, dy + r * n, Centred ? mean[r] : T(0),
                                                 rstd[r], dx != nullptr ? dx + r * n : nullptr, w, b, n);
        }
    });
    if (dweight != nullptr) simd::sum(weights.data(), dweight, 1, chunks, n);
    if (dbias != nullptr) simd::sum(biases.data(), dbias, 1, chunks, n);
}

}

/// y = (x - mean) rstd weight + bias for each row, rstd = 1 / sqrt(var + eps), var of n (not n - 1).
/// weight, bias, mean and rstd may be null. y may be x.
template <Vectorized T>
void layer_norm(const T* x, const T* weight, const T* bias, T* y, T* mean, T* rstd, int64_t rows, int64_t n,
                T eps) {
    detail::norm_rows<true>(x, weight, bias, y, mean, rstd, rows, n, eps);
}
/// dx = rstd (g - mean(g) - v mean(g v)) with g = dy weight and v = (x - mean) rstd;
/// dweight = sum over rows of dy v, dbias = sum over rows of dy. weight and each result may be null.
template <Vectorized T>
void layer_norm_backward(const T* x, const T* weight, const T* mean, const T* rstd, const T* dy, T* dx,
                         T* dweight, T* dbias, int64_t rows, int64_t n) {
    detail::norm_rows_backward<true>(x, weight, mean, rstd, dy, dx, dweight, dbias, rows, n);
}

}
