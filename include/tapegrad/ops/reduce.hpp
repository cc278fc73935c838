// Sums, means and extremes over axes. Every one takes `axes` (one, a list, or `{}` for all) and `keepdims`,
// which leaves the reduced axes as 1.
#pragma once

#include "../simd/logsumexp.hpp"
#include "map.hpp"
#include "reduce_axes.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

template <class T>
Tensor<T> sum_values(const Tensor<T>& x, AxisMask mask, bool keepdims) {
    return reduce(x, mask, keepdims, [](const T* from, T* to, int64_t outer, int64_t n, int64_t inner) {
        simd::sum(from, to, outer, n, inner);
    });
}

/// Throws   ShapeError: an extreme of no elements
inline void check_not_empty(std::string_view op, const Shape& shape, AxisMask mask) {
    if (reduced_count(shape, mask) == 0 && numel_of(reduced_shape(shape, mask, false)) != 0)
        fail<ShapeError>(op, "x ", shape,
                         " has no elements along a reduced axis, and nothing is their extreme");
}

/// dy shared evenly between the elements of x that equal y, their extreme; NaN where y is NaN.
template <class T>
Tensor<T> extreme_gradient(const Tensor<T>& x, const Tensor<T>& y, const Tensor<T>& dy, AxisMask mask) {
    Tensor<T> share;
    {
        const no_grad constant;  // the places of the extremes do not move with x
        const Tensor<T> hits = where(x == unreduced(y, x.shape(), mask), T(1), Tensor<T>(T(0)));
        share = hits / sum_values(hits, mask, true);
    }
    return share * unreduced(dy, x.shape(), mask);
}

}

/// Sum of elements.
///   y = sum_i x_i
/// Shape    x (any) -> y without `axes`, or with size 1 there; int64 for integers and bool
/// Grad     dx = dy repeated along the reduced axes
/// Numeric  floating types: blocked, the same bits for any number of threads; integers wrap
/// Throws   ShapeError: an axis outside [-rank, rank), or named twice
/// See      mean, sum_to, map_sum
template <class T>
requires(!Real16<T>) Tensor<detail::SumType<T>> sum(const Tensor<T>& x, const ReduceAxes& axes = {},
                                                    bool keepdims = false) {
    const detail::AxisMask mask = detail::axis_mask("sum", axes, x.rank());
    if constexpr (Floating<T>) {
        return record("sum", detail::sum_values(x, mask, keepdims), {x},
                      [mask, from = x.shape()](const Tensor<T>& dy) {
                          return expand(detail::unreduced(dy, from, mask), from);
                      });
    } else {
        return detail::sum_values(detail::cast<int64_t>(x), mask, keepdims);
    }
}

/// Mean of elements; NaN of none.
///   y = sum_i x_i / n
/// Shape    x (any) -> y without `axes`, or with size 1 there
/// Grad     dx = dy / n repeated along the reduced axes
/// Throws   ShapeError: an axis outside [-rank, rank), or named twice
/// See      sum, map_mean
template <class T>
requires Floating<T> Tensor<T> mean(const Tensor<T>& x, const ReduceAxes& axes = {}, bool keepdims = false) {
    const detail::AxisMask mask = detail::axis_mask("mean", axes, x.rank());
    const auto n = static_cast<T>(detail::reduced_count(x.shape(), mask));
    const Tensor<T> total = detail::sum_values(x, mask, keepdims);
    const Tensor<T> y = detail::evaluate(
        "mean", [n](const auto& v) TAPEGRAD_LAMBDA { return v / n; }, total);
    return record("mean", y, {x}, [mask, n, from = x.shape()](const Tensor<T>& dy) {
        return expand(detail::unreduced(dy, from, mask) / n, from);
    });
}

/// Largest element; NaN where any is NaN.
/// Shape    x (any) -> y without `axes`, or with size 1 there
/// Grad     dy to the largest, shared evenly at a tie; saves x, y
/// Throws   ShapeError: an axis outside [-rank, rank) or named twice; no elements to choose from
/// See      argmax, maximum
template <class T>
requires(!Real16<T>) Tensor<T> amax(const Tensor<T>& x, const ReduceAxes& axes = {}, bool keepdims = false) {
    const detail::AxisMask mask = detail::axis_mask("amax", axes, x.rank());
    detail::check_not_empty("amax", x.shape(), mask);
    Tensor<T> y =
        detail::reduce(x, mask, keepdims, [](const T* from, T* to, int64_t outer, int64_t n, int64_t inner) {
            simd::amax(from, to, outer, n, inner);
        });
    if constexpr (Floating<T>) {
        return record("amax", y, {x}, [x, mask](const Tensor<T>& dy, const Tensor<T>& top) {
            return detail::extreme_gradient(x, top, dy, mask);
        });
    } else {
        return y;
    }
}

/// Smallest element; NaN where any is NaN.
/// Shape    x (any) -> y without `axes`, or with size 1 there
/// Grad     dy to the smallest, shared evenly at a tie; saves x, y
/// Throws   ShapeError: an axis outside [-rank, rank) or named twice; no elements to choose from
/// See      argmin, minimum
template <class T>
requires(!Real16<T>) Tensor<T> amin(const Tensor<T>& x, const ReduceAxes& axes = {}, bool keepdims = false) {
    const detail::AxisMask mask = detail::axis_mask("amin", axes, x.rank());
    detail::check_not_empty("amin", x.shape(), mask);
    Tensor<T> y =
        detail::reduce(x, mask, keepdims, [](const T* from, T* to, int64_t outer, int64_t n, int64_t inner) {
            simd::amin(from, to, outer, n, inner);
        });
    if constexpr (Floating<T>) {
        return record("amin", y, {x}, [x, mask](const Tensor<T>& dy, const Tensor<T>& bottom) {
            return detail::extreme_gradient(x, bottom, dy, mask);
        });
    } else {
        return y;
    }
}

/// Logarithm of the sum of exponentials.
///   y = m + log sum_i exp(x_i - m),  m = max x
/// Shape    x (any) -> y without `axes`, or with size 1 there
/// Grad     dx = dy exp(x - y);  saves x, y; NaN where y is infinite
/// Numeric  no overflow for finite x; -inf of no elements and of -inf alone, +inf with a +inf
/// Throws   ShapeError: an axis outside [-rank, rank), or named twice
/// See      softmax, log_softmax
template <class T>
requires Floating<T> Tensor<T> logsumexp(const Tensor<T>& x, const ReduceAxes& axes = {},
                                         bool keepdims = false) {
    const detail::AxisMask mask = detail::axis_mask("logsumexp", axes, x.rank());
    const Tensor<T> y =
        detail::reduce(x, mask, keepdims, [](const T* from, T* to, int64_t outer, int64_t n, int64_t inner) {
            simd::logsumexp(from, to, outer, n, inner);
        });
    return record("logsumexp", y, {x}, [x, mask](const Tensor<T>& dy, const Tensor<T>& out) {
        return map(
            "logsumexp", [](const auto& g, const auto& v, const auto& l) { return g * exp(v - l); },
            detail::unreduced(dy, x.shape(), mask), x, detail::unreduced(out, x.shape(), mask));
    });
}

}
