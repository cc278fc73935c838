// The logarithm of the gamma function of a batch, and its derivative.
//
// Both have zeros on the right, where the fits are products with the distance to the zero; from 8 (10) on
// they are asymptotic series, and what lies between is brought down by recurrence, in one product or fraction.
#pragma once

#include "log.hpp"
#include "trig.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

/// log gamma of x >= 0.
template <class T>
TAPEGRAD_INLINE Batch<T> lgamma_right(const Batch<T>& x) {
    constexpr bool single = std::is_same_v<T, float>;
    const Batch<T> half(T(0.5)), one(T(1)), two(T(2));
    const Mask<T> tiny = x < half, far = x >= Batch<T>(T(8));
    // gamma(x) = (x - 1)(x - 2) ... gamma(y), y in [1.5, 2.5); every difference is exact.
    Batch<T> y = x, product = one;
    for (int i = 0; i < 6; ++i) {
        const Mask<T> above = y >= Batch<T>(T(2.5));
        const Batch<T> below = y - one;
        product = where(above, product * below, product);
        y = where(above, below, y);
    }
    // From the zero at 1, or that at 2; below 1/2 gamma(x) = gamma(1 + x) / x.
    const Mask<T> first = y < Batch<T>(T(1.5));
    const Batch<T> t = where(tiny, x, where(first, y - one, y - two));
    Batch<T> at_one, at_two, series;
    const Batch<T> inverse = one / x, z = inverse * inverse;
    if constexpr (single) {
        at_one = polynomial(t, -0.577215672f, 0.822467029f, -0.400684565f, 0.270580769f, -0.207433969f,
                            0.169574752f, -0.143105984f, 0.124982968f, -0.120531589f, 0.106439725f,
                            -0.0448438451f, 0.0471552424f, -0.184701845f, 0.164154351f);
        at_two = polynomial(t, 0.422784328f, 0.322467029f, -0.0673519f, 0.020581359f, -0.007391972f,
                            0.0028807004f, -0.00115378853f, 0.000566445116f, -0.000312356278f);
        series = polynomial(z, 8.33333333e-2f, -2.77777778e-3f, 7.93650794e-4f);
    } else {
        at_one = polynomial(
            t, -0.57721566490153287, 0.82246703342411343, -0.40068563438653443, 0.27058080842769799,
            -0.20738555102730155, 0.16955717700842052, -0.1440498969367047, 0.12550966888043333,
            -0.1113342560772904, 0.10009947800331717, -0.090954346479998546, 0.083353461726227984,
            -0.07692549736403656, 0.071436925923243882, -0.066768639042143654, 0.062483631034551616,
            -0.057846371451336365, 0.055449507420994609, -0.059267542743704965, 0.052124033848151161,
            -0.016618318518443857, 0.030440470233035491, -0.14003691896569403, 0.10115557324807142,
            0.1461071197160933, -0.096590104332642507, -0.22060775215136097, 0.18680117667632345);
        at_two = polynomial(t, 0.42278433509846713, 0.32246703342411331, -0.067352301053195424,
                            0.020580808427766804, -0.0073855510289472705, 0.0028905103317586433,
                            -0.0011927539007104446, 0.00050966949770441742, -0.00022315498122129281,
                            9.9457905326764815e-05, -4.4923699658219344e-05, 2.0503860571137128e-05,
                            -9.4564067771007123e-06, 4.3920848829945224e-06, -1.9740442724602054e-06,
                            9.0331089094726787e-07, -5.813752894527841e-07, 2.9440238556433402e-07);
        series = polynomial(z, 8.3333333333333333e-2, -2.7777777777777778e-3, 7.9365079365079365e-4,
                            -5.9523809523809524e-4, 8.4175084175084175e-4, -1.9175269175269175e-3,
                            6.4102564102564103e-3, -2.9550653594771242e-2);
    }
    const Batch<T> logarithm = log(where(tiny | far, x, product)), near = t * where(first, at_one, at_two);
    // (x - 1/2) log(x) - x + log(2 pi) / 2 + series
    const Batch<T> stirling =
        fma(x - half, logarithm - one, fma(inverse, series, Batch<T>(T(0.41893853320467274178))));
    return where(far, stirling, where(tiny, near - logarithm, near + logarithm));
}
/// Its derivative, of x >= 0.
template <class T>
TAPEGRAD_INLINE Batch<T> digamma_right(const Batch<T>& x) {
    constexpr bool single = std::is_same_v<T, float>;
    const Batch<T> half(T(0.5)), zero(T(0)), one(T(1)), two(T(2));
    const Mask<T> tiny = x < one, far = x >= Batch<T>(T(10));
    // psi(x) = 1/(x - 1) + 1/(x - 2) + ... + psi(y), y in [1, 2), the sum as one fraction; psi(x) = psi(1 + x) - 1/x.
    Batch<T> y = where(tiny, x + one, x), above = where(tiny, -one, zero), below = where(tiny, x, one);
    for (int i = 0; i < 8; ++i) {
        const Mask<T> more = y >= two;
        const Batch<T> less = y - one;
        above = where(more, fma(above, less, below), above);
        below = where(more, below * less, below);
        y = where(more, less, y);
    }
    // From the zero at 1.4616..., which takes two numbers.
    const Batch<T> t = y - Batch<T>(T(1.5)), inverse = one / x, z = inverse * inverse;
    Batch<T> from_zero, slope, series;
    if constexpr (single) {
        from_zero = (y - Batch<T>(1.46163213f)) - Batch<T>(1.24381501e-8f);
        slope = polynomial(t, 0.951055884f, -0.423627496f, 0.240541846f, -0.148398951f, 0.0950005278f,
                           -0.0620547161f, 0.0407023355f, -0.0257935449f, 0.0177148189f, -0.0163618829f,
                           0.0100193778f);
        series = polynomial(z, 8.33333333e-2f, -8.33333333e-3f, 3.96825397e-3f);
    } else {
        from_zero = (y - Batch<T>(1.4616321449683622)) - Batch<T>(9.5499954299656972e-17);
        slope = polynomial(
            t, 0.95105587603183284, -0.42362742128146058, 0.24054248424080213, -0.14840492305388472,
            0.094988724451324461, -0.061922133275221218, 0.040760834015615657, -0.026975796669008491,
            0.017907246332787525, -0.011908219923928693, 0.0079270539913235821, -0.0052799394687500474,
            0.0035177710261332764, -0.0023454775980019721, 0.0015656626569854873, -0.001036543271571973,
            0.00068070592407418412, -0.00048569111277009725, 0.00035256588920853368, -0.00014525294764042336,
            5.0883286258452801e-05, -0.00017788771018455884, 0.00015049650310920647);
        series = polynomial(z, 8.3333333333333333e-2, -8.3333333333333333e-3, 3.9682539682539683e-3,
                            -4.1666666666666667e-3, 7.5757575757575758e-3, -2.1092796092796093e-2,
                            8.3333333333333333e-2);
    }
    const Batch<T> near = fma(from_zero, slope, above / below);
    return where(far, log(x) - fma(half, inverse, z * series), near);
}
/// Distance of x to the nearest integer, signed.
template <class T>
TAPEGRAD_INLINE Batch<T> from_integer(const Batch<T>& x) {
    return x - round(x);
}
template <class T>
inline constexpr T pi = T(3.14159265358979323846);

}

/// log |gamma(x)|; infinite at 0, the negative integers and both infinities.
/// Numeric  max error 2.5 ulp (float and double) for x >= 0; below, in relation to 1 + |lgamma(x)| + log(1 + |x|),
///          3 (float), 3 (double) eps: it has a zero between any two integers below -2
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> lgamma(const Batch<T>& x) {
    const Batch<T> zero(T(0)), infinity(std::numeric_limits<T>::infinity());
    const Mask<T> left = x < zero;
    const Batch<T> right = detail::lgamma_right(where(left, Batch<T>(T(1)) - x, x));
    if (!xsimd::any(left.raw)) return where(x == infinity, infinity, right);
    // gamma(x) gamma(1 - x) = pi / sin(pi x); pi times a denormal would lose its digits.
    const Batch<T> r = abs(detail::from_integer(x)), sine = sin(r * Batch<T>(detail::pi<T>));
    const Batch<T> part = where(r < Batch<T>(T(1e-9)), r, sine * Batch<T>(T(0.31830988618379067154)));
    const Batch<T> reflected = -log(part) - right;
    const Mask<T> pole = (left & (r == zero)) | (abs(x) == infinity);
    return where(pole, infinity, where(left, reflected, right));
}

/// The derivative of lgamma; at 0 infinite with the sign opposite to that of the zero, NaN at negative integers.
/// Numeric  max error 4.2 ulp (float), 4.5 ulp (double) for x >= 0; below, in relation to 1 + |digamma(x)| + log(1 + |x|),
///          2.5 (float), 2.5 (double) eps: it has a zero between any two integers
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> digamma(const Batch<T>& x) {
    const Batch<T> zero(T(0)), one(T(1));
    const Mask<T> left = x < zero;
    const Batch<T> right = detail::digamma_right(where(left, one - x, x));
    if (!xsimd::any(left.raw)) return right;
    // psi(1 - x) - psi(x) = pi / tan(pi x)
    const Batch<T> tangent = tan(detail::from_integer(x) * Batch<T>(detail::pi<T>));
    const Batch<T> reflected = right - Batch<T>(detail::pi<T>) / tangent;
    return where(left, where(tangent == zero, Batch<T>(std::numeric_limits<T>::quiet_NaN()), reflected),
                 right);
}

}
