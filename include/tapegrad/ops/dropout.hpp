// Dropout.
#pragma once

#include "../core/random.hpp"
#include "primitive.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Each element kept with probability 1 - p and divided by it, or set to zero.
/// Shape    x (any) -> y, same shape
/// Grad     dx = dy where kept, divided by 1 - p;  saves which were kept
/// Numeric  which elements are kept is a function of the generator's state alone
/// Throws   ValueError: p outside [0, 1]
template <Floating T>
Tensor<T> dropout(const Tensor<T>& x, double p, Generator& generator) {
    if (!(p >= 0 && p <= 1)) detail::fail<ValueError>("dropout", "p is ", p, "; a probability is in [0, 1]");
    if (p == 0) return x;
    Tensor<bool> kept = empty<bool>(x.shape());
    fill_bernoulli(detail::output(kept), kept.numel(), generator, 1 - p);
    return where(kept, p < 1 ? x * (1 / (1 - p)) : x, 0);
}

}
