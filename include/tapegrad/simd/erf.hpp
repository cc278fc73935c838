// The error function of a batch.
#pragma once

#include "exp.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

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
    Batch<T> series, log;
    if constexpr (single) {
        series = detail::polynomial(z, 1.28379166e-1f, -3.76126289e-1f, 1.12836182e-1f, -2.68551242e-2f,
                                    5.1907259e-3f, -8.03065428e-4f, 7.91990169e-5f);
        log = detail::polynomial(t, 1.84960556f, 2.63896537f, 8.4313035e-1f, 4.14617173e-2f, -9.83395986e-3f,
                                 1.78881921e-3f, -1.76699672e-4f);
    } else {
        series = detail::polynomial(z, 1.2837916709551256e-1, -3.7612638903183471e-1, 1.1283791670943219e-1,
                                    -2.6866170643026575e-2, 5.2239776057290289e-3, -8.54832591965114e-4,
                                    1.205529346521502e-4, -1.4924712509522804e-5, 1.6447154868122808e-6,
                                    -1.6206608356867929e-7, 1.3712628814674872e-8, -7.7830720472567541e-10);
        log = detail::polynomial(t, 1.8496055099332482, 2.638967514234781, 8.4310725635926465e-1,
                                 4.1561098026940579e-2, -1.0033825191798334e-2, 1.9779012675000072e-3,
                                 -2.3731656731880178e-4, -2.6296112038726018e-5, 2.719876824820636e-5,
                                 -9.6713107953485646e-6, 2.1320383690842724e-6, -2.0497697575646158e-7,
                                 -5.7885510508408308e-8, 3.3331900600184357e-8, -8.5007248079309741e-9,
                                 1.3156454027335417e-9, -1.1894621842058206e-10, 4.84682515465115e-12);
    }
    const Batch<T> y = where(a < one, fma(a, series, a), one - detail::exp_normal(-log));
    return detail::flip(y, detail::signs(x));
}

}
