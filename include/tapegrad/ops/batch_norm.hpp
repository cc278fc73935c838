// Batch normalisation.
#pragma once

#include "group_norm.hpp"
#include "write.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct BatchNormOptions {
    bool training = false;  // by the moments of the batch, which move the running ones
    double momentum = 0.1;  // the share of the batch in the running moments
    double eps = 1e-5;
};

namespace detail {

/// running = (1 - momentum) running + momentum value, by a scalar factor of the value.
template <class T>
void move_towards(const Tensor<T>& running, const Tensor<T>& value, double momentum, double factor = 1) {
    copy_(running, running * (1 - momentum) + value * (momentum * factor));
}

template <class T>
void check_running(const char* op, const Tensor<T>& x, const Tensor<T>& running_mean,
                   const Tensor<T>& running_var, bool needed) {
    const Shape channels{x.shape()[1]};
    for (const Tensor<T>* p : {&running_mean, &running_var})
        if (p->defined() && p->shape() != channels)
            fail<ShapeError>(op, p == &running_mean ? "running_mean " : "running_var ", p->shape(), " for x ",
                             x.shape(), "; it must be ", channels);
    if (needed && (!running_mean.defined() || !running_var.defined()))
        fail<ValueError>(op, "there are no running moments to normalise by");
}

/// x normalised by the running moments of its channels: an affine map of each.
template <class T>
Tensor<T> normalize_by_running(const char* op, const Tensor<T>& x, const Tensor<T>& running_mean,
                               const Tensor<T>& running_var, const Tensor<T>& weight, const Tensor<T>& bias,
                               double eps) {
    // Copies: a step of training may move the running moments before backward.
    const bool constant = !running_mean.requires_grad() && !running_var.requires_grad();
    const Tensor<T> mean = constant ? copy(running_mean) : running_mean,
                    variance = constant ? copy(running_var) : running_var;
    const auto affine = [=](const Tensor<T>& u, const Tensor<T>& w, const Tensor<T>& c) {
        const Tensor<T> rstd = 1 / sqrt(variance + eps), scale = w.defined() ? rstd * w : rstd,
                        shift = c.defined() ? c - mean * scale : -(mean * scale);
        Shape channel = Dims::filled(u.rank() - 1, 1);
        channel[0] = u.shape()[1];
        return map(
            op, [](const auto& v, const auto& a, const auto& b) { return v * a + b; }, u,
            reshape(scale, channel), reshape(shift, channel));
    };
    if (!constant) return affine(x, weight, bias);
    Tensor<T> y;
    {
        const no_grad composed_later;
        y = affine(x, weight, bias);
    }
    simd::NormSets s = norm_sets(op, x, weight, bias);
    s.given = true;
    return record(
        op, y, {x, weight, bias},
        [x, weight, mean, variance, s, eps](const Tensor<T>& dy, Needs needs) {
            return normalized_gradients(x, weight, mean, variance, dy, needs, s, eps);
        },
        affine);
}

}

/// Normalisation of each channel over the batch and all behind the channel.
///   y = (x - mean) / sqrt(var + eps) * weight + bias, for each channel
/// Shape    x (batch, channels, ...), the others (channels,) or undefined -> y, same shape as x
/// Grad     training: by x, weight and bias through the moments; saves x, weight and the moments. Else by x,
///          weight and bias of an affine map, of which x, weight and copies of the moments are saved
/// Numeric  in training the biased variance normalises and the unbiased one is run, as in PyTorch; the
///          running tensors are written to
/// Throws   ShapeError: rank below 2, or a parameter not (channels,); ValueError: training with one element a
///          channel, or no running moments outside training
/// Source   Ioffe and Szegedy, Batch Normalization, 2015
template <Floating T>
Tensor<T> batch_norm(const Tensor<T>& x, const Tensor<T>& running_mean, const Tensor<T>& running_var,
                     const Tensor<T>& weight = {}, const Tensor<T>& bias = {},
                     const BatchNormOptions& options = {}) {
    const simd::NormSets s = detail::norm_sets("batch_norm", x, weight, bias);
    detail::check_running("batch_norm", x, running_mean, running_var, !options.training);
    if (!options.training)
        return detail::normalize_by_running("batch_norm", x, running_mean, running_var, weight, bias,
                                            options.eps);
    if (s.size() == 1)
        detail::fail<ValueError>("batch_norm", "x ", x.shape(),
                                 " has one element a channel: training needs more");
    Tensor<T> mean, variance;
    const Tensor<T> y = detail::normalize_sets("batch_norm", x, weight, bias, s, options.eps, mean, variance);
    if (x.numel() > 0) {
        const no_grad constant;
        const auto n = static_cast<double>(s.size());
        if (running_mean.defined()) detail::move_towards(running_mean, mean, options.momentum);
        if (running_var.defined()) detail::move_towards(running_var, variance, options.momentum, n / (n - 1));
    }
    return y;
}

}
