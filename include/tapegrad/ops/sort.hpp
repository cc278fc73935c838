// Elements in order along an axis: all of them, or the first few.
#pragma once

#include "../simd/sort.hpp"
#include "argmax.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct SortOptions {
    bool descending = false;
};
struct TopkOptions {
    bool largest = true;
    bool sorted = true;  // false: in the order of their places
};

namespace detail {

/// The axis changes places with the last one, in row-major memory; twice is x again. Without a tape.
template <class T>
Tensor<T> swapped_with_last(const Tensor<T>& x, int axis) {
    if (axis >= x.rank() - 1) return detail::contiguous(x);
    Shape shape = x.shape();
    Strides strides = x.strides();
    std::swap(shape[axis], shape[x.rank() - 1]);
    std::swap(strides[axis], strides[x.rank() - 1]);
    return detail::contiguous(view_of(x, shape, strides));
}

/// `count` elements of each row along an axis, chosen by kernel(x, values, places, rows, n); bare tensors.
template <class T, class Kernel>
Selected<T> chosen(const Tensor<T>& x, int axis, int64_t count, const Kernel& kernel) {
    const Tensor<T> rows = swapped_with_last(x, axis);
    Shape shape = rows.shape();
    if (shape.rank() > 0) shape[shape.rank() - 1] = count;
    Selected<T> y{empty<T>(shape), empty<int64_t>(shape)};
    const int64_t n = x.rank() > 0 ? x.shape()[axis] : 1;
    if (y.values.numel() > 0) kernel(rows.data(), output(y.values), output(y.indices), rows.numel() / n, n);
    return {swapped_with_last(y.values, axis), swapped_with_last(y.indices, axis)};
}

}

/// Elements in order along an axis, with their places. Equals keep their order; NaN counts as the largest.
///   values_i = x[indices_i],  values_0 <= values_1 <= ... , or >= when descending
/// Shape    x (any) -> values, indices (int64), both the same shape
/// Grad     dy of the values to their places;  saves indices
/// Throws   ShapeError: axis outside [-rank, rank)
/// See      argsort, topk, unique
template <class T>
requires(!Real16<T>) Selected<T> sort(const Tensor<T>& x, int64_t axis = -1,
                                      const SortOptions& options = {}) {
    const int at = detail::axis_or_only("sort", axis, x.rank());
    if (x.rank() == 0) return {clone(x), zeros<int64_t>({})};
    const auto y = detail::chosen(x, at, x.shape()[at],
                                  [down = options.descending](auto... args) { simd::sort(args..., down); });
    return detail::selected("sort", x, at, y.values, y.indices);
}

/// The places of the elements in order along an axis. Equals keep their order; NaN counts as the largest.
/// Shape    x (any) -> y (int64), same shape
/// Grad     none
/// Throws   ShapeError: axis outside [-rank, rank)
/// See      sort
template <class T>
requires(!Real16<T>) Tensor<int64_t> argsort(const Tensor<T>& x, int64_t axis = -1,
                                             const SortOptions& options = {}) {
    const int at = detail::axis_or_only("argsort", axis, x.rank());
    const Tensor<int64_t> places = x.rank() == 0 ? zeros<int64_t>({}) : sort(x.detach(), at, options).indices;
    return record_constant("argsort", places, {x});
}

/// The k largest (or smallest) elements along an axis, with their places: the first of several. NaN counts as
/// the largest.
/// Shape    x (..., n, ...) -> values, indices (int64), both (..., k, ...)
/// Grad     dy of the values to their places;  saves indices
/// Throws   ShapeError: axis outside [-rank, rank); ValueError: k outside [0, n]
/// See      sort, kthvalue, max
template <class T>
requires(!Real16<T>) Selected<T> topk(const Tensor<T>& x, int64_t k, int64_t axis = -1,
                                      const TopkOptions& options = {}) {
    const int at = detail::axis_or_only("topk", axis, x.rank());
    const int64_t n = x.rank() > 0 ? x.shape()[at] : 1;
    if (k < 0 || k > n)
        detail::fail<ValueError>("topk", "k is ", k, ", outside [0, ", n, "], the size of axis ", at,
                                 " of x ", x.shape());
    if (x.rank() == 0) {
        if (k == 1) return {clone(x), zeros<int64_t>({})};
        return topk(reshape(x, {1}), k, 0, options);
    }
    const auto y =
        detail::chosen(x, at, k, [=](const T* from, T* values, int64_t* places, int64_t rows, int64_t of) {
            simd::topk(from, values, places, rows, of, k, options.largest, options.sorted);
        });
    return detail::selected("topk", x, at, y.values, y.indices);
}

}
