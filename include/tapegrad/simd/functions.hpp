// The elementwise functions by name, each for every kind of value: batches, duals, traces and tensors.
#pragma once

#include <optional>

#include "primitives.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// sqrt(x); NaN for x < 0.                    Grad  1 / (2 y);  saves y
TAPEGRAD_INLINE constexpr auto sqrt(const Value auto& x) { return primitive(simd::row::Sqrt(), x); }
/// 1 / sqrt(x).                               Grad  -y^3 / 2;  saves y
TAPEGRAD_INLINE constexpr auto rsqrt(const Value auto& x) { return primitive(simd::row::Rsqrt(), x); }
/// 1 / x.                                     Grad  -y^2;  saves y
TAPEGRAD_INLINE constexpr auto reciprocal(const Value auto& x) {
    return primitive(simd::row::Reciprocal(), x);
}
/// |x|.                                       Grad  sign(x), 0 at 0;  saves x
TAPEGRAD_INLINE constexpr auto abs(const Value auto& x) { return primitive(simd::row::Abs(), x); }
/// -1, 0 or 1.                                Grad  0
TAPEGRAD_INLINE constexpr auto sign(const Value auto& x) { return primitive(simd::row::Sign(), x); }
/// The largest integer <= x.                  Grad  0
TAPEGRAD_INLINE constexpr auto floor(const Value auto& x) { return primitive(simd::row::Floor(), x); }
/// The smallest integer >= x.                 Grad  0
TAPEGRAD_INLINE constexpr auto ceil(const Value auto& x) { return primitive(simd::row::Ceil(), x); }
/// The nearest integer, the even one at a tie.  Grad  0
TAPEGRAD_INLINE constexpr auto round(const Value auto& x) { return primitive(simd::row::Round(), x); }
/// The integer part.                          Grad  0
TAPEGRAD_INLINE constexpr auto trunc(const Value auto& x) { return primitive(simd::row::Trunc(), x); }
/// e^x.                                       Grad  y;  saves y
TAPEGRAD_INLINE constexpr auto exp(const Value auto& x) { return primitive(simd::row::Exp(), x); }
/// 2^x.                                       Grad  ln 2 y;  saves y
TAPEGRAD_INLINE constexpr auto exp2(const Value auto& x) { return primitive(simd::row::Exp2(), x); }
/// e^x - 1, exact near 0.                     Grad  y + 1;  saves y
TAPEGRAD_INLINE constexpr auto expm1(const Value auto& x) { return primitive(simd::row::Expm1(), x); }
/// Natural logarithm; -inf at 0, NaN below.   Grad  1 / x;  saves x
TAPEGRAD_INLINE constexpr auto log(const Value auto& x) { return primitive(simd::row::Log(), x); }
/// Logarithm to base 2, exact at powers of 2.  Grad  1 / (x ln 2);  saves x
TAPEGRAD_INLINE constexpr auto log2(const Value auto& x) { return primitive(simd::row::Log2(), x); }
/// Logarithm to base 10.                      Grad  1 / (x ln 10);  saves x
TAPEGRAD_INLINE constexpr auto log10(const Value auto& x) { return primitive(simd::row::Log10(), x); }
/// log(1 + x), exact near 0.                  Grad  1 / (1 + x);  saves x
TAPEGRAD_INLINE constexpr auto log1p(const Value auto& x) { return primitive(simd::row::Log1p(), x); }
/// log(1 - e^x) for x <= 0, exact near 0 and far from it; NaN above.
/// Grad     -1 / expm1(-x);  saves x
TAPEGRAD_INLINE constexpr auto log1mexp(const Value auto& x) { return primitive(simd::row::Log1mexp(), x); }
/// Sine of x radians.                         Grad  cos(x);  saves x
TAPEGRAD_INLINE constexpr auto sin(const Value auto& x) { return primitive(simd::row::Sin(), x); }
/// Cosine of x radians.                       Grad  -sin(x);  saves x
TAPEGRAD_INLINE constexpr auto cos(const Value auto& x) { return primitive(simd::row::Cos(), x); }
/// Tangent of x radians.                      Grad  1 + y^2;  saves y
TAPEGRAD_INLINE constexpr auto tan(const Value auto& x) { return primitive(simd::row::Tan(), x); }
/// Arc sine, in radians.                      Grad  1 / sqrt((1 - x)(1 + x));  saves x
TAPEGRAD_INLINE constexpr auto asin(const Value auto& x) { return primitive(simd::row::Asin(), x); }
/// Arc cosine, in radians.                    Grad  -1 / sqrt((1 - x)(1 + x));  saves x
TAPEGRAD_INLINE constexpr auto acos(const Value auto& x) { return primitive(simd::row::Acos(), x); }
/// Arc tangent, in radians.                   Grad  1 / (1 + x^2);  saves x
TAPEGRAD_INLINE constexpr auto atan(const Value auto& x) { return primitive(simd::row::Atan(), x); }
/// Hyperbolic sine.                           Grad  cosh(x);  saves x
TAPEGRAD_INLINE constexpr auto sinh(const Value auto& x) { return primitive(simd::row::Sinh(), x); }
/// Hyperbolic cosine.                         Grad  sinh(x);  saves x
TAPEGRAD_INLINE constexpr auto cosh(const Value auto& x) { return primitive(simd::row::Cosh(), x); }
/// Hyperbolic tangent.                        Grad  1 - y^2;  saves y
TAPEGRAD_INLINE constexpr auto tanh(const Value auto& x) { return primitive(simd::row::Tanh(), x); }
/// x - tanh(x), exact near 0.                 Grad  tanh(x)^2;  saves x
TAPEGRAD_INLINE constexpr auto tanhshrink(const Value auto& x) {
    return primitive(simd::row::Tanhshrink(), x);
}
/// Inverse hyperbolic sine.                   Grad  1 / sqrt(x^2 + 1);  saves x
TAPEGRAD_INLINE constexpr auto asinh(const Value auto& x) { return primitive(simd::row::Asinh(), x); }
/// Inverse hyperbolic cosine; NaN below 1.    Grad  1 / sqrt((x - 1) (x + 1));  saves x
TAPEGRAD_INLINE constexpr auto acosh(const Value auto& x) { return primitive(simd::row::Acosh(), x); }
/// Inverse hyperbolic tangent.                Grad  1 / ((1 - x) (1 + x));  saves x
TAPEGRAD_INLINE constexpr auto atanh(const Value auto& x) { return primitive(simd::row::Atanh(), x); }
/// 1 / (1 + exp(-x)).                         Grad  y (1 - y);  saves y
TAPEGRAD_INLINE constexpr auto sigmoid(const Value auto& x) { return primitive(simd::row::Sigmoid(), x); }
/// The error function.                        Grad  2 / sqrt(pi) exp(-x^2);  saves x
TAPEGRAD_INLINE constexpr auto erf(const Value auto& x) { return primitive(simd::row::Erf(), x); }
/// 1 - erf(x), without cancellation.          Grad  -2 / sqrt(pi) exp(-x^2);  saves x
TAPEGRAD_INLINE constexpr auto erfc(const Value auto& x) { return primitive(simd::row::Erfc(), x); }
/// The share of the standard normal distribution below x, without cancellation.
/// Grad     exp(-x^2 / 2) / sqrt(2 pi);  saves x
TAPEGRAD_INLINE constexpr auto ndtr(const Value auto& x) { return primitive(simd::row::Ndtr(), x); }
/// The inverse of erf.                        Grad  sqrt(pi) / 2 exp(y^2);  saves y
TAPEGRAD_INLINE constexpr auto erfinv(const Value auto& x) { return primitive(simd::row::Erfinv(), x); }
/// log |gamma(x)|.                            Grad  digamma(x);  saves x
TAPEGRAD_INLINE constexpr auto lgamma(const Value auto& x) { return primitive(simd::row::Lgamma(), x); }
/// The derivative of lgamma.                  Grad  polygamma(1, x);  saves x
TAPEGRAD_INLINE constexpr auto digamma(const Value auto& x) { return primitive(simd::row::Digamma(), x); }
/// The n-th derivative of digamma, 0 <= n <= 30.  Grad  polygamma(n + 1, x);  saves x
/// Throws   Error: n outside [0, 30]
TAPEGRAD_INLINE constexpr auto polygamma(int n, const Value auto& x) {
    simd::detail::check_polygamma(n);
    return primitive(simd::row::Polygamma{n}, x);
}

/// What takes the place of a special value; the infinities become the largest and the lowest number of the type
/// where nothing is given.
struct NanToNumOptions {
    double nan = 0;
    std::optional<double> posinf = {}, neginf = {};
};
/// x with numbers instead of NaN and the infinities.
/// Grad     1 where x is finite, 0 elsewhere;  saves x
TAPEGRAD_INLINE constexpr auto nan_to_num(const Value auto& x, NanToNumOptions options = {}) {
    return primitive(simd::row::NanToNum{options.nan, options.posinf.value_or(0), options.neginf.value_or(0),
                                         !options.posinf, !options.neginf},
                     x);
}
/// a^b.                                       Grad  b a^(b-1), y log(a);  saves a, b, y
template <class A, class B>
requires simd::Operands<A, B> TAPEGRAD_INLINE constexpr auto pow(const A& a, const B& b) {
    return primitive(simd::row::Pow(), a, b);
}
/// The angle of the point (b, a), in (-pi, pi] radians.  Grad  b / r^2, -a / r^2;  saves a, b
template <class A, class B>
requires simd::Operands<A, B> TAPEGRAD_INLINE constexpr auto atan2(const A& a, const B& b) {
    return primitive(simd::row::Atan2(), a, b);
}
/// sqrt(a^2 + b^2), without overflow.         Grad  a / y, b / y;  saves a, b, y
template <class A, class B>
requires simd::Operands<A, B> TAPEGRAD_INLINE constexpr auto hypot(const A& a, const B& b) {
    return primitive(simd::row::Hypot(), a, b);
}
/// a - trunc(a / b) b, with the sign of a; exact.  Grad  1, -trunc(a / b);  saves a, b
/// Throws   on integer tensors Error: b has a 0
template <class A, class B>
requires simd::Operands<A, B> TAPEGRAD_INLINE constexpr auto fmod(const A& a, const B& b) {
    return primitive(simd::row::Fmod(), a, b);
}
/// a - floor(a / b) b, with the sign of b, as % in Python.  Grad  1, -floor(a / b);  saves a, b
/// Throws   on integer tensors Error: b has a 0
template <class A, class B>
requires simd::Operands<A, B> TAPEGRAD_INLINE constexpr auto remainder(const A& a, const B& b) {
    return primitive(simd::row::Remainder(), a, b);
}
/// a log(b), 0 where a is 0.                  Grad  log(b), a / b;  saves a, b
template <class A, class B>
requires simd::Operands<A, B> TAPEGRAD_INLINE constexpr auto xlogy(const A& a, const B& b) {
    return primitive(simd::row::Xlogy(), a, b);
}
/// log(e^a + e^b), without overflow.          Grad  sigmoid(a - b), sigmoid(b - a);  saves a, b
template <class A, class B>
requires simd::Operands<A, B> TAPEGRAD_INLINE constexpr auto logaddexp(const A& a, const B& b) {
    return primitive(simd::row::Logaddexp(), a, b);
}
/// The larger; NaN where either is.           Grad  to the larger, half to each at a tie;  saves a, b
template <class A, class B>
requires simd::Operands<A, B> TAPEGRAD_INLINE constexpr auto maximum(const A& a, const B& b) {
    return primitive(simd::row::Maximum(), a, b);
}
/// The smaller; NaN where either is.          Grad  to the smaller, half to each at a tie;  saves a, b
template <class A, class B>
requires simd::Operands<A, B> TAPEGRAD_INLINE constexpr auto minimum(const A& a, const B& b) {
    return primitive(simd::row::Minimum(), a, b);
}

}
