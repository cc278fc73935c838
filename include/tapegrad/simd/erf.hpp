// The error function of a batch, what it leaves of 1, its inverse, and the normal distribution function.
#pragma once

#include "exp.hpp"
#include "log.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

/// erf(a) / a - 1 for 0 <= a < 1, z = a^2.
template <class T>
TAPEGRAD_INLINE Batch<T> erf_series(const Batch<T>& z) {
    if constexpr (std::is_same_v<T, float>)
        return polynomial(z, 1.28379166e-1f, -3.76126289e-1f, 1.12836182e-1f, -2.68551242e-2f, 5.1907259e-3f,
                          -8.03065428e-4f, 7.91990169e-5f);
    else
        return polynomial(z, 1.2837916709551256e-1, -3.7612638903183471e-1, 1.1283791670943219e-1,
                          -2.6866170643026575e-2, 5.2239776057290289e-3, -8.54832591965114e-4,
                          1.205529346521502e-4, -1.4924712509522804e-5, 1.6447154868122808e-6,
                          -1.6206608356867929e-7, 1.3712628814674872e-8, -7.7830720472567541e-10);
}
/// What the rounding of a * a lost.
template <class T>
TAPEGRAD_INLINE Batch<T> square_rest(const Batch<T>& a, const Batch<T>& square) {
    using One = typename Lanes<T>::One;
    constexpr One upper = std::is_same_v<T, float> ? One(~0xfff) : One(~0x7ffffffLL);
    const Batch<T> high = from_bits<T>(bits(a) & upper), low = a - high;
    return fma(low, low, fma(high + high, low, high * high - square));
}

}

/// Error function, never beyond 1; -0 stays -0.
///   erf(x) = 2 / sqrt(pi) * integral of exp(-t^2) for t from 0 to x
/// Numeric  max error 1.4 ulp (float and double), everywhere
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> erf(const Batch<T>& x) {
    constexpr bool single = std::is_same_v<T, float>;
    const Batch<T> one(T(1)), a = abs(x), z = a * a;
    // From 4 (6) on the result is 1. Between, -log(1 - erf(x)) is smooth; its fit is weighted by what is left
    // of 1.
    const Batch<T> t = detail::clamp(a, T(0), single ? T(4) : T(6)) - one;
    Batch<T> log;
    if constexpr (single)
        log = detail::polynomial(t, 1.84960556f, 2.63896537f, 8.4313035e-1f, 4.14617173e-2f, -9.83395986e-3f,
                                 1.78881921e-3f, -1.76699672e-4f);
    else
        log = detail::polynomial(t, 1.8496055099332482, 2.638967514234781, 8.4310725635926465e-1,
                                 4.1561098026940579e-2, -1.0033825191798334e-2, 1.9779012675000072e-3,
                                 -2.3731656731880178e-4, -2.6296112038726018e-5, 2.719876824820636e-5,
                                 -9.6713107953485646e-6, 2.1320383690842724e-6, -2.0497697575646158e-7,
                                 -5.7885510508408308e-8, 3.3331900600184357e-8, -8.5007248079309741e-9,
                                 1.3156454027335417e-9, -1.1894621842058206e-10, 4.84682515465115e-12);
    const Batch<T> y = where(a < one, fma(a, detail::erf_series(z), a), one - detail::exp_normal(-log));
    return detail::flip(y, detail::signs(x));
}

/// 1 - erf(x), without cancellation: through denormals to 0 at 10.06 (27.23).
/// Numeric  max error 3 ulp (float), 3.1 ulp (double), everywhere
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> erfc(const Batch<T>& x) {
    constexpr bool single = std::is_same_v<T, float>;
    const Batch<T> one(T(1)), two(T(2)), four(T(4)), zero(T(0));
    // Below -6 the result is 2.
    const Batch<T> a = abs(detail::clamp(x, T(-6), single ? T(10.5) : T(27.5))), z = a * a;
    // (1 + 2a) exp(a^2) erfc(a) varies little; and exp(-a^2) needs more of a^2 than one number holds.
    const Batch<T> t = (a - four) / (a + four);
    Batch<T> scaled;
    if constexpr (single)
        scaled =
            detail::polynomial(t, 1.23299515f, -0.139621109f, 0.015378355f, 0.0680955946f, -0.101026647f,
                               0.0937641412f, -0.0663495883f, 0.036965061f, -0.0164160524f, 0.00539591815f);
    else
        scaled = detail::polynomial(
            t, 1.2329951186255526, -0.1396211168405625, 0.015379652102613396, 0.068097054254690106,
            -0.10103906603604064, 0.093732834998470529, -0.066330365817308945, 0.037167515534921189,
            -0.016197734002893319, 0.0050319700076328581, -0.00075777365199304148, -0.00019925690180692664,
            0.00015062322806351955, -2.4398290055431075e-05, -1.1226401577785786e-05, 5.7070308695552858e-06,
            3.0189021492611342e-07, -8.2026520451052824e-07, 6.5199874177945933e-08, 1.0385392145872668e-07,
            -1.1611977389118887e-08, -9.8541011338647222e-09);
    const auto parts = detail::exp_parts(-z);
    const Batch<T> rest = detail::square_rest(a, z), m = scaled / fma(two, a, one);
    const Batch<T> right = detail::scale_from(-x, single ? T(-10.07) : T(-27.24),
                                              m + m * (parts.p() - (rest + rest * parts.p())), parts.n);
    const Batch<T> tail = where(x < zero, two - right, right);
    return where(a < Batch<T>(T(0.5)), one - fma(x, detail::erf_series(z), x), tail);
}

/// Phi(x) = erfc(-x / sqrt(2)) / 2: the share of the standard normal distribution below x, without cancellation:
/// through denormals to 0 at -14.17 (-38.48).
/// Numeric  max error 5.7 ulp (float), 6.4 ulp (double), everywhere
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> ndtr(const Batch<T>& x) {
    constexpr bool single = std::is_same_v<T, float>;
    const Batch<T> one(T(1)), half(T(0.5));
    // From 9 on the result is 1.
    const Batch<T> a = abs(detail::clamp(x, single ? T(-14.5) : T(-39), T(9))), square = a * a;
    // (a + 3) exp(a^2 / 2) Phi(-a) varies little, and is smooth in 1 / (a + 3) (a + 4 of doubles).
    const Batch<T> r = one / (a + Batch<T>(single ? T(3) : T(4)));
    Batch<T> scaled;
    if constexpr (single)
        scaled =
            detail::polynomial(fma(r, Batch<T>(-7.25f), Batch<T>(1.4140625f)), 0.82269311f, -0.489544004f,
                               0.172601685f, -0.0216786712f, -0.00740577048f, 0.0020863784f, 0.000646006258f,
                               -0.000158471099f, -8.21021385e-5f, 7.19366653e-6f, 8.06659955e-6f);
    else
        scaled = detail::polynomial(
            fma(r, Batch<T>(-8.8125), Batch<T>(1.203125)), 0.81477382751445382, -0.62114698970111359,
            0.3641417027278, -0.1566404341034712, 0.043047690417625614, -0.0032873848782555017,
            -0.0025104143036260235, 0.00074320221819354992, 0.00014755251389018416, -8.9321131967965385e-5,
            -1.3640966774598744e-5, 1.059280176074983e-5, 2.1935309992052943e-6, -1.2333317638718407e-6,
            -4.3955319250413418e-7, 1.1695457023824308e-7, 8.5280118843230932e-8, -2.2923463594289676e-9,
            -1.4178912594327901e-8, -2.4654546417589532e-9, 1.7791447077597619e-9, 6.2845081418282563e-10,
            -1.2589266568772693e-10, -6.2968227836963569e-11);
    // exp(-a^2 / 2) needs more of a^2 than one number holds.
    const auto parts = detail::exp_parts(square * -half);
    const Batch<T> rest = half * detail::square_rest(a, square), m = r * scaled;
    const Batch<T> tail = detail::scale_from(x, single ? T(-14.18) : T(-38.49),
                                             m + m * (parts.p() - (rest + rest * parts.p())), parts.n);
    return where(x < Batch<T>(T(0)), tail, one - tail);
}

/// The x whose error function is y; infinite at -1 and 1, NaN outside; -0 stays -0.
/// Numeric  max error 2.2 ulp (float), 2.5 ulp (double), everywhere
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> erfinv(const Batch<T>& y) {
    constexpr bool single = std::is_same_v<T, float>;
    const Batch<T> one(T(1)), a = abs(y), rest = one - a;
    // erfinv(y) / y is smooth in w = -log(1 - y^2), and for large w in its root. Fits to 1e-7.
    const Batch<T> w = detail::clamp(-log(rest * (one + a)), T(0), T(40)), t = w - Batch<T>(T(2.5));
    const Batch<T> near = detail::polynomial(
        t, T(1.50140941f), T(0.246640295f), T(-0.00417750003f), T(-0.00125275971f), T(0.000218410525f),
        T(-4.95329823e-06f), T(-3.47694208e-06f), T(4.64061685e-07f), T(2.4252822e-08f), T(-8.64300009e-09f));
    const Batch<T> s = sqrt(w);
    Batch<T> far;
    if constexpr (single)
        far = detail::polynomial(s - Batch<T>(3.0f), 2.83297706f, 1.00167441f, 0.00943401176f,
                                 -0.00762865087f, 0.00577050447f, -0.00364911673f, 0.00128266646f,
                                 7.60639086e-05f, -0.000152979657f);
    else
        far = detail::polynomial(s - Batch<T>(4.0), 3.83978438, 1.00949442, 0.00124905445, -0.000876568432,
                                 0.00035529348, -0.000106272855, 1.44599217e-05, -3.71813367e-05,
                                 4.1398871e-05, -1.04538831e-05, -2.54873362e-06, 1.01057424e-06);
    Batch<T> x = a * where(w < Batch<T>(T(5)), near, far);
    if constexpr (!single) {
        // A step of Halley's method triples the digits; near 1 on what is left of 1.
        const Batch<T> error = where(a < Batch<T>(T(0.5)), erf(x) - a, rest - erfc(x));
        const Batch<T> u = error * exp(x * x) * Batch<T>(T(0.88622692545275801365));
        x = x - u / fma(x, u, one);
    }
    return detail::flip(where(a == one, Batch<T>(std::numeric_limits<T>::infinity()), x), detail::signs(y));
}

}
