// A convolution that begins as zero, so that what it steers begins as the identity.
#pragma once

#include "../nn/conv.hpp"
#include "../ops/elementwise.hpp"
#include "channels.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// y = (x convolved with weight, plus bias) e^(3 log_scale), a window of 3 x 3 places padded to the same size. The
/// factor 3 lets the scales learn faster.
/// Shape    x (n, in, h, w) -> y (n, out, h, w); log_scale (out,)
/// Numeric  begins with zeros
/// Source   Kingma and Dhariwal, Glow, 2018
template <Floating T = float>
struct ZeroConv {
    Conv2d<T> conv;
    Tensor<T> log_scale;
    TAPEGRAD_FIELDS(conv, log_scale);

    ZeroConv() = default;
    /// Throws   ShapeError: sizes
    ZeroConv(int64_t in, int64_t out) : log_scale(parameter(zeros<T>({out}))) {
        conv.options = {.padding = 1};
        conv.weight = parameter(zeros<T>({out, in, 3, 3}));
        conv.bias = parameter(zeros<T>({out}));
    }

    Tensor<T> operator()(const Tensor<T>& x) const {
        return conv(x) * detail::per_channel(exp(log_scale * T(3)), x);
    }
};

}
