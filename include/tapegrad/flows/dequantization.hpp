// Integers as numbers that have a density.
#pragma once

#include <limits>

#include "../ops/elementwise.hpp"
#include "../tensor/random.hpp"
#include "bijector.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// y = (x + u) / levels of integers x, u even over [0, 1) and new for each number; the inverse is the integer from which
/// y came. With it log_prob of a Flow is a lower bound of the logarithm of the probability of the integers, in the
/// mean over u; a u that a network draws for x, and whose log density is taken off, makes the bound tighter
/// (variational dequantization).
/// Shape    x (n, ...) of integers in [0, levels) as floating-point numbers -> y in [0, 1), same shape
/// Grad     dx = dy / levels forwards; the inverse is constant
/// Numeric  u is drawn from the default generator of the thread, and kept below 1 by so much that x + u stays below
///          x + 1
/// Throws   ValueError: levels below 1
/// Source   Theis et al., A note on the evaluation of generative models, 2016; Ho et al., Flow++, 2019
struct Dequantization {
    int64_t levels = 256;
    TAPEGRAD_FIELDS(levels);

    explicit Dequantization(int64_t levels_ = 256) : levels(levels_) {
        if (levels < 1) detail::fail<ValueError>("Dequantization", levels, " levels are not positive");
    }

    template <Floating T>
    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& = {}) const {
        detail::check_events("Dequantization", x);
        const T below_one = T(1) - static_cast<T>(levels) * std::numeric_limits<T>::epsilon();
        return {(x + rand_like(x) * below_one) / static_cast<T>(levels), volume(x, -1)};
    }
    template <Floating T>
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>& = {}) const {
        detail::check_events("Dequantization", y);
        const T top = static_cast<T>(levels - 1);
        return {clamp(floor(y.detach() * static_cast<T>(levels)), T(0), top), volume(y, 1)};
    }

private:
    template <class T>
    Tensor<T> volume(const Tensor<T>& x, double sign) const {
        int64_t numbers = 1;
        for (int i = 1; i < x.rank(); ++i) numbers *= x.size(i);
        return full<T>({x.size(0)}, static_cast<T>(sign * static_cast<double>(numbers) *
                                                   std::log(static_cast<double>(levels))));
    }
};

}
