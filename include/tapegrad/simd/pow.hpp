// Powers of a batch.
#pragma once

#include "log.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

/// a^y for a >= 0, to 40 bits: enough for a float that is rounded once.
TAPEGRAD_INLINE Batch<double> pow_for_float(const Batch<double>& a, const Batch<double>& y) {
    using B = Batch<double>;
    const B infinity(std::numeric_limits<double>::infinity()), zero(0.0), shifter(Lanes<double>::shifter);
    // log2(a); a float is never a denormal double.
    const auto [f, k] = log_parts(a);
    const B s = f / (f + B(2.0)), z = s * s;
    const B series = polynomial(z, 6.6666666667393659e-1, 3.9999998773377105e-1, 2.8571759243011002e-1,
                                2.219111050685656e-1, 1.9368168056641397e-1);
    const B log2 = fma(fma(s * z, series, s + s), B(1.4426950408889634), k);
    const B special = where(a < infinity, log2, where(a == a, infinity, a));
    // 2^e: beyond these limits the float is 0 or infinite.
    const B e = clamp(y * where(a == zero, -infinity, special), -160.0, 130.0), n = (e + shifter) - shifter;
    const B r = (e - n) * B(0.69314718055994531);
    const B q = polynomial(r, 5.0000000136797484e-1, 1.6666666719853404e-1, 4.1666462808679403e-2,
                           8.3332981058511588e-3, 1.3933883480623593e-3, 1.9899587183412466e-4);
    const B power = pow2(n);
    return fma(fma(r * r, q, r), power, power);
}

template <class T>
[[gnu::noinline]] void pow_each(const T* x, const T* y, T* out) {
    for (std::size_t i = 0; i < Batch<T>::size; ++i) out[i] = std::pow(x[i], y[i]);
}

}

/// x^y, with the exact cases of IEEE 754: x^0 = 1^y = 1 also for NaN, a negative x needs an integer y and
/// gives NaN otherwise, zeros and infinities keep their sign for odd y. Numeric  max error 0.51 ulp (float),
/// computed in double; the C library's pow for double (glibc: 0.52 ulp)
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> pow(const Batch<T>& x, const Batch<T>& y) {
    if constexpr (std::is_same_v<T, double>) {
        T a[Batch<T>::size], b[Batch<T>::size];
        x.store(a);
        y.store(b);
        detail::pow_each(a, b, a);
        return Batch<T>::load(a);
    } else {
        const Batch<T> zero(T(0)), one(T(1)), infinity(std::numeric_limits<T>::infinity());
        const Batch<T> a = abs(x), half = y * Batch<T>(T(0.5));
        const auto [a_low, a_high] = detail::widen(a);
        const auto [y_low, y_high] = detail::widen(y);
        const Batch<T> p =
            detail::narrow({detail::pow_for_float(a_low, y_low), detail::pow_for_float(a_high, y_high)});
        const Mask<T> whole = trunc(y) == y, odd = whole & (trunc(half) != half);
        const Batch<T> signed_p = where(odd, copysign(p, x), p);
        const Mask<T> undefined = (x < zero) & (a < infinity) & !whole & !isnan(y);
        const Batch<T> value = where(undefined, Batch<T>(std::numeric_limits<T>::quiet_NaN()), signed_p);
        // |x| = 1 and an infinite y: infinity times log2(1) would be NaN.
        const Mask<T> unit = (y == zero) | (x == one) | ((x == -one) & (abs(y) == infinity));
        return where(unit, one, value);
    }
}

}
