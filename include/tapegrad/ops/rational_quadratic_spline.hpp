// Monotone rational-quadratic splines, as one operation each way.
#pragma once

#include "activation.hpp"
#include "spline.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// The slopes at all K + 1 knots: (..., numbers) -> (..., K + 1).
template <class T>
Tensor<T> knot_slopes(const Tensor<T>& u, const SplineOptions& options) {
    Tensor<T> every = u;
    if (options.tails == SplineTails::circular) every = cat({u, narrow(u, -1, 0, 1)}, -1);
    if (options.tails == SplineTails::linear) {
        Shape end = u.shape();
        end[end.rank() - 1] = 1;
        const Tensor<T> one = full<T>(end, static_cast<T>(std::log(std::expm1(1 - options.min_slope))));
        every = cat({one, u, one}, -1);
    }
    return softplus(every) + options.min_slope;
}

/// The same in operations.
template <class T>
Splined<T> composed_spline(const Tensor<T>& x, const Tensor<T>& parameters, int64_t bins, bool inverse,
                           const SplineOptions& options) {
    return with_tails(x, options, [&](const Tensor<T>& v) {
        const auto knots = [&](int64_t first, double least) {
            return spline_knots(spline_shares(narrow(parameters, -1, first, bins), least, options.scale),
                                options.low, options.high);
        };
        const Tensor<T> xs = knots(0, options.min_width), ys = knots(bins, options.min_height);
        const Tensor<T> slopes =
            knot_slopes(narrow(parameters, -1, 2 * bins, parameters.size(-1) - 2 * bins), options);
        const Tensor<int64_t> bin = spline_bin(inverse ? ys : xs, v);
        const Tensor<T> x0 = spline_pick(xs, bin), y0 = spline_pick(ys, bin);
        const Tensor<T> w = spline_pick(spline_lengths(xs), bin), h = spline_pick(spline_lengths(ys), bin);
        const Tensor<T> d0 = spline_pick(slopes, bin), d1 = spline_pick(narrow(slopes, -1, 1, bins), bin);
        const Tensor<T> s = h / w, t = d0 + d1 - 2 * s;
        Tensor<T> a;
        if (inverse) {
            const Tensor<T> up = v - y0;
            const Tensor<T> qa = up * t + h * (s - d0), qb = h * d0 - up * t, qc = -s * up;
            const Tensor<T> root = sqrt(clamp_min(qb * qb - 4 * qa * qc, T(0)));
            const Tensor<bool> falls = qb < T(0);
            a = where(falls, root - qb, 2 * qc) / where(falls, 2 * qa, -qb - root);
        } else {
            a = (v - x0) / w;
        }
        const Tensor<T> q = a * (1 - a), below = s + t * q;
        const Tensor<T> log_slope = log(d1 * a * a + 2 * s * q + d0 * (1 - a) * (1 - a)) + 2 * log(s / below);
        if (inverse) return Splined<T>{a * w + x0, -log_slope};
        return Splined<T>{y0 + h * (s * a * a + d0 * q) / below, log_slope};
    });
}

template <class T>
Splined<T> fused_spline(const char* op, const Tensor<T>& x, const Tensor<T>& parameters, bool inverse,
                        const SplineOptions& options) {
    const int64_t more = options.tails == SplineTails::none     ? 1
                         : options.tails == SplineTails::linear ? -1
                                                                : 0;
    const int64_t bins = spline_bins(op, parameters.shape(), 3, more);
    check_spline(op, x.shape(), parameters.shape(), bins, options);
    if (!(options.min_slope >= 0 && options.min_slope < 1))
        fail<ValueError>(op, "min_slope ", options.min_slope, " is outside [0, 1)");
    if (options.tails == SplineTails::none) check_domain(op, x, options);
    const simd::SplineShape<T> shape{bins,
                                     options.tails,
                                     static_cast<T>(options.low),
                                     static_cast<T>(options.high),
                                     static_cast<T>(options.min_width),
                                     static_cast<T>(options.min_height),
                                     static_cast<T>(options.min_slope),
                                     static_cast<T>(options.scale)};
    Shape pair{2};
    for (const int64_t size : x.shape()) pair.push_back(size);
    const int64_t n = x.numel();
    Tensor<T> y = empty<T>(pair);
    T* const to = output(y);
    const Tensor<T> from = detail::contiguous(x), numbers = detail::contiguous(parameters);
    simd::rational_quadratic_spline(shape, inverse, from.data(), numbers.data(), to, to + n, n);
    const Tensor<T> both = record(
        op, y, {x, parameters},
        [from, numbers, shape, inverse](const Tensor<T>& dy, Needs needs) {
            const Tensor<T> packed = detail::contiguous(dy);
            std::array<Tensor<T>, 2> d;
            if (needs[0]) d[0] = empty<T>(from.shape());
            if (needs[1]) d[1] = empty<T>(numbers.shape());
            const auto target = [](Tensor<T>& t) { return t.defined() ? output(t) : nullptr; };
            simd::rational_quadratic_spline_backward(shape, inverse, from.data(), numbers.data(),
                                                     packed.data(), packed.data() + from.numel(),
                                                     target(d[0]), target(d[1]), from.numel());
            return d;
        },
        [bins, inverse, options](const Tensor<T>& v, const Tensor<T>& p) {
            const Splined<T> z = composed_spline(v, p, bins, inverse, options);
            return stack({z.value, z.log_slope}, 0);
        });
    return {select(both, 0, 0), select(both, 0, 1)};
}

}

/// A spline of K monotone rational-quadratic pieces for each element, from numbers of any size.
///   the parameters of an element: K widths, K heights, and the slopes at the knots between the pieces (linear tails:
///   K - 1), at those and at the ends, where it is the same (circular: K), or where it is another (none: K + 1)
///   widths = (high - low) (min_width + (1 - K min_width) softmax(scale u)), heights alike,
///   slopes = min_slope + softplus(u)
/// Tails    linear: the identity outside [low, high], with slope 1 at both; circular: f(x + high - low) = f(x) + high -
///          low; none: an error outside
/// Shape    x (...), parameters (..., 3 K - 1), (..., 3 K) or (..., 3 K + 1) -> value and log_slope, as x
/// Grad     by x and parameters, finite far outside too;  saves x, parameters
/// Numeric  the error of a value is some ulp of `high - low`
/// Throws   ShapeError: parameters do not fit x, or are of no K; ValueError: low is not below high, the smallest pieces do
///          not fit, min_slope outside [0, 1), or, without tails, x outside [low, high]
/// Source   Durkan et al., Neural Spline Flows, 2019; the parameters are those of nflows
/// See      rational_quadratic_spline_inverse
template <Floating T>
Splined<T> rational_quadratic_spline(const Tensor<T>& x, const Tensor<T>& parameters,
                                     const SplineOptions& options = {}) {
    return detail::fused_spline("rational_quadratic_spline", x, parameters, false, options);
}
/// Where that spline has the value y, and the logarithm of the inverse's slope.
/// Shape    y (...), parameters as there -> value and log_slope, as y
/// Grad     by y and parameters;  saves y, parameters
/// Numeric  the root of a quadratic, without cancellation
/// Throws   as rational_quadratic_spline
template <Floating T>
Splined<T> rational_quadratic_spline_inverse(const Tensor<T>& y, const Tensor<T>& parameters,
                                             const SplineOptions& options = {}) {
    return detail::fused_spline("rational_quadratic_spline_inverse", y, parameters, true, options);
}

}
