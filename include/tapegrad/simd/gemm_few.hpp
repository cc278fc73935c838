// Few vectors times a matrix whose rows are contiguous: bound by reading them once, so nothing of them is packed.
#pragma once

#include "gemm.hpp"
#include "stored_rows.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// The most vectors that are few.
inline constexpr int64_t few_vectors = 8;

namespace detail {

/// How far ahead of its use a row is asked for, in bytes: what memory needs to answer, while a core computes. Rows
/// follow each other in memory, so that behind the end of one lies another.
inline constexpr int64_t few_ahead = 16384;

/// sum += one run of a row times the vectors, which lie batch by batch beside each other at x. A single vector takes
/// the scale once for the run, several take it with each element.
template <class Rows, int... J, int... M>
TAPEGRAD_INLINE void few_run(const Rows& w, int64_t i, int64_t p, const float* x, Batch<float>* sum,
                             std::integer_sequence<int, J...>, std::integer_sequence<int, M...>) {
    using V = Batch<float>;
    constexpr int64_t step = width<float>, count = sizeof...(M);
    const auto* const from = w.at(i, p);
    if constexpr (Rows::scaled && count == 1) {
        V b = w.template part<0>(from), run = b * V::load(x);
        ((b = w.template part<J>(from), run = J > 0 ? fma(b, V::load(x + J * step), run) : run), ...);
        sum[0] = fma(w.scale(i, p), run, sum[0]);
    } else {
        const auto part = [&](V b, const float* at) TAPEGRAD_LAMBDA {
            if constexpr (Rows::scaled) b = b * w.scale(i, p);
            ((sum[M] = fma(b, V::load(at + M * step), sum[M])), ...);
        };
        (part(w.template part<J>(from), x + J * count * step), ...);
    }
}

/// The products of neighbouring rows from `row` with M vectors, of which `vectors` exist; rows from `end` on belong
/// to others.
template <class Rows, int... R, int... M>
void few_dots(int64_t k, const Rows& w, int64_t row, int64_t end, const float* x, int64_t vectors, float* y,
              int64_t ldy, std::integer_sequence<int, R...>, std::integer_sequence<int, M...> vector) {
    using V = Batch<float>;
    constexpr int64_t step = width<float>, run = stored_run;
    constexpr int count = sizeof...(M);
    constexpr auto part = std::make_integer_sequence<int, stored_parts>{};
    V sum[sizeof...(R) * count];
    for (V& s : sum) s = V(0.0F);
    const int64_t at[] = {(row + R < end ? row + R : end - 1)...};
    const auto ask = [&](int64_t p, int64_t runs) TAPEGRAD_LAMBDA {
        for (int64_t b = 0; b < runs * run * static_cast<int64_t>(sizeof(typename Rows::Element)); b += 64)
            (__builtin_prefetch(reinterpret_cast<const char*>(w.at(at[R], p)) + few_ahead + b, 0, 2), ...);
    };
    int64_t p = 0;
    if constexpr (Rows::scaled && count == 1) {
        // Two runs at a time, each with its sum: one would wait for itself as long as a run takes to widen.
        V odd[sizeof...(R)] = {V((void(R), 0.0F))...};
        for (; p + 2 * run <= k; p += 2 * run, x += 2 * run) {
            ask(p, 2);
            ((few_run(w, at[R], p, x, sum + R, part, vector),
              few_run(w, at[R], p + run, x + run, odd + R, part, vector)),
             ...);
        }
        ((sum[R] += odd[R]), ...);
    }
    for (; p + run <= k; p += run, x += run * count) {
        ask(p, 1);
        (few_run(w, at[R], p, x, sum + R * count, part, vector), ...);
    }
    for (; p < k; p += step, x += step * count) {
        const auto last = [&](int r) TAPEGRAD_LAMBDA {
            const V b = load_row(w, at[r], p, k - p);
            ((sum[r * count + M] = fma(b, V::load(x + M * step), sum[r * count + M])), ...);
        };
        (last(R), ...);
    }
    const auto put = [&](int r, int m) TAPEGRAD_LAMBDA {
        if (row + r < end && m < vectors) y[m * ldy + row + r] = fold_sum(sum[r * count + m]);
    };
    const auto put_row = [&](int r) TAPEGRAD_LAMBDA { (put(r, M), ...); };
    (put_row(R), ...);
}

/// A few rows at a time, which the next M vectors find in the cache.
template <class Rows, int M>
void few_products(int64_t m, int64_t n, int64_t k, const MatrixRef<float>& a, const Rows& w, float* c,
                  int64_t ldc) {
    constexpr int64_t lanes = width<float>;
    constexpr int height = M <= 2 ? M : 3;  // sums enough to hide the time of one, few enough for registers
    const int64_t batches = ceil_div(k, lanes), block = batches * lanes * M;
    // The vectors, M at a time, batch by batch beside each other; zeros where there are none.
    Scratch<float> x(ceil_div(m, M) * block);
    float* to = x.data();
    for (int64_t first = 0; first < m; first += M)
        for (int64_t p = 0; p < k; p += lanes)
            for (int64_t v = first; v < first + M; ++v, to += lanes) {
                const MatrixRef<float> from = a.at(v, p);
                const int64_t left = v < m ? k - p : 0;
                if (a.col_stride == 1 && left >= lanes)
                    Batch<float>::load(from.data).store(to);
                else
                    for (int64_t l = 0; l < lanes; ++l) to[l] = l < left ? from.data[l * a.col_stride] : 0.0F;
            }
    const int64_t grain = (gemv_grain / (k + 1) / height + 1) * height;  // whole groups of rows
    parallel_for(n, grain, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; i += height)
            for (int64_t v = 0; v < m; v += M)
                few_dots(k, w, i, end, x.data() + v / M * block, m - v, c + v * ldc, ldc,
                         std::make_integer_sequence<int, height>{}, std::make_integer_sequence<int, M>{});
    });
}

}

/// C = epilogue(A W^T) for an A of at most few_vectors rows.
/// Shape    A (m, k) of any strides, W (n, k) -> C (m, n) at c[i * ldc + j]
/// Numeric  |error| <= (k + 2) eps (|A| |W|)_ij; the same bits for any number of threads
template <class Rows, class Epilogue = Identity>
void gemm_few(int64_t m, int64_t n, int64_t k, const MatrixRef<float>& a, const Rows& w, float* c,
              int64_t ldc, const Epilogue& epilogue = {}) {
    if (m <= 0) return;
    if constexpr (std::is_same_v<typename Rows::Element, float>)  // costs nothing to widen again
        detail::few_products<Rows, 4>(m, n, k, a, w, c, ldc);
    else if (m == 1)
        detail::few_products<Rows, 1>(m, n, k, a, w, c, ldc);
    else if (m == 2)
        detail::few_products<Rows, 2>(m, n, k, a, w, c, ldc);
    else if (m <= 4)
        detail::few_products<Rows, 4>(m, n, k, a, w, c, ldc);
    else
        detail::few_products<Rows, 8>(m, n, k, a, w, c, ldc);
    if constexpr (!std::is_same_v<Epilogue, Identity>) detail::apply_epilogue(c, ldc, 0, m, 0, n, epilogue);
}

}
