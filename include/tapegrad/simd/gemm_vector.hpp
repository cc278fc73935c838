// Matrix times vector: bound by reading the matrix once, so nothing is packed.
#pragma once

#include "../core/parallel.hpp"
#include "gemm_pack.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd::detail {

/// Elements of the matrix below which a second thread costs more than it brings.
inline constexpr int64_t gemv_grain = 32768;

/// y_i = row i of A . x, rows contiguous, `Rows` at a time: they share the reads of x and hide each other's
/// final sum. Every row is summed alike: four batches of partial sums, then a fixed tree.
template <class T, int Rows>
void gemv_rows(int64_t k, const T* a, int64_t row, const T* x, T* y, int64_t y_stride, bool add) {
    using V = Batch<T>;
    constexpr int64_t w = width<T>;
    constexpr int sums = 4;
    V sum[std::size_t{Rows}][std::size_t{sums}];
    const auto terms = [&](auto u, int64_t p) __attribute__((always_inline)) {
        V right = V::load(x + p);
        hold(right);
        unroll<Rows>([&](auto r) __attribute__((always_inline)) {
            sum[r][u] = fma(V::load(a + r * row + p), right, sum[r][u]);
        });
    };
    unroll<Rows * sums>([&](auto e) __attribute__((always_inline)) { sum[e / sums][e % sums] = V(T(0)); });
    int64_t p = 0;
    for (; p + sums * w <= k; p += sums * w)
        unroll<sums>([&](auto u) __attribute__((always_inline)) { terms(u, p + u * w); });
    for (; p + w <= k; p += w) terms(std::integral_constant<int, 0>{}, p);
    if (p < k) {
        T left[Batch<T>::size] = {}, right[Batch<T>::size] = {};
        copy_short<w / 2>(right, x + p, k - p);
        unroll<Rows>([&](auto r) __attribute__((always_inline)) {
            copy_short<w / 2>(left, a + r * row + p, k - p);
            sum[r][1] = fma(V::load(left), V::load(right), sum[r][1]);
        });
    }
    unroll<Rows>([&](auto r) __attribute__((always_inline)) {
        const T dot = reduce_add((sum[r][0] + sum[r][1]) + (sum[r][2] + sum[r][3]));
        y[r * y_stride] = add ? y[r * y_stride] + dot : dot;
    });
}

/// y = A x, columns contiguous: a run of y stays in L1 while four columns at a time are added to it, in the
/// order of k.
template <class T>
void gemv_columns(int64_t rows, int64_t k, const T* a, int64_t column, const T* x, int64_t x_stride, T* y) {
    using V = Batch<T>;
    constexpr int64_t w = width<T>;
    for (int64_t i = 0; i < rows; ++i) y[i] = T(0);
    const auto columns = [&](auto count, int64_t p) __attribute__((always_inline)) {
        constexpr int n = count;
        const T* from[std::size_t{n}];
        V factor[std::size_t{n}];
        unroll<n>([&](auto u) __attribute__((always_inline)) {
            from[u] = a + (p + u) * column;
            factor[u] = V(x[(p + u) * x_stride]);
        });
        int64_t i = 0;
        for (; i + w <= rows; i += w) {
            V sum = V::load(y + i);
            unroll<n>([&](auto u) __attribute__((always_inline)) {
                sum = fma(V::load(from[u] + i), factor[u], sum);
            });
            sum.store(y + i);
        }
        if (i == rows) return;
        T buffer[Batch<T>::size] = {};
        copy_short<w / 2>(buffer, y + i, rows - i);
        V sum = V::load(buffer);
        unroll<n>([&](auto u) __attribute__((always_inline)) {
            copy_short<w / 2>(buffer, from[u] + i, rows - i);
            sum = fma(V::load(buffer), factor[u], sum);
        });
        sum.store(buffer);
        copy_short<w / 2>(y + i, buffer, rows - i);
    };
    int64_t p = 0;
    for (; p + 4 <= k; p += 4) columns(std::integral_constant<int, 4>{}, p);
    for (; p < k; ++p) columns(std::integral_constant<int, 1>{}, p);
}

/// y = A x (+ y) for an A with one contiguous axis.
template <class T>
void gemv(int64_t m, int64_t k, MatrixRef<T> a, const T* x, int64_t x_stride, T* y, int64_t y_stride,
          bool add) {
    if (a.col_stride == 1) {
        Scratch<T> gathered(x_stride == 1 ? 0 : k);
        if (x_stride != 1) {
            for (int64_t p = 0; p < k; ++p) gathered[p] = x[p * x_stride];
            x = gathered.data();
        }
        parallel_for(m, (gemv_grain + k - 1) / k, [&](int64_t begin, int64_t end) {
            int64_t i = begin;
            for (; i + 4 <= end; i += 4)
                gemv_rows<T, 4>(k, a.data + i * a.row_stride, a.row_stride, x, y + i * y_stride, y_stride,
                                add);
            for (; i < end; ++i)
                gemv_rows<T, 1>(k, a.data + i * a.row_stride, a.row_stride, x, y + i * y_stride, y_stride,
                                add);
        });
    } else {
        // A multiple of 1024 rows at a time: whole pages of each column, and a run of y that fits L1.
        const int64_t grain = ((gemv_grain + k - 1) / k + 1023) / 1024 * 1024;
        parallel_for(m, grain, [&](int64_t begin, int64_t end) {
            constexpr int64_t run = 1024;
            T sums[run];
            for (int64_t i = begin; i < end; i += run) {
                const int64_t rows = end - i < run ? end - i : run;
                gemv_columns(rows, k, a.data + i, a.col_stride, x, x_stride, sums);
                for (int64_t r = 0; r < rows; ++r) {
                    T& to = y[(i + r) * y_stride];
                    to = add ? to + sums[r] : sums[r];
                }
            }
        });
    }
}

}
