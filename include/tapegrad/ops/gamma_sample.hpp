// Gamma variates whose gradient by the shape is known.
#pragma once

#include "../simd/gamma_sample.hpp"
#include "igamma.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Logarithms of numbers of the gamma distribution of shape a and scale 1. Of a small shape the numbers themselves
/// would vanish.
/// Shape    a (any) -> y, same shape
/// Grad     that of the number which keeps its place in the distribution while a moves: -(dP / da) / (x dP / dx);
///          saves a, y. No second derivative by a
/// Numeric  the same numbers on any number of threads
/// Source   Figurnov, Mohamed and Mnih, Implicit Reparameterization Gradients, 2018
template <Floating T>
Tensor<T> log_gamma_sample(const Tensor<T>& a, Generator& generator) {
    const Tensor<T> packed = detail::contiguous(a);
    Tensor<T> y = empty<T>(a.shape());
    simd::fill_log_gamma(packed.data(), detail::output(y), y.numel(), generator);
    return record("log_gamma_sample", y, {a}, [a](const Tensor<T>& dy, const Tensor<T>& x) {
        return dy * detail::log_gamma_slope(a, x);
    });
}

}
