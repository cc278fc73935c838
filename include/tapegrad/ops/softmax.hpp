// Softmax and its logarithm along one axis.
#pragma once

#include "../simd/softmax.hpp"
#include "elementwise.hpp"
#include "reduce.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Softmax along one axis.
///   y_i = exp(x_i - max x) / sum_j exp(x_j - max x)
/// Shape    x (..., n, ...) -> y, same shape
/// Grad     dx = y * (dy - sum(y * dy));  saves y
/// Numeric  no overflow for finite x; a row with +inf or NaN, or of -inf alone, gives NaN; 0 instead of a denormal,
///          and in the gradient instead of y below 2^-102 (2^-970 of doubles)
/// Throws   ShapeError: axis outside [-rank, rank)
/// See      log_softmax, cross_entropy
template <Floating T>
Tensor<T> softmax(const Tensor<T>& x, int64_t axis = -1) {
    const int a = normalize_axis("softmax", axis, x.rank());
    const Tensor<T> result = detail::along_axis(
        a, [](auto... args) { simd::softmax(args...); }, x);
    return record("softmax", result, {x}, [a](const Tensor<T>& dy, const Tensor<T>& y) {
        if (grad_enabled()) return y * (dy - sum(y * dy, a, true));
        return detail::along_axis(
            a, [](auto... args) { simd::softmax_backward(args...); }, y, dy);
    });
}

/// Softmax of -x: the smallest element gets the most.
/// Shape    x (..., n, ...) -> y, same shape
/// Throws   ShapeError: axis outside [-rank, rank)
template <Floating T>
Tensor<T> softmin(const Tensor<T>& x, int64_t axis = -1) {
    return softmax(-x, normalize_axis("softmin", axis, x.rank()));
}

/// Logarithm of the softmax along one axis.
///   y_i = x_i - log(sum_j exp(x_j))
/// Shape    x (..., n, ...) -> y, same shape
/// Grad     dx = dy - exp(y) * sum(dy);  saves y
/// Numeric  as softmax, without the underflow of its logarithm
/// Throws   ShapeError: axis outside [-rank, rank)
template <Floating T>
Tensor<T> log_softmax(const Tensor<T>& x, int64_t axis = -1) {
    const int a = normalize_axis("log_softmax", axis, x.rank());
    const Tensor<T> result = detail::along_axis(
        a, [](auto... args) { simd::log_softmax(args...); }, x);
    return record("log_softmax", result, {x}, [a](const Tensor<T>& dy, const Tensor<T>& y) {
        if (grad_enabled()) return dy - exp(y) * sum(dy, a, true);
        return detail::along_axis(
            a, [](auto... args) { simd::log_softmax_backward(args...); }, y, dy);
    });
}

}
