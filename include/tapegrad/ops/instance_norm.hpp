// Instance normalisation, by the moments of the instance or by running ones.
#pragma once

#include "batch_norm.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

template <class T>
simd::NormSets instance_sets(const Tensor<T>& x, const Tensor<T>& weight, const Tensor<T>& bias) {
    simd::NormSets s = norm_sets("instance_norm", x, weight, bias);
    if (x.rank() < 3)
        fail<ShapeError>("instance_norm", "x ", x.shape(), " must be (batch, channels, length, ...)");
    s.groups = s.channels;
    return s;
}
/// Throws   ValueError: one element a channel
template <class T>
void check_instance(const Tensor<T>& x, const simd::NormSets& s) {
    if (s.inner == 1)
        fail<ValueError>("instance_norm", "x ", x.shape(),
                         " has one element a channel, which would be 0 whatever it is");
}

}

/// Normalisation of each channel of each item by itself.
///   y = (x - mean) / sqrt(var + eps) * weight[channel] + bias[channel], moments over all behind the channel
/// Shape    x (batch, channels, ...), weight and bias (channels,) or undefined -> y, same shape as x
/// Grad     by x, weight and bias
/// Throws   ShapeError: rank below 3, weight or bias not (channels,); ValueError: a channel of one element
/// Source   Ulyanov et al., Instance Normalization, 2016
template <Floating T>
Tensor<T> instance_norm(const Tensor<T>& x, const Tensor<T>& weight = {}, const Tensor<T>& bias = {},
                        double eps = 1e-5) {
    const simd::NormSets s = detail::instance_sets(x, weight, bias);
    detail::check_instance(x, s);
    if (s.channels == 0) return x;
    Tensor<T> mean, variance;
    return detail::normalize_sets("instance_norm", x, weight, bias, s, eps, mean, variance);
}

/// The same with running moments: in training they move towards the mean of the moments of the items, else
/// they normalise.
/// Shape    x (batch, channels, ...), the others (channels,) or undefined -> y, same shape as x
/// Grad     training: by x, weight and bias through the moments; else of an affine map
/// Numeric  in training the biased variance normalises and the unbiased one is run, as in PyTorch; the
///          running tensors are written to
/// Throws   ShapeError: rank below 3, or a parameter not (channels,); ValueError: training with one element a
///          channel, or no running moments outside training
/// See      batch_norm
template <Floating T>
Tensor<T> instance_norm(const Tensor<T>& x, const Tensor<T>& running_mean, const Tensor<T>& running_var,
                        const Tensor<T>& weight, const Tensor<T>& bias, const BatchNormOptions& options) {
    const simd::NormSets s = detail::instance_sets(x, weight, bias);
    detail::check_running("instance_norm", x, running_mean, running_var, !options.training);
    if (!options.training)
        return detail::normalize_by_running("instance_norm", x, running_mean, running_var, weight, bias,
                                            options.eps);
    detail::check_instance(x, s);
    if (s.channels == 0) return x;
    Tensor<T> mean, variance;
    const Tensor<T> y =
        detail::normalize_sets("instance_norm", x, weight, bias, s, options.eps, mean, variance);
    if (x.numel() > 0) {
        const no_grad constant;
        const auto n = static_cast<double>(s.inner);
        const auto over_items = [&](const Tensor<T>& moments) {
            return tapegrad::mean(reshape(moments, {s.outer, s.channels}), 0);
        };
        if (running_mean.defined()) detail::move_towards(running_mean, over_items(mean), options.momentum);
        if (running_var.defined())
            detail::move_towards(running_var, over_items(variance), options.momentum, n / (n - 1));
    }
    return y;
}

}
