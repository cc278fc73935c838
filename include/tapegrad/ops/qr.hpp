// A matrix as a product of one with orthogonal columns and a triangle.
#pragma once

#include "../simd/qr.hpp"
#include "join.hpp"
#include "solve_triangular.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

template <class T>
struct Qr {
    Tensor<T> q, r;
};

namespace detail {

/// q (m, n) and r (n, n) of a (m, n), m >= n, below each other.
template <class T>
Tensor<T> qr_values(const Tensor<T>& a) {
    const int64_t m = a.size(-2), n = a.size(-1), count = numel_of(leading(a.shape()));
    const Tensor<T> from = copy(a);
    Tensor<T> y = empty<T>(with_matrix(leading(a.shape()), m + n, n)), work = from;
    T *const to = output(y), *const x = output(work);
    for_each_matrix(count, 4 * m * n * n, [&](int64_t q) {
        T* const out = to + q * (m + n) * n;
        simd::qr(m, n, x + q * m * n, out, out + m * n);
    });
    return y;
}

template <class T>
Tensor<T> qr_gradient(const Tensor<T>& dy, const Tensor<T>& y) {
    const int64_t n = y.size(-1), m = y.size(-2) - n;
    const Tensor<T> q = narrow(y, -2, 0, m), r = narrow(y, -2, m, n);
    const Tensor<T> dq = narrow(dy, -2, 0, m), dr = narrow(dy, -2, m, n);
    const Tensor<T> x = matmul(r, transpose(dr)) - matmul(transpose(dq), q);
    const Tensor<T> both = tril(x) + transpose(tril(x, -1));
    return solve_triangular(r, dq + matmul(q, both), {.upper = true, .left = false, .transposed = true});
}

}

/// The reduced QR factors of a matrix.
///   a = q r, q^T q = 1, r upper triangular
/// Shape    a (..., m, n), k = min(m, n) -> q (..., m, k), r (..., k, n)
/// Grad     da = (dq + q x) r^-T with x the symmetric matrix of the lower triangle of r dr^T - dq^T q;  saves q, r.
///          It needs the first k columns of a to be independent
/// Numeric  |a - q r| and |q^T q - 1| of the order of n eps |a|, n eps; signs as LAPACK's
/// Throws   ShapeError: rank below 2
/// Source   Walter and Lehmann, Algorithmic differentiation of linear algebra functions, 2012
template <Floating T>
Qr<T> qr(const Tensor<T>& a) {
    detail::check_matrices("qr", "a", a.shape());
    const int64_t m = a.size(-2), n = a.size(-1);
    if (m < n) {  // the first columns decide
        const Qr<T> y = qr(narrow(a, -1, 0, m));
        return {y.q, cat({y.r, matmul(transpose(y.q), narrow(a, -1, m, n - m))}, -1)};
    }
    const Tensor<T> y =
        record("qr", detail::qr_values(a), {a},
               [](const Tensor<T>& dy, const Tensor<T>& both) { return detail::qr_gradient(dy, both); });
    return {narrow(y, -2, 0, m), narrow(y, -2, m, n)};
}

}
