// Cross entropy with a weight for each class, and with distributions as targets.
#pragma once

#include "../ops/softmax.hpp"
#include "nll.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Cross entropy between logits and class numbers, each class with its weight, in nats.
///   loss_r = -(1 - s) w[t] log p_r[t] - s / classes sum_c w[c] log p_r[c],  p = softmax(x), t = target_r
/// Shape    logits (..., classes), targets (...), weight (classes,) -> () for mean and sum, targets' shape for
///          none
/// Grad     by logits and weight
/// Numeric  the mean divides by the sum of the weights of the targets that count; without one it is NaN
/// Throws   ShapeError: shapes that do not fit; IndexError: a target outside [0, classes) that is not ignore_index;
///          ValueError: label_smoothing outside [0, 1]
template <Floating T>
Tensor<T> cross_entropy(const Tensor<T>& logits, const Tensor<int64_t>& targets,
                        const CrossEntropyOptions& options, const Tensor<T>& weight) {
    detail::check_targets("cross_entropy", "logits", logits.shape(), targets.shape());
    detail::check_smoothing(options.label_smoothing);
    const int64_t classes = logits.size(-1);
    detail::check_class_weight("cross_entropy", weight, classes);
    const detail::CountedTargets<T> at("cross_entropy", targets, classes, options.ignore_index);
    const Tensor<T> p = log_softmax(logits, -1), weights = at.weigh(weight);
    Tensor<T> losses = -(at.pick(p) * weights);
    if (const double s = options.label_smoothing; s > 0)
        losses =
            losses * (1 - s) - where(at.counts, sum(p * weight, -1), 0) * (s / static_cast<double>(classes));
    if (options.reduction == Reduction::mean) return detail::counted_mean(losses, weights);
    return detail::reduced(losses, options.reduction);
}

/// Cross entropy between logits and distributions over the classes, in nats.
///   loss_r = -sum_c weight_c q_rc log softmax(x_r)[c], with q = (1 - s) target + s / classes
/// Shape    logits, targets (..., classes), weight (classes,) or undefined -> () for mean and sum, (...) for
///          none; the mean divides by the number of rows, whatever the weights
/// Grad     by logits, targets and weight
/// Throws   ShapeError: shapes that do not fit; ValueError: label_smoothing outside [0, 1]
template <Floating T>
Tensor<T> cross_entropy(const Tensor<T>& logits, const Tensor<T>& targets,
                        const CrossEntropyOptions& options = {}, const Tensor<T>& weight = {}) {
    if (logits.rank() == 0 || logits.shape() != targets.shape())
        detail::fail<ShapeError>("cross_entropy", "logits ", logits.shape(), " and distributions ",
                                 targets.shape(), " differ");
    detail::check_smoothing(options.label_smoothing);
    detail::check_class_weight("cross_entropy", weight, logits.size(-1));
    const double s = options.label_smoothing;
    const Tensor<T> q = s == 0 ? targets : targets * (1 - s) + s / static_cast<double>(logits.size(-1));
    const Tensor<T> terms = q * log_softmax(logits, -1);
    return detail::reduced(-sum(weight.defined() ? terms * weight : terms, -1), options.reduction);
}

}
