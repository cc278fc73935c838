// Root-mean-square normalisation with a learned scale.
#pragma once

#include <optional>

#include "../ops/rms_norm.hpp"
#include "init.hpp"
#include "module.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct RMSNormOptions {
    std::optional<double> eps = {};  // none: the machine's epsilon, as in PyTorch
    bool affine = true;
};

/// y = x / sqrt(mean(x^2) + eps) * weight, over the last axis
/// Shape    x (..., n) -> y, same shape; weight (n,) or undefined
/// Numeric  begins with weight 1
/// Source   Zhang and Sennrich, Root Mean Square Layer Normalization, 2019
template <Floating T = float>
struct RMSNorm {
    static constexpr double eps_of_type = static_cast<double>(std::numeric_limits<T>::epsilon());
    Tensor<T> weight;
    double eps = eps_of_type;
    TAPEGRAD_FIELDS(weight, eps);

    RMSNorm() = default;
    /// Throws   ShapeError: a negative size
    explicit RMSNorm(int64_t n, RMSNormOptions options = {}) : eps(options.eps.value_or(eps_of_type)) {
        if (options.affine) weight = parameter(ones<T>({n}));
    }

    Tensor<T> operator()(const Tensor<T>& x) const { return rms_norm(x, weight, eps); }
};
RMSNorm(int64_t)->RMSNorm<float>;
RMSNorm(int64_t, RMSNormOptions)->RMSNorm<float>;

}
