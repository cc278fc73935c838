// Elementwise compositions: each is one line over the primitives, and works on tensors and inside any `map`.
// activation.hpp has the activation functions.
#pragma once

#include "map.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// x * x.                                     Grad  2 x;  saves x
constexpr auto square(const Value auto& x) {
    return map(
        "square", [](const auto& v) { return v * v; }, x);
}
/// x - trunc(x), with the sign of x.          Grad  1
constexpr auto frac(const Value auto& x) {
    return map(
        "frac", [](const auto& v) { return v - trunc(v); }, x);
}
/// log(x / (1 - x)), the inverse of sigmoid; infinite at 0 and 1, NaN outside.  Grad  1 / (x (1 - x))
constexpr auto logit(const Value auto& x) {
    return map(
        "logit", [](const auto& v) { return log(v) - log1p(-v); }, x);
}
/// max(x, low); NaN where either is.          Grad  1 from the bound on, 0 below; a bound that holds x gets the rest
constexpr auto clamp_min(const Value auto& x, const auto& low) {
    return map(
        "clamp_min", [](const auto& v, const auto& lo) { return where(lo <= v, v, where(v == v, lo, v)); }, x,
        low);
}
/// min(x, high); NaN where either is.         Grad  1 up to the bound, 0 above; a bound that holds x gets the rest
constexpr auto clamp_max(const Value auto& x, const auto& high) {
    return map(
        "clamp_max", [](const auto& v, const auto& hi) { return where(v <= hi, v, where(v == v, hi, v)); }, x,
        high);
}
/// x kept between `low` and `high`, which wins where the bounds cross; NaN where one of the three is.
/// Grad     1 between the bounds, at them and at NaN (PyTorch: 0 at NaN), 0 outside; a bound that holds x
///          gets the rest
constexpr auto clamp(const Value auto& x, const auto& low, const auto& high) {
    return map(
        "clamp",
        [](const auto& v, const auto& lo, const auto& hi) { return clamp_max(clamp_min(v, lo), hi); }, x, low,
        high);
}
/// The larger; the other where one is NaN.    Grad  to the larger, half to each at a tie
/// See      maximum, which keeps NaN
template <class A, class B>
requires simd::Operands<A, B>
constexpr auto fmax(const A& a, const B& b) {
    return map(
        "fmax",
        [](const auto& u, const auto& v) { return where(v != v, u, where(u != u, v, maximum(u, v))); }, a, b);
}
/// The smaller; the other where one is NaN.   Grad  to the smaller, half to each at a tie
/// See      minimum, which keeps NaN
template <class A, class B>
requires simd::Operands<A, B>
constexpr auto fmin(const A& a, const B& b) {
    return map(
        "fmin",
        [](const auto& u, const auto& v) { return where(v != v, u, where(u != u, v, minimum(u, v))); }, a, b);
}
/// a + weight (b - a), from the nearer end, so that weight 1 gives b itself.
/// Shape    a, b, weight broadcast together; weight may be a number
/// Grad     1 - weight, weight, b - a
constexpr auto lerp(const Value auto& a, const Value auto& b, const auto& weight) {
    return map(
        "lerp",
        [](const auto& u, const auto& v, const auto& w) {
            const auto d = v - u;
            if constexpr (simd::Scalar<std::remove_cvref_t<decltype(w)>>)
                return static_cast<double>(w) < 0.5 ? u + w * d : v - (1 - w) * d;
            else
                return where(w < 0.5, u + w * d, v - (1 - w) * d);
        },
        a, b, weight);
}
struct ProductOptions {
    double value = 1;  // the factor of the product
};
/// x + value a b.
/// Shape    x, a, b broadcast together
constexpr auto addcmul(const Value auto& x, const Value auto& a, const Value auto& b,
                       ProductOptions options = {}) {
    return map(
        "addcmul", [](const auto& u, const auto& v, const auto& w, auto value) { return u + value * v * w; },
        x, a, b, options.value);
}
/// x + value a / b.
/// Shape    x, a, b broadcast together
constexpr auto addcdiv(const Value auto& x, const Value auto& a, const Value auto& b,
                       ProductOptions options = {}) {
    return map(
        "addcdiv",
        [](const auto& u, const auto& v, const auto& w, auto value) { return u + value * (v / w); }, x, a, b,
        options.value);
}

}
