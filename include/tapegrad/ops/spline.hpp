// What monotone splines share: an element's own knots from unbounded numbers, the search for its piece, and what happens
// outside of the knots. A spline maps [low, high] onto itself.
#pragma once

#include "../simd/rational_quadratic_spline.hpp"
#include "axes.hpp"
#include "indexing.hpp"
#include "join.hpp"
#include "logical.hpp"
#include "scan.hpp"
#include "search.hpp"
#include "slicing.hpp"
#include "softmax.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct SplineOptions {
    SplineTails tails = SplineTails::linear;
    double low = -1, high = 1;
    double min_width = 1e-3, min_height = 1e-3;  // of a piece, as parts of the whole
    double min_slope = 1e-3;                     // at a knot
    double scale = 1;                            // of the numbers that make widths and heights
};

/// Values, and the logarithms of the slopes there.
/// Shape    both as x
template <class T>
struct Splined {
    Tensor<T> value, log_slope;
};

namespace detail {

/// Throws   ShapeError: parameters do not hold a row for each element; ValueError: an empty interval, or less room than
///          the smallest pieces take
inline void check_spline(const char* op, const Shape& x, const Shape& parameters, int64_t bins,
                         const SplineOptions& options) {
    bool fits = parameters.rank() == x.rank() + 1;
    for (int i = 0; fits && i < x.rank(); ++i) fits = parameters[i] == x[i];
    if (!fits)
        fail<ShapeError>(op, "parameters ", parameters, " of x ", x,
                         ": they need its axes and one for the numbers of a spline");
    if (!(options.low < options.high))
        fail<ValueError>(op, "low ", options.low, " is not below high ", options.high);
    for (const double least : {options.min_width, options.min_height})
        if (!(least >= 0 && least * static_cast<double>(bins) <= 1))
            fail<ValueError>(op, bins, " pieces of at least ", least,
                             " each do not fit: more than the whole");
}
/// The number of pieces of `count` numbers: `each` a piece and `more`.
/// Throws   ShapeError: there is no such number
inline int64_t spline_bins(const char* op, const Shape& parameters, int64_t each, int64_t more) {
    const int64_t count = parameters.rank() == 0 ? 0 : parameters.back();
    if ((count - more) % each != 0 || (count - more) / each < 1)
        fail<ShapeError>(op, "the last axis of parameters ", parameters, " is not ", each, " K ",
                         more < 0 ? '-' : '+', ' ', more < 0 ? -more : more, " of K pieces");
    return (count - more) / each;
}
/// Throws   ValueError: an element outside [low, high]
template <class T>
void check_domain(const char* op, const Tensor<T>& x, const SplineOptions& options) {
    const Tensor<T> packed = detail::contiguous(x);
    const T low = static_cast<T>(options.low), high = static_cast<T>(options.high);
    for (int64_t i = 0; i < packed.numel(); ++i)
        if (packed.data()[i] < low || packed.data()[i] > high)
            fail<ValueError>(op, "x has ", packed.data()[i], ", outside [", options.low, ", ", options.high,
                             "], where a spline without tails is not defined");
}

/// Parts of 1: (..., K) -> (..., K).
template <class T>
Tensor<T> spline_shares(const Tensor<T>& u, double least, double scale) {
    return least + (1 - least * static_cast<double>(u.size(-1))) * softmax(scale * u, -1);
}
/// Where the pieces of these lengths end: (..., K) -> (..., K + 1). The ends are `low` and `high` themselves.
template <class T>
Tensor<T> spline_knots(const Tensor<T>& shares, double low, double high) {
    Shape end = shares.shape();
    end[end.rank() - 1] = 1;
    const Tensor<T> inner = cumsum(narrow(shares, -1, 0, shares.size(-1) - 1), -1) * (high - low) + low;
    return cat({full<T>(end, static_cast<T>(low)), inner, full<T>(end, static_cast<T>(high))}, -1);
}
/// The lengths between knots: (..., K + 1) -> (..., K).
template <class T>
Tensor<T> spline_lengths(const Tensor<T>& knots) {
    const int64_t n = knots.size(-1) - 1;
    return narrow(knots, -1, 1, n) - narrow(knots, -1, 0, n);
}
/// The piece under each element: knots (..., K + 1), x (...) -> (..., 1).
template <class T>
Tensor<int64_t> spline_bin(const Tensor<T>& knots, const Tensor<T>& x) {
    const Tensor<T> inner = narrow(knots.detach(), -1, 1, knots.size(-1) - 2);
    return searchsorted(inner, unsqueeze(x.detach(), -1), {.right = true});
}
/// What belongs to that piece: (..., K) -> (...).
template <class T>
Tensor<T> spline_pick(const Tensor<T>& numbers, const Tensor<int64_t>& bin) {
    return squeeze(gather(numbers, -1, bin), -1);
}

/// y(a) = y0 + w (c1 a + c2 a^2 + c3 a^3) at the place a in [0, 1] of a piece, and the logarithm of its slope.
template <class T>
Splined<T> polynomial_piece(const Tensor<T>& a, const Tensor<T>& y0, const Tensor<T>& w, const Tensor<T>& c1,
                            const Tensor<T>& c2, const Tensor<T>& c3) {
    const auto value = [](const auto& p, const auto& from, const auto& length, const auto& u, const auto& v,
                          const auto& r) { return from + length * p * (u + p * (v + p * r)); };
    const auto log_slope = [](const auto& p, const auto& u, const auto& v, const auto& r) {
        return log(u + p * (2 * v + p * (3 * r)));
    };
    return {map("polynomial_piece", value, a, y0, w, c1, c2, c3),
            map("polynomial_piece", log_slope, a, c1, c2, c3)};
}

/// f on x held to [low, high], and what is outside.
template <class T, class F>
Splined<T> with_tails(const Tensor<T>& x, const SplineOptions& options, const F& f) {
    const double range = options.high - options.low;
    if (options.tails == SplineTails::circular) {
        const Tensor<T> turns = (floor((x - options.low) / range) * range).detach();
        const Splined<T> y = f(clamp(x - turns, options.low, options.high));
        return {y.value + turns, y.log_slope};
    }
    const Splined<T> y = f(clamp(x, options.low, options.high));
    if (options.tails == SplineTails::none) return y;
    const Tensor<bool> outside = logical_or(x<options.low, x> options.high);
    return {where(outside, x, y.value), where(outside, zeros_like(x), y.log_slope)};
}

}

}
