// Normalisation of groups of channels.
#pragma once

#include "../simd/group_norm.hpp"
#include "elementwise.hpp"
#include "reduce.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// x (batch, channels, ...) as runs.
inline simd::NormSets norm_sets(const char* op, const TensorBase& x, const TensorBase& weight,
                                const TensorBase& bias) {
    if (x.rank() < 2) fail<ShapeError>(op, "x ", x.shape(), " must be (batch, channels, ...)");
    const int64_t channels = x.shape()[1];
    for (const TensorBase* p : {&weight, &bias})
        if (p->defined() && p->shape() != Shape{channels})
            fail<ShapeError>(op, p == &weight ? "weight " : "bias ", p->shape(), " for x ", x.shape(),
                             "; it must be (", channels, ",)");
    int64_t inner = 1;
    for (int axis = 2; axis < x.rank(); ++axis) inner *= x.shape()[axis];
    return {x.shape()[0], channels, inner};
}

/// The definition, in operations.
template <class T>
Tensor<T> composed_group_norm(const Tensor<T>& x, const Tensor<T>& weight, const Tensor<T>& bias,
                              const simd::NormSets& s, double eps) {
    const bool group = s.groups > 0;
    const Tensor<T> u =
        reshape(x, group ? Shape{s.outer, s.groups, s.size()} : Shape{s.outer, s.channels, s.inner});
    const ReduceAxes axes = group ? ReduceAxes(-1) : ReduceAxes{0, 2};
    const Tensor<T> centred = u - mean(u, axes, true);
    Tensor<T> z = centred / sqrt(mean(square(centred), axes, true) + eps);
    z = reshape(z, {s.outer, s.channels, s.inner});
    if (weight.defined()) z = z * reshape(weight, {s.channels, 1});
    if (bias.defined()) z = z + reshape(bias, {s.channels, 1});
    return reshape(z, x.shape());
}

/// The gradients of what was normalised by sets with these moments.
template <class T>
std::array<Tensor<T>, 3> normalized_gradients(const Tensor<T>& x, const Tensor<T>& weight,
                                              const Tensor<T>& mean, const Tensor<T>& variance,
                                              const Tensor<T>& dy, Needs needs, const simd::NormSets& s,
                                              double eps) {
    const Tensor<T> slope = detail::contiguous(dy), input = detail::contiguous(x),
                    w = weight.defined() ? detail::contiguous(weight) : weight;
    std::array<Tensor<T>, 3> d;
    if (needs[0]) d[0] = empty<T>(input.shape());
    if (needs[1]) d[1] = empty<T>({s.channels});
    if (needs[2]) d[2] = empty<T>({s.channels});
    const auto target = [](Tensor<T>& t) { return t.defined() ? output(t) : nullptr; };
    simd::group_norm_backward(input.data(), w.defined() ? w.data() : nullptr, mean.data(), variance.data(),
                              slope.data(), target(d[0]), target(d[1]), target(d[2]), s, static_cast<T>(eps));
    return d;
}

/// x normalised by sets, whose moments are written to `mean` and `variance`.
template <class T>
Tensor<T> normalize_sets(const char* op, const Tensor<T>& x, const Tensor<T>& weight, const Tensor<T>& bias,
                         const simd::NormSets& s, double eps, Tensor<T>& mean, Tensor<T>& variance) {
    const auto data_of = [](const Tensor<T>& t) { return t.defined() ? t.data() : nullptr; };
    const auto packed_or_none = [](const Tensor<T>& t) { return t.defined() ? detail::contiguous(t) : t; };
    const Tensor<T> from = detail::contiguous(x), w = packed_or_none(weight), b = packed_or_none(bias);
    Tensor<T> y = empty<T>(x.shape());
    mean = empty<T>({s.sets()});
    variance = empty<T>({s.sets()});
    simd::group_norm(from.data(), data_of(w), data_of(b), output(y), output(mean), output(variance), s,
                     static_cast<T>(eps));
    return record(
        op, y, {x, weight, bias},
        [x, w, mean, variance, s, eps](const Tensor<T>& dy, Needs needs) {
            return normalized_gradients(x, w, mean, variance, dy, needs, s, eps);
        },
        [s, eps](const Tensor<T>& u, const Tensor<T>& scale, const Tensor<T>& shift) {
            return composed_group_norm(u, scale, shift, s, eps);
        });
}

}

/// Normalisation of groups of neighbouring channels, each item of the batch by itself.
///   y = (x - mean) / sqrt(var + eps) * weight[channel] + bias[channel], moments over a group and all behind
/// Shape    x (batch, channels, ...), weight and bias (channels,) or undefined -> y, same shape as x
/// Grad     by x, weight and bias;  saves x, weight and the moments of each group
/// Numeric  the biased variance, of the centred values: no cancellation
/// Throws   ShapeError: rank below 2, weight or bias not (channels,); ValueError: groups that do not divide
///          the channels
/// Source   Wu and He, Group Normalization, 2018          /// See  instance_norm, layer_norm
template <Floating T>
Tensor<T> group_norm(const Tensor<T>& x, int64_t groups, const Tensor<T>& weight = {},
                     const Tensor<T>& bias = {}, double eps = 1e-5) {
    simd::NormSets s = detail::norm_sets("group_norm", x, weight, bias);
    if (groups < 1 || s.channels % groups != 0)
        detail::fail<ValueError>("group_norm", s.channels, " channels of x ", x.shape(), " are no ", groups,
                                 " equal groups");
    s.groups = groups;
    Tensor<T> mean, variance;
    return detail::normalize_sets("group_norm", x, weight, bias, s, eps, mean, variance);
}

}
