// The factors of elimination with exchanged rows, and systems of equations solved with them.
#pragma once

#include "../simd/lu.hpp"
#include "join.hpp"
#include "solve_triangular.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Both factors in one matrix: u on and above the diagonal, l below it (its diagonal is ones).
template <class T>
struct LuFactors {
    Tensor<T> lu;
    Tensor<int64_t> pivots;  // for j = 1, 2, ...: row j was exchanged with row pivots[j - 1], counted from 1
};
template <class T>
struct Lu {
    Tensor<T> p, l, u;
};

struct LuSolveOptions {
    bool left = true;      // a x = b; else x a = b
    bool adjoint = false;  // with the transpose of a in the place of a
};

namespace detail {

template <class T>
LuFactors<T> lu_values(const Tensor<T>& a) {
    const int64_t m = a.size(-2), n = a.size(-1), steps = m < n ? m : n;
    Shape shape = leading(a.shape());
    const int64_t count = numel_of(shape);
    shape.push_back(steps);
    LuFactors<T> y{evaluate(
                       "lu_factor", [](const auto& v) TAPEGRAD_LAMBDA { return -v; }, a),
                   empty<int64_t>(shape)};
    T* const factors = output(y.lu);
    int64_t* const pivots = output(y.pivots);
    for_each_matrix(count, m * n * steps / 2, [&](int64_t q) {
        simd::lu(m, n, factors + q * m * n, pivots + q * steps);
        for (int64_t j = 0; j < steps; ++j) ++pivots[q * steps + j];
    });
    return y;
}

/// The rows of x exchanged as the pivots (..., k) say, the last first when `back`. Recorded.
template <class T>
Tensor<T> exchange_rows(const Tensor<T>& x, const Tensor<int64_t>& pivots, bool back) {
    const Tensor<int64_t> packed = contiguous(unsqueeze(pivots, -1));
    const Shape batch = broadcast_shapes("lu_solve", leading(packed.shape()), leading(x.shape()));
    const int64_t rows = x.size(-2), columns = x.size(-1), steps = packed.size(-2);
    Tensor<T> y = copy(batch_view("lu_solve", x, batch));
    const Strides strides = batch_strides("lu_solve", packed, batch);
    T* const to = output(y);
    for (int64_t q = 0; q < numel_of(batch); ++q)
        for (int64_t step = 0; step < steps; ++step) {
            const int64_t j = back ? steps - 1 - step : step;
            const int64_t other = packed.data()[batch_offset(batch, strides, q) + j] - 1;
            if (other < 0 || other >= rows)
                fail<IndexError>("lu_solve", "pivot ", other + 1, " is outside [1, ", rows, ']');
            T *const a = to + (q * rows + j) * columns, *const b = to + (q * rows + other) * columns;
            for (int64_t k = 0; other != j && k < columns; ++k) std::swap(a[k], b[k]);
        }
    return record("exchange_rows", y, {x},
                  [pivots, back](const Tensor<T>& dy) { return exchange_rows(dy, pivots, !back); });
}

/// The gradient of a (m, n) from that of its factors; k = min(m, n), and one of the parts l2 (m - k, k) below l1 and
/// u2 (k, n - k) beside u1 is empty.
template <class T>
Tensor<T> lu_gradient(const Tensor<T>& dy, const Tensor<T>& lu, const Tensor<int64_t>& pivots) {
    const int64_t m = lu.size(-2), n = lu.size(-1), k = m < n ? m : n;
    const auto corner = [k](const Tensor<T>& x) { return narrow(narrow(x, -2, 0, k), -1, 0, k); };
    const Tensor<T> both = corner(lu), d = corner(dy);
    Tensor<T> low = matmul(transpose(tril(both, -1) + eye<T>(k)), tril(d, -1));
    Tensor<T> up = matmul(triu(d), transpose(triu(both)));
    if (n > k) low = low - matmul(narrow(dy, -1, k, n - k), transpose(narrow(lu, -1, k, n - k)));
    if (m > k) up = up - matmul(transpose(narrow(lu, -2, k, m - k)), narrow(dy, -2, k, m - k));
    Tensor<T> da = tril(low, -1) + triu(up);
    const auto by_l = [&](const Tensor<T>& x) {
        return solve_triangular(both, x, {.unitriangular = true, .transposed = true});
    };
    const auto by_u = [&](const Tensor<T>& x) {
        return solve_triangular(both, x, {.upper = true, .left = false, .transposed = true});
    };
    if (n > k)
        da = by_l(cat({by_u(da), narrow(dy, -1, k, n - k)}, -1));
    else if (m > k)
        da = by_u(cat({by_l(da), narrow(dy, -2, k, m - k)}, -2));
    else
        da = by_l(by_u(da));
    return exchange_rows(da, pivots, true);
}

}

/// Elimination: p a = l u, where p exchanges rows so that each pivot is the largest of its column.
/// Shape    a (..., m, n) -> lu, same shape; pivots (..., min(m, n))
/// Grad     that of l and u, as long as no exchange changes;  saves lu
/// Numeric  |p a - l u| <= (n + 1) eps |l| |u|. A singular matrix has a 0 on the diagonal of u, and no gradient
/// Throws   ShapeError: rank below 2
/// See      lu, lu_solve
template <Floating T>
LuFactors<T> lu_factor(const Tensor<T>& a) {
    detail::check_matrices("lu_factor", "a", a.shape());
    LuFactors<T> y = detail::lu_values(a);
    y.lu = record("lu_factor", y.lu, {a}, [pivots = y.pivots](const Tensor<T>& dy, const Tensor<T>& lu) {
        return detail::lu_gradient(dy, lu, pivots);
    });
    return y;
}

/// Elimination with its factors apart.
///   a = p l u, p a permutation, l with ones on its diagonal
/// Shape    a (..., m, n), k = min(m, n) -> p (..., m, m), l (..., m, k), u (..., k, n)
/// Grad     as lu_factor; p has none
/// Throws   ShapeError: rank below 2
template <Floating T>
Lu<T> lu(const Tensor<T>& a) {
    detail::check_matrices("lu", "a", a.shape());
    const int64_t m = a.size(-2), n = a.size(-1), k = m < n ? m : n;
    const LuFactors<T> y = lu_factor(a);
    const Tensor<T> identity = expand(eye<T>(m), detail::with_matrix(detail::leading(a.shape()), m, m));
    return {detail::exchange_rows(identity, y.pivots, true), tril(narrow(y.lu, -1, 0, k), -1) + eye<T>(m, k),
            triu(narrow(y.lu, -2, 0, k))};
}

/// Solution of a system whose matrix lu_factor has taken apart.
///   a x = b, or x a = b
/// Shape    lu (..., n, n), pivots (..., n), b (..., n, k), or (..., k, n) on the left of a; leading axes
///          broadcast -> x
/// Grad     by lu and b
/// Numeric  as solve; a 0 on the diagonal of u gives infinities and NaN
/// Throws   ShapeError: lu is not square, sizes that do not fit; IndexError: a pivot outside [1, n]
template <Floating T>
Tensor<T> lu_solve(const Tensor<T>& lu, const Tensor<int64_t>& pivots, const Tensor<T>& b,
                   LuSolveOptions options = {}) {
    const int64_t n = detail::check_square("lu_solve", "lu", lu.shape());
    if (pivots.rank() < 1 || pivots.size(-1) != n)
        detail::fail<ShapeError>("lu_solve", "pivots ", pivots.shape(), " for lu ", lu.shape(),
                                 "; they must be (..., ", n, ')');
    if (b.rank() < 2 || b.size(options.left ? -2 : -1) != n)
        detail::fail<ShapeError>("lu_solve", "lu ", lu.shape(), " and b ", b.shape(),
                                 " do not fit: b must be ", options.left ? "(..., " : "(..., k, ", n,
                                 options.left ? ", k)" : ")");
    if (!options.left) return transpose(lu_solve(lu, pivots, transpose(b), {.adjoint = !options.adjoint}));
    const auto by_l = [&](const Tensor<T>& x) {
        return solve_triangular(lu, x, {.unitriangular = true, .transposed = options.adjoint});
    };
    const auto by_u = [&](const Tensor<T>& x) {
        return solve_triangular(lu, x, {.upper = true, .transposed = options.adjoint});
    };
    if (options.adjoint) return detail::exchange_rows(by_l(by_u(b)), pivots, true);
    return by_u(by_l(detail::exchange_rows(b, pivots, false)));
}

}
