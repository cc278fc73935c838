// Truth and numbers of elements over axes, and sums that pass over NaN.
#pragma once

#include "reduce.hpp"
#include "slicing.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {
template <class T>
Tensor<bool> any_of(const Tensor<T>& x, const ReduceAxes& axes, bool keepdims) {
    const Tensor<bool> y = reduce(detail::cast<bool>(x), axis_mask("any", axes, x.rank()), keepdims,
                                  [](auto... args) { simd::amax(args...); });
    return record_constant("any", y, {x});
}
template <class T>
Tensor<bool> all_of(const Tensor<T>& x, const ReduceAxes& axes, bool keepdims) {
    const Tensor<bool> y = reduce(detail::cast<bool>(x), axis_mask("all", axes, x.rank()), keepdims,
                                  [](auto... args) { simd::amin(args...); });
    return record_constant("all", y, {x});
}
}

/// Whether any element is not 0; NaN is not. False of none.
/// Shape    x (any) -> y (bool) without `axes`, or with size 1 there
/// Grad     none
/// Throws   ShapeError: an axis outside [-rank, rank), or named twice
/// See      all, count_nonzero
template <class T>
Tensor<bool> any(const Tensor<T>& x, const ReduceAxes& axes = {}, bool keepdims = false) {
    return detail::any_of(x, axes, keepdims);
}

/// Whether no element is 0; NaN is not. True of none.
/// Shape    x (any) -> y (bool) without `axes`, or with size 1 there
/// Grad     none
/// Throws   ShapeError: an axis outside [-rank, rank), or named twice
/// See      any, count_nonzero
template <class T>
Tensor<bool> All::operator()(const Tensor<T>& x, const ReduceAxes& axes, bool keepdims) const {
    return detail::all_of(x, axes, keepdims);
}
template <class T>
Tensor<bool> All::operator()(const Tensor<T>& x) const {
    return detail::all_of(x, {}, false);
}

/// The number of elements that are not 0; NaN is not.
/// Shape    x (any) -> y (int64) without `axes`, or with size 1 there
/// Grad     none
/// Throws   ShapeError: an axis outside [-rank, rank), or named twice
/// See      any, nonzero
template <class T>
Tensor<int64_t> count_nonzero(const Tensor<T>& x, const ReduceAxes& axes = {}, bool keepdims = false) {
    detail::axis_mask("count_nonzero", axes, x.rank());
    return record_constant("count_nonzero", sum(detail::cast<bool>(x), axes, keepdims), {x});
}

/// Sum of the elements that are not NaN; 0 of none.
/// Shape    x (any) -> y without `axes`, or with size 1 there
/// Grad     dx = dy repeated along the reduced axes, 0 at NaN;  saves where x is NaN
/// Throws   ShapeError: an axis outside [-rank, rank), or named twice
/// See      sum, nanmean
template <Floating T>
Tensor<T> nansum(const Tensor<T>& x, const ReduceAxes& axes = {}, bool keepdims = false) {
    detail::axis_mask("nansum", axes, x.rank());
    return sum(where(x == x, x, T(0)), axes, keepdims);
}

/// Mean of the elements that are not NaN; NaN of none.
/// Shape    x (any) -> y without `axes`, or with size 1 there
/// Grad     dx = dy / (their number) repeated along the reduced axes, 0 at NaN
/// Throws   ShapeError: an axis outside [-rank, rank), or named twice
/// See      mean, nansum
template <Floating T>
Tensor<T> nanmean(const Tensor<T>& x, const ReduceAxes& axes = {}, bool keepdims = false) {
    detail::axis_mask("nanmean", axes, x.rank());
    const Tensor<int64_t> number = sum(x.detach() == x.detach(), axes, keepdims);
    return nansum(x, axes, keepdims) / detail::cast<T>(number);
}

}
