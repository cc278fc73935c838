// Sliding windows along an axis.
#pragma once

#include "../simd/unfold.hpp"
#include "movement.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

template <class T>
Tensor<T> unfold(const Tensor<T>& x, int64_t axis, int64_t size, int64_t step);

namespace detail {

/// The transpose of `unfold`: a tensor of the shape `to`, in which overlapping windows are summed. Recorded.
template <class T>
Tensor<T> fold_windows(const Tensor<T>& dy, const Shape& to, int axis, int64_t size, int64_t step) {
    const Rows rows(to, axis);
    const Tensor<T> packed = detail::contiguous(dy);
    Tensor<T> dx = empty<T>(to);
    if (dx.numel() > 0)
        simd::fold_windows(packed.data(), output(dx), rows.outer, rows.size, rows.n, dy.shape()[axis], size,
                           step);
    return record("fold_windows", dx, {dy},
                  [axis, size, step](const Tensor<T>& d) { return unfold(d, axis, size, step); });
}

}

/// Windows of `size` places of an axis, `step` apart, as a new last axis; a view.
///   y[.., w, .., k] = x[.., w step + k, ..]
/// Shape    x (..., n, ...) -> y (..., (n - size) / step + 1, ..., size)
/// Grad     dx = the sum of what overlaps in dy
/// Throws   ShapeError: axis outside [-rank, rank), or size outside [0, n]; ValueError: step below 1
template <class T>
Tensor<T> unfold(const Tensor<T>& x, int64_t axis, int64_t size, int64_t step) {
    const int at = normalize_axis("unfold", axis, x.rank());
    const int64_t n = x.shape()[at];
    if (size < 0 || size > n)
        detail::fail<ShapeError>("unfold", "size ", size, " is outside [0, ", n, "], axis ", at, " of x ",
                                 x.shape());
    if (step < 1) detail::fail<ValueError>("unfold", "step ", step, " is not positive");
    Shape shape = x.shape();
    Strides strides = x.strides();
    shape[at] = (n - size) / step + 1;
    strides[at] = shape[at] > 1 ? strides[at] * step : 1;
    shape.push_back(size);
    strides.push_back(x.strides()[at]);
    return record("unfold", detail::view_of(x, shape, strides), {x},
                  [from = x.shape(), at, size, step](const Tensor<T>& dy) {
                      return detail::fold_windows(dy, from, at, size, step);
                  });
}

}
