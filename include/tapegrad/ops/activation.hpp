// Activation functions: each is a line over the primitives, and works on tensors and inside any `map`.
//
// Where one side of a `where` would overflow, its argument is held back too, so that derivatives of every
// order are numbers. At kinks the gradient is PyTorch's.
#pragma once

#include "map.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// max(x, 0); NaN stays NaN.                  Grad  x > 0, 0 at 0 as in PyTorch
constexpr auto relu(const Value auto& x) {
    return map(
        "relu", [](const auto& v) { return where(v <= 0, 0, v); }, x);
}
/// x held in [low, high]; NaN stays NaN.      Grad  1 between the bounds, 0 at them and outside
/// See  clamp, whose gradient at a bound is 1
constexpr auto hardtanh(const Value auto& x, double low = -1, double high = 1) {
    return map(
        "hardtanh", [](const auto& v, auto lo, auto hi) { return where(v <= lo, lo, where(v >= hi, hi, v)); },
        x, low, high);
}
/// min(max(x, 0), 6).                         Grad  1 between 0 and 6, 0 at them and outside
constexpr auto relu6(const Value auto& x) {
    return map(
        "relu6", [](const auto& v) { return hardtanh(v, 0, 6); }, x);
}
/// x where it is positive, else slope * x.    Grad  slope at 0
/// Source   Maas et al., Rectifier Nonlinearities Improve Neural Network Acoustic Models, 2013
constexpr auto leaky_relu(const Value auto& x, double slope = 0.01) {
    return map(
        "leaky_relu", [](const auto& v, auto s) { return where(v > 0, v, s * v); }, x, slope);
}
/// x where it is positive, else alpha (e^x - 1).  Grad  alpha at 0
/// Source   Clevert et al., Fast and Accurate Deep Network Learning by Exponential Linear Units, 2015
constexpr auto elu(const Value auto& x, double alpha = 1) {
    return map(
        "elu", [](const auto& v, auto a) { return where(v > 0, v, a * expm1(where(v > 0, 0, v))); }, x,
        alpha);
}
/// scale * elu(x, alpha), which keeps activations at mean 0 and variance 1.  Grad  scale * alpha at 0
/// Source   Klambauer et al., Self-Normalizing Neural Networks, 2017
constexpr auto selu(const Value auto& x) {
    return map(
        "selu", [](const auto& v) { return 1.0507009873554804934 * elu(v, 1.6732632423543772848); }, x);
}
/// x where it is positive, else alpha (e^(x / alpha) - 1): elu with a smooth derivative.
/// Source   Barron, Continuously Differentiable Exponential Linear Units, 2017
constexpr auto celu(const Value auto& x, double alpha = 1) {
    return map(
        "celu", [](const auto& v, auto a) { return where(v > 0, v, a * expm1(where(v > 0, 0, v) / a)); }, x,
        alpha);
}

enum class GeluForm { erf, tanh };
struct GeluOptions {
    GeluForm approximate = GeluForm::erf;  // tanh: PyTorch's approximate="tanh", at most 5e-4 off
};
/// x Phi(x) = x / 2 (1 + erf(x / sqrt(2))): the exact GELU.
/// With {.approximate = GeluForm::tanh}: x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), that of GPT-2.
/// Numeric  no cancellation for negative x: what PyTorch rounds to 0 below -5.5 (float) has all its digits here
/// Source   Hendrycks and Gimpel, Gaussian Error Linear Units, 2016          /// See  ndtr, which is Phi
constexpr auto gelu(const Value auto& x, GeluOptions options = {}) {
    if (options.approximate == GeluForm::tanh)
        return map(
            "gelu",
            [](const auto& v) {
                // (1 + tanh(u)) / 2 is sigmoid(2 u).
                return v * sigmoid(1.5957691216057307118 * v * (1 + 0.044715 * v * v));
            },
            x);
    return map(
        "gelu", [](const auto& v) { return v * ndtr(v); }, x);
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
/// log(1 + exp(beta x)) / beta.               Grad  sigmoid(beta x)
constexpr auto softplus(const Value auto& x, double beta) {
    return map(
        "softplus", [](const auto& v, auto b) { return softplus(b * v) / b; }, x, beta);
}
/// log(sigmoid(x)) = -softplus(-x).           Grad  sigmoid(-x)
constexpr auto logsigmoid(const Value auto& x) {
    return map(
        "logsigmoid", [](const auto& v) { return where(v < 0, v, 0) - log1p(exp(where(v < 0, v, -v))); }, x);
}
/// x tanh(softplus(x)).
/// Source   Misra, Mish: A Self Regularized Non-Monotonic Activation Function, 2019
constexpr auto mish(const Value auto& x) {
    return map(
        "mish", [](const auto& v) { return v * tanh(softplus(v)); }, x);
}
/// min(max(x + 3, 0), 6) / 6, a sigmoid of three lines.  Grad  1/6 between -3 and 3, 0 at them and outside
constexpr auto hardsigmoid(const Value auto& x) {
    return map(
        "hardsigmoid", [](const auto& v) { return hardtanh(v + 3, 0, 6) / 6; }, x);
}
/// x hardsigmoid(x).                          Grad  0 at -3, 1 at 3
/// Source   Howard et al., Searching for MobileNetV3, 2019
constexpr auto hardswish(const Value auto& x) {
    return map(
        "hardswish", [](const auto& v) { return where(v <= -3, 0, where(v >= 3, v, v * (v + 3) / 6)); }, x);
}
/// x / (1 + |x|).
constexpr auto softsign(const Value auto& x) {
    return map(
        "softsign", [](const auto& v) { return v / (1 + abs(v)); }, x);
}
/// x drawn towards 0 by lambda, and 0 from there on; NaN stays NaN.  Grad  1 outside [-lambda, lambda], else
/// 0
constexpr auto softshrink(const Value auto& x, double lambda = 0.5) {
    return map(
        "softshrink", [](const auto& v, auto l) { return where(v > l, v - l, where(v < -l, v + l, 0 * v)); },
        x, lambda);
}
/// x outside [-lambda, lambda], else 0; NaN stays NaN.  Grad  1 outside [-lambda, lambda], else 0
constexpr auto hardshrink(const Value auto& x, double lambda = 0.5) {
    return map(
        "hardshrink", [](const auto& v, auto l) { return where(v > l, v, where(v < -l, v, 0 * v)); }, x,
        lambda);
}
/// x above `at`, else `value`; NaN stays NaN.  Grad  1 above the threshold, else 0
constexpr auto threshold(const Value auto& x, double at, double value) {
    return map(
        "threshold", [](const auto& v, auto t, auto other) { return where(v <= t, other, v); }, x, at, value);
}

}
