// Errors that grow like |x| far from the target: absolute, smooth and Huber's.
#pragma once

#include "../ops/elementwise.hpp"
#include "reduction.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Absolute error.
///   loss = mean |x - target|
/// Shape    x, target broadcast together -> () or, without reduction, their common shape
/// Grad     dx = sign(x - target) / n, 0 where they are equal;  saves x, target
template <Floating T>
Tensor<T> l1_loss(const Tensor<T>& x, const Tensor<T>& target, Reduction reduction = Reduction::mean) {
    return detail::reduced_map(
        "l1_loss", reduction, [](const auto& a, const auto& b) { return abs(a - b); }, x, target);
}

struct SmoothL1Options {
    double beta = 1;  // where the square ends
    Reduction reduction = Reduction::mean;
};

/// Absolute error with a square in its corner.
///   loss = d^2 / (2 beta) where |d| < beta, else |d| - beta / 2,  with d = x - target
/// Shape    x, target broadcast together -> () or, without reduction, their common shape
/// Grad     dx = clamp(d / beta, -1, 1) / n;  saves x, target
/// Throws   ValueError: beta negative or NaN
/// Source   Girshick, Fast R-CNN, 2015          /// See  huber_loss, which is beta times this
template <Floating T>
Tensor<T> smooth_l1_loss(const Tensor<T>& x, const Tensor<T>& target, const SmoothL1Options& options = {}) {
    if (!(options.beta >= 0))
        detail::fail<ValueError>("smooth_l1_loss", "beta is ", options.beta, "; it must not be negative");
    if (options.beta == 0) return l1_loss(x, target, options.reduction);
    return detail::reduced_map(
        "smooth_l1_loss", options.reduction,
        [](const auto& a, const auto& b, const auto& beta) {
            const auto d = a - b;
            return where(abs(d) < beta, 0.5 * d * d / beta, abs(d) - beta / 2);
        },
        x, target, options.beta);
}

struct HuberOptions {
    double delta = 1;  // where the square ends
    Reduction reduction = Reduction::mean;
};

/// Squared error with straight arms.
///   loss = d^2 / 2 where |d| <= delta, else delta (|d| - delta / 2),  with d = x - target
/// Shape    x, target broadcast together -> () or, without reduction, their common shape
/// Grad     dx = clamp(d, -delta, delta) / n;  saves x, target
/// Throws   ValueError: delta not positive
/// Source   Huber, Robust Estimation of a Location Parameter, 1964
template <Floating T>
Tensor<T> huber_loss(const Tensor<T>& x, const Tensor<T>& target, const HuberOptions& options = {}) {
    if (!(options.delta > 0))
        detail::fail<ValueError>("huber_loss", "delta is ", options.delta, "; it must be positive");
    return detail::reduced_map(
        "huber_loss", options.reduction,
        [](const auto& a, const auto& b, const auto& delta) {
            const auto d = a - b;
            return where(abs(d) <= delta, 0.5 * d * d, delta * (abs(d) - delta / 2));
        },
        x, target, options.delta);
}

}
