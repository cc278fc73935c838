// The LU factors of a matrix, with rows exchanged for the largest pivot, by halves of the columns.
#pragma once

#include <cmath>
#include <utility>

#include "triangular.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

inline constexpr int64_t lu_base = 8;  // columns of the panel that is eliminated one by one

/// A matrix (rows, columns) inside of rows of `width`, which are exchanged as a whole.
template <class T>
struct LuPart {
    T* row;  // where the first row begins
    int64_t first, width, rows, columns;
    int64_t* pivots;

    T* at(int64_t i, int64_t j) const { return row + i * width + first + j; }
};

/// -a in, l and u out. The panel lies transposed in `tile` meanwhile, a column in one piece.
template <class T>
void lu_panel(const LuPart<T>& x, T* tile) {
    const int64_t m = x.rows, n = x.columns;
    for (int64_t i = 0; i < m; ++i)
        for (int64_t j = 0; j < n; ++j) tile[j * m + i] = *x.at(i, j);
    const int64_t steps = m < n ? m : n;
    for (int64_t j = 0; j < steps; ++j) {
        T* const column = tile + j * m;
        int64_t best = j;
        T largest = std::fabs(column[j]);
        for (int64_t i = j + 1; i < m; ++i)
            if (std::fabs(column[i]) > largest) {
                largest = std::fabs(column[i]);
                best = i;
            }
        x.pivots[j] = best;
        if (best != j) {
            for (int64_t k = 0; k < n; ++k) std::swap(tile[k * m + j], tile[k * m + best]);
            T *const a = x.row + j * x.width, *const b = x.row + best * x.width;
            for (int64_t k = 0; k < x.first; ++k) std::swap(a[k], b[k]);
            for (int64_t k = x.first + n; k < x.width; ++k) std::swap(a[k], b[k]);
        }
        const T pivot = column[j];
        if (pivot != T(0))  // else the rest of the column is 0 too, and stays so
            for (int64_t i = j + 1; i < m; ++i) column[i] /= pivot;
        for (int64_t k = j + 1; k < n; ++k) {
            T* const other = tile + k * m;
            const T factor = -other[j];
            int64_t i = j + 1;
            for (; i + width<T> <= m; i += width<T>)
                fma(Batch<T>(factor), Batch<T>::load(column + i), Batch<T>::load(other + i)).store(other + i);
            if (i < m)
                store_partial(
                    fma(Batch<T>(factor), load_partial(column + i, m - i), load_partial(other + i, m - i)),
                    other + i, m - i);
            other[j] = factor;
        }
        column[j] = -pivot;
    }
    for (int64_t i = 0; i < m; ++i)
        for (int64_t j = 0; j < n; ++j) *x.at(i, j) = tile[j * m + i];
}

template <class T>
void lu_part(const LuPart<T>& x, T* tile) {
    if (x.rows <= 0 || x.columns <= 0) return;
    if (x.columns <= lu_base) return lu_panel(x, tile);
    const int64_t half = ceil_div(x.columns / 2, lu_base) * lu_base, rest = x.columns - half;
    lu_part({x.row, x.first, x.width, x.rows, half, x.pivots}, tile);
    const int64_t steps = x.rows < half ? x.rows : half;
    const MatrixRef<T> left{x.at(0, 0), x.width, 1}, above{x.at(0, half), x.width, 1};
    solve_triangle(Triangle<T>{left, false, true}, steps, Columns<T>{x.at(0, half), x.width, 1, rest});
    if (x.rows <= half) return;
    gemm(x.rows - half, rest, half, left.at(half, 0), above, x.at(half, half), x.width, true);
    lu_part({x.row + half * x.width, x.first + half, x.width, x.rows - half, rest, x.pivots + half}, tile);
    const int64_t more = x.rows - half < rest ? x.rows - half : rest;
    for (int64_t j = half; j < half + more; ++j) x.pivots[j] += half;
}

}

/// x, which holds -a, becomes l (below the diagonal, whose ones are not written) and u of p a = l u.
///   p: row j is exchanged with row pivots[j] >= j, for j = 0, 1, ...
/// Shape    x (m, n) row-major, pivots (min(m, n),)
/// Numeric  |p a - l u| <= (n + 1) eps |l| |u|; the pivot is the first of the largest in its column, and a column
///          of zeros leaves a zero in u
template <class T>
void lu(int64_t m, int64_t n, T* x, int64_t* pivots) {
    if (m <= 0 || n <= 0) return;
    T small[detail::lu_base * detail::lu_base];
    Scratch<T> large(m > detail::lu_base ? detail::lu_base * m : 0);
    detail::lu_part(detail::LuPart<T>{x, 0, n, m, n, pivots}, m > detail::lu_base ? large.data() : small);
}

}
