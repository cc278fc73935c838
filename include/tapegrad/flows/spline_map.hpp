// What spline flows do to a number: a spline of its own, whose parameters a network gives.
#pragma once

#include "../ops/rational_quadratic_spline.hpp"
#include "affine_map.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {
inline int64_t checked_bins(const char* map, int64_t bins) {
    if (bins < 1) fail<ValueError>(map, bins, " pieces; there must be one or more");
    return bins;
}
}

/// A monotone rational-quadratic spline of `bins` pieces.
/// Shape    x (...), parameters (..., count) -> value and log_slope, as x
/// Throws   ValueError: fewer pieces than one
/// See      rational_quadratic_spline
struct RationalQuadraticMap {
    static constexpr bool apart = false;
    int64_t bins = 8, count = 23;
    SplineOptions options = {};

    RationalQuadraticMap() = default;
    explicit RationalQuadraticMap(int64_t pieces, const SplineOptions& o = {})
        : bins(detail::checked_bins("RationalQuadraticMap", pieces)),
          count(3 * bins + (o.tails == SplineTails::none     ? 1
                            : o.tails == SplineTails::linear ? -1
                                                             : 0)),
          options(o) {}

    template <Floating T>
    Splined<T> forward(const Tensor<T>& x, const Tensor<T>& parameters) const {
        return rational_quadratic_spline(x, parameters, options);
    }
    template <Floating T>
    Splined<T> inverse(const Tensor<T>& y, const Tensor<T>& parameters) const {
        return rational_quadratic_spline_inverse(y, parameters, options);
    }
};

}
