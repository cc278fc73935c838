// Trigonometric functions of a batch: sin, cos, tan.
//
// |x| = q pi/2 + r with |r| <= pi/4, where pi/2 is held in so many pieces that the subtraction loses nothing
// up to |x| = 2^17 (float) and 2^20 (double). Beyond that an element, and no other of its batch, is taken
// from the C library.
#pragma once

#include "round.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

template <class T>
inline constexpr T trig_limit = std::is_same_v<T, float> ? T(131072) : T(1048576);

/// Takes bit 1 to the sign.
template <class T>
inline constexpr int quadrant_shift = static_cast<int>(sizeof(T)) * 8 - 2;

/// a = q pi/2 + high + low, q modulo 4 in its lowest bits.
template <class T>
struct Quadrant {
    Batch<T> high, low;
    Ints<T> q;
};
TAPEGRAD_INLINE Batch<double> subtract_quadrants(const Batch<double>& a, const Batch<double>& q) {
    // The first product is exact: 33 bits and 17.
    const Batch<double> r = a - q * Batch<double>(1.5707963267341256142);
    return r - q * Batch<double>(6.0771005065061922e-11);
}
template <class T>
TAPEGRAD_INLINE Quadrant<T> quadrant(const Batch<T>& a) {
    constexpr bool single = std::is_same_v<T, float>;
    const Batch<T> shifter(Lanes<T>::shifter);
    const Batch<T> shifted = fma(a, Batch<T>(T(0.63661977236758134308)), shifter), q = shifted - shifter;
    if constexpr (single) {
#if defined(__FMA__) || defined(__AVX512F__) || defined(__aarch64__)
        // The second product as two numbers, through fma with zero so that no compiler contracts the first of
        // them into what follows; then an exact sum.
        const Batch<T> p2(4.3711388286737929e-8f), first = fma(q, Batch<T>(-1.5707963705062866f), a);
        const Batch<T> product = fma(q, p2, Batch<T>(0.0f)), rest = fma(q, p2, -product);
        const Batch<T> sum = first + product, part = sum - first;
        const Batch<T> lost = (first - (sum - part)) + (product - part);
        const Batch<T> low = lost + fma(q, Batch<T>(1.7151245100058819e-15f), rest), high = sum + low;
        return {high, (sum - high) + low, bits(shifted)};
#else
        // Without fma the products would need many short pieces; doubles are cheaper.
        const auto [low, high] = widen(a);
        const auto [low_q, high_q] = widen(q);
        const Wide r = {subtract_quadrants(low, low_q), subtract_quadrants(high, high_q)};
        const Batch<T> first = narrow(r);
        const auto [low_first, high_first] = widen(first);
        return {first, narrow({r.low - low_first, r.high - high_first}), bits(shifted)};
#endif
    } else {
        // Three pieces of 33 bits, whose products with q are exact, and what remains.
        const Batch<T> second = q * Batch<T>(6.0771005063039659766e-11),
                       third = q * Batch<T>(2.0222662487111664558e-21);
        const Batch<T> r1 = a - q * Batch<T>(1.5707963267341256142);
        const Batch<T> r2 = r1 - second, r3 = r2 - third;
        const Batch<T> lost = ((r1 - r2) - second) + ((r2 - r3) - third);
        return {r3, lost - q * Batch<T>(8.47842766036889957e-32), bits(shifted)};
    }
}
/// Sine and cosine of high + low, |high| <= 0.8.
template <class T>
struct SinCos {
    Batch<T> sin, cos;
};
template <class T>
TAPEGRAD_INLINE SinCos<T> sin_cos(const Quadrant<T>& at) {
    const Batch<T> r = at.high, z = r * r, h = Batch<T>(T(0.5)) * z, one(T(1)), w = one - h;
    Batch<T> s, c;
    if constexpr (std::is_same_v<T, float>) {
        s = polynomial(z, -1.66666642e-1f, 8.33266228e-3f, -1.95700966e-4f);
        c = polynomial(z, 4.16666642e-2f, -1.38882175e-3f, 2.45302072e-5f);
    } else {
        s = polynomial(z, -1.6666666666666666e-1, 8.3333333333329394e-3, -1.9841269840789342e-4,
                       2.7557318971852945e-6, -2.5052043630519916e-8, 1.6050929276435208e-10,
                       -7.2315511258769268e-13);
        c = polynomial(z, 4.1666666666666664e-2, -1.3888888888886678e-3, 2.4801587297788701e-5,
                       -2.7557316798258757e-7, 2.0876052724637333e-9, -1.1376198618455984e-11);
    }
    // The cosine's error is what 1 - z/2 rounds away: it is added back with the rest.
    return {r + fma(r * z, s, fma(-h, at.low, at.low)), w + (((one - w) - h) + fma(z * z, c, -(r * at.low)))};
}
/// Tangent of high + low, |high| <= 0.79.
template <class T>
TAPEGRAD_INLINE Batch<T> tangent(const Quadrant<T>& at) {
    const Batch<T> r = at.high, z = r * r;
    Batch<T> series;
    if constexpr (std::is_same_v<T, float>)
        series = polynomial(z, 3.33333343e-1f, 1.33332029e-1f, 5.39995171e-2f, 2.15857867e-2f, 1.0076073e-2f,
                            1.01482705e-3f, 3.9390577e-3f);
    else
        series = polynomial(z, 3.3333333333333331e-1, 1.3333333333333436e-1, 5.3968253968419394e-2,
                            2.1869488522758378e-2, 8.8632359324780849e-3, 3.5921214448229105e-3,
                            1.4559016812468863e-3, 5.8956885606646224e-4, 2.412950501419547e-4,
                            8.9693050232928518e-5, 5.6332987840075814e-5, -1.2224434484050253e-5,
                            3.7748304363736117e-5, -1.903333308407957e-5, 8.6665701246453779e-6);
    // The derivative is 1 + tan^2, about 1 + r^2 + 2/3 r^4.
    const Batch<T> slope = fma(z, fma(z, Batch<T>(T(0.6666667)), Batch<T>(T(1))), Batch<T>(T(1)));
    return r + fma(r * z, series, at.low * slope);
}

/// Replaces y by f(x) where |x| is beyond the reduction.
template <class T, class F>
[[gnu::noinline, gnu::cold]] void beyond_trig_limit(const T* x, T* y, F f) {
    for (std::size_t i = 0; i < Batch<T>::size; ++i)
        if (std::fabs(x[i]) > trig_limit<T>) y[i] = f(x[i]);
}
template <class T, class F>
TAPEGRAD_INLINE Batch<T> with_large(const Batch<T>& x, const Batch<T>& y, F f) {
    const Mask<T> large = abs(x) > Batch<T>(trig_limit<T>);
    if (!xsimd::any(large.raw)) [[likely]]
        return y;
    T from[Batch<T>::size], to[Batch<T>::size];
    x.store(from);
    y.store(to);
    beyond_trig_limit(from, to, f);
    return Batch<T>::load(to);
}

}

/// Sine of x radians; -0 stays -0, infinities give NaN.
/// Numeric  max error 0.9 ulp (float and double), everywhere; fast up to |x| = 2^17 (float), 2^20 (double)
/// (double)
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> sin(const Batch<T>& x) {
    const auto at = detail::quadrant(abs(x));
    const auto [s, c] = detail::sin_cos(at);
    const auto sign = (at.q << detail::quadrant_shift<T> & detail::sign_bit<T>)^detail::signs(x);
    return detail::with_large(x, detail::flip(detail::choose<T>(at.q & 1, c, s), sign),
                              [](T v) { return std::sin(v); });
}
/// Cosine of x radians; infinities give NaN.
/// Numeric  max error 0.9 ulp (float and double), everywhere; fast up to |x| = 2^17 (float), 2^20 (double)
/// (double)
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> cos(const Batch<T>& x) {
    const auto at = detail::quadrant(abs(x));
    const auto [s, c] = detail::sin_cos(at);
    // Bit 1 of q + 1, without the carry that a NaN would overflow.
    const auto sign = (at.q ^ at.q << 1) << detail::quadrant_shift<T> & detail::sign_bit<T>;
    return detail::with_large(x, detail::flip(detail::choose<T>(at.q & 1, s, c), sign),
                              [](T v) { return std::cos(v); });
}
/// Tangent of x radians; -0 stays -0, infinities give NaN.
/// Numeric  max error 2 ulp (float and double), everywhere; fast up to |x| = 2^17 (float), 2^20 (double)
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> tan(const Batch<T>& x) {
    const auto at = detail::quadrant(abs(x));
    const Batch<T> t = detail::tangent(at), one(T(1));
    const Batch<T> y = detail::choose<T>(at.q & 1, one, t) / detail::choose<T>(at.q & 1, t, one);
    // tan(r + pi/2) = -1 / tan(r).
    const auto sign = (at.q << detail::quadrant_shift<T> << 1 & detail::sign_bit<T>)^detail::signs(x);
    return detail::with_large(x, detail::flip(y, sign), [](T v) { return std::tan(v); });
}

}
