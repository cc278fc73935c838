// Monotone quadratic splines, whose slope is piecewise linear; composed of operations.
#pragma once

#include "activation.hpp"
#include "spline.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// The slopes at all knots, of mean 1: u (..., numbers), widths (..., K) as parts of 1 -> (..., K + 1).
template <class T>
Tensor<T> quadratic_slopes(const Tensor<T>& u, const Tensor<T>& widths, const SplineOptions& options) {
    Tensor<T> slopes = softplus(u) + options.min_slope;
    const auto areas = [&](const Tensor<T>& knots, const Tensor<T>& between) {
        const int64_t n = between.size(-1);
        return sum((narrow(knots, -1, 0, n) + narrow(knots, -1, 1, n)) * between, {-1}, true) * 0.5;
    };
    const int64_t bins = widths.size(-1);
    if (options.tails == SplineTails::circular) slopes = cat({slopes, narrow(slopes, -1, 0, 1)}, -1);
    if (options.tails == SplineTails::linear) {
        // About the slope that is 1 once the mean is: nflows takes a quarter of the outer widths for half.
        const Tensor<T> first = narrow(widths, -1, 0, 1) * 0.25,
                        last = narrow(widths, -1, bins - 1, 1) * 0.25;
        if (bins == 1) {
            slopes = cat({ones<T>(widths.shape()), ones<T>(widths.shape())}, -1);
        } else {
            const Tensor<T> inner = first * narrow(slopes, -1, 0, 1) + last * narrow(slopes, -1, bins - 2, 1);
            const Tensor<T> end =
                (inner + areas(slopes, narrow(widths, -1, 1, bins - 2))) / (1 - first - last);
            slopes = cat({end, slopes, end}, -1);
        }
    }
    return options.min_height + (1 - options.min_height) * (slopes / areas(slopes, widths));
}

template <class T>
Splined<T> composed_quadratic_spline(const char* op, const Tensor<T>& x, const Tensor<T>& parameters,
                                     bool inverse, const SplineOptions& options) {
    const int64_t more = options.tails == SplineTails::none     ? 1
                         : options.tails == SplineTails::linear ? -1
                                                                : 0;
    const int64_t bins = spline_bins(op, parameters.shape(), 2, more);
    check_spline(op, x.shape(), parameters.shape(), bins, options);
    if (options.tails == SplineTails::none) check_domain(op, x, options);
    return with_tails(x, options, [&](const Tensor<T>& v) {
        const Tensor<T> widths =
            spline_shares(narrow(parameters, -1, 0, bins), options.min_width, options.scale);
        const Tensor<T> slopes =
            quadratic_slopes(narrow(parameters, -1, bins, parameters.size(-1) - bins), widths, options);
        const Tensor<T> left = narrow(slopes, -1, 0, bins), right = narrow(slopes, -1, 1, bins);
        const Tensor<T> xs = spline_knots(widths, options.low, options.high);
        const Tensor<T> ys = spline_knots((left + right) * widths * 0.5, options.low, options.high);
        const Tensor<int64_t> bin = spline_bin(inverse ? ys : xs, v);
        const Tensor<T> x0 = spline_pick(xs, bin), y0 = spline_pick(ys, bin);
        const Tensor<T> w = spline_pick(spline_lengths(xs), bin);
        const Tensor<T> s0 = spline_pick(left, bin), s1 = spline_pick(right, bin), bend = (s1 - s0) * 0.5;
        if (!inverse) return polynomial_piece((v - x0) / w, y0, w, s0, bend, zeros<T>(x.shape()));
        const Tensor<T> up = (v - y0) / w;
        const Tensor<T> a = 2 * up / (s0 + sqrt(clamp_min(s0 * s0 + 4 * bend * up, T(0))));
        return Splined<T>{x0 + a * w, -log(s0 + 2 * bend * a)};
    });
}

}

/// A spline of K monotone quadratic pieces for each element, from numbers of any size.
///   the parameters of an element: K widths, and the slopes at the knots between the pieces (linear tails: K - 1), at those
///   and at the ends, where it is the same (circular: K), or where it is another (none: K + 1)
///   widths = (high - low) (min_width + (1 - K min_width) softmax(scale u))
///   slopes = min_height + (1 - min_height) s / (mean of s), s = min_slope + softplus(u)
/// Shape    x (...), parameters (..., 2 K - 1), (..., 2 K) or (..., 2 K + 1) -> value and log_slope, as x; tails as in
///          rational_quadratic_spline
/// Grad     by x and parameters, finite far outside too
/// Numeric  with linear tails the slope at `low` and `high` is near 1, as in nflows, not 1
/// Throws   ShapeError: parameters do not fit x, or are of no K; ValueError: low is not below high, the smallest pieces do
///          not fit, or, without tails, x outside [low, high]
/// Source   Mueller et al., Neural Importance Sampling, 2018; the parameters are those of nflows
/// See      quadratic_spline_inverse
template <Floating T>
Splined<T> quadratic_spline(const Tensor<T>& x, const Tensor<T>& parameters,
                            const SplineOptions& options = {}) {
    return detail::composed_quadratic_spline("quadratic_spline", x, parameters, false, options);
}
/// Where that spline has the value y, and the logarithm of the inverse's slope.
/// Shape    y (...), parameters as there -> value and log_slope, as y
/// Numeric  the root of a quadratic, without cancellation
/// Throws   as quadratic_spline
template <Floating T>
Splined<T> quadratic_spline_inverse(const Tensor<T>& y, const Tensor<T>& parameters,
                                    const SplineOptions& options = {}) {
    return detail::composed_quadratic_spline("quadratic_spline_inverse", y, parameters, true, options);
}

}
