// Layer normalisation over the last axis.
#pragma once

#include "../simd/layer_norm.hpp"
#include "elementwise.hpp"
#include "reduce.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Layer normalisation over the last axis.
///   y = (x - mean) / sqrt(var + eps) * weight + bias, with the biased variance
/// Shape    x (..., n), weight and bias (n,) or undefined -> y, same shape as x
/// Grad     dx = rstd (g - mean(g) - h mean(g h)) with h = (x - mean) rstd, g = dy weight;  dweight = sum(dy
/// h),
///          dbias = sum(dy);  saves x, weight, mean, rstd
/// Numeric  the variance is that of the centred values: no cancellation
/// Throws   ShapeError: rank 0, weight or bias not (n,)
/// Source   Ba, Kiros and Hinton, Layer Normalization, 2016
template <Floating T>
Tensor<T> layer_norm(const Tensor<T>& x, const Tensor<T>& weight = {}, const Tensor<T>& bias = {},
                     double eps = 1e-5) {
    if (x.rank() == 0) detail::fail<ShapeError>("layer_norm", "x of rank 0 has no axis to normalise");
    const int64_t n = x.size(-1), rows = n == 0 ? 0 : x.numel() / n;
    for (const Tensor<T>* p : {&weight, &bias})
        if (p->defined() && p->shape() != Shape{n})
            detail::fail<ShapeError>("layer_norm", p == &weight ? "weight " : "bias ", p->shape(), " for x ",
                                     x.shape(), "; it must be (", n, ",)");
    const auto data_of = [](const Tensor<T>& t) { return t.defined() ? t.data() : nullptr; };
    const auto packed_or_none = [](const Tensor<T>& t) { return t.defined() ? detail::contiguous(t) : t; };
    const Tensor<T> from = detail::contiguous(x), w = packed_or_none(weight), b = packed_or_none(bias);
    Tensor<T> y = empty<T>(x.shape()), mean = empty<T>({rows}), rstd = empty<T>({rows});
    simd::layer_norm(from.data(), data_of(w), data_of(b), detail::output(y), detail::output(mean),
                     detail::output(rstd), rows, n, static_cast<T>(eps));
    return record(
        "layer_norm", y, {x, weight, bias},
        [x, w, mean, rstd, data_of](const Tensor<T>& dy, Needs needs) {
            const Tensor<T> packed = detail::contiguous(dy), input = detail::contiguous(x);
            const int64_t size = input.size(-1);
            std::array<Tensor<T>, 3> d;
            if (needs[0]) d[0] = empty<T>(input.shape());
            if (needs[1]) d[1] = empty<T>({size});
            if (needs[2]) d[2] = empty<T>({size});
            const auto target = [](Tensor<T>& t) { return t.defined() ? detail::output(t) : nullptr; };
            simd::layer_norm_backward(input.data(), data_of(w), mean.data(), rstd.data(), packed.data(),
                                      target(d[0]), target(d[1]), target(d[2]), mean.numel(), size);
            return d;
        },
        [eps](const Tensor<T>& u, const Tensor<T>& scale, const Tensor<T>& shift) {
            const Tensor<T> centred = u - tapegrad::mean(u, -1, true);
            Tensor<T> z = centred / sqrt(tapegrad::mean(square(centred), -1, true) + eps);
            if (scale.defined()) z = z * scale;
            if (shift.defined()) z = z + shift;
            return z;
        });
}

}
