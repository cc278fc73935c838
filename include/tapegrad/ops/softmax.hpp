// Softmax and its logarithm along one axis.
#pragma once

#include "../simd/softmax.hpp"
#include "elementwise.hpp"
#include "movement.hpp"
#include "reduce.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// Row-major (outer, n, inner) around an axis.
struct AxisLayout {
    int64_t outer = 1, n = 1, inner = 1;
    AxisLayout(const Shape& shape, int axis) : n(shape[axis]) {
        for (int i = 0; i < shape.rank(); ++i)
            if (i != axis) (i < axis ? outer : inner) *= shape[i];
    }
};

/// y = kernel(x) along an axis, without a tape.
template <class T, class Kernel>
Tensor<T> along_axis(const Tensor<T>& x, int axis, const Kernel& kernel) {
    const Tensor<T> from = detail::contiguous(x);
    const AxisLayout at(x.shape(), axis);
    Tensor<T> y = empty<T>(x.shape());
    if (y.numel() > 0) kernel(from.data(), output(y), at.outer, at.n, at.inner);
    return y;
}
/// dx = kernel(y, dy) along an axis, without a tape.
template <class T, class Kernel>
Tensor<T> along_axis(const Tensor<T>& y, const Tensor<T>& dy, int axis, const Kernel& kernel) {
    const Tensor<T> slope = detail::contiguous(dy);
    const AxisLayout at(y.shape(), axis);
    Tensor<T> dx = empty<T>(y.shape());
    if (dx.numel() > 0) kernel(y.data(), slope.data(), output(dx), at.outer, at.n, at.inner);
    return dx;
}

}

/// Softmax along one axis.
///   y_i = exp(x_i - max x) / sum_j exp(x_j - max x)
/// Shape    x (..., n, ...) -> y, same shape
/// Grad     dx = y * (dy - sum(y * dy));  saves y
/// Numeric  no overflow for finite x; a row with +inf or NaN, or of -inf alone, gives NaN
/// Throws   ShapeError: axis outside [-rank, rank)
/// See      log_softmax, cross_entropy
template <Floating T>
Tensor<T> softmax(const Tensor<T>& x, int64_t axis = -1) {
    const int a = normalize_axis("softmax", axis, x.rank());
    const Tensor<T> result = detail::along_axis(x, a, [](auto... args) { simd::softmax(args...); });
    return record("softmax", result, {x}, [a](const Tensor<T>& dy, const Tensor<T>& y) {
        if (grad_enabled()) return y * (dy - sum(y * dy, a, true));
        return detail::along_axis(y, dy, a, [](auto... args) { simd::softmax_backward(args...); });
    });
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
    const Tensor<T> result = detail::along_axis(x, a, [](auto... args) { simd::log_softmax(args...); });
    return record("log_softmax", result, {x}, [a](const Tensor<T>& dy, const Tensor<T>& y) {
        if (grad_enabled()) return dy - exp(y) * sum(dy, a, true);
        return detail::along_axis(y, dy, a, [](auto... args) { simd::log_softmax_backward(args...); });
    });
}

}
