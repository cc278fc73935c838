// Instance normalisation, with or without a learned scale and shift and running moments.
#pragma once

#include "../ops/instance_norm.hpp"
#include "batch_norm.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct InstanceNormOptions {
    double eps = 1e-5;
    double momentum = 0.1;
    bool affine = false;
    bool track_running_stats = false;  // evaluation by running moments, not by those of the instance
};

/// y = (x - mean) / sqrt(variance + eps) * weight + bias, over each channel of each item; in evaluation with the
/// running moments where there are some, which training moves towards the mean of those of the items
/// Shape    x (batch, channels, length, ...) -> y, same shape; all members (channels,)
/// Numeric  PyTorch's InstanceNorm1d, 2d and 3d, with their keys, which by default have neither parameters nor
///          buffers; num_batches_tracked stays 0 there and here
/// Source   Ulyanov et al., Instance Normalization, 2016
template <Floating T = float>
struct InstanceNorm {
    Tensor<T> weight, bias;
    Buffer<T> running_mean, running_var;
    Buffer<int64_t> num_batches_tracked;
    double eps = 1e-5;
    double momentum = 0.1;
    bool training = true;
    TAPEGRAD_FIELDS(weight, bias, running_mean, running_var, num_batches_tracked, eps, momentum, training);

    InstanceNorm() = default;
    /// Throws   ShapeError: a negative size
    explicit InstanceNorm(int64_t channels, InstanceNormOptions options = {})
        : eps(options.eps), momentum(options.momentum) {
        detail::begin_norm(*this, channels, options.affine, options.track_running_stats);
    }

    Tensor<T> operator()(const Tensor<T>& x) const {
        if (!running_mean.defined()) return instance_norm<T>(x, weight, bias, eps);
        return instance_norm<T>(x, running_mean, running_var, weight, bias,
                                {.training = training, .momentum = momentum, .eps = eps});
    }
};
InstanceNorm(int64_t)->InstanceNorm<float>;
InstanceNorm(int64_t, InstanceNormOptions)->InstanceNorm<float>;

}
