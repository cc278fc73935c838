// Monotone piecewise linear splines, composed of operations: they have one number a piece and little to fuse.
#pragma once

#include "spline.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

template <class T>
Splined<T> composed_linear_spline(const char* op, const Tensor<T>& x, const Tensor<T>& parameters,
                                  bool inverse, const SplineOptions& options) {
    const int64_t bins = spline_bins(op, parameters.shape(), 1, 0);
    check_spline(op, x.shape(), parameters.shape(), bins, options);
    if (options.tails == SplineTails::none) check_domain(op, x, options);
    return with_tails(x, options, [&](const Tensor<T>& v) {
        const Tensor<T> ys = spline_knots(spline_shares(parameters, options.min_height, options.scale),
                                          options.low, options.high);
        const Tensor<T> even = full<T>(parameters.shape(), T(1) / static_cast<T>(bins));
        const Tensor<T> xs = spline_knots(even, options.low, options.high);
        const Tensor<int64_t> bin = spline_bin(inverse ? ys : xs, v);
        const Tensor<T> slope = spline_pick(spline_lengths(ys), bin) / spline_pick(spline_lengths(xs), bin);
        const Tensor<T> x0 = spline_pick(xs, bin), y0 = spline_pick(ys, bin);
        if (inverse) return Splined<T>{x0 + (v - y0) / slope, -log(slope)};
        return Splined<T>{y0 + (v - x0) * slope, log(slope)};
    });
}

}

/// A spline of K straight pieces of equal width for each element, from numbers of any size.
///   heights = (high - low) (min_height + (1 - K min_height) softmax(scale u))
/// Shape    x (...), parameters (..., K) -> value and log_slope, as x; tails as in rational_quadratic_spline
/// Grad     by x and parameters, finite far outside too
/// Throws   ShapeError: parameters do not fit x; ValueError: low is not below high, the smallest pieces do not fit, or,
///          without tails, x outside [low, high]
/// Source   Mueller et al., Neural Importance Sampling, 2018; nflows' with min_height 0
/// See      linear_spline_inverse
template <Floating T>
Splined<T> linear_spline(const Tensor<T>& x, const Tensor<T>& parameters, const SplineOptions& options = {}) {
    return detail::composed_linear_spline("linear_spline", x, parameters, false, options);
}
/// Where that spline has the value y, and the logarithm of the inverse's slope.
/// Shape    y (...), parameters as there -> value and log_slope, as y
/// Throws   as linear_spline
template <Floating T>
Splined<T> linear_spline_inverse(const Tensor<T>& y, const Tensor<T>& parameters,
                                 const SplineOptions& options = {}) {
    return detail::composed_linear_spline("linear_spline_inverse", y, parameters, true, options);
}

}
