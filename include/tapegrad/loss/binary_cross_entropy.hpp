// Losses of yes and no: binary cross entropy of logits and of probabilities, and the focal loss.
#pragma once

#include "../ops/activation.hpp"
#include "reduction.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Binary cross entropy between logits and probabilities, in nats.
///   loss = -(p t log sigmoid(x) + (1 - t) log(1 - sigmoid(x))),  with p = pos_weight, 1 when undefined
/// Shape    x, target in [0, 1], weight and pos_weight broadcast together -> () or, without reduction, their
///          common shape; weight multiplies the loss of each item
/// Grad     by all of them; dx = (sigmoid(x) - t) / n without weights;  saves what it reads
/// Numeric  no overflow; relative error of some ulp for any finite x
/// See      binary_cross_entropy, focal_loss
template <Floating T>
Tensor<T> binary_cross_entropy_with_logits(const Tensor<T>& x, const Tensor<T>& target,
                                           Reduction reduction = Reduction::mean,
                                           const Tensor<T>& weight = {}, const Tensor<T>& pos_weight = {}) {
    constexpr const char* name = "binary_cross_entropy_with_logits";
    const Reduction first = weight.defined() ? Reduction::none : reduction;
    const Tensor<T> losses =
        pos_weight.defined()
            ? detail::reduced_map(
                  name, first,
                  [](const auto& v, const auto& t, const auto& p) {
                      return (1 - t) * v - (1 + (p - 1) * t) * logsigmoid(v);
                  },
                  x, target, pos_weight)
            : detail::reduced_map(
                  name, first, [](const auto& v, const auto& t) { return (1 - t) * v - logsigmoid(v); }, x,
                  target);
    return weight.defined() ? detail::reduced(losses, weight, reduction) : losses;
}

/// Binary cross entropy between probabilities, in nats.
///   loss = -(t log x + (1 - t) log(1 - x)), each logarithm at least -100
/// Shape    x and target in [0, 1], and weight, broadcast together -> () or, without reduction, their common
///          shape; weight multiplies the loss of each item
/// Grad     dx = (x - t) / (x (1 - x) n);  saves x, target. A logarithm that is held at -100 gives nothing
/// Numeric  log(1 - x) loses what 1 - x rounds away: prefer the one with logits. NaN for x outside [0, 1]
template <Floating T>
Tensor<T> binary_cross_entropy(const Tensor<T>& x, const Tensor<T>& target,
                               Reduction reduction = Reduction::mean, const Tensor<T>& weight = {}) {
    const Tensor<T> losses = detail::reduced_map(
        "binary_cross_entropy", weight.defined() ? Reduction::none : reduction,
        [](const auto& p, const auto& t) {
            const auto yes = log(p), no = log1p(-p);
            return (t - 1) * where(no < -100, -100, no) - t * where(yes < -100, -100, yes);
        },
        x, target);
    return weight.defined() ? detail::reduced(losses, weight, reduction) : losses;
}

struct FocalOptions {
    double alpha = 0.25;  // weight of the positive items, 1 - alpha of the others; below 0: none
    double gamma = 2;     // how much less the easy items count
    Reduction reduction = Reduction::mean;
};

/// Binary cross entropy in which items that are right already count little.
///   loss = alpha_t (1 - p_t)^gamma (-log p_t), with p_t the probability that x gives to the target
/// Shape    x (logits), target in [0, 1], broadcast together -> () or, without reduction, their common shape
/// Grad     by both;  saves x, target
/// Numeric  as torchvision's sigmoid_focal_loss, whose default is no reduction
/// Throws   ValueError: gamma negative or NaN
/// Source   Lin et al., Focal Loss for Dense Object Detection, 2017
template <Floating T>
Tensor<T> focal_loss(const Tensor<T>& x, const Tensor<T>& target, const FocalOptions& options = {}) {
    if (!(options.gamma >= 0))
        detail::fail<ValueError>("focal_loss", "gamma is ", options.gamma, "; it must not be negative");
    const bool balanced = options.alpha >= 0;
    return detail::reduced_map(
        "focal_loss", options.reduction,
        [](const auto& v, const auto& t, const auto& gamma, const auto& yes, const auto& no) {
            const auto entropy = (1 - t) * v - logsigmoid(v);
            const auto miss = sigmoid(-v) * t + sigmoid(v) * (1 - t);
            return (yes * t + no * (1 - t)) * pow(miss, gamma) * entropy;
        },
        x, target, options.gamma, balanced ? options.alpha : 1.0, balanced ? 1 - options.alpha : 1.0);
}

}
