// Matrix times vector: bound by reading the matrix once, so nothing is packed.
#pragma once

#include "../core/parallel.hpp"
#include "fold.hpp"
#include "gemm_pack.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd::detail {

/// Elements of the matrix below which a second thread costs more than it brings.
inline constexpr int64_t gemv_grain = 32768;

/// y_i = row i of A . x, rows contiguous, several at a time: they share the reads of x and hide each other's
/// final sum. Every row is summed alike: four batches of partial sums, then a fixed tree. `R` counts rows,
/// `E` their partial sums.
template <class T, int... R, int... E>
void gemv_rows(int64_t k, const T* a, int64_t row, const T* x, T* y, int64_t y_stride, bool add,
               std::integer_sequence<int, R...>, std::integer_sequence<int, E...>) {
    using V = Batch<T>;
    constexpr int rows = sizeof...(R), sums = 4;
    constexpr int64_t w = width<T>;
    V sum[sizeof...(E)] = {V((void(E), T(0)))...}, right;
    int64_t p = 0;
    for (; p + sums * w <= k; p += sums * w)
        ((right = E % rows == 0 ? V::load(x + p + E / rows * w) : right, hold(right),
          sum[E] = fma(V::load(a + E % rows * row + p + E / rows * w), right, sum[E])),
         ...);
    for (; p + w <= k; p += w) {
        right = V::load(x + p);
        ((sum[R] = fma(V::load(a + R * row + p), right, sum[R])), ...);
    }
    if (p < k) {
        T edge[V::size] = {};
        copy_short<w / 2>(edge, x + p, k - p);
        right = V::load(edge);
        ((copy_short<w / 2>(edge, a + R * row + p, k - p),
          sum[rows + R] = fma(V::load(edge), right, sum[rows + R])),
         ...);
    }
    const auto put = [&](int64_t r, T dot) { y[r * y_stride] = add ? y[r * y_stride] + dot : dot; };
    (put(R, fold_sum((sum[R] + sum[rows + R]) + (sum[2 * rows + R] + sum[3 * rows + R]))), ...);
}
template <class T, int Rows>
[[gnu::noinline]] void gemv_rows(int64_t k, const T* a, int64_t row, const T* x, T* y, int64_t y_stride,
                                 bool add) {
    gemv_rows(k, a, row, x, y, y_stride, add, std::make_integer_sequence<int, Rows>{},
              std::make_integer_sequence<int, 4 * Rows>{});
}

/// y += the columns of A times x_0, x_1, ..., each element in this order. `U` counts the columns.
template <class T, int... U>
void gemv_columns(int64_t rows, const T* a, int64_t column, const T* x, int64_t x_stride, T* y,
                  std::integer_sequence<int, U...>) {
    using V = Batch<T>;
    constexpr int64_t w = width<T>;
    const T* const from[] = {(a + U * column)...};
    const V factor[] = {V(x[U * x_stride])...};
    int64_t i = 0;
    for (; i + w <= rows; i += w) {
        V sum = V::load(y + i);
        ((sum = fma(V::load(from[U] + i), factor[U], sum)), ...);
        sum.store(y + i);
    }
    if (i == rows) return;
    T edge[V::size] = {};
    copy_short<w / 2>(edge, y + i, rows - i);
    V sum = V::load(edge);
    ((copy_short<w / 2>(edge, from[U] + i, rows - i), sum = fma(V::load(edge), factor[U], sum)), ...);
    sum.store(edge);
    copy_short<w / 2>(y + i, edge, rows - i);
}

/// y = A x, columns contiguous: a run of y stays in L1 while four columns at a time are added to it, in the
/// order of k.
template <class T>
void gemv_columns(int64_t rows, int64_t k, const T* a, int64_t column, const T* x, int64_t x_stride, T* y) {
    for (int64_t i = 0; i < rows; ++i) y[i] = T(0);
    int64_t p = 0;
    for (; p + 4 <= k; p += 4)
        gemv_columns(rows, a + p * column, column, x + p * x_stride, x_stride, y,
                     std::make_integer_sequence<int, 4>{});
    for (; p < k; ++p)
        gemv_columns(rows, a + p * column, column, x + p * x_stride, x_stride, y,
                     std::make_integer_sequence<int, 1>{});
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
