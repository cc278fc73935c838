// Cross entropy of logits and class numbers.
#pragma once

#include "../ops/elementwise.hpp"
#include "../ops/movement.hpp"
#include "../ops/reduce.hpp"
#include "../simd/cross_entropy.hpp"
#include "reduction.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct CrossEntropyOptions {
    int64_t ignore_index = -100;  // targets that do not count
    double label_smoothing = 0;   // in [0, 1]: what is spread evenly over all classes
    Reduction reduction = Reduction::mean;
};

namespace detail {

/// Throws   ShapeError: targets have other axes than the rows of x
inline void check_targets(const char* op, const char* what, const Shape& x, const Shape& targets) {
    if (x.rank() == 0 || without_last(x) != targets)
        fail<ShapeError>(op, what, " ", x, " and targets ", targets, " do not fit: targets have the axes of ",
                         what, " without the last");
}
inline void check_smoothing(double s) {
    if (!(s >= 0 && s <= 1))
        fail<ValueError>("cross_entropy", "label_smoothing is ", s, "; it must be in [0, 1]");
}

/// The loss of each row (rows, classes) -> (rows), 0 where the target is ignored.
template <class T>
Tensor<T> cross_entropy_rows(const Tensor<T>& logits, const Tensor<int64_t>& targets,
                             const simd::CrossEntropy& options) {
    const int64_t rows = logits.size(0), classes = logits.size(1);
    const Tensor<T> x = detail::contiguous(logits);
    Tensor<T> loss = empty<T>({rows}), lse = empty<T>({rows});
    const int64_t wrong =
        simd::cross_entropy(x.data(), targets.data(), output(loss), output(lse), rows, classes, options);
    if (wrong >= 0)
        fail<IndexError>("cross_entropy", "target ", targets.data()[wrong], " at place ", wrong,
                         " is outside [0, ", classes, ")");
    return record(
        "cross_entropy", loss, {logits},
        [logits, targets, lse, options](const Tensor<T>& dy) {
            const Tensor<T> packed = detail::contiguous(logits), slope = detail::contiguous(dy);
            Tensor<T> dx = empty<T>(packed.shape());
            simd::cross_entropy_backward(packed.data(), targets.data(), lse.data(), slope.data(), 1, T(1),
                                         output(dx), packed.size(0), packed.size(1), options);
            return dx;
        },
        [targets, lse, options](const Tensor<T>& u) {
            Tensor<T> p = empty<T>(u.shape());
            simd::target_distribution(targets.data(), output(p), u.size(0), u.size(1), options);
            const Tensor<T> known = view_of(lse, {u.size(0), 1}, {1, 1});  // log_softmax without its kernels
            return sum(p * (log(sum(exp(u - known), -1, true)) + known - u), -1);
        });
}

}

/// Cross entropy between logits and class numbers, in nats.
///   loss_r = -(1 - s) log softmax(x_r)[target_r] - s mean(log softmax(x_r)), with s = label_smoothing
/// Shape    logits (..., classes), targets (...) of the same leading axes -> () for mean and sum, targets'
///          shape for none
/// Grad     dx_r = (softmax(x_r) - smoothed target) * dloss_r;  saves logits and the log-sum-exp of each row
/// Numeric  the mean is over the targets that count; without one it is NaN, as in PyTorch
/// Throws   ShapeError: shapes that do not fit; IndexError: a target outside [0, classes) that is not ignore_index;
///          ValueError: label_smoothing outside [0, 1]
/// See      weighted_cross_entropy.hpp for weights of classes and distributions as targets
template <Floating T>
Tensor<T> cross_entropy(const Tensor<T>& logits, const Tensor<int64_t>& targets,
                        const CrossEntropyOptions& options = {}) {
    detail::check_targets("cross_entropy", "logits", logits.shape(), targets.shape());
    detail::check_smoothing(options.label_smoothing);
    const int64_t classes = logits.size(-1), rows = targets.numel();
    const Tensor<int64_t> flat = detail::view_of(detail::contiguous(targets), {rows}, {1});
    const Tensor<T> losses = detail::cross_entropy_rows(reshape(logits, {rows, classes}), flat,
                                                        {options.ignore_index, options.label_smoothing});
    if (options.reduction == Reduction::none) return reshape(losses, targets.shape());
    const Tensor<T> total = sum(losses);
    if (options.reduction == Reduction::sum) return total;
    const int64_t counted = simd::counted_targets(flat.data(), rows, options.ignore_index);
    // The mean of nothing is NaN, but its gradient is zero: 1 / 0 must not meet the zeros of ignored rows.
    if (counted == 0) return total + std::numeric_limits<T>::quiet_NaN();
    return total / static_cast<double>(counted);
}

}
