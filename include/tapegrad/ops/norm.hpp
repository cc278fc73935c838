// Norms of vectors: of all elements, or over axes.
#pragma once

#include "elementwise.hpp"
#include "reduce.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

template <class T>
Tensor<T> norm_value(const Tensor<T>& x, double p, AxisMask mask, bool keepdims) {
    const auto over = [&](const Tensor<T>& v, auto kernel) { return reduce(v, mask, keepdims, kernel); };
    const auto add = [](auto... args) { simd::sum(args...); };
    if (p == 0) return over(where(x == T(0), T(0), Tensor<T>(T(1))), add);
    if (p == 2) return sqrt(over(x * x, add));
    const Tensor<T> size = abs(x);
    if (p == 1) return over(size, add);
    if (std::isinf(p))
        return p > 0 ? over(size, [](auto... args) { simd::amax(args...); })
                     : over(size, [](auto... args) { simd::amin(args...); });
    return pow(over(pow(size, p), add), 1 / p);
}

/// Recorded. x and y (with the reduced axes as 1) are what they are in the graph.
template <class T>
Tensor<T> norm_gradient(const Tensor<T>& x, double p, AxisMask mask, const Tensor<T>& y,
                        const Tensor<T>& dy) {
    if (p == 0) return zeros<T>(x.shape());
    if (p == 1) return dy * sign(x);
    if (std::isinf(p)) return extreme_gradient(abs(x), y, dy, mask) * sign(x);
    if (p == 2)
        return map(
            "norm",
            [](const auto& g, const auto& v, const auto& n) {
                return where(n == 0, 0, g * (v / where(n == 0, 1, n)));
            },
            dy, x, y);
    return map(
        "norm",
        [q = p - 1](const auto& g, const auto& v, const auto& n) {
            const auto share = abs(where(v == 0, 1, v)) / where(n == 0, 1, n);
            return where(v == 0, 0, where(n == 0, 0, g * sign(v) * pow(share, q)));
        },
        dy, x, y);
}

}

/// The p-norm of elements: PyTorch's `vector_norm`.
///   y = (sum_i |x_i|^p)^(1/p);  p = inf: max |x_i|;  p = -inf: min |x_i|;  p = 0: the number of x_i != 0
/// Shape    x (any) -> y without `axes`, or with size 1 there
/// Grad     dx = dy sign(x) (|x| / y)^(p-1), 0 where x or y is 0; p = inf, -inf: to the extremes, shared
/// evenly at a tie;  saves x, y Numeric  |x|^p may overflow or vanish where y would not; NaN where any is
/// NaN, but for p = 0 Throws   ShapeError: an axis outside [-rank, rank) or named twice; no elements, and p =
/// inf or p < 0; ValueError: p is NaN See      sum, amax
template <Floating T>
Tensor<T> norm(const Tensor<T>& x, double p = 2, const ReduceAxes& axes = {}, bool keepdims = false) {
    const detail::AxisMask mask = detail::axis_mask("norm", axes, x.rank());
    if (std::isnan(p)) detail::fail<ValueError>("norm", "p is NaN");
    if (p < 0 || std::isinf(p)) detail::check_not_empty("norm", x.shape(), mask);
    Tensor<T> value;
    {
        const no_grad plain;
        value = detail::norm_value(x, p, mask, keepdims);
    }
    return record("norm", value, {x}, [x, p, mask](const Tensor<T>& dy, const Tensor<T>& y) {
        return detail::norm_gradient(x, p, mask, detail::unreduced(y, x.shape(), mask),
                                     detail::unreduced(dy, x.shape(), mask));
    });
}

}
