// Pictures of grey as pictures of black and white.
#pragma once

#include "../ops/elementwise.hpp"
#include "../ops/evaluate.hpp"
#include "../tensor/random.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Each pixel 1 with the probability of its grey, else 0: drawn anew at each call, which is what dynamic binarization is.
///   y = [u < x / 255], u even over [0, 1)
/// Shape    (any) -> same
/// Source   Salakhutdinov and Murray, On the Quantitative Analysis of Deep Belief Networks, 2008
template <Floating T = float>
Tensor<T> binarize(const Tensor<uint8_t>& x, Generator& generator) {
    return detail::evaluate(
        "binarize",
        [](const auto& u, const auto& v) TAPEGRAD_LAMBDA { return where(u * 255 < v, v * 0 + 1, v * 0); },
        rand<T>(x.shape(), generator), detail::cast<T>(x));
}

/// The same drawn once for the whole of a set, and kept: figures for such a set do not compare with those of `binarize`.
/// Shape    (any) -> same, as bytes 0 and 1
inline Tensor<uint8_t> binarize_once(const Tensor<uint8_t>& x, uint64_t seed) {
    Generator generator(seed);
    return detail::cast<uint8_t>(binarize<float>(x, generator));
}

/// 1 where a pixel is at or above a grey, else 0.
/// Shape    (any) -> same
template <Floating T = float>
Tensor<T> threshold(const Tensor<uint8_t>& x, uint8_t least = 128) {
    const Tensor<uint8_t> packed = detail::contiguous(x);
    Tensor<T> y = empty<T>(x.shape());
    for (int64_t i = 0; i < y.numel(); ++i) detail::output(y)[i] = packed.data()[i] >= least ? T(1) : T(0);
    return y;
}

}
