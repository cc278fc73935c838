// Layer normalisation with a learned scale and shift.
#pragma once

#include "../ops/layer_norm.hpp"
#include "init.hpp"
#include "module.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct LayerNormOptions {
    double eps = 1e-5;
    bool bias = true;
};

/// y = (x - mean) / sqrt(variance + eps) * weight + bias, over the last axis
/// Shape    x (..., n) -> y, same shape; weight (n,), bias (n,) or undefined
/// Numeric  begins with weight 1 and bias 0
/// Source   Ba et al., Layer Normalization, 2016
template <Floating T = float>
struct LayerNorm {
    Tensor<T> weight, bias;
    double eps = 1e-5;
    TAPEGRAD_FIELDS(weight, bias, eps);

    LayerNorm() = default;
    /// Throws   ShapeError: a negative size
    explicit LayerNorm(int64_t n, LayerNormOptions options = {})
        : weight(parameter(ones<T>({n}))), eps(options.eps) {
        if (options.bias) bias = parameter(zeros<T>({n}));
    }

    Tensor<T> operator()(const Tensor<T>& x) const { return layer_norm(x, weight, bias, eps); }
};
LayerNorm(int64_t)->LayerNorm<float>;
LayerNorm(int64_t, LayerNormOptions)->LayerNorm<float>;

}
