// The length of a vector of two batches.
#pragma once

#include "round.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// sqrt(a^2 + b^2), without overflow or underflow on the way; infinite where either is, also beside NaN.
/// Numeric  max error 1.2 ulp (float and double), everywhere
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> hypot(const Batch<T>& a, const Batch<T>& b) {
    constexpr bool single = std::is_same_v<T, float>;
    const Batch<T> u = abs(a), v = abs(b), one(T(1)), infinity(std::numeric_limits<T>::infinity());
    const Batch<T> big(T(single ? 0x1p60 : 0x1p500)), small(T(single ? 0x1p-60 : 0x1p-500));
    const Batch<T> longer = where(u > v, u, v);
    // Powers of two, so that nothing is rounded.
    const Mask<T> far = longer > big, near = longer < small;
    const Batch<T> factor = where(far, Batch<T>(T(single ? 0x1p-70 : 0x1p-600)),
                                  where(near, Batch<T>(T(single ? 0x1p90 : 0x1p600)), one));
    const Batch<T> back = where(far, Batch<T>(T(single ? 0x1p70 : 0x1p600)),
                                where(near, Batch<T>(T(single ? 0x1p-90 : 0x1p-600)), one));
    const Batch<T> p = u * factor, q = v * factor;
    const Batch<T> y = sqrt(fma(p, p, q * q)) * back;
    return where((u == infinity) | (v == infinity), infinity, y);
}

}
