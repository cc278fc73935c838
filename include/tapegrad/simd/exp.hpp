// Exponential functions of a batch: exp, exp2, expm1, sinh, cosh, tanh.
//
// x = n ln 2 + r with |r| <= ln 2 / 2, e^r - 1 by a polynomial, and an exact scaling by 2^n. Every
// coefficient of these files is a weighted least squares fit on Chebyshev nodes, made in 90 digits, with the
// lower coefficients rounded first.
#pragma once

#include "round.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

/// e^x = 2^n (1 + p), p = r + r^2 q.
template <class T>
struct ExpParts {
    Batch<T> r, q, n;
    TAPEGRAD_INLINE Batch<T> p() const { return fma(r * r, q, r); }
};
/// 2^n e^r.
template <class T>
TAPEGRAD_INLINE ExpParts<T> exp_parts(const Batch<T>& r, const Batch<T>& n) {
    Batch<T> q;
    if constexpr (std::is_same_v<T, float>)
        q = polynomial(r, 0.5f, 1.66665763e-1f, 4.16665077e-2f, 8.36331304e-3f, 1.39309198e-3f);
    else
        q = polynomial(r, 5.0000000000000011e-1, 1.6666666666666671e-1, 4.1666666666622561e-2,
                       8.333333333325834e-3, 1.3888888917858453e-3, 1.9841269875720148e-4,
                       2.480152038729183e-5, 2.7557254368451763e-6, 2.7620495620108332e-7,
                       2.5105617144608291e-8);
    return {r, q, n};
}
/// For |n| below 2^20; of a larger x the caller takes a clamped one.
template <class T>
TAPEGRAD_INLINE ExpParts<T> exp_parts(const Batch<T>& x) {
    constexpr bool single = std::is_same_v<T, float>;
    // The high part of ln 2 is so short that its product with n is exact.
    constexpr T ln2_high = single ? T(0.693359375) : T(0.69314718056011770386);
    constexpr T ln2_low = single ? T(-0.00021219444170128554) : T(-1.7239444525614834793e-13);
    const Batch<T> shifter(Lanes<T>::shifter);
    const Batch<T> n = fma(x, Batch<T>(T(1.4426950408889634)), shifter) - shifter;
    return exp_parts(fma(n, Batch<T>(-ln2_low), fma(n, Batch<T>(-ln2_high), x)), n);
}
/// e^x for x whose result is normal.
template <class T>
TAPEGRAD_INLINE Batch<T> exp_normal(const Batch<T>& x) {
    const auto parts = exp_parts(x);
    const Batch<T> s = pow2(parts.n);
    return fma(parts.p(), s, s);
}
/// e^x / 2 for x >= 0, which overflows only where sinh and cosh do.
template <class T>
TAPEGRAD_INLINE Batch<T> half_exp(const Batch<T>& x) {
    const auto parts = exp_parts(clamp(x, T(0), std::is_same_v<T, float> ? T(90) : T(711)));
    return scale(Batch<T>(T(1)) + parts.p(), parts.n - Batch<T>(T(1)));
}
/// e^x, and 0 below `lowest`.
template <class T>
TAPEGRAD_INLINE Batch<T> exp_from(const Batch<T>& x, T lowest) {
    constexpr T high = std::is_same_v<T, float> ? T(89) : T(710);
    // scalef takes an n of any size.
#if defined(__AVX512F__)
    const Batch<T> held = at_most(x, high);
#else
    const Batch<T> held = clamp(x, lowest, high);
#endif
    const auto parts = exp_parts(held);
    return scale_from(x, lowest, Batch<T>(T(1)) + parts.p(), parts.n);
}
/// e^x, and 0 where that is less than the smallest normal number: for weights beside one that is 1.
template <class T>
TAPEGRAD_INLINE Batch<T> exp_weight(const Batch<T>& x) {
    return exp_from(x, std::is_same_v<T, float> ? T(-87.33) : T(-708.39));
}

}

/// e^x. Overflows to infinity above 88.72 (709.78), passes through denormals to 0 at -103.97 (-745.13).
/// Numeric  max error 1.1 ulp (float and double), everywhere
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> exp(const Batch<T>& x) {
    return detail::exp_from(x, std::is_same_v<T, float> ? T(-103.98) : T(-745.14));
}

/// 2^x. Overflows to infinity at 128 (1024), passes through denormals to 0 at -150 (-1075); exact for integers.
/// Numeric  max error 1.2 ulp (float and double), everywhere
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> exp2(const Batch<T>& x) {
    constexpr bool single = std::is_same_v<T, float>;
    const Batch<T> held = detail::clamp(x, single ? T(-151) : T(-1076), single ? T(129) : T(1025));
    const Batch<T> shifter(detail::Lanes<T>::shifter), n = (held + shifter) - shifter;
    const auto parts = detail::exp_parts((held - n) * Batch<T>(T(0.69314718055994530942)), n);
    return detail::scale(Batch<T>(T(1)) + parts.p(), n);
}

/// e^x - 1, accurate near 0; -0 stays -0.
/// Numeric  max error 1.4 ulp (float), 2 ulp (double), everywhere
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> expm1(const Batch<T>& x) {
    constexpr bool single = std::is_same_v<T, float>;
    const auto parts = detail::exp_parts(detail::clamp(x, single ? T(-18) : T(-40), single ? T(89) : T(710)));
    // Half of the result first: 2^n alone would overflow before the result does. r is added first, which is
    // exact where the result is nearly what it subtracts from.
    const Batch<T> s = detail::pow2(parts.n - Batch<T>(T(1)));
    const Batch<T> linear = fma(parts.r, s, s - Batch<T>(T(0.5)));
    const Batch<T> half = fma(parts.r * parts.r * parts.q, s, linear);
    return where(abs(x) < Batch<T>(std::numeric_limits<T>::epsilon() / 4), x, half + half);
}

/// Hyperbolic sine; -0 stays -0.
/// Numeric  max error 1.7 ulp (float and double), everywhere
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> sinh(const Batch<T>& x) {
    const Batch<T> a = abs(x), z = a * a;
    Batch<T> series;
    if constexpr (std::is_same_v<T, float>)
        series = detail::polynomial(z, 1.66666672e-1f, 8.33329838e-3f, 1.98463589e-4f, 2.75910747e-6f);
    else
        series = detail::polynomial(z, 1.6666666666666666e-1, 8.3333333333335674e-3, 1.9841269841110005e-4,
                                    2.7557319264771401e-6, 2.5052105469443237e-8, 1.6058657453834518e-10,
                                    7.7160980498846795e-13);
    const Batch<T> e = detail::half_exp(a);
    const Batch<T> y = where(a < Batch<T>(T(1)), fma(a * z, series, a), e - Batch<T>(T(0.25)) / e);
    return detail::flip(y, detail::signs(x));
}

/// Hyperbolic cosine.
/// Numeric  max error 1.6 ulp (float and double), everywhere
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> cosh(const Batch<T>& x) {
    const Batch<T> e = detail::half_exp(abs(x));
    return e + Batch<T>(T(0.25)) / e;
}

namespace detail {

/// tanh(a) / a - 1 for 0 <= a < 0.625, z = a^2, divided by z.
template <class T>
TAPEGRAD_INLINE Batch<T> tanh_series(const Batch<T>& z) {
    if constexpr (std::is_same_v<T, float>)
        return polynomial(z, -3.33333343e-1f, 1.33333594e-1f, -5.39667904e-2f, 2.1810269e-2f, -8.44294485e-3f,
                          2.3786244e-3f);
    else
        return polynomial(z, -3.3333333333333331e-1, 1.3333333333332675e-1, -5.3968253967627812e-2,
                          2.1869488509967429e-2, -8.8632349359503114e-3, 3.5921198735917943e-3,
                          -1.4557619634848152e-3, 5.8959785775952126e-4, -2.3740036324883582e-4,
                          9.2210649852159863e-5, -3.0813227078753334e-5, 6.3043240771015803e-6);
}
/// tanh(a) for a >= 0.625.
template <class T>
TAPEGRAD_INLINE Batch<T> far_tanh(const Batch<T>& a) {
    constexpr bool single = std::is_same_v<T, float>;
    const Batch<T> e = exp_normal(clamp(a + a, T(0), single ? T(20) : T(40))), one(T(1));
    return one - Batch<T>(T(2)) / (e + one);
}

}

/// Hyperbolic tangent, never beyond 1; -0 stays -0.
/// Numeric  max error 1.4 ulp (float and double), everywhere
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> tanh(const Batch<T>& x) {
    const Batch<T> a = abs(x), z = a * a;
    const Batch<T> y =
        where(a < Batch<T>(T(0.625)), fma(a * z, detail::tanh_series(z), a), detail::far_tanh(a));
    return detail::flip(y, detail::signs(x));
}
/// x - tanh(x), without cancellation; -0 stays -0.
/// Numeric  max error 10.3 ulp (float and double), everywhere: most from 0.625 on, where the difference is a tenth
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> tanhshrink(const Batch<T>& x) {
    const Batch<T> a = abs(x), z = a * a;
    const Batch<T> y =
        where(a < Batch<T>(T(0.625)), -(a * z * detail::tanh_series(z)), a - detail::far_tanh(a));
    return detail::flip(y, detail::signs(x));
}

}
