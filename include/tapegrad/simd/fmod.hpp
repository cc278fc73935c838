// Remainders of a division: fmod with the sign of the dividend, remainder with that of the divisor.
#pragma once

#include "round.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {
template <class T>
[[gnu::noinline]] void fmod_each(const T* a, const T* b, T* out) {
    for (std::size_t i = 0; i < Batch<T>::size; ++i) out[i] = std::fmod(a[i], b[i]);
}
template <class T>
TAPEGRAD_INLINE Batch<T> fmod_by_library(const Batch<T>& a, const Batch<T>& b) {
    T x[Batch<T>::size], y[Batch<T>::size];
    a.store(x);
    b.store(y);
    fmod_each(x, y, x);
    return Batch<T>::load(x);
}
}

/// a - trunc(a / b) b, with the sign of a; NaN where b is 0 or a infinite, a where b is infinite. Of integers 0
/// where b is 0.
/// Numeric  exact; fast while |a / b| is below 2^23 (float), 2^52 (double)
template <class T>
TAPEGRAD_INLINE Batch<T> fmod(const Batch<T>& a, const Batch<T>& b) {
    if constexpr (!Vectorized<T>) {
        if (b.raw == T(0) || (std::is_signed_v<T> && b.raw == static_cast<T>(-1))) return T(0);
        return static_cast<T>(a.raw % b.raw);
    } else {
#if defined(__AVX512F__) || defined(__FMA__) || defined(__aarch64__)
        const Batch<T> dividend = abs(a), divisor = abs(b), zero(T(0));
        const Batch<T> q = dividend / divisor;
        const Batch<T> limit(T(std::int64_t(1) << detail::Lanes<T>::mantissa));
        const Mask<T> inside = dividend < divisor;
        if (!xsimd::all((inside | (q < limit)).raw)) [[unlikely]]
            return detail::fmod_by_library(a, b);
        // The quotient may be rounded up to the next integer: then one divisor too many is taken.
        const Batch<T> r = fma(-trunc(q), divisor, dividend);
        return copysign(where(inside, dividend, where(r < zero, r + divisor, r)), a);
#else
        return detail::fmod_by_library(a, b);
#endif
    }
}

/// a - floor(a / b) b, with the sign of b, as in Python and PyTorch; NaN where b is 0 or a infinite. Of integers
/// 0 where b is 0.
/// Numeric  fmod is exact, and one addition of b is rounded
template <class T>
TAPEGRAD_INLINE Batch<T> remainder(const Batch<T>& a, const Batch<T>& b) {
    const Batch<T> m = fmod(a, b), zero(T(0));
    return where(((m < zero) & (b > zero)) | ((m > zero) & (b < zero)), m + b, m);
}

}
