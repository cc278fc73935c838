// Root-mean-square normalisation of the rows of a (rows, n) matrix, with its gradient: layer normalisation
// without the mean, by the same loops.
#pragma once

#include "layer_norm.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// y = x rrms weight for each row, rrms = 1 / sqrt(mean(x^2) + eps). weight and rrms may be null. y may be x.
template <Vectorized T>
void rms_norm(const T* x, const T* weight, T* y, T* rrms, int64_t rows, int64_t n, T eps) {
    detail::norm_rows<false, T>(x, weight, nullptr, y, nullptr, rrms, rows, n, eps);
}
/// dx = rrms (g - v mean(g v)) with g = dy weight and v = x rrms; dweight = sum over rows of dy v. weight and
/// each result may be null.
template <Vectorized T>
void rms_norm_backward(const T* x, const T* weight, const T* rrms, const T* dy, T* dx, T* dweight,
                       int64_t rows, int64_t n) {
    detail::norm_rows_backward<false, T>(x, weight, nullptr, rrms, dy, dx, dweight, nullptr, rows, n);
}

}
