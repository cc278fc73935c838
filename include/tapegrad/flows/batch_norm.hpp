// Batch normalisation as a bijector.
#pragma once

#include "../nn/init.hpp"
#include "../ops/activation.hpp"
#include "../ops/variance.hpp"
#include "../ops/write.hpp"
#include "channels.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct BatchNormBijectorOptions {
    double eps = 1e-5;
    double momentum = 0.1;  // the share of a batch in the running moments
};

/// y = weight (x - mean) / sqrt(variance + eps) + bias for each channel, weight = softplus(unconstrained_weight) + eps:
/// in training with the moments of the batch (the variance unbiased), in evaluation with the running ones.
///   log |det| = places sum(log weight - log(variance + eps) / 2)
/// In training this takes the moments for constants, as is usual: events then depend on each other.
/// Shape    x (n, channels, ...) -> y, same shape; all members (channels,)
/// Numeric  begins with weight 1, bias 0, running mean 0 and running variance 1 (nflows: 0). A forward in training
///          writes to the buffers, which a copied handle shares
/// Throws   ShapeError: x of other channels; ValueError: the inverse in training, which would need the moments of what
///          it is to find, or a batch of less than two numbers a channel
/// Source   Dinh et al., Density Estimation using Real NVP, 2017; the keys are those of nflows
template <Floating T = float>
struct BatchNormBijector {
    BatchNormBijectorOptions options;
    Tensor<T> unconstrained_weight, bias;
    Buffer<T> running_mean, running_var;
    bool training = true;
    TAPEGRAD_FIELDS(options, unconstrained_weight, bias, running_mean, running_var, training);

    BatchNormBijector() = default;
    explicit BatchNormBijector(int64_t channels, BatchNormBijectorOptions o = {})
        : options(o),
          unconstrained_weight(
              parameter(full<T>({channels}, static_cast<T>(std::log(std::expm1(1 - o.eps)))))),
          bias(parameter(zeros<T>({channels}))),
          running_mean(zeros<T>({channels})),
          running_var(ones<T>({channels})) {}

    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& = {}) const {
        detail::check_channels("BatchNormBijector", x, bias.size(0));
        Tensor<T> middle = running_mean, variance = running_var;
        if (training) {
            const int64_t count = x.size(0) * detail::places_of(x);
            if (count < 2)
                detail::fail<ValueError>("BatchNormBijector", "x ", x.shape(), " has ", count,
                                         " numbers a channel; training needs two or more");
            const Tensor<T> columns = detail::as_columns(x);
            middle = mean(columns, {0, 2});
            variance = var(columns, {0, 2});
            const no_grad values;
            move(running_mean, middle.detach());
            move(running_var, variance.detach());
        }
        const Tensor<T> scale = weight() / sqrt(variance + options.eps);
        const Tensor<T> y = detail::per_channel(scale, x) * (x - detail::per_channel(middle, x));
        return {y + detail::per_channel(bias, x), log_det(variance, x)};
    }
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>& = {}) const {
        detail::check_channels("BatchNormBijector", y, bias.size(0));
        if (training)
            detail::fail<ValueError>("BatchNormBijector",
                                     "there is no inverse in training, where the moments are those of x; "
                                     "evaluate with the running ones");
        const Tensor<T> scale = sqrt(running_var + options.eps) / weight();
        const Tensor<T> x = (y - detail::per_channel(bias, y)) * detail::per_channel(scale, y);
        return {x + detail::per_channel<T>(running_mean, y), -log_det(running_var, y)};
    }

private:
    Tensor<T> weight() const { return softplus(unconstrained_weight) + options.eps; }
    Tensor<T> log_det(const Tensor<T>& variance, const Tensor<T>& x) const {
        const Tensor<T> each = log(weight()) - log(variance + options.eps) / 2;
        return detail::for_each_event(sum(each) * static_cast<T>(detail::places_of(x)), x);
    }
    void move(const Buffer<T>& running, const Tensor<T>& now) const {
        copy_<T, T>(running, running + (now - running) * options.momentum);
    }
};
BatchNormBijector(int64_t)->BatchNormBijector<float>;

}
