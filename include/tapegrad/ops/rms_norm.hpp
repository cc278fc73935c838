// Root-mean-square normalisation over the last axis.
#pragma once

#include "../simd/rms_norm.hpp"
#include "elementwise.hpp"
#include "reduce.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Root-mean-square normalisation over the last axis.
///   y = x / sqrt(mean(x^2) + eps) * weight
/// Shape    x (..., n), weight (n,) or undefined -> y, same shape as x
/// Grad     dx = r (g - h mean(g h)) with r = 1 / sqrt(mean(x^2) + eps), h = x r, g = dy weight;
///          dweight = sum(dy h);  saves x, weight, r
/// Numeric  eps is the machine's epsilon of T when none is given, as in PyTorch; many models use 1e-6
/// Throws   ShapeError: rank 0, weight not (n,)
/// Source   Zhang and Sennrich, Root Mean Square Layer Normalization, 2019
template <Floating T>
Tensor<T> rms_norm(const Tensor<T>& x, const Tensor<T>& weight = {},
                   double eps = static_cast<double>(std::numeric_limits<T>::epsilon())) {
    if (x.rank() == 0) detail::fail<ShapeError>("rms_norm", "x of rank 0 has no axis to normalise");
    const int64_t n = x.size(-1), rows = n == 0 ? 0 : x.numel() / n;
    if (weight.defined() && weight.shape() != Shape{n})
        detail::fail<ShapeError>("rms_norm", "weight ", weight.shape(), " for x ", x.shape(),
                                 "; it must be (", n, ",)");
    const auto data_of = [](const Tensor<T>& t) { return t.defined() ? t.data() : nullptr; };
    const Tensor<T> from = detail::contiguous(x), w = weight.defined() ? detail::contiguous(weight) : weight;
    Tensor<T> y = empty<T>(x.shape()), rrms = empty<T>({rows});
    simd::rms_norm(from.data(), data_of(w), detail::output(y), detail::output(rrms), rows, n,
                   static_cast<T>(eps));
    return record(
        "rms_norm", y, {x, weight},
        [x, w, rrms, data_of](const Tensor<T>& dy, Needs needs) {
            const Tensor<T> slope = detail::contiguous(dy), input = detail::contiguous(x);
            std::array<Tensor<T>, 2> d;
            if (needs[0]) d[0] = empty<T>(input.shape());
            if (needs[1]) d[1] = empty<T>({input.size(-1)});
            const auto target = [](Tensor<T>& t) { return t.defined() ? detail::output(t) : nullptr; };
            simd::rms_norm_backward(input.data(), data_of(w), rrms.data(), slope.data(), target(d[0]),
                                    target(d[1]), rrms.numel(), input.size(-1));
            return d;
        },
        [eps](const Tensor<T>& u, const Tensor<T>& scale) {
            const Tensor<T> z = u / sqrt(mean(square(u), -1, true) + eps);
            return scale.defined() ? z * scale : z;
        });
}

}
