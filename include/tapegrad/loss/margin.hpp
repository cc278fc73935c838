// Losses that are satisfied by a margin.
#pragma once

#include "../ops/activation.hpp"
#include "nll.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct HingeEmbeddingOptions {
    double margin = 1;
    Reduction reduction = Reduction::mean;
};

/// Small distances of what is alike, large ones of what is not.
///   loss = x where the target is 1, max(0, margin - x) where it is -1
/// Shape    x, target of 1 and -1, broadcast together -> () or, without reduction, their common shape
/// Grad     dx = 1 / n where the target is 1, -1 / n where it is -1 and x < margin;  saves x, target
template <Floating T>
Tensor<T> hinge_embedding_loss(const Tensor<T>& x, const Tensor<T>& target,
                               const HingeEmbeddingOptions& options = {}) {
    return detail::reduced_map(
        "hinge_embedding_loss", options.reduction,
        [](const auto& v, const auto& t, const auto& margin) {
            return where(t == -1, 0, v) + where(t == 1, 0, relu(margin - v));
        },
        x, target, options.margin);
}

/// Logistic loss of targets 1 and -1.
///   loss = log(1 + exp(-target x))
/// Shape    x, target broadcast together -> () or, without reduction, their common shape
/// Grad     dx = -target sigmoid(-target x) / n;  saves x, target
template <Floating T>
Tensor<T> soft_margin_loss(const Tensor<T>& x, const Tensor<T>& target,
                           Reduction reduction = Reduction::mean) {
    return detail::reduced_map(
        "soft_margin_loss", reduction, [](const auto& v, const auto& t) { return softplus(-(t * v)); }, x,
        target);
}

struct MarginRankingOptions {
    double margin = 0;
    Reduction reduction = Reduction::mean;
};

/// The right order of two scores.
///   loss = max(0, margin - target (a - b)): target 1 wants a above b, -1 wants it below
/// Shape    a, b, target broadcast together -> () or, without reduction, their common shape
/// Grad     da = -target / n where the loss is positive, db = -da;  saves a, b, target
template <Floating T>
Tensor<T> margin_ranking_loss(const Tensor<T>& a, const Tensor<T>& b, const Tensor<T>& target,
                              const MarginRankingOptions& options = {}) {
    return detail::reduced_map(
        "margin_ranking_loss", options.reduction,
        [](const auto& u, const auto& v, const auto& t, const auto& margin) {
            return relu(margin - t * (u - v));
        },
        a, b, target, options.margin);
}

struct MultiMarginOptions {
    int p = 1;  // 1 or 2: the power of what is missing
    double margin = 1;
    Reduction reduction = Reduction::mean;
};

/// The score of the target class above every other one.
///   loss_r = 1 / classes sum over c != t of weight_t max(0, margin - x_rt + x_rc)^p,  t = target_r
/// Shape    x (..., classes), targets (...), weight (classes,) or undefined -> () or, without reduction, the
///          shape of targets
/// Grad     by x and weight;  saves x, targets
/// Throws   ShapeError: shapes that do not fit; IndexError: a target outside [0, classes); ValueError: p
///          neither 1 nor 2
/// Source   Crammer and Singer, On the Algorithmic Implementation of Multiclass Kernel-based Vector Machines,
///          2001
template <Floating T>
Tensor<T> multi_margin_loss(const Tensor<T>& x, const Tensor<int64_t>& targets,
                            const MultiMarginOptions& options = {}, const Tensor<T>& weight = {}) {
    detail::check_targets("multi_margin_loss", "x", x.shape(), targets.shape());
    if (options.p != 1 && options.p != 2)
        detail::fail<ValueError>("multi_margin_loss", "p is ", options.p, "; it must be 1 or 2");
    const int64_t classes = x.size(-1);
    detail::check_class_weight("multi_margin_loss", weight, classes);
    const detail::CountedTargets<T> at("multi_margin_loss", targets, classes, -1);
    const Tensor<T> own = unsqueeze(at.pick(x), -1);  // (..., 1)
    const Tensor<bool> others = arange<int64_t>(classes) != unsqueeze(at.classes, -1);
    Tensor<T> missing = where(others, relu(x - own + options.margin), 0);  // (..., classes)
    if (options.p == 2) missing = square(missing);
    const Tensor<T> losses = sum(missing, -1) / static_cast<double>(classes);
    return detail::reduced(losses, weight.defined() ? at.weigh(weight) : weight, options.reduction);
}

}
