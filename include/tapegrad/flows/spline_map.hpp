// What spline flows do to a number: a spline of its own, whose parameters a network gives.
#pragma once

#include <cmath>

#include "../ops/cubic_spline.hpp"
#include "../ops/linear_spline.hpp"
#include "../ops/quadratic_spline.hpp"
#include "../ops/rational_quadratic_spline.hpp"
#include "affine_map.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// The slopes at knots of K pieces that are parameters.
inline int64_t free_slopes(int64_t bins, SplineTails tails) {
    return tails == SplineTails::linear ? bins - 1 : tails == SplineTails::circular ? bins : bins + 1;
}

struct LinearSpline {
    static int64_t count(int64_t bins, SplineTails) { return bins; }
    template <class T>
    static Splined<T> map(const Tensor<T>& x, const Tensor<T>& p, bool inverse,
                          const SplineOptions& options) {
        return inverse ? linear_spline_inverse(x, p, options) : linear_spline(x, p, options);
    }
};
struct QuadraticSpline {
    static int64_t count(int64_t bins, SplineTails tails) { return bins + free_slopes(bins, tails); }
    template <class T>
    static Splined<T> map(const Tensor<T>& x, const Tensor<T>& p, bool inverse,
                          const SplineOptions& options) {
        return inverse ? quadratic_spline_inverse(x, p, options) : quadratic_spline(x, p, options);
    }
};
struct CubicSpline {
    static int64_t count(int64_t bins, SplineTails) { return 2 * bins + 2; }
    template <class T>
    static Splined<T> map(const Tensor<T>& x, const Tensor<T>& p, bool inverse,
                          const SplineOptions& options) {
        return inverse ? cubic_spline_inverse(x, p, options) : cubic_spline(x, p, options);
    }
};
struct RationalQuadraticSpline {
    static int64_t count(int64_t bins, SplineTails tails) { return 2 * bins + free_slopes(bins, tails); }
    template <class T>
    static Splined<T> map(const Tensor<T>& x, const Tensor<T>& p, bool inverse,
                          const SplineOptions& options) {
        return inverse ? rational_quadratic_spline_inverse(x, p, options)
                       : rational_quadratic_spline(x, p, options);
    }
};
struct SoftClippedSpline : RationalQuadraticSpline {
    template <class T>
    static Splined<T> map(const Tensor<T>& x, const Tensor<T>& p, bool inverse, SplineOptions options) {
        const int64_t slopes = free_slopes(0, options.tails), bins = (p.size(-1) - slopes) / 3;
        const Tensor<T> shares = tapegrad::map(
            "soft_clip", [](const auto& u) { return u / (1 + abs(u) * (2 / std::log(1000.0))); },
            narrow(p, -1, 0, 2 * bins));
        // What softplus makes exp(u) of.
        const Tensor<T> raw = tapegrad::map(
            "soft_clip", [](const auto& u) { return log(expm1(exp(u / (1 + abs(u) / std::log(1000.0))))); },
            narrow(p, -1, 2 * bins, p.size(-1) - 2 * bins));
        options.min_width = options.min_height = options.min_slope = 0;
        return RationalQuadraticSpline::map(x, cat({shares, raw}, -1), inverse, options);
    }
};

}

/// A spline of `bins` pieces whose parameters come from a network: see the operation of its name.
/// Shape    x (...), parameters (..., count) -> value and log_slope, as x
/// Throws   ValueError: fewer pieces than one
/// See      LinearMap, QuadraticMap, CubicMap, RationalQuadraticMap, SoftClippedMap
template <class Spline>
struct SplineMap {
    static constexpr bool apart = false;
    int64_t bins = 8, count = Spline::count(8, SplineTails::linear);
    SplineOptions options = {};

    SplineMap() = default;
    explicit SplineMap(int64_t pieces, const SplineOptions& o = {})
        : bins(pieces), count(Spline::count(pieces, o.tails)), options(o) {
        if (pieces < 1) detail::fail<ValueError>("SplineMap", pieces, " pieces; there must be one or more");
    }

    template <Floating T>
    Splined<T> forward(const Tensor<T>& x, const Tensor<T>& parameters) const {
        return Spline::map(x, parameters, false, options);
    }
    template <Floating T>
    Splined<T> inverse(const Tensor<T>& y, const Tensor<T>& parameters) const {
        return Spline::map(y, parameters, true, options);
    }
};

using LinearMap = SplineMap<detail::LinearSpline>;
using QuadraticMap = SplineMap<detail::QuadraticSpline>;
using CubicMap = SplineMap<detail::CubicSpline>;
/// Of neural spline flows: `scale` is best 1 / sqrt(the hidden features of the network), so that it begins smooth.
using RationalQuadraticMap = SplineMap<detail::RationalQuadraticSpline>;
/// The same spline from parameters as zuko takes them: widths and heights softmax(u / (1 + 2 |u| / ln 1000)), slopes
/// exp(u / (1 + |u| / ln 1000)), without least ones. zuko's bounds are -5 and 5.
using SoftClippedMap = SplineMap<detail::SoftClippedSpline>;

}
