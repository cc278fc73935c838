// Systems of equations with a square matrix, and its inverse.
#pragma once

#include "lu.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// Throws   ValueError: a 0 on the diagonal of u
template <class T>
void check_regular(const char* op, const Tensor<T>& lu) {
    const int64_t n = lu.size(-1);
    for (int64_t q = 0, i = 0; i < lu.numel(); ++q, i += n * n)
        for (int64_t j = 0; j < n; ++j)
            if (lu.data()[i + j * (n + 1)] == T(0))
                fail<ValueError>(op, matrix_name("a", lu.shape(), q), " is singular: pivot ", j + 1, " is 0");
}

/// x of a x = b, or of a^T x = b, from the factors of a; without a tape.
template <class T>
Tensor<T> solve_values(const LuFactors<T>& a, const Tensor<T>& b, bool adjoint) {
    const SolveTriangularOptions l{.unitriangular = true, .transposed = adjoint};
    const SolveTriangularOptions u{.upper = true, .transposed = adjoint};
    const auto solved = [&](const Tensor<T>& x, const SolveTriangularOptions& options) {
        return solve_triangular_values(a.lu, x, options);
    };
    const no_grad scope;
    if (adjoint) return exchange_rows(solved(solved(b, u), l), a.pivots, true);
    return solved(solved(exchange_rows(b, a.pivots, false), l), u);
}

/// The same as an operation on a, whose factors are known.
template <class T>
Tensor<T> solve_matrices(const Tensor<T>& a, const LuFactors<T>& factors, const Tensor<T>& b, bool adjoint) {
    return record("solve", solve_values(factors, b, adjoint), {a, b},
                  [a, lu = factors.lu, pivots = factors.pivots, adjoint](const Tensor<T>& dy,
                                                                         const Tensor<T>& x, Needs needs) {
                      std::array<Tensor<T>, 2> d;
                      d[1] = solve_matrices(a, LuFactors<T>{lu, pivots}, dy, !adjoint);
                      if (needs[0])
                          d[0] = -(adjoint ? matmul(x, transpose(d[1])) : matmul(d[1], transpose(x)));
                      return d;
                  });
}

}

/// Solution of a system of equations.
///   a x = b
/// Shape    a (..., n, n), b (..., n, k) with leading axes that broadcast -> x (..., n, k). A b without the last
///          axis of x, (n,) or of the shape of a without its last axis, is a column each, and so is x
/// Grad     db = a^-T dy, da = -db x^T;  saves a, its factors, x
/// Numeric  (a + e) x = b with |e| some n eps |l| |u|
/// Throws   ShapeError: a is not square, sizes that do not fit; ValueError: a is singular, a pivot is 0
/// See      lu_factor and lu_solve for one matrix and many b, solve_triangular
template <Floating T>
Tensor<T> solve(const Tensor<T>& a, const Tensor<T>& b) {
    const int64_t n = detail::check_square("solve", "a", a.shape());
    Shape rows = a.shape();
    rows.erase(rows.rank() - 1);
    if (b.rank() == 1 || b.shape() == rows) {
        if (b.size(-1) == n) return squeeze(solve(a, unsqueeze(b, -1)), -1);
    }
    if (b.rank() < 2 || b.size(-2) != n)
        detail::fail<ShapeError>("solve", "a ", a.shape(), " and b ", b.shape(),
                                 " do not fit: b must be (..., ", n, ", k)");
    const LuFactors<T> factors = detail::lu_values(a);
    detail::check_regular("solve", factors.lu);
    return detail::solve_matrices(a, factors, b, false);
}

/// The inverse of a matrix.
///   y a = a y = 1
/// Shape    a (..., n, n) -> y, same shape
/// Grad     da = -y^T dy y^T;  saves y
/// Throws   ShapeError: a is not square; ValueError: a is singular, a pivot is 0
/// See      solve, which is better where the inverse is only multiplied with
template <Floating T>
Tensor<T> inverse(const Tensor<T>& a) {
    const int64_t n = detail::check_square("inverse", "a", a.shape());
    const LuFactors<T> factors = detail::lu_values(a);
    detail::check_regular("inverse", factors.lu);
    return record("inverse", detail::solve_values(factors, eye<T>(n), false), {a},
                  [](const Tensor<T>& dy, const Tensor<T>& y) {
                      const Tensor<T> turned = transpose(y);
                      return -matmul(turned, matmul(dy, turned));
                  });
}

}
