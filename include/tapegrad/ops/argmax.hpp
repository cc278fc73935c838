// The places of the largest and the smallest elements.
#pragma once

#include "../simd/argmax.hpp"
#include "reduce_axes.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// Places along one axis, found by `kernel(x, y, outer, n, inner)`.
template <class T, class Kernel>
Tensor<int64_t> places(const char* op, const Tensor<T>& x, int64_t axis, bool keepdims,
                       const Kernel& kernel) {
    const int at = x.rank() == 0 && (axis == 0 || axis == -1) ? 0 : normalize_axis(op, axis, x.rank());
    int64_t outer = 1, n = 1, inner = 1;
    for (int i = 0; i < x.rank(); ++i) (i < at ? outer : i == at ? n : inner) *= x.shape()[i];
    if (n == 0 && outer * inner != 0)
        fail<ShapeError>(op, "x ", x.shape(), " has no elements along axis ", at,
                         ", and nothing is their extreme");
    const Tensor<T> packed = detail::contiguous(x);
    Tensor<int64_t> y = empty<int64_t>(reduced_shape(x.shape(), 1U << at, keepdims));
    kernel(packed.data(), output(y), outer, n, inner);
    return record_constant(op, y, {x});
}

}

/// The place of the largest element along an axis: the first of several, the first NaN where there is one.
/// Shape    x (..., n, ...) -> y (int64) without the axis, or with size 1 there
/// Grad     none
/// Throws   ShapeError: axis outside [-rank, rank), or no elements to choose from
/// See      amax
template <class T>
requires(!Real16<T>) Tensor<int64_t> argmax(const Tensor<T>& x, int64_t axis, bool keepdims = false) {
    return detail::places("argmax", x, axis, keepdims,
                          [](const T* from, int64_t* to, int64_t outer, int64_t n, int64_t inner) {
                              simd::argmax(from, to, outer, n, inner);
                          });
}
/// The place of the largest element in the flattened tensor.
/// Shape    x (any) -> y ()
template <class T>
requires(!Real16<T>) Tensor<int64_t> argmax(const Tensor<T>& x) { return argmax(reshape(x, {x.numel()}), 0); }

/// The place of the smallest element along an axis: the first of several, the first NaN where there is one.
/// Shape    x (..., n, ...) -> y (int64) without the axis, or with size 1 there
/// Grad     none
/// Throws   ShapeError: axis outside [-rank, rank), or no elements to choose from
/// See      amin
template <class T>
requires(!Real16<T>) Tensor<int64_t> argmin(const Tensor<T>& x, int64_t axis, bool keepdims = false) {
    return detail::places("argmin", x, axis, keepdims,
                          [](const T* from, int64_t* to, int64_t outer, int64_t n, int64_t inner) {
                              simd::argmin(from, to, outer, n, inner);
                          });
}
/// The place of the smallest element in the flattened tensor.
/// Shape    x (any) -> y ()
template <class T>
requires(!Real16<T>) Tensor<int64_t> argmin(const Tensor<T>& x) { return argmin(reshape(x, {x.numel()}), 0); }

}
