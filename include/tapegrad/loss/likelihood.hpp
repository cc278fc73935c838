// Divergence of distributions, and negative log-likelihoods of numbers under a distribution that a model
// names.
#pragma once

#include <numbers>

#include "../ops/elementwise.hpp"
#include "reduction.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct KlDivOptions {
    bool log_target = false;  // the target too is given as log-probabilities
    Reduction reduction = Reduction::mean;
    bool batchmean = false;  // instead: the sum, divided by the first size; the divergence of one row
};

/// Divergence of a target distribution from log-probabilities, in nats.
///   loss = t (log t - x), 0 where t is 0; exp(t) (t - x) for a log_target
/// Shape    x (log-probabilities), target broadcast together -> () or, without reduction, their common shape
/// Grad     dx = -t / n;  by target too;  saves what it reads
/// Numeric  PyTorch's default: the mean over all elements, which is no divergence; use batchmean
/// Throws   ShapeError: batchmean of x of rank 0
/// Source   Kullback and Leibler, On Information and Sufficiency, 1951
template <Floating T>
Tensor<T> kl_div(const Tensor<T>& x, const Tensor<T>& target, const KlDivOptions& options = {}) {
    const Reduction reduction = options.batchmean ? Reduction::sum : options.reduction;
    const Tensor<T> loss =
        options.log_target
            ? detail::reduced_map(
                  "kl_div", reduction, [](const auto& v, const auto& t) { return exp(t) * (t - v); }, x,
                  target)
            : detail::reduced_map(
                  "kl_div", reduction,
                  [](const auto& v, const auto& t) { return where(t == 0, 0, t * log(t)) - t * v; }, x,
                  target);
    if (!options.batchmean) return loss;
    if (x.rank() == 0) detail::fail<ShapeError>("kl_div", "x of rank 0 has no batch");
    return loss / static_cast<double>(x.size(0));
}

struct GaussianNllOptions {
    bool full = false;  // with log(2 pi) / 2
    double eps = 1e-6;  // the least variance
    Reduction reduction = Reduction::mean;
};

/// Negative log-likelihood of normal numbers, in nats.
///   loss = (log v + (x - target)^2 / v) / 2,  v = max(variance, eps)
/// Shape    x (means), target, variance broadcast together -> () or, without reduction, their common shape
/// Grad     by all three; nothing by a variance that eps replaces, where PyTorch's goes through
/// Throws   ValueError: eps not positive
/// Source   Nix and Weigend, Estimating the Mean and Variance of the Target Probability Distribution, 1994
template <Floating T>
Tensor<T> gaussian_nll_loss(const Tensor<T>& x, const Tensor<T>& target, const Tensor<T>& variance,
                            const GaussianNllOptions& options = {}) {
    if (!(options.eps > 0))
        detail::fail<ValueError>("gaussian_nll_loss", "eps is ", options.eps, "; it must be positive");
    return detail::reduced_map(
        "gaussian_nll_loss", options.reduction,
        [](const auto& m, const auto& t, const auto& variance_, const auto& eps, const auto& constant) {
            const auto v = where(variance_ < eps, eps, variance_);
            return 0.5 * (log(v) + (m - t) * (m - t) / v) + constant;
        },
        x, target, variance, options.eps, options.full ? 0.5 * std::log(2 * std::numbers::pi) : 0.0);
}

struct PoissonNllOptions {
    bool log_input = true;  // x is the logarithm of the rate
    bool full = false;      // with Stirling's log(target!), where the target is above 1
    double eps = 1e-8;      // added to a rate that is not given by its logarithm
    Reduction reduction = Reduction::mean;
};

/// Negative log-likelihood of counts, in nats.
///   loss = exp(x) - t x, or x - t log(x + eps)
/// Shape    x, target broadcast together -> () or, without reduction, their common shape
/// Grad     by both;  saves x, target
template <Floating T>
Tensor<T> poisson_nll_loss(const Tensor<T>& x, const Tensor<T>& target,
                           const PoissonNllOptions& options = {}) {
    const Reduction first = options.full ? Reduction::none : options.reduction;
    const Tensor<T> losses =
        options.log_input
            ? detail::reduced_map(
                  "poisson_nll_loss", first, [](const auto& v, const auto& t) { return exp(v) - t * v; }, x,
                  target)
            : detail::reduced_map(
                  "poisson_nll_loss", first,
                  [](const auto& v, const auto& t, const auto& eps) { return v - t * log(v + eps); }, x,
                  target, options.eps);
    if (!options.full) return losses;
    const Tensor<T> factorial = map(
        "log_factorial",
        [](const auto& t) { return where(t > 1, t * log(t) - t + 0.5 * log(2 * std::numbers::pi * t), 0); },
        target);
    return detail::reduced(losses + factorial, options.reduction);
}

}
