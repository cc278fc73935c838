// Logarithms of a batch: log, log2, log10, log1p.
//
// x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)), and log(1 + f) = 2 atanh(s), s = f / (2 + f), arranged
// so that f itself, which is exact, is added last.
#pragma once

#include "round.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

/// x = 2^k (1 + f).
template <class T>
struct LogParts {
    Batch<T> f, k;
};
/// For a positive normal x; anything else gives finite values without meaning.
template <class T>
TAPEGRAD_INLINE LogParts<T> log_parts(const Batch<T>& x) {
    using L = Lanes<T>;
    using One = typename L::One;
    constexpr bool single = std::is_same_v<T, float>;
    constexpr One one = One(L::bias) << L::mantissa,
                  root_half = single ? One(0x3f3504f3) : One(0x3fe6a09e667f3bcd);
    constexpr One fraction = (One(1) << L::mantissa) - 1;
    // The exponent becomes a number in the low bits of 2^mantissa.
    constexpr T base = T(One(1) << L::mantissa);
    constexpr One base_bits = One(L::bias + L::mantissa) << L::mantissa;
    // Unsigned, because infinities and NaN carry into the sign.
    using Unsigned = typename L::Unsigned;
    const auto shifted = (Unsigned)bits(x) + static_cast<std::make_unsigned_t<One>>(one - root_half);
    const auto exponent = (Ints<T>)(shifted >> L::mantissa);
    const Batch<T> k = from_bits<T>(exponent | base_bits) - Batch<T>(base + T(L::bias));
    return {from_bits<T>(((Ints<T>)shifted & fraction) + root_half) - Batch<T>(T(1)), k};
}
/// k ln 2 + log(1 + f) + tail.
template <class T>
TAPEGRAD_INLINE Batch<T> log_sum(const Batch<T>& f, const Batch<T>& k, const Batch<T>& tail) {
    constexpr bool single = std::is_same_v<T, float>;
    constexpr T ln2_high = single ? T(0.693145751953125) : T(0.69314718056011770386);
    constexpr T ln2_low = single ? T(1.428606765330187045e-6) : T(-1.7239444525614834793e-13);
    const Batch<T> s = f / (f + Batch<T>(T(2))), z = s * s;
    Batch<T> series;
    if constexpr (single)
        series = polynomial(z, 6.66666865e-1f, 3.99885029e-1f, 2.95892894e-1f);
    else
        series = polynomial(z, 6.6666666666666696e-1, 3.9999999999898167e-1, 2.8571428626832485e-1,
                            2.222221097929348e-1, 1.8182901007692717e-1, 1.5331316576338377e-1,
                            1.4621528392558245e-1);
    const Batch<T> square = f * f * Batch<T>(T(0.5));
    const Batch<T> small = fma(s, fma(z, series, square), fma(k, Batch<T>(ln2_low), tail));
    return fma(k, Batch<T>(ln2_high), f - (square - small));
}

/// from_parts(f, k) of any x; -inf at 0, NaN below.
template <class T, class F>
TAPEGRAD_INLINE Batch<T> log_by(const Batch<T>& x, F from_parts) {
    using Limits = std::numeric_limits<T>;
    constexpr T digits = T(Lanes<T>::mantissa), up = T(std::int64_t(1) << Lanes<T>::mantissa);
    const Batch<T> zero(T(0)), infinity(Limits::infinity());
    const Mask<T> denormal = x < Batch<T>(Limits::min());
    const auto [f, k] = log_parts(where(denormal, x * Batch<T>(up), x));
    const Batch<T> y = from_parts(f, where(denormal, k - Batch<T>(digits), k));
    return where(x > zero, where(x < infinity, y, x),
                 where(x == zero, Batch<T>(-Limits::infinity()), Batch<T>(Limits::quiet_NaN())));
}

}

/// Natural logarithm. -inf at 0, NaN below.
/// Numeric  max error 0.9 ulp (float and double), everywhere, denormals too
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> log(const Batch<T>& x) {
    return detail::log_by(x, [](const Batch<T>& f, const Batch<T>& k)
                                 TAPEGRAD_LAMBDA { return detail::log_sum(f, k, Batch<T>(T(0))); });
}
/// Logarithm to base 2, exact for powers of 2. -inf at 0, NaN below.
/// Numeric  max error 1.8 ulp (float and double), everywhere, denormals too
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> log2(const Batch<T>& x) {
    return detail::log_by(x, [](const Batch<T>& f, const Batch<T>& k) TAPEGRAD_LAMBDA {
        const Batch<T> zero(T(0));
        return fma(detail::log_sum(f, zero, zero), Batch<T>(T(1.4426950408889634074)), k);
    });
}
/// Logarithm to base 10. -inf at 0, NaN below.
/// Numeric  max error 2 ulp (float and double), everywhere, denormals too
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> log10(const Batch<T>& x) {
    return detail::log_by(x, [](const Batch<T>& f, const Batch<T>& k) TAPEGRAD_LAMBDA {
        // The high part of log10(2) is so short that its product with k is exact.
        constexpr bool single = std::is_same_v<T, float>;
        constexpr T high = single ? T(0.301025390625) : T(0.30102999566406652);
        constexpr T low = single ? T(4.6050389811952137e-6) : T(-8.5323443170571066e-14);
        const Batch<T> zero(T(0)), natural = detail::log_sum(f, zero, zero);
        return fma(k, Batch<T>(high), fma(natural, Batch<T>(T(0.43429448190325182765)), k * Batch<T>(low)));
    });
}

/// log(1 + x), accurate near 0; -0 stays -0. -inf at -1, NaN below.
/// Numeric  max error 0.9 ulp (float and double), everywhere
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> log1p(const Batch<T>& x) {
    using Limits = std::numeric_limits<T>;
    const Batch<T> zero(T(0)), one(T(1)), infinity(Limits::infinity());
    const Batch<T> u = one + x;
    const auto [f, k] = detail::log_parts(u);
    // What the addition of 1 rounded away, relative to u.
    const Batch<T> lost = where(x > one, one - (u - x), x - (u - one)) / u;
    const Mask<T> near = k == zero;
    const Batch<T> y = detail::log_sum(where(near, x, f), k, where(near, zero, lost));
    const Batch<T> inside = where(abs(x) < Batch<T>(Limits::epsilon() / 4), x, where(x < infinity, y, x));
    return where(x > -one, inside,
                 where(x == -one, Batch<T>(-Limits::infinity()), Batch<T>(Limits::quiet_NaN())));
}

}
