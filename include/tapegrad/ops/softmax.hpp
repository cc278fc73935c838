// Softmax and its logarithm along one axis.
#pragma once

#include "../simd/softmax.hpp"
#include "elementwise.hpp"
#include "movement.hpp"
#include "reduce.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// Applies a function of contiguous rows along `axis`: the axis is moved to the end and back.
template <class T, class F>
Tensor<T> along_rows(const char* op, const Tensor<T>& x, int64_t axis, const F& f) {
    const int a = normalize_axis(op, axis, x.rank());
    if (a == x.rank() - 1) return f(x);
    return transpose(f(transpose(x, a, -1)), a, -1);
}

/// y = kernel(x) over the rows of the last axis, without a tape.
template <class T, class Kernel>
Tensor<T> map_rows(const Tensor<T>& x, const Kernel& kernel) {
    const Tensor<T> packed = detail::contiguous(x);
    Tensor<T> y = empty_like(packed);
    if (y.numel() > 0) kernel(packed.data(), output(y), y.numel() / y.size(-1), y.size(-1));
    return y;
}
/// dx = kernel(y, dy) over the rows of the last axis, without a tape.
template <class T, class Kernel>
Tensor<T> map_rows(const Tensor<T>& y, const Tensor<T>& dy, const Kernel& kernel) {
    const Tensor<T> packed = detail::contiguous(dy);
    Tensor<T> dx = empty_like(packed);
    if (dx.numel() > 0) kernel(y.data(), packed.data(), output(dx), dx.numel() / dx.size(-1), dx.size(-1));
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
    return detail::along_rows("softmax", x, axis, [](const Tensor<T>& rows) {
        const auto kernel = [](auto... args) { simd::softmax(args...); };
        return record("softmax", detail::map_rows(rows, kernel), {rows}, [](const Tensor<T>& dy, const Tensor<T>& y) {
            if (grad_enabled()) return y * (dy - sum(y * dy, -1, true));
            return detail::map_rows(y, dy, [](auto... args) { simd::softmax_backward(args...); });
        });
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
    return detail::along_rows("log_softmax", x, axis, [](const Tensor<T>& rows) {
        const auto kernel = [](auto... args) { simd::log_softmax(args...); };
        return record("log_softmax", detail::map_rows(rows, kernel), {rows}, [](const Tensor<T>& dy, const Tensor<T>& y) {
            if (grad_enabled()) return dy - exp(y) * sum(dy, -1, true);
            return detail::map_rows(y, dy, [](auto... args) { simd::log_softmax_backward(args...); });
        });
    });
}

}
