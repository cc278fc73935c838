// Eigenvalues and eigenvectors of symmetric matrices.
#pragma once

#include "../simd/eigh.hpp"
#include "matrices.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

template <class T>
struct Eigh {
    Tensor<T> values, vectors;
};

namespace detail {

/// a / b without the diagonal, and 0 where both are.
template <class T>
Tensor<T> divide_apart(const Tensor<T>& a, const Tensor<T>& b) {
    const Tensor<bool> nothing = evaluate(
        "eigh",
        [](const auto& u, const auto& v, const auto& one)
            TAPEGRAD_LAMBDA { return (one != 0) | ((u == 0) & (v == 0)); },
        a.detach(), b.detach(), eye<T>(a.size(-1)));
    return where(nothing, T(0), a / where(nothing, T(1), b));
}

/// Eigenvalues as the first row, eigenvectors as columns below it.
template <class T>
Tensor<T> eigh_values(const Tensor<T>& a) {
    const int64_t n = a.size(-1), count = numel_of(leading(a.shape()));
    Tensor<T> work = copy(a), y = empty<T>(with_matrix(leading(a.shape()), n + 1, n));
    check_finite("eigh", work);
    Scratch<int64_t> failures(count);
    T *const x = output(work), *const to = output(y);
    for_each_matrix(count, 8 * n * n * n, [&](int64_t q) {
        T* const out = to + q * (n + 1) * n;
        failures[q] = simd::eigh(n, x + q * n * n, out, out + n) ? 0 : 1;
    });
    if (const int64_t q = first_failure(failures); q >= 0)
        fail<ValueError>("eigh", matrix_name("a", a.shape(), q), ": its eigenvalues were not found");
    return y;
}

template <class T>
Tensor<T> eigh_gradient(const Tensor<T>& dy, const Tensor<T>& y) {
    const int64_t n = y.size(-1);
    const Tensor<T> w = narrow(y, -2, 0, 1), v = narrow(y, -2, 1, n), dv = narrow(dy, -2, 1, n);
    const Tensor<T> inner = divide_apart(matmul(transpose(v), dv), w - transpose(w));
    return matmul(v, matmul(inner + diag_embed(select(dy, -2, 0)), transpose(v)));
}

}

/// Eigenvalues and eigenvectors of a symmetric matrix, of which only the lower triangle is read.
///   a = vectors diag(values) vectors^T, values rising, vectors orthogonal columns of length 1
/// Shape    a (..., n, n) -> values (..., n), vectors (..., n, n)
/// Grad     da = v (diag(dw) + (v^T dv)_ij / (w_j - w_i)) v^T, as of a symmetric a;  saves the result. Equal
///          eigenvalues have no gradient of their vectors: it is infinite, or NaN, where they are used
/// Numeric  |a - v diag(w) v^T| of the order of n eps |a|. The component of largest modulus of a vector is positive
/// Throws   ShapeError: a is not square; ValueError: a is not finite
/// Source   Giles, Collected matrix derivative results, 2008
template <Floating T>
Eigh<T> eigh(const Tensor<T>& a) {
    const int64_t n = detail::check_square("eigh", "a", a.shape());
    const Tensor<T> y =
        record("eigh", detail::eigh_values(a), {a},
               [](const Tensor<T>& dy, const Tensor<T>& both) { return detail::eigh_gradient(dy, both); });
    return {select(y, -2, 0), narrow(y, -2, 1, n)};
}

/// The eigenvalues alone; their gradient needs no two to differ.
/// See      eigh
template <Floating T>
Tensor<T> eigvalsh(const Tensor<T>& a) {
    return eigh(a).values;
}

}
