// The square root of a positive definite matrix that is a triangle.
#pragma once

#include "../simd/cholesky.hpp"
#include "solve_triangular.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct CholeskyOptions {
    bool upper = false;  // a = y^T y, and the upper triangle of a is read
};

namespace detail {

template <class T>
Tensor<T> cholesky_values(const Tensor<T>& a) {
    const int64_t n = check_square("cholesky", "a", a.shape()), count = numel_of(leading(a.shape()));
    Tensor<T> y = evaluate(
        "cholesky", [](const auto& v) TAPEGRAD_LAMBDA { return -v; }, a);
    T* const to = output(y);
    Scratch<int64_t> minors(count);
    for_each_matrix(count, n * n * n / 3, [&](int64_t q) {
        T* const l = to + q * n * n;
        minors[q] = simd::cholesky(n, l, n);
        for (int64_t i = 0; i < n; ++i)
            for (int64_t j = i + 1; j < n; ++j) l[i * n + j] = T(0);
    });
    if (const int64_t q = first_failure(minors); q >= 0)
        fail<ValueError>("cholesky", matrix_name("a", a.shape(), q),
                         " is not positive definite: its leading minor of order ", minors[q],
                         " is not positive");
    return y;
}

}

/// The Cholesky factor of a positive definite matrix, of which only the lower triangle is read.
///   a = y y^T, y lower triangular with a positive diagonal
/// Shape    a (..., n, n) -> y, same shape
/// Grad     da = y^-T p y^-1 with p the symmetric part of tril(y^T dy), half of it on the diagonal; symmetric, as
///          in PyTorch: that of a symmetric a;  saves y
/// Numeric  |a - y y^T| <= (n + 2) eps |y| |y|^T
/// Throws   ShapeError: a is not square; ValueError: not positive definite, or a NaN
/// Source   Murray, Differentiation of the Cholesky decomposition, 2016
template <Floating T>
Tensor<T> cholesky(const Tensor<T>& a, CholeskyOptions options = {}) {
    detail::check_square("cholesky", "a", a.shape());
    if (options.upper) return transpose(cholesky(transpose(a)));
    return record("cholesky", detail::cholesky_values(a), {a}, [](const Tensor<T>& dy, const Tensor<T>& y) {
        const Tensor<T> m = matmul(transpose(y), dy), p = (tril(m) + transpose(tril(m, -1))) * T(0.5);
        return solve_triangular(y, solve_triangular(y, p, {.transposed = true}), {.left = false});
    });
}

}
