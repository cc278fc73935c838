// Monotone cubic splines, composed of operations.
#pragma once

#include "spline.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// The slopes at all knots, which leave every piece monotone: inside Steffen's, at the ends a part of thrice the secant's.
/// ends (..., 2), widths and secants (..., K) -> (..., K + 1)
template <class T>
Tensor<T> cubic_slopes(const Tensor<T>& ends, const Tensor<T>& widths, const Tensor<T>& secants) {
    const int64_t n = secants.size(-1) - 1;
    const Tensor<T> first = sigmoid(narrow(ends, -1, 0, 1)) * 3 * narrow(secants, -1, 0, 1);
    const Tensor<T> last = sigmoid(narrow(ends, -1, 1, 1)) * 3 * narrow(secants, -1, n, 1);
    if (n == 0) return cat({first, last}, -1);
    const Tensor<T> s0 = narrow(secants, -1, 0, n), s1 = narrow(secants, -1, 1, n);
    const Tensor<T> w0 = narrow(widths, -1, 0, n), w1 = narrow(widths, -1, 1, n);
    const Tensor<T> inner = minimum(2 * minimum(s0, s1), (w1 * s0 + w0 * s1) / (w0 + w1));
    return cat({first, inner, last}, -1);
}

/// The place a in [0, 1] with c1 a + c2 a^2 + c3 a^3 = up, for a polynomial that rises there. Halving finds it, and two of
/// Newton's steps, which are recorded, make it exact, and its derivatives to the third order.
template <class T>
Tensor<T> cubic_place(const Tensor<T>& up, const Tensor<T>& c1, const Tensor<T>& c2, const Tensor<T>& c3) {
    const auto halve = [](const auto& y, const auto& u, const auto& v, const auto& r) {
        auto a = y * 0;
        double step = 1;
        for (int i = 0; i < 30; ++i) {
            step *= 0.5;
            const auto b = a + step;
            a = where(b * (u + b * (v + b * r)) <= y, b, a);
        }
        return a + 0.5 * step;
    };
    const auto newton = [](const auto& a, const auto& y, const auto& u, const auto& v, const auto& r) {
        return a - (a * (u + a * (v + a * r)) - y) / (u + a * (2 * v + a * (3 * r)));
    };
    const Tensor<T> near = evaluate("cubic_place", halve, up, c1, c2, c3);
    return map("cubic_place", newton, map("cubic_place", newton, near, up, c1, c2, c3), up, c1, c2, c3);
}

template <class T>
Splined<T> composed_cubic_spline(const char* op, const Tensor<T>& x, const Tensor<T>& parameters,
                                 bool inverse, const SplineOptions& options) {
    const int64_t bins = spline_bins(op, parameters.shape(), 2, 2);
    check_spline(op, x.shape(), parameters.shape(), bins, options);
    if (options.tails == SplineTails::none) check_domain(op, x, options);
    return with_tails(x, options, [&](const Tensor<T>& v) {
        const auto knots = [&](int64_t first, double least) {
            return spline_knots(spline_shares(narrow(parameters, -1, first, bins), least, options.scale),
                                options.low, options.high);
        };
        const Tensor<T> xs = knots(0, options.min_width), ys = knots(bins, options.min_height);
        const Tensor<T> widths = spline_lengths(xs), secants = spline_lengths(ys) / widths;
        const Tensor<T> slopes = cubic_slopes(narrow(parameters, -1, 2 * bins, 2), widths, secants);
        const Tensor<int64_t> bin = spline_bin(inverse ? ys : xs, v);
        const Tensor<T> x0 = spline_pick(xs, bin), y0 = spline_pick(ys, bin), w = spline_pick(widths, bin);
        const Tensor<T> s = spline_pick(secants, bin), d0 = spline_pick(slopes, bin),
                        d1 = spline_pick(narrow(slopes, -1, 1, bins), bin);
        const Tensor<T> c2 = 3 * s - 2 * d0 - d1, c3 = d0 + d1 - 2 * s;
        const Tensor<T> a = inverse ? cubic_place((v - y0) / w, d0, c2, c3) : (v - x0) / w;
        const Splined<T> y = polynomial_piece(a, y0, w, d0, c2, c3);
        return inverse ? Splined<T>{x0 + a * w, -y.log_slope} : y;
    });
}

}

/// A spline of K monotone cubic pieces for each element, from numbers of any size.
///   the parameters of an element: K widths, K heights, and two for the slopes at the ends, sigmoid(u) 3 of the secants
///   there; inside they are those of Steffen. widths = (high - low) (min_width + (1 - K min_width) softmax(scale u)),
///   heights alike
/// Shape    x (...), parameters (..., 2 K + 2) -> value and log_slope, as x; tails as in rational_quadratic_spline
/// Grad     by x and parameters, finite far outside too
/// Numeric  with linear tails the slope jumps at `low` and `high`, as in nflows
/// Throws   ShapeError: parameters do not fit x, or are of no K; ValueError: low is not below high, the smallest pieces do
///          not fit, or, without tails, x outside [low, high]
/// Source   Durkan et al., Cubic-Spline Flows, 2019; Steffen, A simple method for monotonic interpolation, 1990; the
///          parameters are those of nflows
/// See      cubic_spline_inverse
template <Floating T>
Splined<T> cubic_spline(const Tensor<T>& x, const Tensor<T>& parameters, const SplineOptions& options = {}) {
    return detail::composed_cubic_spline("cubic_spline", x, parameters, false, options);
}
/// Where that spline has the value y, and the logarithm of the inverse's slope.
/// Shape    y (...), parameters as there -> value and log_slope, as y
/// Grad     by y and parameters, to the third order
/// Throws   as cubic_spline
template <Floating T>
Splined<T> cubic_spline_inverse(const Tensor<T>& y, const Tensor<T>& parameters,
                                const SplineOptions& options = {}) {
    return detail::composed_cubic_spline("cubic_spline_inverse", y, parameters, true, options);
}

}
