// Batch normalisation with running moments.
#pragma once

#include "../ops/batch_norm.hpp"
#include "init.hpp"
#include "module.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct BatchNormModuleOptions {
    double eps = 1e-5;
    std::optional<double> momentum = 0.1;  // none: running moments are the mean of all batches
    bool affine = true;
    bool track_running_stats = true;  // else the moments of the batch serve in evaluation too
};

namespace detail {

/// Gives a normalisation its scale and shift, and its running moments, where it has them.
template <class Norm>
void begin_norm(Norm& norm, int64_t channels, bool affine, bool tracks) {
    using T = typename decltype(norm.weight)::value_type;
    if (affine) {
        norm.weight = parameter(ones<T>({channels}));
        norm.bias = parameter(zeros<T>({channels}));
    }
    if (!tracks) return;
    norm.running_mean = zeros<T>({channels});
    norm.running_var = ones<T>({channels});
    norm.num_batches_tracked = Tensor<int64_t>(int64_t{0});
}

}

/// y = (x - mean) / sqrt(variance + eps) * weight + bias, for each channel over the batch; in evaluation with the
/// running moments, which training moves
/// Shape    x (batch, channels, ...), any number of axes behind -> y, same shape; all members (channels,)
/// Numeric  begins with weight 1, bias 0, running mean 0 and variance 1. It is PyTorch's BatchNorm1d, 2d and 3d,
///          with their keys; a call in training writes to the buffers, which a copied handle shares
/// Source   Ioffe and Szegedy, Batch Normalization, 2015
template <Floating T = float>
struct BatchNorm {
    Tensor<T> weight, bias;
    Buffer<T> running_mean, running_var;
    Buffer<int64_t> num_batches_tracked;
    double eps = 1e-5;
    std::optional<double> momentum = 0.1;
    bool training = true;
    TAPEGRAD_FIELDS(weight, bias, running_mean, running_var, num_batches_tracked, eps, momentum, training);

    BatchNorm() = default;
    /// Throws   ShapeError: a negative size
    explicit BatchNorm(int64_t channels, BatchNormModuleOptions options = {})
        : eps(options.eps), momentum(options.momentum) {
        detail::begin_norm(*this, channels, options.affine, options.track_running_stats);
    }

    Tensor<T> operator()(const Tensor<T>& x) const {
        const bool tracks = running_mean.defined();
        double share = momentum.value_or(0);
        if (training && tracks) {
            const int64_t batches = num_batches_tracked.item() + 1;
            fill_<int64_t>(num_batches_tracked, batches);
            if (!momentum) share = 1 / static_cast<double>(batches);
        }
        return batch_norm<T>(x, running_mean, running_var, weight, bias,
                             {.training = training || !tracks, .momentum = share, .eps = eps});
    }
};
BatchNorm(int64_t)->BatchNorm<float>;
BatchNorm(int64_t, BatchNormModuleOptions)->BatchNorm<float>;

/// Of (batch, channels) or (batch, channels, length).
template <Floating T = float>
using BatchNorm1d = BatchNorm<T>;
/// Of (batch, channels, height, width).
template <Floating T = float>
using BatchNorm2d = BatchNorm<T>;

}
