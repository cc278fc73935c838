// Elementwise compositions: each is one line over the primitives, and works on tensors and inside any `map`.
#pragma once

#include "map.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// x * x.                                     Grad  2 x;  saves x
constexpr auto square(const Value auto& x) {
    return map(
        "square", [](const auto& v) { return v * v; }, x);
}
/// max(x, 0); NaN stays NaN.                  Grad  x > 0, 0 at 0 as in PyTorch
constexpr auto relu(const Value auto& x) {
    return map(
        "relu", [](const auto& v) { return where(v <= 0, 0, v); }, x);
}
/// x Phi(x) = x / 2 (1 + erf(x / sqrt(2))): the exact GELU.
/// Source   Hendrycks and Gimpel, Gaussian Error Linear Units, 2016
constexpr auto gelu(const Value auto& x) {
    return map(
        "gelu", [](const auto& v) { return 0.5 * v * (1 + erf(0.70710678118654752440 * v)); }, x);
}
/// x sigmoid(x), also called swish.
/// Source   Elfwing et al., Sigmoid-Weighted Linear Units, 2017
constexpr auto silu(const Value auto& x) {
    return map(
        "silu", [](const auto& v) { return v * sigmoid(v); }, x);
}
// Written with `where`, not with |x|: at 0 too every derivative is that of a smooth function.
/// log(1 + exp(x)), without overflow.         Grad  sigmoid(x)
/// Numeric  exact everywhere; PyTorch returns x itself above 20, which is 2e-9 less
constexpr auto softplus(const Value auto& x) {
    return map(
        "softplus", [](const auto& v) { return where(v > 0, v, 0) + log1p(exp(where(v > 0, -v, v))); }, x);
}
/// log(sigmoid(x)) = -softplus(-x).           Grad  sigmoid(-x)
constexpr auto logsigmoid(const Value auto& x) {
    return map(
        "logsigmoid", [](const auto& v) { return where(v < 0, v, 0) - log1p(exp(where(v < 0, v, -v))); }, x);
}
/// x kept between `low` and `high`; NaN stays NaN.
/// Grad     1 between the bounds, at them and at NaN (PyTorch: 0 at NaN), 0 outside; a bound that holds x
/// gets the rest
constexpr auto clamp(const Value auto& x, const auto& low, const auto& high) {
    return map(
        "clamp",
        [](const auto& v, const auto& lo, const auto& hi) { return where(v < lo, lo, where(v > hi, hi, v)); },
        x, low, high);
}

}
