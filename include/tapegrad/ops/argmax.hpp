// The largest and the smallest elements along an axis and their places.
#pragma once

#include "../simd/argmax.hpp"
#include "indexing.hpp"
#include "reduce_axes.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Elements of a tensor, and where they stand along an axis of it.
template <class T>
struct Selected {
    Tensor<T> values;
    Tensor<int64_t> indices;
};

namespace detail {

/// Elements that a kernel took from x, and their places along an axis (of a shape that `gather` takes), as
/// the results of `op`; without the axis, which then has size 1, when it is not kept.
template <class T>
Selected<T> selected(const char* op, const Tensor<T>& x, int axis, const Tensor<T>& values,
                     const Tensor<int64_t>& indices, bool keepdims = true) {
    const Tensor<T> taken = record(op, values, {x}, [from = x.shape(), axis, indices](const Tensor<T>& dy) {
        return add_at_places(dy, from, axis, indices);
    });
    if (keepdims) return {taken, record_constant(op, indices, {x})};
    return {squeeze(taken, axis), record_constant(op, squeeze(indices, axis), {x})};
}

/// Places along one axis, found by `kernel(x, y, outer, n, inner)`.
template <class T, class Kernel>
Tensor<int64_t> places(const char* op, const Tensor<T>& x, int64_t axis, bool keepdims,
                       const Kernel& kernel) {
    const int at = axis_or_only(op, axis, x.rank());
    const auto [outer, n, inner] = AxisLayout(x.shape(), at);
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

namespace detail {
/// The elements at the places that `find` chooses along an axis.
template <class T, class Find>
Selected<T> extremes(const char* op, const Tensor<T>& x, int64_t axis, bool keepdims, const Find& find) {
    const int at = axis_or_only(op, axis, x.rank());
    if (x.rank() == 0) return {clone(x), zeros<int64_t>({})};
    const Tensor<int64_t> indices = places(op, x.detach(), at, true, find);
    return selected(op, x, at, gather(x.detach(), at, indices), indices, keepdims);
}
}

/// The largest element along an axis and its place: the first of several, the first NaN where there is one.
/// Shape    x (..., n, ...) -> values, indices (int64), without the axis, or with size 1 there
/// Grad     dy of the values to the places;  saves indices
/// Throws   ShapeError: axis outside [-rank, rank), or no elements to choose from
/// See      amax, which shares its gradient between equals; argmax, cummax, topk
template <class T>
requires(!Real16<T>) Selected<T> max(const Tensor<T>& x, int64_t axis, bool keepdims = false) {
    return detail::extremes("max", x, axis, keepdims, [](auto... args) { simd::argmax(args...); });
}

/// The smallest element along an axis and its place: the first of several, the first NaN where there is one.
/// Shape    x (..., n, ...) -> values, indices (int64), without the axis, or with size 1 there
/// Grad     dy of the values to the places;  saves indices
/// Throws   ShapeError: axis outside [-rank, rank), or no elements to choose from
/// See      amin, which shares its gradient between equals; argmin, cummin, topk
template <class T>
requires(!Real16<T>) Selected<T> min(const Tensor<T>& x, int64_t axis, bool keepdims = false) {
    return detail::extremes("min", x, axis, keepdims, [](auto... args) { simd::argmin(args...); });
}

}
