// Convolutions and transposed convolutions over one to three axes.
//
// y = conv(x, w) is linear in both. Its transpose by x, `conv_data`, and by w, `conv_weight`, are operations
// too, and the derivatives of each of the three are the other two.
#pragma once

#include "conv_plan.hpp"
#include "map.hpp"
#include "reduce.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

template <class T>
Tensor<T> conv_data(const char* op, const Tensor<T>& dy, const Tensor<T>& w, const ConvPlan& plan);
template <class T>
Tensor<T> conv_weight(const char* op, const Tensor<T>& x, const Tensor<T>& dy, const ConvPlan& plan);

template <std::same_as<int> I>
Axes all_but_channels(I rank) {
    Axes axes{0};
    for (int i = 2; i < rank; ++i) axes.push_back(i);
    return axes;
}

/// y, from x and w, with a bias that may be undefined.
template <class T>
Tensor<T> conv_apply(const char* op, const Tensor<T>& x, const Tensor<T>& w, const Tensor<T>& bias,
                     const ConvPlan& plan) {
    Tensor<T> y = empty<T>(plan.y);
    if (y.numel() > 0) {
        const Tensor<T> from = contiguous(x), by = contiguous(w),
                        shift = bias.defined() ? contiguous(bias) : bias;
        simd::conv(from.data(), by.data(), shift.defined() ? shift.data() : nullptr, output(y), plan.sizes);
    }
    return record(op, y, {x, w, bias}, [op, x, w, plan](const Tensor<T>& dy, Needs needs) {
        std::array<Tensor<T>, 3> d;
        if (needs[0]) d[0] = conv_data(op, dy, w, plan);
        if (needs[1]) d[1] = conv_weight(op, x, dy, plan);
        if (needs[2]) d[2] = sum(dy, all_but_channels(dy.rank()));
        return d;
    });
}

/// x, from y and w: the transpose.
template <class T>
Tensor<T> conv_data(const char* op, const Tensor<T>& dy, const Tensor<T>& w, const ConvPlan& plan) {
    Tensor<T> dx = empty<T>(plan.x);
    if (dx.numel() > 0) {
        const Tensor<T> from = contiguous(dy), by = contiguous(w);
        simd::conv_data(from.data(), by.data(), output(dx), plan.sizes);
    }
    return record(op, dx, {dy, w}, [op, dy, w, plan](const Tensor<T>& d, Needs needs) {
        std::array<Tensor<T>, 2> to;
        if (needs[0]) to[0] = conv_apply(op, d, w, {}, plan);
        if (needs[1]) to[1] = conv_weight(op, d, dy, plan);
        return to;
    });
}

/// w, from x and y: the other transpose.
template <class T>
Tensor<T> conv_weight(const char* op, const Tensor<T>& x, const Tensor<T>& dy, const ConvPlan& plan) {
    Tensor<T> dw = empty<T>(plan.w);
    if (dw.numel() > 0) {
        const Tensor<T> from = contiguous(x), by = contiguous(dy);
        simd::conv_weight(from.data(), by.data(), output(dw), plan.sizes);
    }
    return record(op, dw, {x, dy}, [op, x, dy, plan](const Tensor<T>& d, Needs needs) {
        std::array<Tensor<T>, 2> to;
        if (needs[0]) to[0] = conv_data(op, dy, d, plan);
        if (needs[1]) to[1] = conv_apply(op, x, d, {}, plan);
        return to;
    });
}

/// The convolution of a batch, or of one image without the axis of a batch.
template <class T>
Tensor<T> conv(const char* op, int spatial, const Tensor<T>& x, const Tensor<T>& w, const Tensor<T>& bias,
               const ConvOptions& options) {
    if (x.rank() == spatial + 1) return squeeze(conv(op, spatial, unsqueeze(x, 0), w, bias, options), 0);
    const ConvPlan plan = conv_plan(op, spatial, x.shape(), w.shape(), options);
    if (bias.defined()) check_conv_bias(op, bias.shape(), plan.y[1]);
    return conv_apply(op, x, w, bias, plan);
}
template <class T>
Tensor<T> conv_transpose(const char* op, int spatial, const Tensor<T>& x, const Tensor<T>& w,
                         const Tensor<T>& bias, const ConvTransposeOptions& options) {
    if (x.rank() == spatial + 1)
        return squeeze(conv_transpose(op, spatial, unsqueeze(x, 0), w, bias, options), 0);
    const ConvPlan plan = conv_transpose_plan(op, spatial, x.shape(), w.shape(), options);
    const Tensor<T> y = conv_data(op, x, w, plan);
    if (!bias.defined()) return y;
    check_conv_bias(op, bias.shape(), plan.x[1]);
    Shape along;
    for (int i = 0; i <= spatial; ++i) along.push_back(i == 0 ? plan.x[1] : 1);
    return y + reshape(bias, along);
}

}

/// Cross-correlation over the last two axes, as neural networks call convolution.
///   y[n, o, i, j] = bias[o] + sum_{c, a, b} weight[o, c, a, b] x[n, c, i s + a d - p, j s + b d - p]
/// with stride s, dilation d and p zeros around x; with groups, output o sees the channels of its group.
/// Shape    x (batch, in, height, width) or (in, height, width), weight (out, in / groups, a, b), bias (out,)
///          or undefined -> y (batch, out, h, w), h = floor((height + 2 p - d (a - 1) - 1) / s) + 1
/// Grad     by x the transposed convolution of dy, by weight the correlation of x with dy, by bias the sum of
///          dy; to any order;  saves x, weight
/// Numeric  |error| <= (k + 1) eps of k = in / groups * a * b products; no patches in memory
/// Throws   ShapeError: ranks or channels that do not fit, a window larger than x with its padding;
///          ValueError: stride, dilation or groups below 1, negative padding, `same` with a stride
/// See      conv_transpose2d, unfold
template <Floating T, std::same_as<Tensor<T>> Bias>
Tensor<T> conv2d(const Tensor<T>& x, const Tensor<T>& weight, const Bias& bias,
                 const ConvOptions& options = {}) {
    return detail::conv("conv2d", 2, x, weight, bias, options);
}
template <Floating T>
Tensor<T> conv2d(const Tensor<T>& x, const Tensor<T>& weight, const ConvOptions& options = {}) {
    return conv2d(x, weight, Tensor<T>(), options);
}
/// The same over one axis.
/// Shape    x (batch, in, length) or (in, length), weight (out, in / groups, a) -> y (batch, out, l)
/// See      conv2d
template <Floating T, std::same_as<Tensor<T>> Bias>
Tensor<T> conv1d(const Tensor<T>& x, const Tensor<T>& weight, const Bias& bias,
                 const ConvOptions& options = {}) {
    return detail::conv("conv1d", 1, x, weight, bias, options);
}
template <Floating T>
Tensor<T> conv1d(const Tensor<T>& x, const Tensor<T>& weight, const ConvOptions& options = {}) {
    return conv1d(x, weight, Tensor<T>(), options);
}
/// The same over three axes.
/// Shape    x (batch, in, depth, height, width) or without the batch, weight (out, in / groups, a, b, c)
/// See      conv2d
template <Floating T, std::same_as<Tensor<T>> Bias>
Tensor<T> conv3d(const Tensor<T>& x, const Tensor<T>& weight, const Bias& bias,
                 const ConvOptions& options = {}) {
    return detail::conv("conv3d", 3, x, weight, bias, options);
}
template <Floating T>
Tensor<T> conv3d(const Tensor<T>& x, const Tensor<T>& weight, const ConvOptions& options = {}) {
    return conv3d(x, weight, Tensor<T>(), options);
}

/// The transpose of conv2d by its input, called deconvolution too: each place of x adds a window to y.
///   y[n, c, i s + a d - p, j s + b d - p] += weight[o, c, a, b] x[n, o, i, j],  y begins as bias[c]
/// Shape    x (batch, in, height, width) or (in, height, width), weight (in, out / groups, a, b), bias (out,)
///          or undefined -> y (batch, out, h, w), h = (height - 1) s - 2 p + d (a - 1) + output_padding + 1
/// Grad     by x a conv2d of dy;  saves x, weight
/// Numeric  in gather form: each element of y is one sum, whatever the threads
/// Throws   ShapeError: ranks or channels that do not fit, an empty result; ValueError: as conv2d, or
///          output_padding not below stride or dilation
/// See      conv2d
template <Floating T, std::same_as<Tensor<T>> Bias>
Tensor<T> conv_transpose2d(const Tensor<T>& x, const Tensor<T>& weight, const Bias& bias,
                           const ConvTransposeOptions& options = {}) {
    return detail::conv_transpose("conv_transpose2d", 2, x, weight, bias, options);
}
template <Floating T>
Tensor<T> conv_transpose2d(const Tensor<T>& x, const Tensor<T>& weight,
                           const ConvTransposeOptions& options = {}) {
    return conv_transpose2d(x, weight, Tensor<T>(), options);
}
/// The same over one axis.
/// See      conv_transpose2d, conv1d
template <Floating T, std::same_as<Tensor<T>> Bias>
Tensor<T> conv_transpose1d(const Tensor<T>& x, const Tensor<T>& weight, const Bias& bias,
                           const ConvTransposeOptions& options = {}) {
    return detail::conv_transpose("conv_transpose1d", 1, x, weight, bias, options);
}
template <Floating T>
Tensor<T> conv_transpose1d(const Tensor<T>& x, const Tensor<T>& weight,
                           const ConvTransposeOptions& options = {}) {
    return conv_transpose1d(x, weight, Tensor<T>(), options);
}
/// The same over three axes.
/// See      conv_transpose2d, conv3d
template <Floating T, std::same_as<Tensor<T>> Bias>
Tensor<T> conv_transpose3d(const Tensor<T>& x, const Tensor<T>& weight, const Bias& bias,
                           const ConvTransposeOptions& options = {}) {
    return detail::conv_transpose("conv_transpose3d", 3, x, weight, bias, options);
}
template <Floating T>
Tensor<T> conv_transpose3d(const Tensor<T>& x, const Tensor<T>& weight,
                           const ConvTransposeOptions& options = {}) {
    return conv_transpose3d(x, weight, Tensor<T>(), options);
}

}
