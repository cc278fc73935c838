// The Cholesky factor of a matrix, by halves.
#pragma once

#include <cmath>

#include "triangular.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

inline constexpr int64_t cholesky_base = 16;     // sums of fewer terms gain nothing from vectors
inline constexpr int64_t cholesky_columns = 64;  // of a product of which only the lower half is wanted

template <class T>
int64_t cholesky_small(int64_t n, T* x, int64_t ld) {
    for (int64_t i = 0; i < n; ++i) {
        T* const row = x + i * ld;
        for (int64_t j = 0; j <= i; ++j) {
            const T* const other = x + j * ld;
            T sum = row[j];
            for (int64_t p = 0; p < j; ++p) sum += row[p] * other[p];
            if (j < i)
                row[j] = -sum / other[j];
            else if (sum < T(0))
                row[i] = std::sqrt(-sum);
            else
                return i + 1;
        }
    }
    return 0;
}

}

/// The lower triangle of x, which holds that of -a, becomes the factor l of a = l l^T.
/// Returns  0, or the order of the first leading minor that is not positive (NaN neither)
/// Shape    x (n, n) with rows ld apart; what lies above the diagonal is not read, but may be written
/// Numeric  |a - l l^T| <= (n + 2) eps |l| |l|^T
template <class T>
int64_t cholesky(int64_t n, T* x, int64_t ld) {
    if (n <= detail::cholesky_base) return detail::cholesky_small(n, x, ld);
    const int64_t half = detail::ceil_div(n / 2, detail::cholesky_base) * detail::cholesky_base,
                  rest = n - half;
    if (const int64_t minor = cholesky(half, x, ld)) return minor;
    T* const below = x + half * ld;
    solve_triangle(Triangle<T>{{x, ld, 1}}, half, Columns<T>{below, 1, ld, rest});
    for (int64_t j = 0; j < rest; j += detail::cholesky_columns) {
        const int64_t columns = rest - j < detail::cholesky_columns ? rest - j : detail::cholesky_columns;
        const MatrixRef<T> rows{below + j * ld, ld, 1};
        gemm(rest - j, columns, half, rows, rows.transposed(), below + j * ld + half + j, ld, true);
    }
    const int64_t minor = cholesky(rest, below + half, ld);
    return minor > 0 ? half + minor : 0;
}

}
