// The exponential of a matrix.
#pragma once

#include "../simd/matrix_exp.hpp"
#include "join.hpp"
#include "matrices.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

template <class T>
Tensor<T> matrix_exp_values(const Tensor<T>& a) {
    const int64_t n = a.size(-1), count = numel_of(leading(a.shape()));
    Tensor<T> work = copy(a), y = empty<T>(a.shape());
    T *const x = output(work), *const to = output(y);
    for_each_matrix(count, 8 * n * n * n,
                    [&](int64_t q) { simd::matrix_exp(n, x + q * n * n, to + q * n * n); });
    return y;
}

/// A power of two near the largest element, 1 where that is below 1 or not finite.
template <class T>
T scale_of(const Tensor<T>& x) {
    const Tensor<T> packed = contiguous(x);
    T largest = T(1);
    for (int64_t i = 0; i < packed.numel(); ++i)
        if (std::fabs(packed.data()[i]) > largest) largest = std::fabs(packed.data()[i]);
    int exponent = 0;
    std::frexp(largest, &exponent);
    return std::isfinite(largest) && largest > T(1) ? std::ldexp(T(1), exponent - 1) : T(1);
}

}

/// The exponential of a square matrix.
///   y = 1 + a + a a / 2! + a a a / 3! + ...
/// Shape    a (..., n, n) -> y, same shape
/// Grad     the upper right block of exp((a^T, dy), (0, a^T));  saves a
/// Numeric  for normal matrices some n eps |y|; an infinity or NaN in a makes all of its y NaN
/// Throws   ShapeError: a is not square
/// Source   Al-Mohy and Higham, Computing the Frechet derivative of the matrix exponential, 2009
template <Floating T>
Tensor<T> matrix_exp(const Tensor<T>& a) {
    const int64_t n = detail::check_square("matrix_exp", "a", a.shape());
    return record("matrix_exp", detail::matrix_exp_values(a), {a}, [a, n](const Tensor<T>& dy) {
        // Scaled, so that a large dy does not cost squarings; the block is linear in it.
        const T scale = detail::scale_of(dy);
        const Tensor<T> turned = transpose(a);
        const Tensor<T> block =
            cat({cat({turned, dy * (1 / scale)}, -1), cat({zeros_like(turned), turned}, -1)}, -2);
        return narrow(narrow(matrix_exp(block), -2, 0, n), -1, n, n) * scale;
    });
}

/// The trace of the exponential of a square matrix, without a larger exponential for its gradient.
///   y = sum_i exp(a)_ii
/// Shape    a (..., n, n) -> y (...)
/// Grad     da = dy exp(a)^T;  saves a, exp(a)
/// Throws   ShapeError: a is not square
template <Floating T>
Tensor<T> matrix_exp_trace(const Tensor<T>& a) {
    detail::check_square("matrix_exp_trace", "a", a.shape());
    const Tensor<T> whole = detail::matrix_exp_values(a);
    const auto trace_of = [](const Tensor<T>& x) {
        const no_grad scope;
        return sum(diagonal(x, 0, -2, -1), {-1});
    };
    return record("matrix_exp_trace", trace_of(whole), {a}, [a, whole](const Tensor<T>& dy) {
        const Tensor<T> y = grad_enabled() ? matrix_exp(a) : whole;
        return unsqueeze(unsqueeze(dy, -1), -1) * transpose(y);
    });
}

}
