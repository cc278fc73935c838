// Singular values and vectors.
#pragma once

#include "../simd/svd.hpp"
#include "eigh.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

template <class T>
struct Svd {
    Tensor<T> u, s, vh;
};

namespace detail {

/// u (m, n), s as a row, and v (n, n) of a (m, n), m >= n, below each other.
template <class T>
Tensor<T> svd_values(const Tensor<T>& a) {
    const int64_t m = a.size(-2), n = a.size(-1), count = numel_of(leading(a.shape()));
    const Tensor<T> packed = contiguous(a);
    Tensor<T> y = empty<T>(with_matrix(leading(a.shape()), m + 1 + n, n));
    check_finite("svd", packed);
    Scratch<int64_t> failures(count);
    const T* const x = packed.data();
    T* const to = output(y);
    for_each_matrix(count, 30 * m * n * n, [&](int64_t q) {
        T* const out = to + q * (m + 1 + n) * n;
        failures[q] = simd::svd(m, n, x + q * m * n, out, out + m * n, out + (m + 1) * n) ? 0 : 1;
    });
    if (const int64_t q = first_failure(failures); q >= 0)
        fail<ValueError>("svd", matrix_name("a", a.shape(), q), ": its singular values were not found");
    return y;
}

template <class T>
Tensor<T> svd_gradient(const Tensor<T>& dy, const Tensor<T>& y) {
    const int64_t n = y.size(-1), m = y.size(-2) - n - 1;
    const auto parts = [&](const Tensor<T>& x) {
        return std::array{narrow(x, -2, 0, m), narrow(x, -2, m, 1), narrow(x, -2, m + 1, n)};
    };
    const auto [u, s, v] = parts(y);
    const auto [du, ds, dv] = parts(dy);
    const auto apart = [&, &columns = s](const Tensor<T>& x, const Tensor<T>& dx) {
        const Tensor<T> product = matmul(transpose(x), dx), rows = transpose(columns);
        return divide_apart(product - transpose(product), (columns - rows) * (columns + rows));
    };
    Tensor<T> da = apart(u, du) * s + transpose(s) * apart(v, dv) + diag_embed(squeeze(ds, -2));
    da = matmul(u, da);
    if (m > n) {
        const Tensor<T> beside = du - matmul(u, matmul(transpose(u), du));
        const Tensor<bool> nothing = evaluate(
            "svd", [](const auto& a, const auto& b) TAPEGRAD_LAMBDA { return (a == 0) & (b == 0); },
            beside.detach(), s.detach());
        da = da + where(nothing, T(0), beside / where(nothing, T(1), s));
    }
    return matmul(da, transpose(v));
}

}

/// The reduced singular value decomposition.
///   a = u diag(s) vh, u and the transpose of vh with orthogonal columns of length 1, s falling
/// Shape    a (..., m, n), k = min(m, n) -> u (..., m, k), s (..., k), vh (..., k, n)
/// Grad     by all three;  saves them. Equal singular values have no gradient of their vectors, 0 none of u beside
///          the space of a: it is infinite, or NaN, where they are used
/// Numeric  s to n eps |a|. The component of largest modulus of a row of vh (of a column of u where m < n) is positive
/// Throws   ShapeError: rank below 2; ValueError: a is not finite
/// Source   Townsend, Differentiating the singular value decomposition, 2016
template <Floating T>
Svd<T> svd(const Tensor<T>& a) {
    detail::check_matrices("svd", "a", a.shape());
    const int64_t m = a.size(-2), n = a.size(-1);
    if (m < n) {
        const Svd<T> y = svd(transpose(a));
        return {transpose(y.vh), y.s, transpose(y.u)};
    }
    const Tensor<T> y = record(
        "svd", detail::svd_values(a), {a},
        [](const Tensor<T>& dy, const Tensor<T>& all_three) { return detail::svd_gradient(dy, all_three); });
    return {narrow(y, -2, 0, m), select(y, -2, m), transpose(narrow(y, -2, m + 1, n))};
}

/// The singular values alone; their gradient needs no two to differ.
/// See      svd
template <Floating T>
Tensor<T> svdvals(const Tensor<T>& a) {
    return svd(a).s;
}

}
