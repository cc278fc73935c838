// Variances and standard deviations over axes.
#pragma once

#include "reduce.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// How a variance is reduced.
struct VarOptions {
    double correction = 1;  // subtracted from n: 1 for a sample (Bessel), 0 for a whole population
    bool keepdims = false;
};

template <class T>
struct VarMean {
    Tensor<T> var, mean;
};
template <class T>
struct StddevMean {
    Tensor<T> stddev, mean;
};

/// Variance of elements.
///   y = sum_i (x_i - mean x)^2 / max(0, n - correction)
/// Shape    x (any) -> y without `axes`, or with size 1 there
/// Grad     dx = dy 2 (x - mean x) / max(0, n - correction);  saves x
/// Numeric  two passes: nothing cancels; NaN for n = correction, and of none
/// Throws   ShapeError: an axis outside [-rank, rank), or named twice
/// See      stddev, var_mean
template <Floating T>
Tensor<T> var(const Tensor<T>& x, const ReduceAxes& axes = {}, const VarOptions& options = {}) {
    const detail::AxisMask mask = detail::axis_mask("var", axes, x.rank());
    const auto n = static_cast<double>(detail::reduced_count(x.shape(), mask));
    const auto free = static_cast<T>(n > options.correction ? n - options.correction : 0);
    Tensor<T> y;
    {
        const no_grad values;
        const auto square_of = [](const auto& v, const auto& m) TAPEGRAD_LAMBDA { return (v - m) * (v - m); };
        const Tensor<T> squares = detail::evaluate("var", square_of, x, mean(x, axes, true));
        const Tensor<T> total = detail::sum_values(squares, mask, options.keepdims);
        y = detail::evaluate(
            "var", [free](const auto& v) TAPEGRAD_LAMBDA { return v / free; }, total);
    }
    return record("var", y, {x}, [x, axes, mask, free](const Tensor<T>& dy) {
        return map(
            "var",
            [scale = 2 / free](const auto& g, const auto& v, const auto& m) { return g * scale * (v - m); },
            detail::unreduced(dy, x.shape(), mask), x, mean(x, axes, true));
    });
}

/// Standard deviation of elements: PyTorch's `std`, which in C++ is the name of a namespace.
///   y = sqrt(sum_i (x_i - mean x)^2 / max(0, n - correction))
/// Shape    x (any) -> y without `axes`, or with size 1 there
/// Grad     dx = dy (x - mean x) / (y max(0, n - correction)), 0 where y is 0;  saves x, y
/// Numeric  two passes: nothing cancels; NaN for n = correction, and of none
/// Throws   ShapeError: an axis outside [-rank, rank), or named twice
/// See      var, std_mean
template <Floating T>
Tensor<T> stddev(const Tensor<T>& x, const ReduceAxes& axes = {}, const VarOptions& options = {}) {
    detail::axis_mask("stddev", axes, x.rank());
    const Tensor<T> variance = var(x, axes, options);
    const Tensor<T> root = detail::evaluate(
        "stddev", [](const auto& v) TAPEGRAD_LAMBDA { return sqrt(v); }, variance);
    return record("stddev", root, {variance}, [](const Tensor<T>& dy, const Tensor<T>& y) {
        return map(
            "stddev",
            [](const auto& g, const auto& s) { return where(s == 0, 0, g * 0.5 / where(s == 0, 1, s)); }, dy,
            y);
    });
}

/// Variance and mean of the same elements.
/// Shape    x (any) -> var, mean, both without `axes`, or with size 1 there
/// Grad     that of var and that of mean
/// Throws   ShapeError: an axis outside [-rank, rank), or named twice
/// See      var, mean, std_mean
template <Floating T>
VarMean<T> var_mean(const Tensor<T>& x, const ReduceAxes& axes = {}, const VarOptions& options = {}) {
    detail::axis_mask("var_mean", axes, x.rank());
    return {var(x, axes, options), mean(x, axes, options.keepdims)};
}

/// Standard deviation and mean of the same elements.
/// Shape    x (any) -> stddev, mean, both without `axes`, or with size 1 there
/// Grad     that of stddev and that of mean
/// Throws   ShapeError: an axis outside [-rank, rank), or named twice
/// See      stddev, mean, var_mean
template <Floating T>
StddevMean<T> std_mean(const Tensor<T>& x, const ReduceAxes& axes = {}, const VarOptions& options = {}) {
    detail::axis_mask("std_mean", axes, x.rank());
    return {stddev(x, axes, options), mean(x, axes, options.keepdims)};
}

}
