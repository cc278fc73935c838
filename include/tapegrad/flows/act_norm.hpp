// A scale and a shift for each channel, which the first batch chooses.
#pragma once

#include "../nn/init.hpp"
#include "../ops/variance.hpp"
#include "../ops/write.hpp"
#include "channels.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// y = e^log_scale x + shift for each channel; log |det| = places sum log_scale.
/// Shape    x (n, channels, ...) -> y, same shape; log_scale, shift (channels,)
/// Numeric  the first forward in training sets both such that each channel of y has mean 0 and deviation 1 over the
///          batch and its places, and notes so in the buffer `initialized`; a channel that is constant there keeps its
///          scale. Copied handles share all of this
/// Throws   ShapeError: x of other channels, a negative size
/// Source   Kingma and Dhariwal, Glow, 2018; the keys are those of nflows
template <Floating T = float>
struct ActNorm {
    Tensor<T> log_scale, shift;
    Buffer<bool> initialized;
    bool training = true;
    TAPEGRAD_FIELDS(log_scale, shift, initialized, training);

    ActNorm() = default;
    explicit ActNorm(int64_t channels)
        : log_scale(parameter(zeros<T>({channels}))),
          shift(parameter(zeros<T>({channels}))),
          initialized(Tensor<bool>(false)) {}

    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& = {}) const {
        detail::check_channels("ActNorm", x, shift.size(0));
        if (training && !initialized.item() && x.numel() > 0) initialize(x);
        return {detail::per_channel(exp(log_scale), x) * x + detail::per_channel(shift, x), log_det(x)};
    }
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>& = {}) const {
        detail::check_channels("ActNorm", y, shift.size(0));
        return {(y - detail::per_channel(shift, y)) * detail::per_channel(exp(-log_scale), y), -log_det(y)};
    }

private:
    Tensor<T> log_det(const Tensor<T>& x) const {
        return detail::for_each_event(sum(log_scale) * static_cast<T>(detail::places_of(x)), x);
    }
    void initialize(const Tensor<T>& x) const {
        const no_grad values;
        const Tensor<T> columns = detail::as_columns(x.detach());
        const Tensor<T> deviation = stddev(columns, {0, 2}), one = ones_like(deviation);
        const Tensor<T> scale = one / where(deviation > T(0), deviation, one);
        copy_(log_scale, log(scale));
        copy_(shift, -mean(columns, {0, 2}) * scale);
        fill_<bool>(initialized, true);
    }
};
ActNorm(int64_t)->ActNorm<float>;

}
