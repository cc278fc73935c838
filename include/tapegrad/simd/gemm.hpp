// C = A B for matrices of any strides: blocks of k, panels packed by all threads, then tiles of C by all
// threads.
//
// The bits of an element depend on k and on the two vectors it is made of, not on where it lies, which path
// packs it or how many threads run: blocks of k are cut by k alone, k is never split between threads, and
// every tile sums in the order of gemm_kernel.hpp. A product with one row or one column sums in the order of
// gemm_vector.hpp.
#pragma once

#include "gemm_block.hpp"
#include "gemm_vector.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// The epilogue that does nothing.
struct Identity {
    template <class T>
    TAPEGRAD_INLINE Batch<T> operator()(const Batch<T>& value, int64_t, int64_t) const {
        return value;
    }
};

namespace detail {

template <class T, class Epilogue>
void apply_epilogue(T* c, int64_t ldc, int64_t row, int64_t rows, int64_t col, int64_t cols,
                    const Epilogue& epilogue) {
    constexpr int64_t w = width<T>;
    for (int64_t i = row; i < row + rows; ++i) {
        T* const to = c + i * ldc;
        int64_t j = col;
        for (; j + w <= col + cols; j += w) Batch<T>(epilogue(Batch<T>::load(to + j), i, j)).store(to + j);
        if (j == col + cols) continue;
        T edge[Batch<T>::size] = {};
        copy_short<w / 2>(edge, to + j, col + cols - j);
        Batch<T>(epilogue(Batch<T>::load(edge), i, j)).store(edge);
        copy_short<w / 2>(to + j, edge, col + cols - j);
    }
}

/// The product, and `finish` for each part of C when all its terms are summed.
template <class T>
void gemm_blocks(int64_t m, int64_t n, int64_t k, MatrixRef<T> a, MatrixRef<T> b, T* c, int64_t ldc,
                 bool accumulate, const GemmFinish& finish, const PanelSource<T>& source = {}) {
    if (m <= 0 || n <= 0) return;
    const bool vector = !source && ((n == 1 && (a.col_stride == 1 || a.row_stride == 1)) ||
                                    (m == 1 && (b.col_stride == 1 || b.row_stride == 1)));
    if (k <= 0) {
        for (int64_t i = 0; i < m && !accumulate; ++i)
            for (int64_t j = 0; j < n; ++j) c[i * ldc + j] = T(0);
    } else if (vector) {
        if (n == 1 && (m > 1 || a.col_stride == 1 || a.row_stride == 1))
            gemv(m, k, a, b.data, b.row_stride, c, ldc, accumulate);
        else
            gemv(n, k, b.transposed(), a.data, a.col_stride, c, int64_t{1}, accumulate);
    } else {
        const int64_t depth = gemm_terms(k);
        for (int64_t j = 0; j < n; j += gemm_columns)
            for (int64_t p = 0; p < k; p += depth)
                for (int64_t i = 0; i < m; i += gemm_rows) {
                    const int64_t rows = m - i < gemm_rows ? m - i : gemm_rows;
                    const int64_t cols = n - j < gemm_columns ? n - j : gemm_columns;
                    const int64_t terms = k - p < depth ? k - p : depth;
                    GemmBlock<T> block{rows,
                                       cols,
                                       terms,
                                       a.at(i, p),
                                       b.at(p, j),
                                       {c + i * ldc + j, ldc, cols, accumulate || p > 0},
                                       source.from(p, j)};
                    gemm_block(block, p + terms == k ? finish.from(i, j) : GemmFinish{});
                }
        return;
    }
    finish(0, m, 0, n);
}

/// The product with an epilogue, where B may lie nowhere.
template <class T, class Epilogue>
void gemm_of(int64_t m, int64_t n, int64_t k, MatrixRef<T> a, MatrixRef<T> b, T* c, int64_t ldc,
             bool accumulate, const Epilogue& epilogue, const PanelSource<T>& source = {}) {
    if constexpr (std::is_same_v<Epilogue, Identity>) {
        gemm_blocks(m, n, k, a, b, c, ldc, accumulate, {}, source);
    } else {
        const auto apply = [&](int64_t row, int64_t rows, int64_t col, int64_t cols) {
            apply_epilogue(c, ldc, row, rows, col, cols, epilogue);
        };
        gemm_blocks(m, n, k, a, b, c, ldc, accumulate, GemmFinish::calling(apply), source);
    }
}

}

/// Matrix product of row-major C with A and B of any strides.
///   C_ij = epilogue(sum_p A_ip B_pj), plus what C_ij held when `accumulate`
/// Shape    A (m, k), B (k, n), C (m, n) at c[i * ldc + j]; C overlaps neither A nor B
/// Numeric  |error| <= (k + 1) eps (|A| |B|)_ij; k is summed in blocks of at most 512. NaN and inf propagate
///          as in the sum. k = 0 is a sum of zero. The same bits for any number of threads, strides and position
///          in C; with one row or column they may depend on which stride of the matrix is 1
/// The epilogue is called as `Batch<T> epilogue(Batch<T> value, int64_t row, int64_t col)` for W columns from
/// `col`, once for each element, on several threads. Where fewer than W columns are left, the further
/// elements of `value` are zeros or stale, what is returned in them is dropped, and a read of memory at `col`
/// must stop at n.
template <class T, class Epilogue = Identity>
void gemm(int64_t m, int64_t n, int64_t k, MatrixRef<T> a, MatrixRef<T> b, T* c, int64_t ldc,
          bool accumulate = false, const Epilogue& epilogue = {}) {
    static_assert(Vectorized<T>, "gemm takes float and double");
    detail::gemm_of(m, n, k, a, b, c, ldc, accumulate, epilogue);
}

}
