// Inverse trigonometric functions of a batch: asin, acos, atan, atan2.
#pragma once

#include "round.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

/// pi/4 in two parts; three quarters of pi and less are exact multiples of the first.
template <class T>
inline constexpr T quarter_pi = std::is_same_v<T, float> ? T(0.78539800643920898438)
                                                         : T(0.785398163397448279);
template <class T>
inline constexpr T quarter_pi_low = std::is_same_v<T, float> ? T(1.5695823663008923e-7)
                                                             : T(3.0616169978683830e-17);

/// What asin and acos share: asin(t) = root + rest, t = |x| up to 1/2 and sqrt((1 - |x|) / 2) above, where
/// `root` has so few bits that its square is exact.
template <class T>
struct ArcSine {
    Mask<T> large;
    Batch<T> root, rest;
};
template <class T>
TAPEGRAD_INLINE ArcSine<T> arc_sine(const Batch<T>& a) {
    constexpr bool single = std::is_same_v<T, float>;
    using One = typename Lanes<T>::One;
    constexpr One upper = single ? One(~0xfff) : One(~0x7ffffffLL);
    const Batch<T> half(T(0.5)), one(T(1)), zero(T(0));
    const Mask<T> large = a > half;
    const Batch<T> z = where(large, (one - a) * half, a * a), t = where(large, sqrt(z), a);
    const Batch<T> root = from_bits<T>(bits(t) & upper);
    // At a = 1 both are zero.
    const Batch<T> sum = t + root,
                   lost = where(large, fma(-root, root, z) / where(sum == zero, one, sum), t - root);
    Batch<T> series;
    if constexpr (single)
        series = polynomial(z, 1.66666657e-1f, 7.50015005e-2f, 4.45865616e-2f, 3.12209334e-2f, 1.66590009e-2f,
                            3.44147459e-2f);
    else
        series = polynomial(z, 1.6666666666666669e-1, 7.499999999998086e-2, 4.4642857146847278e-2,
                            3.0381944107183312e-2, 2.2372174037335067e-2, 1.7352369430104073e-2,
                            1.3971532836223497e-2, 1.147625113992563e-2, 1.034081793747115e-2,
                            5.3839253924220232e-3, 1.7592396510730218e-2, -1.5139158759755704e-2,
                            2.8946838173781939e-2);
    return {large, root, fma(t * z, series, lost)};
}

/// Angle of the point (x, y), both not negative and not both infinite: in [0, pi/2], as eighths * pi/4 +
/// rest.
template <class T>
struct Angle {
    Batch<T> eighths, rest;
};
template <class T>
TAPEGRAD_INLINE Angle<T> angle(const Batch<T>& y, const Batch<T>& x) {
    const Batch<T> zero(T(0)), one(T(1));
    const Mask<T> steep = y > x;
    const Batch<T> numerator = where(steep, x, y), denominator = where(steep, y, x);
    // From a ratio of 1/2 on, where the difference is exact, the angle is taken from pi/4.
    const Mask<T> middle = numerator + numerator > denominator;
    const Batch<T> up = where(middle, numerator - denominator, numerator);
    const Batch<T> down = where(middle, numerator + denominator, denominator);
    const Batch<T> t = up / where(down == zero, one, down), z = t * t;
    Batch<T> series;
    if constexpr (std::is_same_v<T, float>)
        series = polynomial(z, -3.33333343e-1f, 1.99999914e-1f, -1.42824233e-1f, 1.10309362e-1f,
                            -8.33178312e-2f, 4.36554737e-2f);
    else
        series = polynomial(z, -3.3333333333333331e-1, 1.9999999999998883e-1, -1.4285714285525258e-1,
                            1.1111111096719736e-1, -9.0909084865807274e-2, 7.6922920738663775e-2,
                            -6.6664016190446956e-2, 5.8792826185833272e-2, -5.2383577492935374e-2,
                            4.6211675870426447e-2, -3.7893686379811428e-2, 2.4754290311027324e-2,
                            -9.05378031926528e-3);
    const Batch<T> rest = fma(t * z, series, t), eighths = where(middle, one, zero);
    return {where(steep, Batch<T>(T(2)) - eighths, eighths), where(steep, -rest, rest)};
}
template <class T>
TAPEGRAD_INLINE Batch<T> total(const Angle<T>& a) {
    return fma(a.eighths, Batch<T>(quarter_pi<T>), fma(a.eighths, Batch<T>(quarter_pi_low<T>), a.rest));
}

}

/// Inverse sine, in [-pi/2, pi/2]; NaN outside [-1, 1]; -0 stays -0.
/// Numeric  max error 0.9 ulp (float and double), everywhere
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> asin(const Batch<T>& x) {
    const auto [large, root, rest] = detail::arc_sine(abs(x));
    const Batch<T> quarter(detail::quarter_pi<T>), low(detail::quarter_pi_low<T>);
    // pi/2 - 2 (root + rest), the leading parts first.
    const Batch<T> from_half_pi = quarter + ((quarter - (root + root)) - ((rest + rest) - (low + low)));
    return detail::flip(where(large, from_half_pi, root + rest), detail::signs(x));
}
/// Inverse cosine, in [0, pi]; NaN outside [-1, 1].
/// Numeric  max error 1.1 ulp (float and double), everywhere
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> acos(const Batch<T>& x) {
    const auto [large, root, rest] = detail::arc_sine(abs(x));
    const Batch<T> zero(T(0)), half_pi(2 * detail::quarter_pi<T>), low(2 * detail::quarter_pi_low<T>);
    const auto sign = detail::signs(x);
    // pi/2 -+ asin |x| up to 1/2; above it 2 asin(t), or pi - 2 asin(t) on the left.
    const Batch<T> middle = (half_pi - detail::flip(root, sign)) - (detail::flip(rest, sign) - low);
    const Batch<T> right = (root + root) + (rest + rest);
    const Batch<T> left = ((half_pi + half_pi) - (root + root)) - ((rest + rest) - (low + low));
    return where(large, where(x < zero, left, right), middle);
}
/// Inverse tangent, in [-pi/2, pi/2]; -0 stays -0.
/// Numeric  max error 1.8 ulp (float and double), everywhere
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> atan(const Batch<T>& x) {
    return detail::flip(detail::total(detail::angle(abs(x), Batch<T>(T(1)))), detail::signs(x));
}
/// Angle of the point (x, y), in [-pi, pi]; zeros and infinities of either sign as IEEE 754 says.
/// Numeric  max error 2 ulp (float and double), everywhere
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> atan2(const Batch<T>& y, const Batch<T>& x) {
    const Batch<T> infinity(std::numeric_limits<T>::infinity()), one(T(1));
    const Batch<T> high(T(std::is_same_v<T, float> ? 0x1p100 : 0x1p1000)),
        down(std::numeric_limits<T>::epsilon());
    const Batch<T> v = abs(y), h = abs(x);
    // Two infinities stand for a diagonal; a sum that could overflow is taken a little smaller.
    const Mask<T> both = (v == infinity) & (h == infinity), large = (v > high) | (h > high);
    const Batch<T> factor = where(large, down, one);
    auto a = detail::angle(where(both, one, v * factor), where(both, one, h * factor));
    const auto left = detail::signs(x);
    const Batch<T> eighths = Batch<T>(T(4)) - a.eighths;
    a = {detail::choose<T>(left, eighths, a.eighths), detail::flip(a.rest, left)};
    return where(isnan(x) | isnan(y), x + y, detail::flip(detail::total(a), detail::signs(y)));
}

}
