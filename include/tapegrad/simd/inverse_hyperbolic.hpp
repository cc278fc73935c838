// Inverse hyperbolic functions of a batch: asinh, acosh, atanh.
//
// All by log1p, which keeps what is small exact.
#pragma once

#include "log.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {
/// From here on asinh(a) and acosh(a) are log(2 a).
template <class T>
inline constexpr T far_hyperbolic = std::is_same_v<T, float> ? T(1 << 14) : T(1 << 28);
}

/// Inverse hyperbolic sine; -0 stays -0.
/// Numeric  max error 1.7 ulp (float and double), everywhere
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> asinh(const Batch<T>& x) {
    const Batch<T> a = abs(x), one(T(1)), zero(T(0)), z = a * a;
    const Mask<T> far = a > Batch<T>(detail::far_hyperbolic<T>);
    // a + sqrt(a^2 + 1) - 1
    const Batch<T> over_one = a + z / (one + sqrt(z + one));
    const Batch<T> y =
        log1p(where(far, a - one, over_one)) + where(far, Batch<T>(T(0.69314718055994530942)), zero);
    return detail::flip(y, detail::signs(x));
}
/// Inverse hyperbolic cosine, not negative; NaN below 1.
/// Numeric  max error 2 ulp (float and double), everywhere
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> acosh(const Batch<T>& x) {
    const Batch<T> one(T(1)), zero(T(0)), t = x - one;
    const Mask<T> far = x > Batch<T>(detail::far_hyperbolic<T>);
    // x + sqrt(x^2 - 1) - 1
    const Batch<T> over_one = t + sqrt(fma(t, t, t + t));
    const Batch<T> y = log1p(where(far, t, over_one)) + where(far, Batch<T>(T(0.69314718055994530942)), zero);
    return where(x < one, Batch<T>(std::numeric_limits<T>::quiet_NaN()), y);
}
/// Inverse hyperbolic tangent; infinite at -1 and 1, NaN outside; -0 stays -0.
/// Numeric  max error 2 ulp (float and double), everywhere
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> atanh(const Batch<T>& x) {
    const Batch<T> a = abs(x), one(T(1));
    const Batch<T> y = Batch<T>(T(0.5)) * log1p((a + a) / (one - a));
    return detail::flip(y, detail::signs(x));
}

}
