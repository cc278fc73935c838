// Negative log-likelihood of class numbers.
#pragma once

#include "../ops/indexing.hpp"
#include "../ops/logical.hpp"
#include "cross_entropy.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct NllOptions {
    int64_t ignore_index = -100;  // targets that do not count
    Reduction reduction = Reduction::mean;
};

namespace detail {

inline void check_class_weight(const char* op, const TensorBase& weight, int64_t classes) {
    if (weight.defined() && weight.shape() != Shape{classes})
        fail<ShapeError>(op, "weight ", weight.shape(), " must be (", classes, ",), one for each class");
}

/// Targets as row-major rows, which of them count, and what stands for those that do not.
template <class T>  // of x: who asks for no class numbers compiles no integers
struct CountedTargets {
    Tensor<int64_t> classes;  // 0 where ignored
    Tensor<bool> counts;

    /// Throws   IndexError: a target outside [0, classes) that is not ignored
    CountedTargets(const char* op, const Tensor<int64_t>& targets, int64_t n, int64_t ignore_index) {
        const Tensor<int64_t> packed = detail::contiguous(targets);
        const int64_t wrong = simd::invalid_target(packed.data(), packed.numel(), n, ignore_index);
        if (wrong >= 0)
            fail<IndexError>(op, "target ", packed.data()[wrong], " at place ", wrong, " is outside [0, ", n,
                             ")");
        counts = packed != ignore_index;
        classes = where(counts, packed, 0);
    }
    /// Elements of x (..., n) at the targets, 0 where ignored: (...).
    Tensor<T> pick(const Tensor<T>& x) const {
        return where(counts, squeeze(gather(x, -1, unsqueeze(classes, -1)), -1), 0);
    }
    /// The weight of each target, 0 where ignored; all 1 without weights.
    Tensor<T> weigh(const Tensor<T>& weight) const {
        if (!weight.defined()) return where(counts, T(1), Tensor<T>(T(0)));
        return where(counts, reshape(gather(weight, 0, flatten(classes)), classes.shape()), 0);
    }
};

/// The mean over what counts. That of nothing is NaN, but its gradient is zero: 1 / 0 must not meet the zeros
/// of ignored items.
template <class T>
Tensor<T> counted_mean(const Tensor<T>& losses, const Tensor<T>& weights) {
    const Tensor<T> total = sum(losses), count = sum(weights);
    if (count.item() == T(0)) return total + std::numeric_limits<T>::quiet_NaN();
    return total / count;
}

}

/// Negative log-likelihood of class numbers, given log-probabilities.
///   loss_r = -weight[target_r] x_r[target_r];  the mean divides by the sum of the weights that count
/// Shape    x (..., classes), targets (...), weight (classes,) or undefined -> () for mean and sum, targets'
///          shape for none. PyTorch's class axis is the second; here it is the last, as in cross_entropy
/// Grad     dx_r[target_r] = -weight[target_r] dloss_r, 0 elsewhere; by weight too;  saves targets
/// Numeric  the mean over no targets is NaN, as in PyTorch
/// Throws   ShapeError: shapes that do not fit; IndexError: a target outside [0, classes) that is not
///          ignore_index
/// See      cross_entropy, log_softmax
template <Floating T>
Tensor<T> nll_loss(const Tensor<T>& x, const Tensor<int64_t>& targets, const NllOptions& options = {},
                   const Tensor<T>& weight = {}) {
    detail::check_targets("nll_loss", "x", x.shape(), targets.shape());
    const int64_t classes = x.size(-1);
    detail::check_class_weight("nll_loss", weight, classes);
    const detail::CountedTargets<T> at("nll_loss", targets, classes, options.ignore_index);
    const Tensor<T> weights = at.weigh(weight), losses = -(at.pick(x) * weights);
    if (options.reduction == Reduction::mean) return detail::counted_mean(losses, weights);
    return detail::reduced(losses, options.reduction);
}

}
