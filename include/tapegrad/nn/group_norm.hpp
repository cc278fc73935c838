// Normalisation of groups of channels, with a learned scale and shift.
#pragma once

#include "../ops/group_norm.hpp"
#include "init.hpp"
#include "module.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct GroupNormOptions {
    double eps = 1e-5;
    bool affine = true;
};

/// y = (x - mean) / sqrt(variance + eps) * weight + bias, over groups of neighbouring channels
/// Shape    x (batch, channels, ...) -> y, same shape; weight, bias (channels,) or undefined
/// Numeric  begins with weight 1 and bias 0
/// Source   Wu and He, Group Normalization, 2018
template <Floating T = float>
struct GroupNorm {
    Tensor<T> weight, bias;
    int64_t num_groups = 1;
    double eps = 1e-5;
    TAPEGRAD_FIELDS(weight, bias, num_groups, eps);

    GroupNorm() = default;
    /// Throws   ValueError: groups that do not divide the channels
    GroupNorm(int64_t groups, int64_t channels, GroupNormOptions options = {})
        : num_groups(groups), eps(options.eps) {
        if (groups < 1 || channels % groups != 0)
            detail::fail<ValueError>("GroupNorm", channels, " channels are no ", groups, " equal groups");
        if (!options.affine) return;
        weight = parameter(ones<T>({channels}));
        bias = parameter(zeros<T>({channels}));
    }

    Tensor<T> operator()(const Tensor<T>& x) const { return group_norm(x, num_groups, weight, bias, eps); }
};
GroupNorm(int64_t, int64_t)->GroupNorm<float>;
GroupNorm(int64_t, int64_t, GroupNormOptions)->GroupNorm<float>;

}
